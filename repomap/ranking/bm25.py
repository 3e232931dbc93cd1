"""Scores every definition and file against the words of a request: BM25F over the corpus.

A document has fields (its name, its parent's name, its path, its code, its comments and strings),
each with a weight; a file is the sum of its documents. The weighted frequency of a term is saturated
once, after the fields are summed, and terms weigh by their rarity (Robertson and Zaragoza, "The
Probabilistic Relevance Framework: BM25 and Beyond", 2009).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Floats, FloatsByFile, Rows, WordIds
from repomap.arrays.sums import sum_by
from repomap.corpus.corpus import Corpus
from repomap.ranking.documents import rows_of
from repomap.ranking.lexicon import Lexicon, words_of_terms
from repomap.ranking.request import Request, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWeights:
    """How much one occurrence counts in each field, and the saturation constants of BM25."""

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
MOST_OCCURRENCES = 8
"""Further occurrences in the same document, and in code or prose, are ignored."""
BEGUN_PART = 0.5
"""What a part of a path counts that a term only begins, as *valid* does `validators`."""
TERMS_PER_BATCH = 8
"""A long request has thousands of terms, each of which may occur in hundreds of thousands of documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchScores:
    """Scores of documents or of files: columns with one element for each of `ids`.

    Each score is between 0 (nothing matches) and about 1 (every word does).
    """

    ids: Rows
    """Doc ids or file ids, ascending; whatever is not listed scores 0."""
    bm25: Floats
    """BM25F over all fields and all terms, divided by the total rarity of the terms."""
    first_line: Floats
    """The same for the terms of the request's first line."""
    coverage: Floats
    """The share of the request's terms that occur at all, by rarity."""
    name: Floats
    """How well the definition's name, or the file's path, matches alone."""
    whole_name: Floats
    """The share of the parts of the definition's name that the request has; 0 for files."""


@dataclass(frozen=True, slots=True)
class RequestMatch:
    """How the documents that contain any term of a request, and all files, match it."""

    docs: MatchScores
    files: MatchScores


def match_request(
    corpus: Corpus,
    lexicon: Lexicon,
    path_lexicon: Lexicon,
    request: Request,
    weights: FieldWeights = DEFAULT_WEIGHTS,
) -> RequestMatch:
    """Score every document and every file against the request."""
    lengths = _Lengths.of(corpus)
    docs, files = _Scores(np.zeros(0, np.int64)), _Scores(np.arange(len(corpus.paths)))
    has_any_term = np.zeros(len(corpus), bool)
    for batch in _term_hits(corpus, lexicon, path_lexicon, request.terms, weights):
        for hits in batch:
            has_any_term[hits.doc_ids] = True
        docs.widen(np.flatnonzero(has_any_term))
        for hits in batch:
            path_share = np.zeros(len(corpus.paths))
            path_share[list(hits.paths)] = list(hits.paths.values())
            _add_to_docs(docs, corpus, hits, path_share, lengths, weights)
            _add_to_files(files, corpus, hits, path_share, lengths, weights)
    return RequestMatch(docs.normalised(), files.normalised())


@dataclass(frozen=True, slots=True)
class _Lengths:
    """Lengths in words, and their means."""

    of_files: npt.NDArray[Any]
    doc_mean: float
    file_mean: float

    @classmethod
    def of(cls, corpus: Corpus) -> "_Lengths":
        """Sum the lengths of the documents of each file. Whole numbers, so any order gives the same sum."""
        starts = corpus.doc_start[:-1]
        of_files: npt.NDArray[Any] = np.zeros(0)
        if len(starts):
            of_files = np.add.reduceat(corpus.doc_length, starts, dtype=np.int64)
        return cls(of_files, _mean(corpus.doc_length), _mean(of_files))


