"""Writes files and the dependencies between them in the language of Graphviz, grouped by folder."""

from repomap.exports.values import Export
from repomap.safety.printable import printable

SHAPES = {"source": "box", "test": "ellipse", "docs": "note", "build": "component", "config": "component"}
MOST_LINES = 8
"""Definitions that a node lists below the name of its file."""


def to_dot(export: Export) -> str:
    """Write a digraph: a cluster for each folder, a node for each file, the main definitions in it."""
    lines = [
        f"digraph {_quoted(printable(export.title))} {{",
        '  graph [rankdir="LR", fontname="Helvetica"];',
        '  node [fontname="Helvetica", fontsize="10"];',
    ]
    for number, (folder, rows) in enumerate(sorted(by_folder(export).items())):
        indent = "    " if folder else "  "
        if folder:
            lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(printable(folder))};"]
        lines += [indent + _node(export, row) for row in rows]
        lines += ["  }"] if folder else []
    strongest = max((edge.weight for edge in export.edges), default=1.0)
    for edge in export.edges:
        width = 0.5 + 2.5 * edge.weight / strongest
        lines.append(
            f'  n{edge.source} -> n{edge.target} [weight="{edge.weight:.6g}", penwidth="{width:.2f}"];'
        )
    return "\n".join([*lines, "}"]) + "\n"


def by_folder(export: Export) -> dict[str, list[int]]:
    """Group the indexes of the files by their folder."""
    folders: dict[str, list[int]] = {}
    for row, file in enumerate(export.files):
        folders.setdefault(file.path.rpartition("/")[0], []).append(row)
    return folders


def _node(export: Export, row: int) -> str:
    file = export.files[row]
    names = [printable(definition.name) for definition in file.definitions[:MOST_LINES]]
    names += ["…"] if len(file.definitions) > MOST_LINES else []
    label = "\\n".join(map(_escaped, [printable(file.path.rpartition("/")[2]), *names]))
    shape = SHAPES.get(export.kinds[row], "box")
    return f'n{row} [label="{label}", shape="{shape}", tooltip={_quoted(printable(file.path))}];'


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """Escape what ends a string, and the backslash, with which labels insert names and line breaks.

    An ampersand would begin an entity of HTML.
    """
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
