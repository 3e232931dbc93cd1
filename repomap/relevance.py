"""How well each definition and each file matches a request: BM25F over the corpus.

Each definition is a document with fields (its name, the names around it, its path, its code, its
comments and strings), each with a weight; a file is the sum of its definitions. Terms weigh by
their rarity (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).
"""

import functools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.corpus import Corpus, Floats, Ints, summed
from repomap.request import Request, Term, stem, subtokens
from repomap.texts import Places, Texts, distinct

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """How much one occurrence counts in each field, and how scores saturate."""

    code: float = 1.0
    prose: float = 0.7
    name: float = 6.0
    parent: float = 1.5
    path: float = 8.0
    path_of_doc: float = 1.2
    k1: float = 1.2
    b_doc: float = 0.5
    b_file: float = 0.4


DEFAULT_WEIGHTS = FieldWeights()


@dataclass(frozen=True, slots=True)
class Match:
    """Scores of one kind of thing, each from 0 (nothing matches) to about 1 (everything does)."""

    text: Floats
    """BM25F over all fields."""
    leading: Floats
    """The same for the request's first line alone."""
    coverage: Floats
    """Which share of the request's words is there at all, by rarity."""
    label: Floats
    """How well the name of a definition, or the path of a file, matches by itself."""
    whole: Floats
    """Which share of the parts of the definition's name, or of the file's, the request holds."""


@dataclass(frozen=True, slots=True)
class Relevance:
    """How the documents and the files match a request."""

    docs: Match
    files: Match


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words of a corpus in one text, so that the names that hold a word are found by one search."""

    text: bytes
    """In lower case, each with a newline behind it."""
    starts: Places

    @classmethod
    def of(cls, words: "Texts | Iterable[str]") -> "Lexicon":
        texts = words if isinstance(words, Texts) else Texts.of(words)
        lowered = texts.lowered()
        return cls(lowered.block.tobytes(), lowered.start)

    def holding(self, part: str) -> Ints:
        """Numbers of the words that contain a text, ascending."""
        if not part:
            return np.arange(len(self.starts) - 1, dtype=np.int32)
        places = np.fromiter(_occurrences(self.text, part.encode("utf-8", "surrogatepass")), np.int64)
        return distinct(np.searchsorted(self.starts, places, "right").astype(np.int32) - 1)


def _occurrences(text: bytes, part: bytes) -> Iterator[int]:
    """Where a text stands in another; of those that overlap, the first."""
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + len(part))


@functools.lru_cache(100_000)
def stems(name: str) -> tuple[str, ...]:
    """The stems of the words of which an identifier or a path is made, in order."""
    return tuple(map(stem, subtokens(name)))


def words_of_term(term: str, lexicon: Lexicon, words: Sequence[str]) -> dict[int, float]:
    """Which words have this stem among their parts, and how much of a word it is: 1 for all of it.

    In the order of the words, whatever their numbers, so that equal corpora sum up equally.
    """
    found: list[tuple[str, int, float]] = []
    sought = term.removesuffix("i")
    for number in lexicon.holding(sought).tolist():
        word = words[number]
        parts = stems(word)
        if hits := parts.count(term):
            found.append((word, number, 0.5 + 0.5 * hits / len(parts)))
    return {number: share for _, number, share in sorted(found)}


def relevance(
    corpus: Corpus,
    lexicon: Lexicon,
    path_lexicon: Lexicon,
    request: Request,
    weights: FieldWeights = DEFAULT_WEIGHTS,
) -> Relevance:
    """How well each document and each file matches the request."""
    many, files = len(corpus), len(corpus.paths)
    docs_sum, files_sum = _Sums(many), _Sums(files)
    in_files = summed(corpus.doc_file, corpus.doc_length, files)
    doc_mean, file_mean = _mean(corpus.doc_length), _mean(in_files)
    for term in request.terms:
        in_path = words_of_term(term.stem, path_lexicon, corpus.paths)
        found = _found(corpus, words_of_term(term.stem, lexicon, corpus.words), weights)
        path_hit = np.zeros(files)
        path_hit[list(in_path)] = list(in_path.values())
        in_file = summed(corpus.doc_file[found.docs], found.body, files) + weights.path * path_hit
        in_doc = found.body + weights.name * found.named + weights.parent * found.named_around
        rarity = term.weight * _rarity(int(np.count_nonzero(in_doc)), many)
        in_doc = np.where(
            in_doc > 0, in_doc + weights.path_of_doc * path_hit[corpus.doc_file[found.docs]], 0.0
        )
        doc_norm = _norm(corpus.doc_length[found.docs], doc_mean, weights.b_doc)
        docs_sum.add(term, rarity, found.docs, in_doc, weights.k1 * doc_norm, found.named)
        docs_sum.whole[found.docs] += np.maximum(2 * found.named - 1, 0)
        held = np.flatnonzero(in_file)
        rarity = term.weight * _rarity(len(held), files)
        file_norm = _norm(in_files[held], file_mean, weights.b_file)
        files_sum.add(term, rarity, held, in_file[held], weights.k1 * file_norm, path_hit[held])
        files_sum.whole[list(in_path)] += [_share_of_stem(term.stem, corpus.paths[file]) for file in in_path]
    return Relevance(docs_sum.match(), files_sum.match())


class _Sums:
    """The scores of one kind of thing while the terms come in."""

    def __init__(self, many: int) -> None:
        self.text, self.leading, self.coverage, self.label, self.whole = (np.zeros(many) for _ in range(5))
        self.total = self.total_leading = 1e-9

    def add(
        self, term: Term, rarity: float, held: Rows, frequency: Floats, norm: Floats, label: Floats
    ) -> None:
        """``held`` are those that may hold the term, with how often, how long they are, how they are called."""
        part = rarity * frequency / (frequency + norm)
        self.text[held] += part
        self.coverage[held] += rarity * (frequency > 0)
        self.label[held] += rarity * label
        self.total += rarity
        if term.leads:
            self.leading[held] += part
            self.total_leading += rarity

    def match(self) -> Match:
        """The scores, for which the sums are used up."""
        self.text /= self.total
        self.coverage /= self.total
        self.label /= self.total
        self.leading /= self.total_leading
        return Match(self.text, self.leading, self.coverage, self.label, self.whole)


def _share_of_stem(term: str, path: str) -> float:
    """Which share of the parts of a file's name, suffixes left out, has this stem."""
    parts = stems(path.rpartition("/")[2].partition(".")[0])
    return parts.count(term) / max(1, len(parts))


