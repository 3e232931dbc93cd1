"""All distinct words of a corpus, each with its number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import overload

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Flags
from repomap.arrays.texts import Texts, concat


@dataclass(frozen=True, eq=False)
class WordTable(Sequence[str]):
    """Every distinct word and name; a word's index is its word id.

    Word ids never change while a corpus is updated: words of changed files are appended, and words that
    no file has any more stay.
    """

    first: Texts
    """The words of the files that were read together, sorted as bytes."""
    later: Texts
    """Words that came with later changes, in any order."""

    @cached_property
    def texts(self) -> Texts:
        """All words as one block."""
        return concat([(part, 0, len(part)) for part in (self.first, self.later)])

    @cached_property
    def _later_ids(self) -> Mapping[str, int]:
        return {word: word_id for word_id, word in enumerate(self.later, len(self.first))}

    def __len__(self) -> int:
        return len(self.first) + len(self.later)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: "int | slice") -> "str | tuple[str, ...]":
        if isinstance(index, slice):
            return tuple(self[word_id] for word_id in range(*index.indices(len(self))))
        index += len(self) if index < 0 else 0
        return self.first[index] if index < len(self.first) else self.later[index - len(self.first)]

    def __iter__(self) -> Iterator[str]:
        return chain(self.first, self.later)

    def id_of(self, word: str) -> int | None:
        """Return the id of a word, or None if it has none."""
        word_id = self.first.find_sorted(word)
        return self._later_ids.get(word) if word_id is None else word_id

    def have_chars(self, word_ids: npt.NDArray[np.int64], chars: int) -> Flags:
        """Flag the words, given by ascending ids, that have at least that many characters."""
        first_count = len(self.first)
        cut = int(np.searchsorted(word_ids, first_count))
        return np.concatenate(
            [
                self.first.have_chars(word_ids[:cut], chars),
                self.later.have_chars(word_ids[cut:] - first_count, chars),
            ]
        )

    def first_bytes(self) -> npt.NDArray[np.int16]:
        """Return the first byte of each word; -1 for the empty one."""
        return np.concatenate([self.first.first_bytes(), self.later.first_bytes()])

    def extended(self, words: Sequence[str]) -> "WordTable":
        """Append words that are not in the table."""
        if not words:
            return self
        new = Texts.of(words)
        return WordTable(self.first, concat([(part, 0, len(part)) for part in (self.later, new)]))
