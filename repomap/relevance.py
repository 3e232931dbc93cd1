"""How well each definition and each file matches a request: BM25F over the corpus.

Each definition is a document with fields (its name, the names around it, its path, its code, its
comments and strings), each with a weight; a file is the sum of its definitions. Terms weigh by
their rarity (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).
"""

import functools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from repomap.corpus import Corpus, Floats, Ints, summed
from repomap.request import Request, Term, stem, subtokens
from repomap.texts import Places, Texts, distinct


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
        sought = re.escape(part.encode("utf-8", "surrogatepass"))
        places = np.array([found.start() for found in re.finditer(sought, self.text)], np.int64)
        return distinct(np.searchsorted(self.starts, places, "right").astype(np.int32) - 1)


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
    length = corpus.doc_length.astype(float)
    doc_norm = _norm(length, weights.b_doc)
    file_norm = _norm(summed(corpus.doc_file, length, files), weights.b_file)
    for term in request.terms:
        in_path = words_of_term(term.stem, path_lexicon, corpus.paths)
        in_body, named = _frequencies(corpus, words_of_term(term.stem, lexicon, corpus.words), weights)
        path_hit = np.zeros(files)
        path_hit[list(in_path)] = list(in_path.values())
        in_file = summed(corpus.doc_file, in_body, files) + weights.path * path_hit
        in_doc = in_body + weights.name * named + weights.parent * _from_parent(corpus, named)
        rarity = term.weight * _rarity(int(np.count_nonzero(in_doc)), many)
        in_doc = np.where(in_doc > 0, in_doc + weights.path_of_doc * path_hit[corpus.doc_file], 0.0)
        docs_sum.add(term, rarity, in_doc, weights.k1 * doc_norm, named)
        docs_sum.whole += np.maximum(2 * named - 1, 0)
        rarity = term.weight * _rarity(int(np.count_nonzero(in_file)), files)
        files_sum.add(term, rarity, in_file, weights.k1 * file_norm, path_hit)
        files_sum.whole[list(in_path)] += [_share_of_stem(term.stem, corpus.paths[file]) for file in in_path]
    return Relevance(docs_sum.match(), files_sum.match())


class _Sums:
    """The scores of one kind of thing while the terms come in."""

    def __init__(self, many: int) -> None:
        self.text, self.leading, self.coverage, self.label, self.whole = (np.zeros(many) for _ in range(5))
        self.total = self.total_leading = 1e-9

    def add(self, term: Term, rarity: float, frequency: Floats, norm: Floats, label: Floats) -> None:
        part = rarity * frequency / (frequency + norm)
        self.text += part
        self.coverage += rarity * (frequency > 0)
        self.label += rarity * label
        self.total += rarity
        if term.leads:
            self.leading += part
            self.total_leading += rarity

    def match(self) -> Match:
        return Match(
            self.text / self.total,
            self.leading / self.total_leading,
            self.coverage / self.total,
            self.label / self.total,
            self.whole,
        )


def _share_of_stem(term: str, path: str) -> float:
    """Which share of the parts of a file's name, suffixes left out, has this stem."""
    parts = stems(path.rpartition("/")[2].partition(".")[0])
    return parts.count(term) / max(1, len(parts))


def _norm(length: Floats, share: float) -> Floats:
    """How much the length of a text divides its counts: 1 at the mean."""
    mean = max(1.0, float(length.mean())) if len(length) else 1.0
    return 1 - share + share * length / mean


def _rarity(holders: int, many: int) -> float:
    return math.log(1 + (many - holders + 0.5) / (holders + 0.5))


def _frequencies(corpus: Corpus, matched: dict[int, float], weights: FieldWeights) -> tuple[Floats, Floats]:
    """By document: how often the term stands in its text, and how much of its name it is."""
    words = np.fromiter(matched, np.int64, len(matched))
    quality = np.fromiter(matched.values(), float, len(matched))
    found = corpus.postings(words)
    counts = weights.code * np.minimum(found.code, 8) + weights.prose * np.minimum(found.prose, 8)
    by_word = np.zeros(len(corpus.words) + 1)
    by_word[words] = quality
    return summed(found.doc, quality[found.place] * counts, len(corpus)), by_word[corpus.doc_name]


def _from_parent(corpus: Corpus, named: Floats) -> Floats:
    return np.where(corpus.doc_parent >= 0, named[corpus.doc_parent], 0.0)
