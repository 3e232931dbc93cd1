"""How well each definition and each file matches a request: BM25F over the corpus.

Each definition is a document with fields (its name, the names around it, its path, its code, its
comments and strings), each with a weight; a file is the sum of its definitions. Terms weigh by
their rarity (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from repomap.corpus import Corpus, Floats, Ints, summed
from repomap.request import Request, Term, stem, subtokens


@dataclass(frozen=True, slots=True)
class FieldWeights:
    """How much one occurrence counts in each field, and how scores saturate."""

    code: float = 1.0
    prose: float = 0.7
    name: float = 6.0
    parent: float = 1.5
    path: float = 4.0
    k1: float = 1.2
    b_doc: float = 0.5
    b_file: float = 0.4


DEFAULT_WEIGHTS = FieldWeights()


@dataclass(frozen=True, slots=True)
class Relevance:
    """Scores by document and by file, from 0 (nothing matches) upwards, about 1 where all does."""

    docs: Floats
    files: Floats
    names: Floats
    """By document: how well its own name matches."""
    paths: Floats
    """By file: how well its path matches."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words of a corpus in one text, so that the names that hold a word are found by one search."""

    text: str
    starts: Ints

    @classmethod
    def of(cls, words: Iterable[str]) -> "Lexicon":
        lowered = [word.lower() for word in words]
        sizes = np.fromiter((len(word) + 1 for word in lowered), np.int32, len(lowered))
        return cls(
            "\n".join(lowered), np.concatenate([np.zeros(1, np.int32), np.cumsum(sizes, dtype=np.int32)])
        )

    def holding(self, part: str) -> Ints:
        """Numbers of the words that contain a text, ascending."""
        places = [found.start() for found in re.finditer(re.escape(part), self.text)]
        return np.unique(
            np.searchsorted(self.starts, np.array(places, np.int32), "right").astype(np.int32) - 1
        )


def words_of_term(term: str, lexicon: Lexicon, words: Sequence[str]) -> dict[int, float]:
    """Which words have this stem among their parts, and how much of a word it is: 1 for all of it."""
    found: dict[int, float] = {}
    sought = term.removesuffix("i")
    for number in lexicon.holding(sought).tolist():
        parts = subtokens(words[number])
        hits = sum(stem(part) == term for part in parts)
        if hits:
            found[number] = 0.5 + 0.5 * hits / len(parts)
    return found


def relevance(
    corpus: Corpus,
    lexicon: Lexicon,
    path_lexicon: Lexicon,
    request: Request,
    weights: FieldWeights = DEFAULT_WEIGHTS,
) -> Relevance:
    """How well each document and each file matches the request."""
    many, files = len(corpus), len(corpus.paths)
    doc_score, file_score = np.zeros(many), np.zeros(files)
    name_score, path_score = np.zeros(many), np.zeros(files)
    length = corpus.doc_length.astype(float)
    file_length = summed(corpus.doc_file, length, files)
    doc_norm = 1 - weights.b_doc + weights.b_doc * length / max(1.0, length.mean() if many else 1.0)
    file_norm = (
        1 - weights.b_file + weights.b_file * file_length / max(1.0, file_length.mean() if files else 1.0)
    )
    total = 0.0
    for term, matched in _matched_terms(corpus, lexicon, request):
        in_path = words_of_term(term.stem, path_lexicon, corpus.paths) if term.stem else {}
        tf, named = _frequencies(corpus, matched, weights)
        path_hit = np.zeros(files)
        path_hit[list(in_path)] = list(in_path.values())
        body_file = summed(corpus.doc_file, tf, files)
        tf_file = body_file + weights.path * path_hit
        tf = tf + weights.name * named + weights.parent * _from_parent(corpus, named)
        idf_doc = _rarity(int(np.count_nonzero(tf)), many)
        idf_file = _rarity(int(np.count_nonzero(tf_file)), files)
        tf = np.where(tf > 0, tf + 0.3 * weights.path * path_hit[corpus.doc_file], 0.0)
        doc_score += term.weight * idf_doc * tf / (tf + weights.k1 * doc_norm)
        file_score += term.weight * idf_file * tf_file / (tf_file + weights.k1 * file_norm)
        name_score += term.weight * idf_doc * named
        path_score += term.weight * idf_file * path_hit
        total += term.weight * idf_doc
    total = max(total, 1e-9)
    return Relevance(doc_score / total, file_score / total, name_score / total, path_score / total)


def _rarity(holders: int, many: int) -> float:
    return math.log(1 + (many - holders + 0.5) / (holders + 0.5))


def _matched_terms(
    corpus: Corpus, lexicon: Lexicon, request: Request
) -> Iterable[tuple[Term, dict[int, float]]]:
    for term in request.terms:
        yield term, words_of_term(term.stem, lexicon, corpus.words)


def _frequencies(corpus: Corpus, matched: dict[int, float], weights: FieldWeights) -> tuple[Floats, Floats]:
    """By document: how often the term stands in its text, and how much of its name it is."""
    tf = np.zeros(len(corpus))
    by_word = np.zeros(len(corpus.words) + 1)
    for word, quality in matched.items():
        uses = corpus.uses(word)
        counts = weights.code * np.minimum(corpus.use_code[uses], 8) + weights.prose * np.minimum(
            corpus.use_prose[uses], 8
        )
        tf[corpus.use_doc[uses]] += quality * counts
        by_word[word] = quality
    return tf, by_word[corpus.doc_name]


def _from_parent(corpus: Corpus, named: Floats) -> Floats:
    return np.where(corpus.doc_parent >= 0, named[corpus.doc_parent], 0.0)
