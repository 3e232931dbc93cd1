"""The inverted index: which word occurs in which document, and how often.

A repository of 50,000 files has tens of millions of uses, and a question asks for those of a few
hundred words. So the posting lists of all words are in one block, as gaps between successive slots,
most of which take one byte (Witten, Moffat and Bell, "Managing Gigabytes", 1999), and only the lists
that are asked for are decompressed.

Lists contain *slots*, not documents, because doc ids shift whenever a file changes. A changed file
leaves its slots behind and gets new ones at the end, so the lists stay valid: one array maps slots to
the present doc ids, and uses that were added later are kept as short uncompressed columns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Bytes, DocIds, Ints, Rows, Starts, WordIds
from repomap.arrays.texts import distinct, ranges, starts_of

Counts = npt.NDArray[np.uint16]

GONE = -1
"""In `slot_doc`: the slot's document no longer exists."""
LARGE = 15
"""Counts from here on do not fit half a byte and are stored separately."""
SORTED_USES = 1 << 21
"""About how many uses are sorted at a time."""
DECOMPRESSED_USES = 1 << 20
"""About how many are decompressed at a time when all are needed; several threads may do so at once."""
MOST_LATER = 8
"""The lists are rebuilt when more than one use in this many was added later."""


class Postings(NamedTuple):
    """The uses of some words as columns, in the order of the words and then of documents."""

    row: Rows
    """Row of the word among those that were asked for."""
    doc_id: DocIds
    code: Counts
    """How often the word occurs in the code of the document."""
    prose: Counts
    """How often it occurs in comments and strings."""


class Uses(NamedTuple):
    """Uses of words as columns, in any order."""

    word_id: WordIds
    slot: Ints
    code: Counts
    prose: Counts

    def take(self, order: npt.NDArray[Any]) -> "Uses":
        """Select rows."""
        return Uses(*(column[order] for column in self))

    def lengths(self, slot_count: int) -> Ints:
        """Return how many words occur in each slot, in code and prose."""
        total = np.zeros(slot_count, np.int64)
        for first in range(0, len(self.slot), SORTED_USES):  # `bincount` widens its input
            part = slice(first, first + SORTED_USES)
            counts = self.code[part].astype(np.float64) + self.prose[part]
            total += np.bincount(self.slot[part], counts, slot_count).astype(np.int64)
        return total.astype(np.int32)

    def shifted(self, slots: int) -> "Uses":
        """Add a number to every slot."""
        return self._replace(slot=self.slot + np.int32(slots))

    @classmethod
    def concatenated(cls, parts: "Sequence[Uses]") -> "Uses":
        """Join the rows of all parts."""
        parts = (cls.empty(), *parts)
        return cls(
            np.concatenate([part.word_id for part in parts]),
            np.concatenate([part.slot for part in parts]),
            np.concatenate([part.code for part in parts]),
            np.concatenate([part.prose for part in parts]),
        )

    @classmethod
    def empty(cls) -> "Uses":
        return cls(
            np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.uint16), np.zeros(0, np.uint16)
        )


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class PostingLists:
    """The uses of words 0, 1, … as compressed lists, each sorted by slot."""

    start: Starts
    """By word: the number of its first use."""
    gap_start: Starts
    """By word: the first byte of its gaps."""
    gaps: Bytes
    """The differences between successive slots of a list: seven bits a byte, the lowest first; every
    byte of a number but the last has its highest bit set."""
    counts: Bytes
    """By use: 16 × how often in code + how often in prose; 255 if either is 15 or more."""
    large: Starts
    """Numbers of the uses with such large counts, ascending."""
    large_counts: Counts
    """By row of `large`, two columns: in code, in prose."""

    @classmethod
    def of(cls, uses: Uses, first_word: int, end_word: int) -> "PostingLists":
        """Compress the uses of a range of words, sorted by word and then by slot."""
        start = np.searchsorted(uses.word_id, np.arange(first_word, end_word + 1))
        gaps = np.diff(uses.slot, prepend=np.int32(0))
        first_uses = start[:-1][np.diff(start) > 0]
        gaps[first_uses] = uses.slot[first_uses]
        gap_bytes, byte_starts = _compress(gaps)
        large = np.flatnonzero((uses.code >= LARGE) | (uses.prose >= LARGE))
        counts = (uses.code * 16 + uses.prose).astype(np.uint8)
        counts[large] = 255
        return cls(
            start=start,
            gap_start=byte_starts[start],
            gaps=gap_bytes,
            counts=counts,
            large=large,
            large_counts=np.stack([uses.code[large], uses.prose[large]], axis=1),
        )

    def __len__(self) -> int:
        """The number of words."""
        return len(self.start) - 1

    def decompress(self, word_ids: npt.NDArray[np.int64]) -> tuple[Rows, Ints, Counts, Counts]:
        """Return the uses of some words: row of the word, slot, both counts; in the order of the words."""
        sizes = self.start[word_ids + 1].astype(np.int64) - self.start[word_ids]
        uses = ranges(self.start[word_ids], sizes)
        gap_start = self.gap_start[word_ids]
        gap_sizes = self.gap_start[word_ids + 1].astype(np.int64) - gap_start
        gaps = _decompress(self.gaps[ranges(gap_start, gap_sizes)])
        row = np.repeat(np.arange(len(word_ids)), sizes)
        sums = np.cumsum(gaps)
        sum_before = np.concatenate([np.zeros(1, np.int64), sums])[starts_of(sizes)[:-1]]
        slots = (sums - sum_before[row]).astype(np.int32)
        counts = self.counts[uses]
        code, prose = (counts >> 4).astype(np.uint16), (counts & 15).astype(np.uint16)
        large = np.flatnonzero(counts == 255)
        if len(large):
            exact = self.large_counts[np.searchsorted(self.large, uses[large])]
            code[large], prose[large] = exact[:, 0], exact[:, 1]
        return row, slots, code, prose


