"""Lines that stand nowhere → the place of a text that resembles them most.

Lines, and where none of them stands in the text rare words, vote for the offset at which the SEARCH
would fit best; so the cost does not grow with the product of both lengths.
"""

import re
from collections import Counter
from collections.abc import Sequence

from edits.text.line_index import LineIndex
from edits.text.normalize import FOLDED, blank, key

_COMMON = 40
"""A line or word that occurs more often says little about a place."""
_WORD = re.compile(r"[^\W_]{3,}")
_MOST_LINES = 200


def nearest(index: LineIndex, search: Sequence[str]) -> tuple[int, int] | None:
    """The half-open range of lines nearest to `search`, or None where nothing resembles it."""
    wanted = [(number, line) for number, line in enumerate(search) if not blank(line)][:_MOST_LINES]
    if not wanted or not index.lines:
        return None
    offset = _vote(_line_votes(index, wanted)) or _vote(_word_votes(index, wanted))
    if offset is None:
        return None
    start = max(0, offset[0] + wanted[0][0])
    end = min(len(index.lines), max(offset[0] + len(search), start + 1))
    while start < end - 1 and blank(index.lines[start]):
        start += 1
    return (start, end) if start < end else None


def _line_votes(index: LineIndex, wanted: Sequence[tuple[int, str]]) -> Counter[int]:
    """Offset → how many lines would stand where they do, rare lines counting more."""
    places = index.places(FOLDED)
    votes: Counter[int] = Counter()
    for number, line in wanted:
        rows = places.get(key(line, FOLDED), [])
        if 0 < len(rows) <= _COMMON and any(char.isalnum() for char in line):
            for row in rows:
                votes[row - number] += 60 // len(rows) + 1
    return votes


def _word_votes(index: LineIndex, wanted: Sequence[tuple[int, str]]) -> Counter[int]:
    """Offset → how many rare words would stand on their line; nothing if most words are unknown."""
    words = index.words()
    votes: Counter[int] = Counter()
    asked = known = 0
    for number, line in wanted:
        for word in set(_WORD.findall(line.lower())):
            rows = words.get(word, [])
            asked += 1
            known += bool(rows)
            if 0 < len(rows) <= _COMMON:
                for row in rows:
                    votes[row - number] += 60 // len(rows) + 1
    return votes if known * 3 >= asked else Counter()


def _vote(votes: Counter[int]) -> tuple[int] | None:
    """The offset with the most votes, its neighbours' counted half, as a line more shifts the rest."""
    if not votes:
        return None
    best = max(votes, key=lambda each: (2 * votes[each] + votes[each - 1] + votes[each + 1], -each))
    return (best,)
