"""Computes the features of definitions for one request, a few thousand definitions at a time.

A repository of 80,000 files has three million definitions. All their features together take half a
gigabyte, which takes longer to allocate than to compute; those of a few thousand fit the processor's
cache. What depends on all definitions (ranks, who uses what) is computed beforehand.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import (
    FileIds,
    Floats,
    FloatsByDoc,
    FloatsByFile,
    IntsByDoc,
    Rows,
)
from repomap.arrays.texts import distinct
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.ranking.bm25 import RequestMatch
from repomap.ranking.documents import CONTAINERS, FUNCTIONS, doc_chunks, docs_named, is_of_kinds

KEY_DEFINITIONS = 60
"""How many of the best matching definitions are followed to the documents that use them."""
MOST_NAMESAKES = 4
"""A name with more definitions is not followed: its uses may mean any of them."""


@dataclass(frozen=True, slots=True, eq=False)
class SparseValues:
    """A number for each of a few documents, and 0 for all others."""

    doc_ids: Rows
    """Ascending."""
    values: Floats

    @classmethod
    def of_largest(cls, docs: npt.NDArray[np.integer[Any]], values: Floats) -> "SparseValues":
        """Keep the largest value, above 0, of each document; the input may be in any order."""
        doc_ids = distinct(docs.astype(np.int64))
        largest = np.zeros(len(doc_ids))
        np.maximum.at(largest, np.searchsorted(doc_ids, docs), values)
        return cls(doc_ids, largest)

    def __getitem__(self, chunk: slice) -> Floats:
        """Return the values of a range of documents as a dense array."""
        first, end = np.searchsorted(self.doc_ids, (chunk.start, chunk.stop)).tolist()
        values = np.zeros(chunk.stop - chunk.start)
        values[self.doc_ids[first:end] - chunk.start] = self.values[first:end]
        return values


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class DefinitionFeatures:
    """What the features of a slice of the documents are computed from.

    Documents that are files get rows, too, which are to be ignored.
    """

    corpus: Corpus
    match: RequestMatch
    best_in_file: FloatsByFile
    """The text score of each file's best document."""
    text: FloatsByDoc
    best_text: float
    exact: SparseValues
    best_used: SparseValues
    """The text score of the best key definition that a document uses by name."""
    best_child: SparseValues
    """The text score of the best definition directly inside."""
    rank: IntsByDoc
    """By text among all definitions, the best is 0."""
    rank_in_file: IntsByDoc
    child_count: IntsByDoc
    """How many definitions are directly inside; 0 for a file."""

    @classmethod
    def of(
        cls,
        corpus: Corpus,
        kind_weight: FloatsByFile,
        match: RequestMatch,
        best_in_file: FloatsByFile,
        exact: SparseValues,
    ) -> "DefinitionFeatures":
        """Compute what depends on all documents at once."""
        docs = match.docs
        is_match = (corpus.doc_kind[docs.ids] != NO_KIND) & (docs.bm25 > 0)
        doc_ids, text = docs.ids[is_match], docs.bm25[is_match]
        weighted_text = text * kind_weight[corpus.doc_file[doc_ids]]
        best_first = np.argsort(-weighted_text, kind="stable")
        key_rows = best_first[:KEY_DEFINITIONS]
        rank = _ranks(corpus, kind_weight, doc_ids[best_first])
        return cls(
            corpus=corpus,
            match=match,
            best_in_file=best_in_file,
            text=SparseValues(docs.ids, docs.bm25)[slice(0, len(corpus))],
            best_text=max(docs.bm25.max(initial=0), 1e-9),
            exact=exact,
            best_used=_best_used(corpus, doc_ids[key_rows], weighted_text[key_rows]),
            best_child=_best_child(corpus, doc_ids, text),
            rank=rank,
            rank_in_file=_ranks_in_files(corpus, doc_ids, text, rank),
            child_count=_child_counts(corpus),
        )

    def __call__(self, chunk: slice) -> dict[str, Floats]:
        """Compute the features of a range of documents."""
        corpus, files, docs = self.corpus, self.match.files, self.match.docs
        file_ids, kind, parent = corpus.doc_file[chunk], corpus.doc_kind[chunk], corpus.doc_parent[chunk]
        parent_doc = np.maximum(parent, 0)
        has_parent = corpus.doc_kind[parent_doc] != NO_KIND
        is_function, is_container = is_of_kinds(kind, FUNCTIONS), is_of_kinds(kind, CONTAINERS)
        in_function = is_of_kinds(corpus.doc_kind[parent_doc], FUNCTIONS)
        first_line, last_line = (corpus.doc_span[chunk, column].astype(np.int64) for column in (1, 2))
        in_first_line, coverage, name, whole_name = (
            SparseValues(docs.ids, values)[chunk]
            for values in (docs.first_line, docs.coverage, docs.name, docs.whole_name)
        )
        return {
            "text": self.text[chunk],
            "first line": in_first_line,
            "words": coverage,
            "name": name,
            "whole name": np.minimum(whole_name, 1.0),
            "rank": np.log1p(self.rank[chunk]),
            "rank in file": np.log1p(self.rank_in_file[chunk]),
            "lines": np.log1p(last_line - first_line),
            "container": is_container.astype(float),
            "value": ((kind != NO_KIND) & ~is_function & ~is_container).astype(float),
            "parent": np.where(parent >= 0, self.text[parent_doc], 0.0),
            "child": self.best_child[chunk],
            "exact": self.exact[chunk],
            "uses what matches": self.best_used[chunk],
            "nested": (has_parent & is_function & in_function).astype(float),
            "text of best": self.text[chunk] / self.best_text,
            "file text": files.bm25[file_ids],
            "best in file": self.best_in_file[file_ids],
            "definitions in file": _log_definition_counts(corpus, file_ids),
            "definitions inside": np.log1p(self.child_count[chunk]),
        }