@dataclass(frozen=True, slots=True, eq=False)
class InvertedIndex:
    """All uses: compressed lists, what was added later, and the document of each slot."""

    lists: PostingLists
    later: Uses
    """Sorted by word and then by slot."""
    slot_doc: DocIds
    """By slot: the present doc id, or `GONE`."""
    in_order: bool = True
    """Whether every slot equals its doc id, as it does when all files were read at once."""

    @classmethod
    def of(cls, uses: Uses, word_count: int, doc_count: int) -> "InvertedIndex":
        """Build from uses in any order whose slots are doc ids."""
        ranges_of_words = _word_ranges(uses, word_count)
        lists = _concatenated([_lists_of_range(uses, first, end) for first, end in ranges_of_words])
        return cls(lists, Uses.empty(), np.arange(doc_count, dtype=np.int32))

    @classmethod
    def uncompressed(cls, uses: Uses, word_count: int, doc_count: int) -> "InvertedIndex":  # noqa: ARG003
        """Build without lists, for the uses of a few files that are about to be merged."""
        no_lists = PostingLists.of(Uses.empty(), 0, 0)
        return cls(no_lists, uses.take(_order(uses)), np.arange(doc_count, dtype=np.int32))

    def __len__(self) -> int:
        """The number of uses that are kept, including those of files that no longer exist."""
        return len(self.lists.counts) + len(self.later.word_id)

    def postings(self, word_ids: npt.ArrayLike) -> Postings:
        """Look up the uses of some words."""
        wanted = np.asarray(word_ids, np.int64)
        listed = np.flatnonzero(wanted < len(self.lists))
        row, slot, code, prose = self.lists.decompress(wanted[listed])
        row = listed[row]
        if len(self.later.word_id):
            starts = np.searchsorted(self.later.word_id, wanted)
            sizes = np.searchsorted(self.later.word_id, wanted, "right") - starts
            later = self.later.take(ranges(starts, sizes))
            row = np.concatenate([row, np.repeat(np.arange(len(wanted)), sizes)])
            slot = np.concatenate([slot, later.slot])
            code, prose = np.concatenate([code, later.code]), np.concatenate([prose, later.prose])
        doc_id = self.slot_doc[slot]
        if self.in_order:
            return Postings(row, doc_id, code, prose)
        alive = np.flatnonzero(doc_id != GONE)
        order = alive[np.lexsort((doc_id[alive], row[alive]))]
        return Postings(row[order], doc_id[order], code[order], prose[order])

    def word_chunks(self, word_count: int) -> Iterator[npt.NDArray[np.int64]]:
        """Cut the word ids below ``word_count`` into chunks whose uses can be decompressed at once."""
        sizes = np.zeros(word_count, np.int64)
        sizes[: len(self.lists)] = np.diff(self.lists.start)[:word_count]
        bounds = _bounds(np.cumsum(sizes), DECOMPRESSED_USES)
        return (np.arange(first, end) for first, end in pairwise(bounds))

    def updated(self, slot_doc: DocIds, new: Uses, word_count: int) -> "InvertedIndex":
        """Apply a change in which documents went, moved and came.

        ``slot_doc`` has the present doc id of each slot, those of ``new`` included. ``word_count`` is
        the present number of words.
        """
        kept = self.later.take(np.flatnonzero(slot_doc[self.later.slot] != GONE))
        later = Uses.concatenated([kept, new])
        updated = InvertedIndex(self.lists, later.take(_order(later)), slot_doc, in_order=False)
        few_later = len(later.word_id) * MOST_LATER <= len(self.lists.counts)
        if few_later and len(slot_doc) < 2 * _alive_count(slot_doc):
            return updated
        return updated._rebuilt(word_count)

    def _rebuilt(self, word_count: int) -> "InvertedIndex":
        """Put all uses into lists again, with doc ids as slots."""
        uses = Uses.concatenated([self._uses_of(chunk) for chunk in self.word_chunks(word_count)])
        return InvertedIndex.of(uses, word_count, _alive_count(self.slot_doc))

    def _uses_of(self, word_ids: npt.NDArray[np.int64]) -> Uses:
        """Return the uses of consecutive words, with doc ids as slots."""
        postings = self.postings(word_ids)
        word_id = (postings.row + word_ids[0]).astype(np.int32)
        return Uses(word_id, postings.doc_id, postings.code, postings.prose)


