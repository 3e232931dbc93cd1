"""A file's lines → where each line stands, at every level of `normalize`, computed when first asked.

A SEARCH is found by its rarest line, so looking for one costs the same in a long file as in a short
one.
"""

import re
from collections.abc import Sequence

from edits.text.normalize import RAW, key

_WORD = re.compile(r"[^\W_]{3,}")


class LineIndex:
    """The lines of one text, with their keys and places."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        self._keys: dict[int, list[str]] = {}
        self._places: dict[int, dict[str, list[int]]] = {}
        self._words: dict[str, list[int]] | None = None
        self._text: str | None = None

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
        places = self.places(level)
        wanted = []
        for line in lines:
            wanted.append(key(line, level))
            if wanted[-1] not in places:
                return []
        spots = [places[each] for each in wanted]
        offset = min(range(len(wanted)), key=lambda number: len(spots[number]))
        keys, size = self.keys(level), len(wanted)
        starts = (spot - offset for spot in spots[offset])
        return [start for start in starts if start >= 0 and keys[start : start + size] == wanted]

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
