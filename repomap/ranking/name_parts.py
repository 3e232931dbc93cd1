"""Takes many identifiers apart at once, as `request.subtokens` does one: which of them hold a stem.

A word of a request stands in tens of thousands of the names of a huge repository. Where their parts
begin is told from the bytes of all of them together; a part becomes a text where it may have the stem.
"""

import numpy as np
import numpy.typing as npt

from repomap.arrays.texts import Bytes, Texts, ascii_lowered, ranges, starts_of
from repomap.corpus.corpus import Floats
from repomap.ranking.request import stem, subtokens

Flags = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]


def shares_of_stem(term: str, words: Texts, numbers: npt.NDArray[np.int32]) -> tuple[Rows, Floats]:
    """Which of the words with these numbers have the stem among their parts, and how much of each it is.

    As places among the numbers, ascending; half a word and more, 1 where it is all of it.
    """
    sizes = words.start[numbers + 1] - words.start[numbers]
    block = words.whole()[ranges(words.start[numbers], sizes)]
    first = starts_of(sizes)
    begins, ends = _parts(block)
    lowered, outside = ascii_lowered(block)
    found = begins[_begin_with(lowered, begins, term.removesuffix("i").encode("utf-8", "surrogatepass"))]
    data, known = lowered.tobytes(), {}
    has = np.zeros(len(found), bool)
    for place, (begin, end) in enumerate(
        zip(found.tolist(), ends[np.searchsorted(ends, found, "right")].tolist(), strict=True)
    ):
        part = data[begin:end]
        if part not in known:
            known[part] = part.isascii() and stem(part.decode("ascii")) == term
        has[place] = known[part]
    hits = np.bincount(np.searchsorted(first, found[has], "right") - 1, minlength=len(numbers))
    many = np.diff(np.searchsorted(begins, first))
    for place in set((np.searchsorted(first, outside, "right") - 1).tolist()):
        parts = subtokens(words[int(numbers[place])])
        hits[place], many[place] = sum(stem(part) == term for part in parts), len(parts)
    places = np.flatnonzero(hits)
    return places, 0.5 + 0.5 * hits[places] / many[places]


def _parts(block: Bytes) -> tuple[Rows, Rows]:
    """Where the parts of ASCII words begin, and all places at which a part before would end."""
    upper, lower, digit = (_between(block, *bounds) for bounds in ("AZ", "az", "09"))
    begins = lower & ~_after(lower | upper)
    begins |= upper & (~_after(upper) | _before(lower))
    begins |= digit & ~_after(digit)
    ends = begins | ~(upper | lower | digit)
    return np.flatnonzero(begins), np.append(np.flatnonzero(ends), len(block))


def _between(block: Bytes, first: str, last: str) -> Flags:
    """Which bytes are characters of a range."""
    flags: Flags = block - np.uint8(ord(first)) <= ord(last) - ord(first)
    return flags


def _after(flags: Flags) -> Flags:
    """Which places come right after one with a flag."""
    after = np.zeros(len(flags), bool)
    after[1:] = flags[:-1]
    return after


def _before(flags: Flags) -> Flags:
    """Which places come right before one with a flag."""
    before = np.zeros(len(flags), bool)
    before[:-1] = flags[1:]
    return before


def _begin_with(block: Bytes, places: Rows, text: bytes) -> Rows:
    """Which of these places a text stands at."""
    kept = np.flatnonzero(places <= len(block) - len(text))
    for at, byte in enumerate(text):
        kept = kept[block[places[kept] + at] == byte]
    return kept