def _log_definition_counts(corpus: Corpus, file_ids: FileIds) -> Floats:
    """Return for each of these ascending files, repeated or not, the log of how many definitions it has."""
    if not len(file_ids):
        return np.zeros(0)
    starts = corpus.doc_start[file_ids[0] : file_ids[-1] + 2]
    log_counts: Floats = np.log1p(np.diff(starts) - 1)[file_ids - file_ids[0]]
    return log_counts


def _ranks(corpus: Corpus, kind_weight: FloatsByFile, best_first: Rows) -> IntsByDoc:
    """Rank the best definitions as given, then all other definitions, then the files."""
    is_other = np.ones(len(corpus), bool)
    is_other[corpus.doc_start[:-1]] = False
    is_other[best_first] = False
    rank = np.cumsum(is_other, dtype=np.int32)
    rank += np.int32(len(best_first) - 1)
    rank[best_first] = np.arange(len(best_first))
    file_docs = corpus.doc_start[:-1][np.argsort(kind_weight, kind="stable")]
    rank[file_docs] = np.arange(len(corpus) - len(file_docs), len(corpus))
    return rank


def _ranks_in_files(corpus: Corpus, doc_ids: Rows, text: Floats, rank: IntsByDoc) -> IntsByDoc:
    """Rank the documents of each file: the matching ``doc_ids`` by ``text``, then the others in order.

    ``rank`` is the rank among all documents. Those that do not match are in the order of the file
    there, too, so a shift for each file turns it into theirs.
    """
    file_ids = corpus.doc_file[doc_ids]
    every_file = np.arange(len(corpus.paths))
    match_count = np.bincount(file_ids, minlength=len(every_file))
    matches_before = np.cumsum(match_count) - match_count
    others_before = corpus.doc_start[:-1] - every_file - matches_before
    shift = (match_count - len(doc_ids) - others_before).astype(np.int32)
    rank_in_file = rank + np.repeat(shift, np.diff(corpus.doc_start))
    by_text = np.lexsort((-text, file_ids))
    rank_in_file[doc_ids[by_text]] = np.arange(len(doc_ids)) - matches_before[file_ids]
    rank_in_file[corpus.doc_start[:-1]] = np.diff(corpus.doc_start) - 1
    return rank_in_file


def _best_child(corpus: Corpus, doc_ids: Rows, text: Floats) -> SparseValues:
    """Return for each definition the text score of the best definition directly inside it."""
    parent = corpus.doc_parent[doc_ids]
    is_nested = corpus.doc_kind[parent] != NO_KIND
    return SparseValues.of_largest(parent[is_nested], text[is_nested])


def _child_counts(corpus: Corpus) -> IntsByDoc:
    """Count the definitions directly inside each definition."""
    child_counts = np.zeros(len(corpus), np.int32)
    for chunk in doc_chunks(0, len(corpus)):
        parent = corpus.doc_parent[chunk]
        parent = parent[corpus.doc_kind[np.maximum(parent, 0)] != NO_KIND]
        if len(parent):
            first = int(parent.min())
            counts = np.bincount(parent - first)
            child_counts[first : first + len(counts)] += counts.astype(np.int32)
    return child_counts


def _best_used(corpus: Corpus, definitions: Rows, values: Floats) -> SparseValues:
    """Return for each document the largest value among the given definitions that it uses by name."""
    user_ids, user_values = [np.zeros(0, np.int32)], [np.zeros(0)]
    names = corpus.doc_name[definitions].tolist()
    word_ids = np.array(sorted(set(names)), np.int64)
    namesakes = np.bincount(np.searchsorted(word_ids, corpus.doc_name[docs_named(corpus, word_ids)]))
    namesake_count = dict(zip(word_ids.tolist(), namesakes.tolist(), strict=True))
    for word_id, value in zip(names, values.tolist(), strict=True):
        if namesake_count[word_id] <= MOST_NAMESAKES:
            uses = corpus.postings([word_id])
            user_ids.append(uses.doc_id[uses.code > 0])
            user_values.append(np.full(len(user_ids[-1]), value))
    return SparseValues.of_largest(np.concatenate(user_ids), np.concatenate(user_values))
