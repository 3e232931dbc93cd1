"""Decides which links between files are dependencies, and names what they consist of.

The graph of a map has a link for everything that a name may mean, each for its share. A dependency is
surer: the file imports the other one and uses its names. In languages whose imports are not resolved, or
that need none, it uses a name that only the other file can mean. Code that ships depends on no test.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from repomap.arrays.array_types import Flags, PairKeys
from repomap.arrays.texts import distinct
from repomap.graph.file_graph import FileGraph
from repomap.ranking.index_data import IndexData

MOST_NAMES = 5
"""Names that an answer gives for one dependency."""


def dependency_graph(index_data: IndexData) -> FileGraph:
    """Return the part of the graph whose edges are dependencies."""
    graph, file_count = index_data.graph, max(1, len(index_data.corpus.paths))
    keys = graph.source.astype(np.int64) * file_count + graph.target
    needs_import = _files_that_import(index_data)[graph.source]
    is_test = np.array([kind == "test" for kind in index_data.kinds], bool)
    is_sure = np.isin(keys, index_data.imported)
    is_sure |= ~needs_import & np.isin(keys, _unambiguous(index_data))
    rows = np.flatnonzero(is_sure & (is_test[graph.source] | ~is_test[graph.target]))
    return FileGraph(graph.file_count, graph.source[rows], graph.target[rows], graph.weight[rows])


def _files_that_import(index_data: IndexData) -> Flags:
    """Flag the files of languages of which some file here imports another."""
    languages = np.array(index_data.corpus.languages, dtype=object)
    sources = distinct(index_data.imported // max(1, len(languages)))
    importing = set(languages[sources].tolist())
    return np.fromiter((language in importing for language in languages), bool, len(languages))


def _unambiguous(index_data: IndexData) -> PairKeys:
    """Return the pairs of files of which the first uses a name that means the second alone."""
    mentions, file_count = index_data.mentions, max(1, len(index_data.corpus.paths))
    if not len(mentions):
        return np.zeros(0, np.int64)
    use = mentions.word_id.astype(np.int64) * file_count + mentions.source  # ascending
    differs = np.concatenate([[True], use[1:] != use[:-1], [True]])
    rows = np.flatnonzero(differs[:-1] & differs[1:])
    return distinct(mentions.source[rows].astype(np.int64) * file_count + mentions.target[rows])


def names_between(index_data: IndexData, source: int, target: int) -> tuple[str, ...]:
    """Return some of the names by which a file uses another one, strongest first."""
    mentions, words = index_data.mentions, index_data.corpus.words
    rows = np.flatnonzero((mentions.source == source) & (mentions.target == target))
    order = rows[np.lexsort((mentions.word_id[rows], -mentions.weight[rows]))]
    return tuple(words[word_id] for word_id in mentions.word_id[order[:MOST_NAMES]].tolist())


def neighbours(graph: FileGraph, *, reverse: bool) -> Sequence[list[int]]:
    """Return for each file those that it depends on, or that depend on it; strongest first, then by path."""
    source, target = (graph.target, graph.source) if reverse else (graph.source, graph.target)
    order = np.lexsort((target, -graph.weight, source))
    bounds = np.searchsorted(source[order], np.arange(graph.file_count + 1))
    sorted_targets = target[order].tolist()
    return [sorted_targets[first:end] for first, end in pairwise(bounds.tolist())]