def _mean(lengths: npt.NDArray[Any]) -> float:
    return max(1.0, float(lengths.mean())) if len(lengths) else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _TermHits:
    """Where one term occurs; the arrays have one element for each of `doc_ids`."""

    term: Term
    paths: dict[int, float]
    """For each file whose path has the term: the share of the path that it covers."""
    doc_ids: Rows
    """Ascending."""
    body: Floats
    """Weighted frequency in code and prose."""
    name: Floats
    """The share of the document's name that it covers."""
    parent_name: Floats
    """The share of the parent's name that it covers."""


def _term_hits(
    corpus: Corpus,
    lexicon: Lexicon,
    path_lexicon: Lexicon,
    terms: Sequence[Term],
    weights: FieldWeights,
) -> Iterator[list[_TermHits]]:
    """Find the occurrences of each term, some terms at a time."""
    quality_by_word = np.zeros(len(corpus.words) + 1)
    for first in range(0, len(terms), TERMS_PER_BATCH):
        batch = terms[first : first + TERMS_PER_BATCH]
        batch_stems = [term.stem for term in batch]
        paths = words_of_terms(batch_stems, path_lexicon, BEGUN_PART)
        words = words_of_terms(batch_stems, lexicon)
        named = _NamedDocs.with_any(corpus, words)
        yield [
            _hits_of(term, in_paths, in_words, corpus, named, quality_by_word, weights)
            for term, in_paths, in_words in zip(batch, paths, words, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class _NamedDocs:
    """Documents whose own name, or whose parent's name, may have a term of the batch."""

    doc_ids: Rows
    name_ids: WordIds
    child_ids: Rows
    """Documents that are directly inside one of `doc_ids`."""
    parent_name_ids: WordIds
    """By row of `child_ids`."""

    @classmethod
    def with_any(cls, corpus: Corpus, words_by_term: Sequence[dict[int, float]]) -> "_NamedDocs":
        """Select the documents by the words that have any of the terms."""
        is_sought = np.zeros(len(corpus.words) + 1, bool)
        for words in words_by_term:
            is_sought[list(words)] = True
        doc_ids = rows_of(is_sought, corpus.doc_name)
        is_named = np.zeros(len(corpus) + 1, bool)  # the last one is for parent -1
        is_named[doc_ids] = True
        child_ids = rows_of(is_named, corpus.doc_parent)
        parent_names = corpus.doc_name[corpus.doc_parent[child_ids]]
        return cls(doc_ids, corpus.doc_name[doc_ids], child_ids, parent_names)


def _hits_of(
    term: Term,
    paths: dict[int, float],
    words: dict[int, float],
    corpus: Corpus,
    named: _NamedDocs,
    quality_by_word: Floats,
    weights: FieldWeights,
) -> _TermHits:
    """Find the documents in whose body, name or parent's name the term occurs.

    ``quality_by_word`` is scratch space, all zeros before and after: one for all terms, because that of
    a huge repository takes long to allocate.
    """
    word_ids = np.fromiter(words, np.int64, len(words))
    quality = np.fromiter(words.values(), float, len(words))
    uses = corpus.postings(word_ids)
    code, prose = np.minimum(uses.code, MOST_OCCURRENCES), np.minimum(uses.prose, MOST_OCCURRENCES)
    counts = weights.code * code + weights.prose * prose
    quality_by_word[word_ids] = quality
    has_term = np.zeros(len(corpus), bool)
    has_term[uses.doc_id] = True
    has_term[named.doc_ids[quality_by_word[named.name_ids] > 0]] = True
    has_term[named.child_ids[quality_by_word[named.parent_name_ids] > 0]] = True
    doc_ids = np.flatnonzero(has_term)
    parent = corpus.doc_parent[doc_ids]
    name, parent_name = quality_by_word[corpus.doc_name[doc_ids]], quality_by_word[corpus.doc_name[parent]]
    quality_by_word[word_ids] = 0.0
    rows = np.searchsorted(doc_ids, uses.doc_id)
    return _TermHits(
        term=term,
        paths=paths,
        doc_ids=doc_ids,
        body=sum_by(rows, quality[uses.row] * counts, len(doc_ids)),
        name=name,
        parent_name=np.where(parent >= 0, parent_name, 0.0),
    )


def _add_to_docs(
    scores: "_Scores",
    corpus: Corpus,
    hits: _TermHits,
    path_share: FloatsByFile,
    lengths: _Lengths,
    weights: FieldWeights,
) -> None:
    """Add one term to the scores of documents. A path alone makes no document match."""
    doc_ids = hits.doc_ids
    frequency = hits.body + weights.name * hits.name + weights.parent * hits.parent_name
    rarity = hits.term.weight * _rarity(int(np.count_nonzero(frequency)), len(corpus))
    with_path = frequency + weights.path_of_doc * path_share[corpus.doc_file[doc_ids]]
    frequency = np.where(frequency > 0, with_path, 0.0)
    length_norm = weights.k1 * _length_norm(corpus.doc_length[doc_ids], lengths.doc_mean, weights.b_doc)
    rows = np.searchsorted(scores.ids, doc_ids)
    scores.add(hits.term, rarity, rows, frequency, length_norm, hits.name)
    scores.whole_name[rows] += np.maximum(2 * hits.name - 1, 0)


def _add_to_files(
    scores: "_Scores",
    corpus: Corpus,
    hits: _TermHits,
    path_share: FloatsByFile,
    lengths: _Lengths,
    weights: FieldWeights,
) -> None:
    """Add one term to the scores of files."""
    file_count = len(corpus.paths)
    frequency = sum_by(corpus.doc_file[hits.doc_ids], hits.body, file_count) + weights.path * path_share
    rows = np.flatnonzero(frequency)
    rarity = hits.term.weight * _rarity(len(rows), file_count)
    length_norm = weights.k1 * _length_norm(lengths.of_files[rows], lengths.file_mean, weights.b_file)
    scores.add(hits.term, rarity, rows, frequency[rows], length_norm, path_share[rows])


class _Scores:
    """Sums over the terms seen so far, for documents or for files."""

    _COLUMNS = ("bm25", "first_line", "coverage", "name", "whole_name")

    def __init__(self, ids: Rows) -> None:
        self.ids = ids
        self.bm25, self.first_line, self.coverage, self.name, self.whole_name = (
            np.zeros(len(ids)) for _ in self._COLUMNS
        )
        self.total_rarity = self.first_line_rarity = 1e-9

    def widen(self, ids: Rows) -> None:
        """Make room for further ids; ``ids`` holds the present ones, too."""
        rows = np.searchsorted(ids, self.ids)
        for name in self._COLUMNS:
            wide = np.zeros(len(ids))
            wide[rows] = getattr(self, name)
            setattr(self, name, wide)
        self.ids = ids

    def add(
        self, term: Term, rarity: float, rows: Rows, frequency: Floats, length_norm: Floats, name: Floats
    ) -> None:
        """Add a term to some rows; the arrays have one element for each of ``rows``."""
        part = rarity * frequency / (frequency + length_norm)
        self.bm25[rows] += part
        self.coverage[rows] += rarity * (frequency > 0)
        self.name[rows] += rarity * name
        self.total_rarity += rarity
        if term.in_first_line:
            self.first_line[rows] += part
            self.first_line_rarity += rarity

    def normalised(self) -> MatchScores:
        """Divide the sums by the terms' rarity, in place: nothing can be added afterwards."""
        self.bm25 /= self.total_rarity
        self.coverage /= self.total_rarity
        self.name /= self.total_rarity
        self.first_line /= self.first_line_rarity
        return MatchScores(
            ids=self.ids,
            bm25=self.bm25,
            first_line=self.first_line,
            coverage=self.coverage,
            name=self.name,
            whole_name=self.whole_name,
        )


def _length_norm(lengths: npt.NDArray[Any], mean: float, b: float) -> Floats:
    """BM25's length normalisation: 1 at the mean length, less for shorter texts."""
    norm: Floats = 1 - b + b * lengths.astype(float) / mean
    return norm


def _rarity(holders: int, total: int) -> float:
    """Inverse document frequency, always above 0."""
    return math.log(1 + (total - holders + 0.5) / (holders + 0.5))
