"""Which word stands in which document and how often: a compressed list for each word.

A repository of 50,000 files has tens of millions of uses, and a question asks for those of a few
hundred words. So the lists of all words stand in one block, as gaps between places, most of which
take a byte (Witten, Moffat and Bell, "Managing Gigabytes", 1999), and only the lists that are asked
for are unfolded.

Places are *slots*, not documents: a file that changed leaves its slots behind and gets new ones at
the end. So what is known of all other files stays as it is, wherever their documents stand now, and
what came later is a short list of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Bytes, Starts
from repomap.arrays.texts import distinct, ranges, starts_of

Ints = npt.NDArray[np.int32]
Counts = npt.NDArray[np.uint16]

GONE = -1
"""In `slot_doc`: the slot's document is no longer there."""
LARGE = 15
"""Counts from here on do not fit half a byte, and stand apart."""
SORTED_USES = 1 << 21
"""About so many uses are sorted at a time."""
UNFOLDED_USES = 1 << 20
"""About so many are unfolded at a time where all are asked for, which several threads may do at once."""
MOST_LATER = 8
"""Lists are made anew when one use in so many has come later."""


class Postings(NamedTuple):
    """Uses as columns of equal length, in the order of the words asked for and then of documents."""

    place: npt.NDArray[np.int64]
    """Of the word, among those that were asked for."""
    doc: Ints
    code: Counts
    prose: Counts


class Rows(NamedTuple):
    """Uses as they come, in any order."""

    word: Ints
    slot: Ints
    code: Counts
    prose: Counts

    def take(self, order: npt.NDArray[Any]) -> "Rows":
        return Rows(*(column[order] for column in self))

    def lengths(self, slots: int) -> Ints:
        """By slot: how many words stand there, in code and prose."""
        total = np.zeros(slots, np.int64)
        for first in range(0, len(self.slot), SORTED_USES):  # `bincount` widens what it is given
            part = slice(first, first + SORTED_USES)
            counts = self.code[part].astype(np.float64) + self.prose[part]
            total += np.bincount(self.slot[part], counts, slots).astype(np.int64)
        return total.astype(np.int32)

    def shifted(self, slots: int) -> "Rows":
        """The same, so many slots further on."""
        return self._replace(slot=self.slot + np.int32(slots))

    @classmethod
    def joined(cls, parts: "Sequence[Rows]") -> "Rows":
        """The rows of all parts, one after the other."""
        every = (cls.empty(), *parts)
        return cls(
            np.concatenate([part.word for part in every]),
            np.concatenate([part.slot for part in every]),
            np.concatenate([part.code for part in every]),
            np.concatenate([part.prose for part in every]),
        )

    @classmethod
    def empty(cls) -> "Rows":
        return cls(
            np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint16), np.zeros(0, np.uint16)
        )


@dataclass(frozen=True, slots=True, eq=False)
class Lists:
    """The uses of words 0, 1, … as compressed lists, each sorted by slot."""

    start: Starts
    """One more than there are words: the number of each list's first use."""
    gap_start: Starts
    """The same for the first byte of its gaps."""
    gaps: Bytes
    """How far each slot is from the one before, seven bits a byte, the lowest first; all bytes of a
    number but its last have the highest bit set."""
    counts: Bytes
    """By use: how often in code, times 16, plus how often in prose; 255 where one is 15 or more."""
    large: Starts
    """Numbers of the uses whose counts stand apart, ascending."""
    large_counts: Counts
    """Two columns for these: in code, in prose."""

    @classmethod
    def of(cls, rows: Rows, first_word: int, end_word: int) -> "Lists":
        """Of the words of a range, from rows sorted by word and then by slot."""
        start = np.searchsorted(rows.word, np.arange(first_word, end_word + 1))
        gaps = np.diff(rows.slot, prepend=np.int32(0))
        first = start[:-1][np.diff(start) > 0]
        gaps[first] = rows.slot[first]
        gap_bytes, ends = _fold(gaps)
        outside = np.flatnonzero((rows.code >= LARGE) | (rows.prose >= LARGE))
        counts = (rows.code * 16 + rows.prose).astype(np.uint8)
        counts[outside] = 255
        large = np.stack([rows.code[outside], rows.prose[outside]], axis=1)
        return cls(start, ends[start], gap_bytes, counts, outside, large)

    def __len__(self) -> int:
        return len(self.start) - 1

    def unfold(self, words: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Ints, Counts, Counts]:
        """Place among the words, slot, and both counts, in the order of the words."""
        sizes = self.start[words + 1].astype(np.int64) - self.start[words]
        uses = ranges(self.start[words], sizes)
        heads = self.gap_start[words]
        gaps = _unfold(self.gaps[ranges(heads, self.gap_start[words + 1].astype(np.int64) - heads)])
        place = np.repeat(np.arange(len(words)), sizes)
        sums = np.cumsum(gaps)
        before = np.concatenate([np.zeros(1, np.int64), sums])[starts_of(sizes)[:-1]]
        slots = (sums - before[place]).astype(np.int32)
        counts = self.counts[uses]
        code, prose = (counts >> 4).astype(np.uint16), (counts & 15).astype(np.uint16)
        large = np.flatnonzero(counts == 255)
        if len(large):
            exact = self.large_counts[np.searchsorted(self.large, uses[large])]
            code[large], prose[large] = exact[:, 0], exact[:, 1]
        return place, slots, code, prose


