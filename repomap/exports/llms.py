"""Writes an index of the repository as llmstxt.org proposes: a title, a summary, lists of links with notes."""

from urllib.parse import quote

from repomap.exports.values import Export, encodable
from repomap.model import ShownFile
from repomap.safety.printable import printable

SECTIONS = (
    ("Docs", ("docs",)),
    ("Source", ("source",)),
    ("Tests", ("test",)),
    ("Examples", ("example",)),
    ("Optional", ()),
)
"""Headings and the kinds of files below each; what has no heading is in the last, which a reader may skip."""
MOST_NAMES = 8
"""Definitions that the note of a file names."""
_MARKDOWN = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#&"})


def to_llms_txt(export: Export) -> str:
    """Write the files by kind, best first, each as a link with the names of its main definitions."""
    lines = [f"# {_escaped(export.title).strip() or 'Repository'}", ""]
    lines += [
        f"> The {len(export.files)} most important files and what they define, most important first.",
        "",
    ]
    named = {kind for _, kinds in SECTIONS for kind in kinds}
    for heading, kinds in SECTIONS:
        rows = [
            row
            for row, kind in enumerate(export.kinds)
            if kind in kinds or (heading == "Optional" and kind not in named)
        ]
        if rows:
            lines += [f"## {heading}", "", *(_link(export.files[row]) for row in rows), ""]
    return "\n".join(lines)


def _link(file: ShownFile) -> str:
    names = [_code(definition.name) for definition in file.definitions if definition.name.strip()]
    shown = ", ".join(dict.fromkeys(names[:MOST_NAMES])) + (", …" if len(names) > MOST_NAMES else "")
    target = quote(encodable(file.path).encode("utf-8", "surrogateescape"), safe="/")
    return f"- [{_escaped(file.path)}]({target})" + (f": {shown}" if shown else "")


def _code(name: str) -> str:
    """Write a name as code, in which marks mean nothing but a backtick."""
    return _escaped(name) if "`" in name else f"`{printable(name).strip()}`"


def _escaped(text: str) -> str:
    """Escape what Markdown gives a meaning, inside a line."""
    return printable(text).translate(_MARKDOWN)