def _mean(lengths: npt.NDArray[Any]) -> float:
    """The mean length of a text, at least 1; whole numbers sum up alike in any order."""
    return max(1.0, float(lengths.mean())) if len(lengths) else 1.0


def _norm(lengths: npt.NDArray[Any], mean: float, share: float) -> Floats:
    """How much the length of a text divides its counts: 1 at the mean."""
    norm: Floats = 1 - share + share * lengths.astype(float) / mean
    return norm


def _rarity(holders: int, many: int) -> float:
    return math.log(1 + (many - holders + 0.5) / (holders + 0.5))


@dataclass(frozen=True, slots=True)
class _Found:
    """The documents that a term may be found in, ascending, and what of it stands in each."""

    docs: Rows
    body: Floats
    """How often it stands in the text."""
    named: Floats
    """How much of the name it is."""
    named_around: Floats
    """How much of the name of what encloses the document it is."""


def _found(corpus: Corpus, matched: dict[int, float], weights: FieldWeights) -> _Found:
    words = np.fromiter(matched, np.int64, len(matched))
    quality = np.fromiter(matched.values(), float, len(matched))
    found = corpus.postings(words)
    counts = weights.code * np.minimum(found.code, 8) + weights.prose * np.minimum(found.prose, 8)
    by_word = np.zeros(len(corpus.words) + 1)
    by_word[words] = quality
    is_named = (by_word > 0)[corpus.doc_name]
    holds = is_named & False
    holds[found.doc] = True
    if is_named.any():
        holds |= is_named | (is_named[corpus.doc_parent] & (corpus.doc_parent >= 0))
    docs = np.flatnonzero(holds)
    place = np.searchsorted(docs, found.doc)
    parent = corpus.doc_parent[docs]
    return _Found(
        docs,
        summed(place, quality[found.place] * counts, len(docs)),
        by_word[corpus.doc_name[docs]],
        np.where(parent >= 0, by_word[corpus.doc_name[parent]], 0.0),
    )
