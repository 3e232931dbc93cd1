"""Finds what a change touches in the index: files, definitions, names, words.

The tree may be as it is after the change, as after `git diff`, or as before it, as for a patch that is not
applied. Each hunk is compared with the file and counts for the side that the file has.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.files.file_kinds import kind_of
from repomap.impact.definitions import innermost
from repomap.impact.diff import FileDiff, Hunk
from repomap.lookup.names import exact_file
from repomap.model import KINDS, ReadFile, RepoPath

LONGEST_SHIFT = 400
"""In lines: how far from its place a hunk is looked for in a file that has changed since."""
MOST_TEXT_CHARS = 3_000
"""Of changed lines, whose words are compared with those of tests."""

_DEFINED = re.compile(
    r"\b(?:def|class|func|function|fn|struct|interface|trait|enum|type|module|macro|sub|const|let|var|val|fun)"
    r"\s+(?:\([^()]*\)\s*)?(?:self\.)?([A-Za-z_]\w{2,})"
)
"""A definition as most languages write it, for lines that are in no file any more."""


@dataclass(frozen=True, slots=True)
class TouchedFile:
    """A file of a change."""

    path: RepoPath
    """Its present path, or the one that it had."""
    other_path: RepoPath | None
    """The path on the other side of a rename."""
    file_id: int | None
    """None if the index does not have it: it was removed, or is still to come."""
    lines: int
    """How many lines of it the change touches; 1 if that is not known."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a change touches."""

    files: tuple[TouchedFile, ...]
    """In the order of the diff."""
    docs: dict[int, int]
    """Doc ids of the innermost definitions around changed lines → how many of these; a file's own document
    for lines outside all definitions."""
    gone_names: tuple[str, ...]
    """Names whose definitions the change removes, as far as the index shows that some file uses them."""
    words: str
    """The changed lines of both sides, or the names that were given, for a comparison by words."""


def change_of_diff(corpus: Corpus, files: Sequence[FileDiff], read: ReadFile, folder: str) -> Change:
    """Find what a diff touches.

    ``folder`` is the absolute path of the index's root: the paths of a diff may begin with its last parts.
    """
    cut = _prefix_to_cut(corpus, files, folder)
    touched, docs, gone, words = [], dict[int, int](), list[str](), list[str]()
    for file in files:
        present, file_id, other = _present_path(corpus, file, cut)
        lines = sum(len(hunk.old_changed) + len(hunk.new_changed) for hunk in file.hunks)
        touched.append(TouchedFile(present, other, file_id, max(1, lines)))
        for hunk in file.hunks if kind_of(present) != "docs" else ():
            words += _changed_texts(hunk)
            gone += _defined_on_one_side(hunk)
        if file_id is not None:
            for doc_id in _touched_docs(corpus, file_id, file.hunks, read):
                docs[doc_id] = docs.get(doc_id, 0) + 1
    return Change(
        tuple(touched), docs, tuple(_undefined(corpus, gone)), _shortened(corpus, docs, "\n".join(words))
    )


def change_of_docs(corpus: Corpus, doc_ids: Iterable[int]) -> Change:
    """Return the change that touches these definitions; a file's own document stands for all of the file."""
    docs = dict[int, int]()
    for doc_id in doc_ids:
        is_file = corpus.doc_kind[doc_id] == NO_KIND
        inside = corpus.docs_of(int(corpus.doc_file[doc_id])) if is_file else ()
        for each in (doc_id, *inside):
            span = corpus.doc_span[each]
            docs[each] = max(1, int(span[2]) - int(span[1]) + 1)
    lines: dict[int, int] = {}
    for doc_id, count in docs.items():
        file_id = int(corpus.doc_file[doc_id])
        lines[file_id] = max(lines.get(file_id, 0), count)
    files = tuple(
        TouchedFile(corpus.paths[file_id], None, file_id, count) for file_id, count in lines.items()
    )
    signatures = "\n".join(corpus.signatures[doc_id] for doc_id in docs)
    return Change(files, docs, (), _shortened(corpus, docs, signatures))


def _shortened(corpus: Corpus, docs: Iterable[int], text: str) -> str:
    """Put the names of the changed definitions on the first line, and cut the rest."""
    names = dict.fromkeys(
        corpus.words[corpus.doc_name[doc_id]]
        for doc_id in docs
        if corpus.doc_kind[doc_id] not in (NO_KIND, KINDS.index("heading"))
    )
    return f"{' '.join(names)}\n{text}"[:MOST_TEXT_CHARS]


def _prefix_to_cut(corpus: Corpus, files: Sequence[FileDiff], folder: str) -> str:
    """Return what the paths of a diff have before those of the index: nothing, or the way to its folder."""
    paths = [path for file in files for path in (file.new_path, file.old_path) if path]
    prefixes = {"", *(_above(path, folder) for path in paths)}

    def known(prefix: str) -> int:
        inside = (path.removeprefix(prefix) for path in paths if path.startswith(prefix))
        return sum(exact_file(corpus, path) is not None for path in inside)

    return max(sorted(prefixes), key=known)


