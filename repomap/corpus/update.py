"""A corpus and what a few files hold by now → the corpus of all files, without reading the others.

Files that did not change stand in runs; each column is joined of the old one's runs and of what was
read. That takes as long as copying them.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from repomap.arrays.texts import Texts, concat, starts_of
from repomap.corpus.corpus import Columns, Corpus, ImportTable, Ints, Words, assembled
from repomap.corpus.postings import GONE, Rows, Uses
from repomap.model import FileTags, RepoPath
from repomap.parsing.tags_codec import EncodedTags

Column = TypeVar("Column", bound=npt.NDArray[Any])


@dataclass(frozen=True, slots=True, eq=False)
class Changed:
    """A corpus after some files changed, and what became of its files."""

    before: Corpus
    after: Corpus
    became: Ints
    """By file before: its number after, by its path; -1 where it is gone."""
    read: Ints
    """Files after that were read anew, new ones among them, ascending."""
    uses: Rows
    """The uses in these files, their slots documents after; in any order."""

    def stale(self) -> Ints:
        """Files before that are gone or were read anew, ascending."""
        return np.flatnonzero((self.became < 0) | np.isin(self.became, self.read)).astype(np.int32)


def changed(
    corpus: Corpus, paths: Sequence[RepoPath], read: Mapping[RepoPath, FileTags | EncodedTags]
) -> Changed:
    """The corpus of these sorted paths, where those that were ``read`` are as read, the others as they were.

    Equal to a corpus built of all of them in every answer, not in how words are numbered.
    """
    new = _read_anew(read, corpus.words)
    if tuple(paths) == corpus.paths:
        became = np.arange(len(paths), dtype=np.int32)
        numbers = np.array([bisect_left(corpus.paths, path) for path in new.paths], np.int32)
        pieces = _replaced(numbers.tolist(), len(paths))
    else:
        became, numbers, pieces = _rearranged(corpus, new, paths)
    after = _spliced(corpus, new, tuple(paths), pieces)
    moved = after.doc_start[numbers] - new.doc_start[:-1]
    rows = new.uses.later
    return Changed(
        corpus, after, became, numbers, rows._replace(slot=rows.slot + moved[new.doc_file[rows.slot]])
    )


@dataclass(slots=True)
class _Piece:
    """Files that stand next to each other before and after: of the old corpus, or of what was read."""

    new: bool
    first: int
    end: int


def _replaced(numbers: Sequence[int], files: int) -> list[_Piece]:
    """The pieces where the files of these numbers were read anew and all others stand where they stood."""
    pieces, done = [], 0
    for place, number in enumerate(numbers):
        pieces += [_Piece(False, done, number), _Piece(True, place, place + 1)]
        done = number + 1
    return [one for one in (*pieces, _Piece(False, done, files)) if one.first < one.end]


def _rearranged(corpus: Corpus, new: Corpus, paths: Sequence[RepoPath]) -> tuple[Ints, Ints, list[_Piece]]:
    """What became of each file, the numbers of those that were read, and the pieces. Raises ValueError."""
    old_place = {path: place for place, path in enumerate(corpus.paths)}
    new_place = {path: place for place, path in enumerate(new.paths)}
    became = np.full(len(corpus.paths), -1, np.int32)
    pieces: list[_Piece] = []
    for number, path in enumerate(paths):
        known = old_place.get(path)
        if known is not None:
            became[known] = number
        place = new_place.get(path, known)
        if place is None:
            raise ValueError(f"{path} is neither known nor read")
        last, from_new = pieces[-1] if pieces else None, path in new_place
        if last is not None and last.new == from_new and last.end == place:
            last.end = place + 1
        else:
            pieces.append(_Piece(from_new, place, place + 1))
    numbers = np.fromiter((number for number, path in enumerate(paths) if path in new_place), np.int32)
    return became, numbers, pieces


def _read_anew(read: Mapping[RepoPath, FileTags | EncodedTags], words: Words) -> Corpus:
    """A corpus of what was read, its words numbered on from those there are."""
    more: dict[str, int] = {}

    def number(encoded: bytes) -> int:
        word = encoded.decode("utf-8", "surrogatepass")
        known = words.number(word)
        return more.setdefault(word, len(words) + len(more)) if known is None else known

    files = Columns()
    for path, tags in read.items():
        files.add(path, tags, number)
    all_words = words.extended(tuple(more))
    return assembled(files, all_words, _same_numbers(len(all_words)), Uses.loose)


def _same_numbers(words: int) -> Ints:
    return np.append(np.arange(words, dtype=np.int32), np.int32(-1))


def _spliced(old: Corpus, new: Corpus, paths: tuple[RepoPath, ...], pieces: Sequence[_Piece]) -> Corpus:
    def files(column: Callable[[Corpus], Any]) -> list[Any]:
        return [column(new if one.new else old)[one.first : one.end] for one in pieces]

    def docs(column: Callable[[Corpus], Column], dtype: Any) -> Column:
        parts = [
            column(source)[source.doc_start[one.first] : source.doc_start[one.end]]
            for one in pieces
            for source in (new if one.new else old,)
        ]
        return np.concatenate([column(new)[:0], *parts]).astype(dtype, copy=False)  # type: ignore[return-value]

    def texts(column: Callable[[Corpus], Texts]) -> Texts:
        return concat(
            [
                (column(source), int(source.doc_start[one.first]), int(source.doc_start[one.end]))
                for one in pieces
                for source in (new if one.new else old,)
            ]
        )

    sizes = np.concatenate([np.zeros(0, np.int32), *files(lambda one: np.diff(one.doc_start))])
    doc_start = starts_of(sizes).astype(np.int32)
    file = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    parent = docs(lambda one: one.doc_parent, np.int32)
    _move(parent, pieces, doc_start, old, new)
    parent[doc_start[:-1]] = -1
    slots = len(old.uses.slot_doc)
    slot = docs(lambda one: one.doc_slot + slots if one is new else one.doc_slot, np.int32)
    slot_doc = np.full(slots + len(new), GONE, np.int32)
    slot_doc[slot] = np.arange(len(slot), dtype=np.int32)
    uses = old.uses.moved(slot_doc, new.uses.later.shifted(slots), len(new.words))
    return Corpus(
        paths,
        tuple(chain.from_iterable(files(lambda one: one.languages))),
        tuple(chain.from_iterable(files(lambda one: one.skipped))),
        np.concatenate([new.lines[:0], *files(lambda one: one.lines)]),
        ImportTable(
            concat([((new if one.new else old).imports.texts, one.first, one.end) for one in pieces])
        ),
        doc_start,
        file,
        docs(lambda one: one.doc_name, np.int32),
        docs(lambda one: one.doc_kind, np.uint8),
        parent,
        docs(lambda one: one.doc_span, np.uint32),
        docs(lambda one: one.doc_length, np.int32),
        np.arange(len(slot), dtype=np.int32) if uses.in_order else slot,
        texts(lambda one: one.signatures),
        texts(lambda one: one.owners),
        new.words,
        uses,
    )


def _move(places: Ints, pieces: Sequence[_Piece], doc_start: Ints, old: Corpus, new: Corpus) -> None:
    """Adds to the numbers of documents how far those of each piece have moved."""
    file = 0
    for one in pieces:
        before = (new if one.new else old).doc_start[one.first]
        first, end = doc_start[file], doc_start[file + one.end - one.first]
        if first != before:
            places[first:end] += first - before
        file += one.end - one.first