def _alive_count(slot_doc: DocIds) -> int:
    return int(np.count_nonzero(slot_doc != GONE))


def _word_ranges(uses: Uses, word_count: int) -> list[tuple[int, int]]:
    """Cut the words into ranges, first and end, with about `SORTED_USES` uses each.

    Sorting takes several times the memory of what is sorted.
    """
    if len(uses.word_id) <= SORTED_USES:
        return [(0, word_count)]
    sizes = np.zeros(word_count, np.int64)
    for first in range(0, len(uses.word_id), SORTED_USES):
        sizes += np.bincount(uses.word_id[first : first + SORTED_USES], minlength=word_count)
    return list(pairwise(_bounds(np.cumsum(sizes), SORTED_USES)))


def _bounds(use_ends: npt.NDArray[np.int64], uses_per_range: int) -> list[int]:
    """Return ascending word ids, 0 and the number of words among them, between which to cut.

    ``use_ends`` is by word: how many uses the words up to it have.
    """
    word_count = len(use_ends)
    total = int(use_ends[-1]) if word_count else 0
    cuts = np.searchsorted(use_ends, np.arange(uses_per_range, total, uses_per_range)) + 1
    bounds: list[int] = distinct(np.concatenate([[0], np.minimum(cuts, word_count), [word_count]])).tolist()
    return bounds


def _lists_of_range(uses: Uses, first: int, end: int) -> PostingLists:
    """Build the lists of a range of words from uses in any order."""
    inside = (uses.word_id >= first) & (uses.word_id < end)
    part = uses if inside.all() else uses.take(np.flatnonzero(inside))
    return PostingLists.of(part.take(_order(part)), first, end)


def _concatenated(parts: Sequence[PostingLists]) -> PostingLists:
    """Join the lists of consecutive ranges of words."""
    if len(parts) == 1:
        return parts[0]
    first_use = starts_of([len(part.counts) for part in parts])
    first_byte = starts_of([len(part.gaps) for part in parts])
    return PostingLists(
        start=_shifted_starts([part.start for part in parts], first_use),
        gap_start=_shifted_starts([part.gap_start for part in parts], first_byte),
        gaps=np.concatenate([part.gaps for part in parts]),
        counts=np.concatenate([part.counts for part in parts]),
        large=np.concatenate([part.large + use for part, use in zip(parts, first_use, strict=False)]),
        large_counts=np.concatenate([part.large_counts for part in parts]),
    )


def _shifted_starts(starts: Sequence[Starts], offsets: Starts) -> Starts:
    """Join arrays of starts; ``offsets`` says where each part's targets begin, and where the last ends."""
    shifted = (part[:-1] + offset for part, offset in zip(starts, offsets, strict=False))
    return np.concatenate([*shifted, offsets[-1:]])


def _order(uses: Uses) -> Rows:
    """Sort rows by word and then by slot; no two agree in both."""
    key = uses.word_id.astype(np.uint64) << np.uint64(32) | uses.slot.astype(np.uint64)
    return np.argsort(key)


def _compress(numbers: Ints) -> tuple[Bytes, Rows]:
    """Write numbers as bytes of seven bits; also return where each begins, and the end of the last."""
    values = numbers.astype(np.uint32)
    sizes = np.ones(len(values), np.int64)
    for bits in (7, 14, 21, 28):
        sizes += values >= (1 << bits)
    starts = starts_of(sizes)
    compressed = np.zeros(starts[-1], np.uint8)
    for byte in range(int(sizes.max(initial=0))):
        rows = np.flatnonzero(sizes > byte)
        continues = (sizes[rows] > byte + 1).astype(np.uint8) << 7
        compressed[starts[rows] + byte] = (values[rows] >> (7 * byte) & 127).astype(np.uint8) | continues
    return compressed, starts


def _decompress(compressed: Bytes) -> npt.NDArray[np.int64]:
    """Read the numbers that `_compress` wrote."""
    if not len(compressed):
        return np.zeros(0, np.int64)
    is_last = compressed < 128
    if is_last.all():
        return compressed.astype(np.int64)
    ends = np.flatnonzero(is_last)
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
    byte_index = np.arange(len(compressed)) - np.repeat(starts, np.diff(np.append(starts, len(compressed))))
    return np.add.reduceat((compressed & 127).astype(np.int64) << (7 * byte_index), starts)