def _above(path: str, folder: str) -> str:
    """Return the longest beginning of a path that is the end of the folder's own path."""
    parts = path.split("/")[:-1]
    for size in range(len(parts), 0, -1):
        beginning = "/".join(parts[:size])
        if f"/{folder.strip('/')}".endswith("/" + beginning):
            return beginning + "/"
    return ""


def _present_path(corpus: Corpus, file: FileDiff, cut: str) -> tuple[RepoPath, int | None, RepoPath | None]:
    """Return the path of a file, its id if the index has it, and the path of its other side."""
    paths = [path.removeprefix(cut) for path in (file.new_path, file.old_path) if path]
    for path in paths:
        file_id = exact_file(corpus, path)
        if file_id is not None:
            others = [other for other in paths if other != path]
            return corpus.paths[file_id], file_id, others[0] if others else None
    return (paths[0] if paths else ""), None, paths[1] if len(paths) > 1 and paths[1] != paths[0] else None


def _changed_texts(hunk: Hunk) -> Iterator[str]:
    yield from (hunk.old[index] for index in hunk.old_changed)
    yield from (hunk.new[index] for index in hunk.new_changed)


def _defined_on_one_side(hunk: Hunk) -> list[str]:
    """Return the names that removed lines define and added lines do not, and the other way round."""
    sides = [
        list(dict.fromkeys(name for index in rows for name in _DEFINED.findall(lines[index])))
        for lines, rows in ((hunk.old, hunk.old_changed), (hunk.new, hunk.new_changed))
    ]
    return [name for name in (*sides[0], *sides[1]) if (name in sides[0]) != (name in sides[1])]


def _undefined(corpus: Corpus, names: Iterable[str]) -> list[str]:
    """Return the names that some file has and none defines; tests may define what only they use."""
    word_ids = {name: corpus.word_id(name) for name in dict.fromkeys(names)}
    return [
        name
        for name, word_id in word_ids.items()
        if word_id is not None
        and all(kind_of(corpus.paths[file_id]) == "test" for file_id in definers_of(corpus, word_id))
    ]


def definers_of(corpus: Corpus, word_id: int) -> set[int]:
    """Return the files that define a name."""
    return set(corpus.doc_file[np.flatnonzero(corpus.doc_name == word_id)].tolist())


def _touched_docs(corpus: Corpus, file_id: int, hunks: Sequence[Hunk], read: ReadFile) -> Iterator[int]:
    """Return the innermost document around each changed line, one for each line or gap."""
    data = read(corpus.paths[file_id]) if hunks else None
    lines = data.decode("utf-8", "surrogateescape").split("\n") if data is not None else []
    lines = [line.removesuffix("\r") for line in lines]
    innermost = _innermost_in(corpus, file_id)
    for hunk in hunks:
        start, changed, gaps = _present_side(lines, hunk)
        for index in changed:
            yield innermost(start + index)
        for index in gaps:
            yield _around_both(corpus, innermost(start + index - 1), start + index)


def _innermost_in(corpus: Corpus, file_id: int) -> Callable[[int], int]:
    """Return what finds the innermost document of a file around a line; the file's own where there is no other."""
    doc_ids, file_doc = corpus.docs_of(file_id), int(corpus.doc_start[file_id])
    kinds = [KINDS[corpus.doc_kind[doc_id]] for doc_id in doc_ids]
    spans = [(int(span[0]), int(span[2])) for span in corpus.doc_span[doc_ids.start : doc_ids.stop]]

    def find(line: int) -> int:
        index = innermost(kinds, spans, line)
        return file_doc if index is None else doc_ids.start + index

    return find


def _around_both(corpus: Corpus, doc_id: int, after: int) -> int:
    """Return the innermost document around one that holds the line after it, too."""
    while corpus.doc_kind[doc_id] != NO_KIND and int(corpus.doc_span[doc_id][2]) < after:
        doc_id = int(corpus.doc_parent[doc_id])
    return doc_id


def _present_side(lines: Sequence[str], hunk: Hunk) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    """Return where the hunk's side begins that the file has, its changed lines, and its gaps.

    If the file has neither, the hunk counts where its header puts the new side.
    """
    new = (hunk.new_start, hunk.new, hunk.new_changed, hunk.new_gaps)
    old = (hunk.old_start, hunk.old, hunk.old_changed, hunk.old_gaps)
    for longest in (0, LONGEST_SHIFT):
        for start, side, changed, gaps in (new, old):
            found = _find(lines, side, start, longest)
            if found is not None:
                return found, changed, gaps
    return hunk.new_start, hunk.new_changed, hunk.new_gaps


def _find(lines: Sequence[str], wanted: Sequence[str], start: int, longest_shift: int) -> int | None:
    """Find consecutive lines at or near a place, 1-based."""
    if not wanted:
        return None
    for shift in range(longest_shift + 1):
        for at in {start + shift, start - shift}:
            if at >= 1 and tuple(lines[at - 1 : at - 1 + len(wanted)]) == tuple(wanted):
                return at
    return None