@dataclass(frozen=True, slots=True, eq=False)
class Uses:
    """All uses: compressed lists, what came later, and which document each slot is by now."""

    lists: Lists
    later: Rows
    """Sorted by word and then by slot."""
    slot_doc: Ints
    in_order: bool = True
    """Whether every slot is its document, as it is where all files were read at once."""

    @classmethod
    def of(cls, rows: Rows, words: int, docs: int) -> "Uses":
        """From rows in any order, whose slots are documents."""
        lists = _joined([_listed(rows, first, end) for first, end in _bounds(rows, words)])
        return cls(lists, Rows.empty(), np.arange(docs, dtype=np.int32))

    @classmethod
    def loose(cls, rows: Rows, words: int, docs: int) -> "Uses":  # noqa: ARG003
        """The same for a few files, of which no lists are made."""
        return cls(Lists.of(Rows.empty(), 0, 0), rows.take(_order(rows)), np.arange(docs, dtype=np.int32))

    def __len__(self) -> int:
        """How many uses are kept, those of files that are gone included."""
        return len(self.lists.counts) + len(self.later.word)

    def of_words(self, words: npt.ArrayLike) -> Postings:
        """The uses of these words."""
        wanted = np.asarray(words, np.int64)
        listed = np.flatnonzero(wanted < len(self.lists))
        place, slot, code, prose = self.lists.unfold(wanted[listed])
        place = listed[place]
        if len(self.later.word):
            starts = np.searchsorted(self.later.word, wanted)
            sizes = np.searchsorted(self.later.word, wanted, "right") - starts
            rows = self.later.take(ranges(starts, sizes))
            place = np.concatenate([place, np.repeat(np.arange(len(wanted)), sizes)])
            slot = np.concatenate([slot, rows.slot])
            code, prose = np.concatenate([code, rows.code]), np.concatenate([prose, rows.prose])
        doc = self.slot_doc[slot]
        if self.in_order:
            return Postings(place, doc, code, prose)
        there = np.flatnonzero(doc != GONE)
        order = there[np.lexsort((doc[there], place[there]))]
        return Postings(place[order], doc[order], code[order], prose[order])

    def chunks(self, words: int) -> Iterator[npt.NDArray[np.int64]]:
        """Words 0 to `words`, as many at a time as have uses that can be unfolded at once."""
        sizes = np.zeros(words, np.int64)
        sizes[: len(self.lists)] = np.diff(self.lists.start)[:words]
        cuts = np.searchsorted(np.cumsum(sizes), np.arange(UNFOLDED_USES, sizes.sum(), UNFOLDED_USES)) + 1
        bounds = distinct(np.concatenate([[0], np.minimum(cuts, words), [words]]))
        return (np.arange(first, end) for first, end in pairwise(bounds.tolist()))

    def moved(self, slot_doc: Ints, new: Rows, words: int) -> "Uses":
        """The uses after some documents went, moved and came.

        ``slot_doc`` says for each slot, the new ones included, which document it is; the slots of
        ``new`` are the new ones. ``words`` is how many words there are by now.
        """
        kept = self.later.take(np.flatnonzero(slot_doc[self.later.slot] != GONE))
        both = Rows.joined([kept, new])
        moved = Uses(self.lists, both.take(_order(both)), slot_doc, in_order=False)
        if len(both.word) * MOST_LATER <= len(self.lists.counts) and len(slot_doc) < 2 * _alive(slot_doc):
            return moved
        return moved._folded(words)

    def _rows_of(self, words: npt.NDArray[np.int64]) -> Rows:
        """The uses of words that follow each other, their slots documents."""
        found = self.of_words(words)
        return Rows((found.place + words[0]).astype(np.int32), found.doc, found.code, found.prose)

    def _folded(self, words: int) -> "Uses":
        """The same uses as lists alone, their slots documents again."""
        docs = _alive(self.slot_doc)
        rows = Rows.joined([self._rows_of(chunk) for chunk in self.chunks(words)])
        return Uses.of(rows, words, docs)


