"""Writes definitions as a table: CSV for spreadsheets and data frames, tags for vim, Emacs and readtags."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from repomap.exports.values import Export, encodable
from repomap.model import ShownDefinition, ShownFile

COLUMNS = (
    *("path", "language", "file_kind", "file_score", "name", "kind", "parent", "first_line", "last_line"),
    *("score", "changed", "used", "signature"),
)
_CONTAINERS = ("class", "struct", "interface", "trait", "enum", "module", "namespace")
_SPECIAL = re.compile(r"[\\\t\n\r\x00-\x1f\x7f]")
_NAMED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def to_csv(export: Export) -> str:
    """Write a row for each definition, and one for each file without any (RFC 4180, UTF-8, `COLUMNS` first)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)  # a bare \r would end a row
    writer.writerow(COLUMNS)
    for file, kind in zip(export.files, export.kinds, strict=True):
        start = (file.path, file.language, kind, file.score)
        writer.writerows((*start, *_row(definition)) for definition in file.definitions)
        if not file.definitions:
            writer.writerow((*start, *("",) * (len(COLUMNS) - len(start))))
    return out.getvalue()


def _row(definition: ShownDefinition) -> Sequence[object]:
    first, last = definition.lines
    changed = "" if definition.changed is None else definition.changed
    names = (definition.name, definition.kind, definition.parent, first, last)
    return (*names, definition.score, changed, definition.used, definition.signature)


def _as_written(text: str) -> bytes:
    return encodable(text).encode("utf-8", "surrogateescape")


def to_ctags(export: Export) -> str:
    """Write tags in format 2 as Universal Ctags does: sorted by bytes, with kind, lines, scope and signature."""
    entries = sorted(entry for file in export.files for entry in _entries(file))
    return "".join(line + "\n" for line in (*_PSEUDO_TAGS, *(text for _, text in entries)))


_PSEUDO_TAGS = (
    "!_TAG_FILE_FORMAT\t2\t/extended format/",
    "!_TAG_FILE_SORTED\t1\t/0=unsorted, 1=sorted, 2=foldcase/",
    "!_TAG_OUTPUT_EXCMD\tnumber\t/number, pattern, mixed, or combineV2/",
    "!_TAG_OUTPUT_FILESEP\tslash\t/slash or backslash/",
    "!_TAG_OUTPUT_MODE\tu-ctags\t/u-ctags or e-ctags/",
    "!_TAG_PROGRAM_NAME\ttrigpoint\t//",
)


def _entries(file: ShownFile) -> Iterator[tuple[tuple[bytes, bytes, int], str]]:
    """Return the tag of each definition of a file, with its key for the order."""
    kinds = {definition.name: definition.kind for definition in file.definitions}
    path = _escaped(file.path)
    for definition in file.definitions:
        first, last = definition.lines
        name = _escaped(definition.name)
        if not name:
            continue
        name = "\\x21" + name[1:] if name.startswith("!") else name
        fields = [f"kind:{definition.kind}", f"line:{first}", f"end:{last}"]
        if definition.parent:
            kind = kinds.get(definition.parent.rpartition(".")[2], "class")
            fields.append(f"{kind if kind in _CONTAINERS else 'class'}:{_escaped(definition.parent)}")
        fields.append(f"signature:{_escaped(definition.signature)}")
        key = _as_written(name), _as_written(path), first
        yield key, "\t".join((name, path, f'{first};"', *fields))


def _escaped(text: str) -> str:
    r"""Escape what would end a field.

    >>> print(_escaped("a\tb\\c\x01"))
    a\tb\\c\x01
    """
    return _SPECIAL.sub(lambda match: _NAMED.get(match[0]) or f"\\x{ord(match[0]):02x}", text)
