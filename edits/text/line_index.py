"""A file's lines → where each line stands, at every level of `normalize`, computed when first asked.

A SEARCH is found by its rarest line, so looking for one costs the same in a long file as in a short
one.
"""

import re
from collections import Counter
from collections.abc import Sequence

from edits.text.indentation import unit_of
from edits.text.normalize import RAW, key

_WORD = re.compile(r"[^\W_]{3,}")
_FEW = 8
"""So few lines are looked for by reading through the keys; a table of all places costs as much as that."""


class LineIndex:
    """The lines of one text, with their keys and places."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        self._keys: dict[int, list[str]] = {}
        self._places: dict[int, dict[str, list[int]]] = {}
        self._words: dict[str, list[int]] | None = None
        self._text: str | None = None
        self._unit: str | None = None
        self._readings: Counter[int] = Counter()

    def spliced(
        self, splices: Sequence[tuple[int, int, tuple[str, ...]]], lines: Sequence[str]
    ) -> "LineIndex":
        """The index of the text after some lines were replaced: what is known of the others is kept.

        `splices` are (start, end, new lines), ascending, and count the present lines; `lines` are all
        lines afterwards. A reply of many blocks asks for an index after each of them.
        """
        index = LineIndex(lines)
        index._unit = self._unit
        for level, keys in self._keys.items():
            new = list(keys)
            for start, end, replaced in reversed(splices):
                new[start:end] = [key(line, level) for line in replaced]
            index._keys[level] = new
        return index

    def unit(self) -> str:
        """The commonest step inwards of the text, also where edits have changed it since it was first asked for."""
        if self._unit is None:
            self._unit = unit_of(self.lines)
        return self._unit

    def keys(self, level: int) -> list[str]:
        """The key of every line at a level."""
        if level not in self._keys:
            self._keys[level] = [key(line, level) for line in self.lines]
        return self._keys[level]

    def places(self, level: int) -> dict[str, list[int]]:
        """Key → the indexes of its lines, ascending."""
        if level not in self._places:
            places: dict[str, list[int]] = {}
            for number, found in enumerate(self.keys(level)):
                places.setdefault(found, []).append(number)
            self._places[level] = places
        return self._places[level]

    def words(self) -> dict[str, list[int]]:
        """Word, in lower case → the indexes of its lines, ascending."""
        if self._words is None:
            words: dict[str, list[int]] = {}
            for number, line in enumerate(self.lines):
                for word in set(_WORD.findall(line.lower())):
                    words.setdefault(word, []).append(number)
            self._words = words
        return self._words

    def find(self, lines: Sequence[str], level: int) -> list[int]:
        """Where these lines stand one after the other at a level: first indexes, ascending."""
        if level == RAW:
            return self._find_exact(lines)
        if not lines or len(lines) > len(self.lines):
            return []
        wanted = [key(line, level) for line in lines]
        keys, size = self.keys(level), len(wanted)
        offset, spots = self._rarest(wanted, level)
        starts = (spot - offset for spot in spots)
        return [start for start in starts if start >= 0 and keys[start : start + size] == wanted]

    def _rarest(self, wanted: Sequence[str], level: int) -> tuple[int, list[int]]:
        """Which of some keys stands in the fewest lines, and in which; in none where one is not there."""
        keys = self.keys(level)
        self._readings[level] += len(wanted)
        if level in self._places or self._readings[level] > _FEW:
            places = self.places(level)
            spots = [places.get(each, []) for each in wanted]
            offset = min(range(len(wanted)), key=lambda number: len(spots[number]))
            return offset, spots[offset]
        counts = [keys.count(each) for each in wanted]
        offset = min(range(len(wanted)), key=counts.__getitem__)
        found, at = list[int](), -1
        for _ in range(counts[offset]):
            at = keys.index(wanted[offset], at + 1)
            found.append(at)
        return offset, found

    def _find_exact(self, lines: Sequence[str]) -> list[int]:
        """As `find`, in the text as a whole: most edits need nothing else."""
        if self._text is None:
            self._text = "\n".join(("", *self.lines, ""))
        wanted = "\n".join(("", *lines, ""))
        found, row, counted = [], 0, 0
        at = self._text.find(wanted) if lines else -1
        while at >= 0:
            row += self._text.count("\n", counted, at)
            counted = at
            found.append(row)
            at = self._text.find(wanted, at + 1)
        return found