def _alive(slot_doc: Ints) -> int:
    return int(np.count_nonzero(slot_doc != GONE))


def _bounds(rows: Rows, words: int) -> list[tuple[int, int]]:
    """Ranges of words, first and end, that have about as many uses as are worth sorting at once.

    Sorting takes several times the memory of what is sorted.
    """
    if len(rows.word) <= SORTED_USES:
        return [(0, words)]
    sizes = np.zeros(words, np.int64)
    for first in range(0, len(rows.word), SORTED_USES):
        sizes += np.bincount(rows.word[first : first + SORTED_USES], minlength=words)
    ends = np.cumsum(sizes)
    cuts = np.searchsorted(ends, np.arange(SORTED_USES, len(rows.word), SORTED_USES)) + 1
    bounds = distinct(np.concatenate([[0], np.minimum(cuts, words), [words]]))
    return list(pairwise(bounds.tolist()))


def _listed(rows: Rows, first: int, end: int) -> Lists:
    """The lists of a range of words, from rows in any order."""
    inside = (rows.word >= first) & (rows.word < end)
    part = rows if inside.all() else rows.take(np.flatnonzero(inside))
    return Lists.of(part.take(_order(part)), first, end)


def _joined(parts: Sequence[Lists]) -> Lists:
    """The lists of ranges of words that follow each other."""
    if len(parts) == 1:
        return parts[0]
    uses, gaps = (
        starts_of([len(part.counts) for part in parts]),
        starts_of([len(part.gaps) for part in parts]),
    )
    return Lists(
        np.concatenate([*(part.start[:-1] + at for part, at in zip(parts, uses, strict=False)), uses[-1:]]),
        np.concatenate(
            [*(part.gap_start[:-1] + at for part, at in zip(parts, gaps, strict=False)), gaps[-1:]]
        ),
        np.concatenate([part.gaps for part in parts]),
        np.concatenate([part.counts for part in parts]),
        np.concatenate([part.large + at for part, at in zip(parts, uses, strict=False)]),
        np.concatenate([part.large_counts for part in parts]),
    )


def _order(rows: Rows) -> npt.NDArray[np.int64]:
    """The order by word and then by slot, no two rows being alike in both."""
    key = rows.word.astype(np.uint64) << np.uint64(32) | rows.slot.astype(np.uint64)
    return np.argsort(key)


def _fold(numbers: Ints) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """Numbers as bytes, seven bits each, and where each begins, with the end of the last."""
    values = numbers.astype(np.uint32)
    sizes = np.ones(len(values), np.int64)
    for bits in (7, 14, 21, 28):
        sizes += values >= (1 << bits)
    starts = starts_of(sizes)
    folded = np.zeros(starts[-1], np.uint8)
    for byte in range(int(sizes.max(initial=0))):
        rows = np.flatnonzero(sizes > byte)
        more = (sizes[rows] > byte + 1).astype(np.uint8) << 7
        folded[starts[rows] + byte] = (values[rows] >> (7 * byte) & 127).astype(np.uint8) | more
    return folded, starts


def _unfold(folded: Bytes) -> npt.NDArray[np.int64]:
    """The numbers that `_fold` made bytes of."""
    if not len(folded):
        return np.zeros(0, np.int64)
    last = folded < 128
    if last.all():
        return folded.astype(np.int64)
    ends = np.flatnonzero(last)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    shift = 7 * (np.arange(len(folded)) - np.repeat(starts, np.diff(np.append(starts, len(folded)))))
    return np.add.reduceat((folded & 127).astype(np.int64) << shift, starts)
