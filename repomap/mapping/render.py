"""Writes a map: a tree of folders and files, with signatures nested below each file.

    app/
     cart.py: …
      class Cart
       def total(self)
    README.md

A folder with several shown files becomes a heading, which saves repeating its path; a file alone in
its folder is one line with its whole path, and so is one whose name a file at the root has. Each level is
one space deeper: any number of leading spaces costs a model one token, and the first level needs none. `…`
marks a file that defines more.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from weakref import WeakKeyDictionary

import numpy as np

from repomap.corpus.corpus import Corpus
from repomap.mapping.declaration import map_lines, written_definition
from repomap.mapping.form import FULL, LONGEST_LINE, Form
from repomap.mapping.homes import by_homes, without_receiver
from repomap.mapping.members import is_in_line, member_line
from repomap.mapping.namesakes import overloads_hidden
from repomap.mapping.parameters import ELLIPSIS
from repomap.model import KINDS
from repomap.safety.printable import printable

Choice = Mapping[int, tuple[int, ...]]
"""For each shown file, best first, the definitions to show, as ascending doc ids."""

NO_RESTS: Mapping[str, str] = MappingProxyType({})

LONGEST_REST = 100
"""Characters of the names of files that stand in one line; more of them are not named."""

NAMESPACE = KINDS.index("namespace")
"""The kind that a map leaves out: a namespace repeats what the folder says."""


def render(corpus: Corpus, choice: Choice, rests: Mapping[str, str] = NO_RESTS, form: Form = FULL) -> str:
    """Write the text of a map; every line ends in a newline, and an empty choice gives empty text.

    ``rests`` are lines about the files of a folder that are not shown, see `rest_line`.
    """
    files_by_folder: defaultdict[str, list[int]] = defaultdict(list)
    for file_id in choice:
        files_by_folder[folder_of(corpus, file_id)].append(file_id)
    lines: list[str] = []
    for folder, file_ids in files_by_folder.items():
        grouped = is_grouped(folder, len(file_ids)) or (bool(folder) and folder in rests)
        if grouped:
            lines.append(folder_line(folder))
        for file_id in file_ids:
            lines += file_lines(corpus, file_id, choice[file_id], grouped, form)
        if folder in rests:
            lines.append(" " * grouped + rests[folder])
    return "".join(line + "\n" for line in lines)


def rest_line(names: Iterable[str]) -> str:
    """Name the files of a folder that a map does not show, on one line.

    >>> rest_line(["a.cs", "b.cs"])
    '+2 files: a.cs, b.cs'
    """
    every = [printable(name) for name in names]
    line = f"+{len(every)} file{'s' * (len(every) > 1)}: {', '.join(every)}"
    if len(line) <= LONGEST_REST:
        return line
    return line[: line.rfind(",", 0, LONGEST_REST) + 1] + f" {ELLIPSIS}"


def folder_of(corpus: Corpus, file_id: int) -> str:
    """Return the folder below whose heading a file may stand, empty for the root.

    It is empty, too, for a file whose name is that of one at the root: on a line of its own, `index.js` means
    that one, and the others are written with their whole path.
    """
    folder, _, name = corpus.paths[file_id].rpartition("/")
    return "" if folder and is_at_root(corpus.paths, name) else folder


def is_at_root(paths: Sequence[str], name: str) -> bool:
    """Return whether a file of that name is at the root; ``paths`` ascend."""
    place = bisect_left(paths, name)
    return place < len(paths) and paths[place] == name


def is_grouped(folder: str, shown_files: int) -> bool:
    """Return whether this many shown files of a folder are written below a heading."""
    return bool(folder) and shown_files > 1


def folder_line(folder: str) -> str:
    """Write the heading of a folder."""
    return printable(folder) + "/"


def file_lines(
    corpus: Corpus, file_id: int, definitions: tuple[int, ...], grouped: bool, form: Form = FULL
) -> Iterator[str]:
    """Yield the lines of a file: its path, or its name below a heading, then the definitions.

    ``definitions`` are ascending doc ids. Definitions that share a line, such as `A, B = 1, 2`, give one, and
    members that are on the line of what encloses them give none.
    """
    path = corpus.paths[file_id]
    name = printable(" " + path.rpartition("/")[2] if grouped else path)
    level = 2 if grouped else 1
    if not definitions:
        yield name
        return
    docs = corpus.docs_of(file_id)
    elided = len(definitions) < np.count_nonzero(corpus.doc_kind[docs.start : docs.stop] != NAMESPACE)
    yield f"{name}: {ELLIPSIS}" if elided else f"{name}:"
    written: set[tuple[int, str]] = set()
    hidden = overloads_hidden(corpus, file_id, definitions)
    for doc_id, depth in by_homes(corpus, file_id, definitions, form):
        if is_in_line(corpus, doc_id):
            continue
        indent = " " * (level + depth)
        first, *more = definition_lines(corpus, doc_id, form)
        source_line = int(corpus.doc_span[doc_id, 3])
        if (source_line, first) not in written:
            written.add((source_line, first))
            lines = [first, *more]
            if overloads := hidden(doc_id):
                lines[-1] += f" (+{overloads} overload{'s' if overloads > 1 else ''})"
            yield indent + lines[0]
            yield from (f"{indent} {line}" for line in lines[1:])


def definition_line(corpus: Corpus, doc_id: int, width: int = LONGEST_LINE) -> str:
    """Write a definition as one line of about ``width`` characters, without its indentation."""
    return written_definition(*_signature(corpus, doc_id), width)


def definition_lines(corpus: Corpus, doc_id: int, form: Form = FULL) -> list[str]:
    """Do the same as a map does: often with a second line.

    That holds its parameters, where the source has them on further lines, or its fields.
    """
    written = _LINES.get(corpus)
    if written is None:
        written = _LINES[corpus] = {}
    key = (doc_id, form.width, form.brief)  # tuples of numbers have a faster hash than forms
    if key not in written:
        signature, name, kind, language = _signature(corpus, doc_id)
        lines = map_lines(
            without_receiver(corpus, doc_id, signature, form), name, kind, language, form
        ).split("\n")
        members = member_line(corpus, doc_id) if len(lines) == 1 and not form.brief else ""
        written[key] = [*lines, members] if members else lines
    return written[key]


_LINES: WeakKeyDictionary[Corpus, dict[tuple[int, int, bool], list[str]]] = WeakKeyDictionary()
"""What was written for each corpus in use: a growing map is counted many times, line by line."""


def _signature(corpus: Corpus, doc_id: int) -> tuple[str, str, str, str]:
    """The signature, the name, the kind and the language of a definition."""
    return (
        corpus.signatures[doc_id],
        corpus.words[corpus.doc_name[doc_id]],
        KINDS[corpus.doc_kind[doc_id]],
        corpus.languages[corpus.doc_file[doc_id]],
    )
