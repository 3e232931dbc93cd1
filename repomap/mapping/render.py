"""Writes a map: paths as a tree of folders, under each file its signatures under their parents.

A folder with several shown files is a heading and its files stand below it, which spares its path
in each; a file alone in its folder is one line. One space for each level: a deeper one costs a
model as many tokens as a shallow one, the first costs none.
"""

import functools
from collections import defaultdict
from collections.abc import Iterator, Mapping

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.model import KINDS
from repomap.safety.printable import printable

Choice = Mapping[int, tuple[int, ...]]
"""For each shown file, best first, the definitions to show, as ascending documents."""

LONGEST_LINE = 100
"""Characters of a signature; longer ones are cut."""

LINES_KEPT = 20_000
"""Lines of signatures that are remembered: the same are weighed and shown for one request after another."""

ELLIPSIS = "…"

NAMESPACE = KINDS.index("namespace")
"""Code of the kind that a map leaves out: a namespace says once more what the folder says."""


def render(corpus: Corpus, choice: Choice) -> str:
    """The text of a map; every line ends in a newline, and nothing chosen gives the empty text."""
    folders: defaultdict[str, list[int]] = defaultdict(list)
    for file in choice:
        folders[folder_of(corpus, file)].append(file)
    lines: list[str] = []
    for folder, files in folders.items():
        grouped = is_grouped(folder, len(files))
        if grouped:
            lines.append(folder_line(folder))
        for file in files:
            lines += file_lines(corpus, file, choice[file], grouped)
    return "".join(line + "\n" for line in lines)


def folder_of(corpus: Corpus, file: int) -> str:
    """The folder that a file stands in; empty for the root."""
    return corpus.paths[file].rpartition("/")[0]


def is_grouped(folder: str, files: int) -> bool:
    """Whether so many shown files of a folder stand below a heading."""
    return bool(folder) and files > 1


def folder_line(folder: str) -> str:
    """The heading of a folder."""
    return printable(folder) + "/"


def file_lines(corpus: Corpus, file: int, definitions: tuple[int, ...], grouped: bool) -> Iterator[str]:
    """The lines of a file: its path, or its name below a heading, and the definitions, ascending."""
    path = corpus.paths[file]
    name = printable(" " + path.rpartition("/")[2] if grouped else path)
    level = 2 if grouped else 1
    if not definitions:
        yield name
        return
    known = corpus.docs_of(file)
    elided = len(definitions) < np.count_nonzero(corpus.doc_kind[known.start : known.stop] != NAMESPACE)
    yield f"{name}: {ELLIPSIS}" if elided else f"{name}:"
    depth: dict[int, int] = {}
    said: set[tuple[int, str]] = set()  # one line may define several names
    for doc in definitions:
        parent = int(corpus.doc_parent[doc])
        depth[doc] = depth.get(parent, level - 1) + 1 if corpus.doc_kind[parent] != NO_KIND else level
        line = " " * depth[doc] + signature_line(corpus.signatures[doc], corpus.words[corpus.doc_name[doc]])
        if (place := (int(corpus.doc_span[doc][3]), line)) not in said:
            said.add(place)
            yield line


@functools.lru_cache(LINES_KEPT)
def signature_line(signature: str, name: str = "") -> str:
    """One line that shows a signature: the one that holds the name, cut where it is long.

    Return types and type parameters may take the lines before it, or what comes before the name in
    its line; what is left out is marked.
    """
    lines = signature.split("\n")
    place = next((number for number, line in enumerate(lines) if name in line), 0)
    line = printable(" ".join(lines[place].split()))
    if name in lines[place] and printable(name) not in line[: LONGEST_LINE - 1]:
        first, _, _ = line[:20].rpartition(" ")  # such as "public static", of a type too long to show
        line = f"{first} {ELLIPSIS} {line[line.find(printable(name)) :]}".lstrip()
    if len(line) > LONGEST_LINE:
        return line[: LONGEST_LINE - 1].rstrip() + ELLIPSIS
    return line + ELLIPSIS if place + 1 < len(lines) else line
