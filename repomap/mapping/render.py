"""Writes a map: a tree of folders and files, with signatures nested below each file.

    app/
     cart.py: …
      class Cart
       def total(self)
    README.md

A folder with several shown files becomes a heading, which saves repeating its path; a file alone in
its folder is one line with its whole path. Each level is one space deeper: any number of leading spaces
costs a model one token, and the first level needs none. `…` marks a file that defines more.
"""

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.model import KINDS
from repomap.safety.printable import printable

Choice = Mapping[int, tuple[int, ...]]
"""For each shown file, best first, the definitions to show, as ascending doc ids."""

LONGEST_LINE = 100
"""Characters of a signature; longer ones are cut."""

LINES_CACHED = 20_000
"""Successive requests weigh and show the same signatures."""

ELLIPSIS = "…"

NAMESPACE = KINDS.index("namespace")
"""The kind that a map leaves out: a namespace repeats what the folder says."""


def render(corpus: Corpus, choice: Choice) -> str:
    """Write the text of a map; every line ends in a newline, and an empty choice gives empty text."""
    files_by_folder: defaultdict[str, list[int]] = defaultdict(list)
    for file_id in choice:
        files_by_folder[folder_of(corpus, file_id)].append(file_id)
    lines: list[str] = []
    for folder, file_ids in files_by_folder.items():
        grouped = is_grouped(folder, len(file_ids))
        if grouped:
            lines.append(folder_line(folder))
        for file_id in file_ids:
            lines += file_lines(corpus, file_id, choice[file_id], grouped)
    return "".join(line + "\n" for line in lines)


def folder_of(corpus: Corpus, file_id: int) -> str:
    """Return the folder of a file, empty for the root."""
    return corpus.paths[file_id].rpartition("/")[0]


def is_grouped(folder: str, shown_files: int) -> bool:
    """Return whether this many shown files of a folder are written below a heading."""
    return bool(folder) and shown_files > 1


def folder_line(folder: str) -> str:
    """Write the heading of a folder."""
    return printable(folder) + "/"


def file_lines(corpus: Corpus, file_id: int, definitions: tuple[int, ...], grouped: bool) -> Iterator[str]:
    """Yield the lines of a file: its path, or its name below a heading, then the definitions.

    ``definitions`` are ascending doc ids. Definitions that share a line, such as `A, B = 1, 2`, give one.
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
    depth: dict[int, int] = {}
    written: set[tuple[int, str]] = set()
    for doc_id in definitions:
        parent = int(corpus.doc_parent[doc_id])
        is_nested = corpus.doc_kind[parent] != NO_KIND
        depth[doc_id] = depth.get(parent, level - 1) + 1 if is_nested else level
        signature = signature_line(corpus.signatures[doc_id], corpus.words[corpus.doc_name[doc_id]])
        line = " " * depth[doc_id] + signature
        source_line = int(corpus.doc_span[doc_id][3])
        if (source_line, line) not in written:
            written.add((source_line, line))
            yield line


@functools.lru_cache(LINES_CACHED)
def signature_line(signature: str, name: str = "") -> str:
    r"""Show a signature as one line: the line that has the name, cut where it is long.

    Return types and type parameters may take up the lines before it, or the line before the name;
    `…` marks what is left out.

    >>> signature_line("def total(\n    self,\n    tax: float,\n)", "total")
    'def total(…'
    >>> signature_line("static int\nlength(list *l)", "length")
    'length(list *l)'
    """
    lines = signature.split("\n")
    row = next((row for row, line in enumerate(lines) if name in line), 0)
    line = printable(" ".join(lines[row].split()))
    if name in lines[row] and printable(name) not in line[: LONGEST_LINE - 1]:
        modifiers, _, _ = line[:20].rpartition(" ")  # such as "public static", before a very long type
        line = f"{modifiers} {ELLIPSIS} {line[line.find(printable(name)) :]}".lstrip()
    if len(line) > LONGEST_LINE:
        return line[: LONGEST_LINE - 1].rstrip() + ELLIPSIS
    return line + ELLIPSIS if row + 1 < len(lines) else line
