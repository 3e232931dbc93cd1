"""Finds which of many identifiers contain a stem among their words.

A vectorised `request.subtokens`: one word of a request occurs in tens of thousands of names of a huge
repository. Word boundaries are computed from the bytes of all names together, and only parts that
may have the stem are decoded.
"""

import numpy as np

from repomap.arrays.array_types import Bytes, Flags, Floats, Rows, WordIds
from repomap.arrays.texts import Texts, ascii_lower, ranges, starts_of
from repomap.ranking.request import beginning_of, stem, subtokens

SHORTEST_BEGINNING = 4
"""Letters of a stem that says something where it only begins a part."""


def shares_of_stem(
    term: str, words: Texts, word_ids: WordIds, begun_weight: float = 0.0
) -> tuple[Rows, Floats]:
    """Find the names that have a stem among their parts, and how much of each name it covers.

    ``begun_weight`` is what a part counts that begins with the term and has another stem. Returns ascending
    rows of ``word_ids``, and for each a share of more than one half: one half plus half of the matching parts
    over all parts, so that 1 is a name made of the stem alone.
    """
    sizes = words.start[word_ids + 1] - words.start[word_ids]
    block = words.whole_block()[ranges(words.start[word_ids], sizes)]
    name_starts = starts_of(sizes)
    part_starts, part_ends = _part_bounds(block)
    lowered, non_ascii = ascii_lower(block)
    prefix = beginning_of(term).encode("utf-8", "surrogatepass")
    candidates = part_starts[_rows_starting_with(lowered, part_starts, prefix)]
    ends = part_ends[np.searchsorted(part_ends, candidates, "right")]
    is_whole = _have_stem(lowered.tobytes(), candidates, ends, term)
    names = np.searchsorted(name_starts, candidates, "right") - 1
    weights = np.where(is_whole, 1.0, begun_weight if len(term) >= SHORTEST_BEGINNING else 0.0)
    hits = np.bincount(names, weights, minlength=len(word_ids))
    part_counts = np.diff(np.searchsorted(part_starts, name_starts))
    for row in set((np.searchsorted(name_starts, non_ascii, "right") - 1).tolist()):
        parts = subtokens(words[int(word_ids[row])])
        hits[row], part_counts[row] = sum(stem(part) == term for part in parts), len(parts)
    rows = np.flatnonzero(hits)
    return rows, 0.5 + 0.5 * hits[rows] / part_counts[rows]


def _have_stem(data: bytes, starts: Rows, ends: Rows, term: str) -> Flags:
    """Decide for each part `data[start:end]` whether it has the stem."""
    known: dict[bytes, bool] = {}
    has_stem = np.zeros(len(starts), bool)
    for row, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        part = data[start:end]
        if part not in known:
            known[part] = part.isascii() and stem(part.decode("ascii")) == term
        has_stem[row] = known[part]
    return has_stem


def _part_bounds(block: Bytes) -> tuple[Rows, Rows]:
    """Find where the parts of ASCII names start, and every position that ends a part before it."""
    upper, lower, digit = (_in_range(block, *bounds) for bounds in ("AZ", "az", "09"))
    starts = lower & ~_after(lower | upper)
    starts |= upper & (~_after(upper) | _before(lower))
    starts |= digit & ~_after(digit)
    ends = starts | ~(upper | lower | digit)
    return np.flatnonzero(starts), np.append(np.flatnonzero(ends), len(block))


def _in_range(block: Bytes, first: str, last: str) -> Flags:
    """Flag the bytes between two characters, both included; smaller bytes wrap around."""
    flags: Flags = block - np.uint8(ord(first)) <= ord(last) - ord(first)
    return flags


def _after(flags: Flags) -> Flags:
    """Flag each position directly after a flagged one."""
    after = np.zeros(len(flags), bool)
    after[1:] = flags[:-1]
    return after


def _before(flags: Flags) -> Flags:
    """Flag each position directly before a flagged one."""
    before = np.zeros(len(flags), bool)
    before[:-1] = flags[1:]
    return before


def _rows_starting_with(block: Bytes, positions: Rows, text: bytes) -> Rows:
    """Return the rows of the positions at which the block holds a text."""
    rows = np.flatnonzero(positions <= len(block) - len(text))
    for offset, byte in enumerate(text):
        rows = rows[block[positions[rows] + offset] == byte]
    return rows
