"""Looks up the words of a corpus that contain a text or a stem.

All words are in one block of bytes, so that one search over the block answers for all of them.
"""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from repomap.arrays.array_types import Bytes, Ints, Rows, Starts, WordIds
from repomap.arrays.texts import BlockSearch, Texts, ascii_lower, distinct
from repomap.ranking.name_parts import shares_of_stem
from repomap.ranking.request import beginning_of, stem, subtokens

WORDS_PER_SPLIT = 1 << 15
"""How many names are split into their parts at a time."""
SEARCHED_BYTES = 1 << 20
"""About how many bytes are lower-cased and searched at a time; they fit the processor's cache."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Distinct texts, each known by its number: words by word id, or paths by file id."""

    words: Texts

    @classmethod
    def of(cls, words: "Texts | Iterable[str]") -> "Lexicon":
        texts = words if isinstance(words, Texts) else Texts.of(words)
        return cls(Texts(texts.whole_block(), texts.start))

    def containing(self, part: str) -> WordIds:
        """Find the words that contain a lower-case text, in any case, ascending."""
        return self.containing_each([part])[0]

    def containing_each(self, parts: Sequence[str]) -> list[WordIds]:
        """Do the same for each of several texts."""
        sought = [part.encode("utf-8", "surrogatepass") for part in parts]
        matches: list[list[WordIds]] = [[] for _ in parts]
        non_ascii = [np.zeros(0, np.int32)]
        for first, starts, block in self._chunks() if any(sought) else ():
            lowered, positions = ascii_lower(block)
            for word_ids, hits in zip(matches, _positions_of(sought, lowered), strict=True):
                word_ids.append(first + _rows_at(starts, hits))
            non_ascii.append(first + distinct(_rows_at(starts, positions)))
        others = np.concatenate(non_ascii)  # lower-casing may change their other letters, even to ASCII
        texts = self.words.lower(others)
        for word_ids, hits in zip(matches, _positions_of(sought, texts.whole_block()), strict=True):
            word_ids.append(others[_rows_at(texts.start, hits)])
        every = np.arange(len(self.words), dtype=np.int32)
        return [
            distinct(np.concatenate([np.zeros(0, np.int32), *word_ids])) if part else every
            for word_ids, part in zip(matches, sought, strict=True)
        ]

    def _chunks(self) -> Iterator[tuple[int, Starts, Bytes]]:
        """Yield runs of words: the id of the first, where each starts in the run's block, the block."""
        start, block = self.words.start, self.words.whole_block()
        cuts = np.searchsorted(start, np.arange(SEARCHED_BYTES, int(start[-1]), SEARCHED_BYTES))
        for first, end in pairwise(distinct(np.array([0, *cuts.tolist(), len(self.words)])).tolist()):
            low, high = int(start[first]), int(start[end])
            yield first, start[first : end + 1] - low, block[low:high]


def _positions_of(sought: Sequence[bytes], block: Bytes) -> list[Rows]:
    """Find each of the texts in the block; an empty one is nowhere."""
    search = BlockSearch(block)
    return [search(part) if part else np.zeros(0, np.int64) for part in sought]


def _rows_at(starts: Starts, positions: Rows) -> Ints:
    """Return the row of the text that each position falls into."""
    return np.searchsorted(starts, positions, "right").astype(np.int32) - np.int32(1)


@functools.lru_cache(100_000)
def stems(name: str) -> tuple[str, ...]:
    """Split an identifier or a path and reduce each part to its stem.

    >>> stems("parsingHeaders")
    ('pars', 'head')
    """
    return tuple(map(stem, subtokens(name)))


def words_of_term(term: str, lexicon: Lexicon) -> dict[int, float]:
    """Find the words that have this stem among their parts, and what share of each it covers.

    Keys are in alphabetical order of the words, not of their ids, so that equal corpora give equal
    sums however they came to number their words.
    """
    return words_of_terms([term], lexicon)[0]


def words_of_terms(
    terms: Sequence[str], lexicon: Lexicon, begun_weight: float = 0.0
) -> list[dict[int, float]]:
    """Do the same for each of several stems; ``begun_weight`` is for parts that only begin with one."""
    candidates = lexicon.containing_each([beginning_of(term) for term in terms])
    return [
        _with_stem(term, lexicon, word_ids, begun_weight)
        for term, word_ids in zip(terms, candidates, strict=True)
    ]


def _with_stem(term: str, lexicon: Lexicon, candidates: WordIds, begun_weight: float) -> dict[int, float]:
    """Keep the candidates that have the stem."""
    matches: list[tuple[str, int, float]] = []
    for first in range(0, len(candidates), WORDS_PER_SPLIT):
        chunk = candidates[first : first + WORDS_PER_SPLIT]
        rows, shares = shares_of_stem(term, lexicon.words, chunk, begun_weight)
        word_ids = chunk[rows]
        matches += zip(lexicon.words.take(word_ids), word_ids.tolist(), shares.tolist(), strict=True)
    return {word_id: share for _, word_id, share in sorted(matches)}
