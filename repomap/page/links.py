"""Finds the links between files that a page shows: all dependencies, and what else their ranks come from."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from repomap.arrays.array_types import FileIds, Flags, PairKeys, WordIds
from repomap.graph.file_graph import FileGraph
from repomap.graph_queries.dependencies import dependency_graph
from repomap.lookup.explain import MOST_EDGES
from repomap.ranking.index_data import IndexData

MOST_NAMES = 4
"""Names that a link gives as its reason."""


class FoundLink(NamedTuple):
    """A link between two files, by their ids."""

    source: int
    target: int
    weight: float
    is_dependency: bool
    names: tuple[str, ...]


def find_links(index_data: IndexData, most: int) -> tuple[list[FoundLink], int]:
    """Find at most ``most`` links, dependencies and then the heaviest first; and how many there are in all.

    Besides the dependencies these are the heaviest links from and to each file that `--why` names.
    """
    graph = index_data.graph
    is_dependency = np.isin(_keys(graph), _keys(dependency_graph(index_data)))
    wanted = is_dependency | _heaviest(graph, graph.source) | _heaviest(graph, graph.target)
    rows = np.flatnonzero(wanted & (graph.source != graph.target))
    order = np.lexsort((rows, -graph.weight[rows], ~is_dependency[rows]))
    chosen = np.sort(rows[order[:most]])
    names = _names(index_data, graph.source[chosen], graph.target[chosen])
    columns = (graph.source[chosen], graph.target[chosen], graph.weight[chosen], is_dependency[chosen])
    found = zip(*(column.tolist() for column in columns), names, strict=True)
    return [FoundLink(*link) for link in found], len(rows)


def _keys(graph: FileGraph) -> PairKeys:
    return graph.source.astype(np.int64) * max(1, graph.file_count) + graph.target


def _heaviest(graph: FileGraph, ends: FileIds) -> Flags:
    """Flag the heaviest links of each file, which is their source or their target."""
    order = np.lexsort((graph.source, graph.target, -graph.weight, ends))
    starts = np.searchsorted(ends[order], np.arange(graph.file_count))
    place = np.arange(len(order)) - starts[ends[order]]
    flags = np.zeros(len(order), bool)
    flags[order[place < MOST_EDGES]] = True
    return flags


def _names(index_data: IndexData, source: FileIds, target: FileIds) -> Sequence[tuple[str, ...]]:
    """Return the strongest names of each link; the links are sorted by source and target."""
    mentions, count = index_data.mentions, max(1, index_data.graph.file_count)
    keys = mentions.source.astype(np.int64) * count + mentions.target
    order = np.lexsort((mentions.word_id, -mentions.weight, keys))
    links = source.astype(np.int64) * count + target
    sorted_keys = keys[order]
    first = np.searchsorted(sorted_keys, links)
    end = np.minimum(np.searchsorted(sorted_keys, links, "right"), first + MOST_NAMES)
    words = index_data.corpus.words
    return [
        _words(words, mentions.word_id[order[start:stop]]) for start, stop in zip(first, end, strict=True)
    ]


def _words(words: Sequence[str], word_ids: WordIds) -> tuple[str, ...]:
    return tuple(words[word_id] for word_id in word_ids.tolist())
