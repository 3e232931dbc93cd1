"""Turns a graph and teleport weights into scores: personalised PageRank on arrays."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.texts import distinct
from repomap.corpus.corpus import NO_KIND, Corpus, Floats, Ints, summed
from repomap.graph.file_graph import FileGraph, Mentions
from repomap.graph.gmres import correction

DAMPING = 0.85
TOLERANCE = 1e-10
MOST_ROUNDS = 200
MANY_EDGES = 1_000_000
"""From so many on a round takes longer than to find out where all rounds together lead."""
PART_EDGES = 1 << 18
"""About so many edges are followed at a time."""

CHUNK_ROWS = 1 << 21
"""About so many mentions are summed at a time; all at once take ten times their memory."""


def page_rank(
    graph: FileGraph,
    teleport: Floats | None = None,
    *,
    damping: float = DAMPING,
    tolerance: float = TOLERANCE,
    turned: bool = False,
) -> Floats:
    """The score of each file by personalised PageRank (Page et al. 1999); scores sum to 1.

    ``teleport`` gives each file's weight in any positive unit; None or all zeros: all the same.
    A file without edges passes its score on by the teleport weights, as in networkx. ``turned``
    ranks the graph whose edges run the other way. The iteration stops when the scores move by less
    than ``tolerance`` in sum; equal inputs give equal scores, and with the default no order depends
    on where it stopped.
    """
    if not graph.files:
        return np.zeros(0)
    jump: Floats = np.ones(graph.files) if teleport is None or not teleport.any() else teleport.astype(float)
    jump = jump / jump.sum()
    flow = _Flow(graph, turned=turned)

    def passed_on(score: Floats) -> Floats:
        given: Floats = damping * (flow(score) + score[flow.dangling].sum() * jump)
        return given

    score: Floats = jump.copy()
    for _ in range(MOST_ROUNDS):
        new = passed_on(score) + (1 - damping) * jump
        moved = new - score
        if np.abs(moved).sum() < tolerance:
            return new
        score = score + correction(passed_on, moved, tolerance) if len(graph.weight) >= MANY_EDGES else new
    return score


class _Flow:
    """Scores → what flows to each file, by shares of the weights of its edges.

    Edges are taken in parts that stay in the processor's cache. Along them go scores divided by the
    weight that leaves their file, so that nothing has to be kept for each edge.
    """

    def __init__(self, graph: FileGraph, *, turned: bool) -> None:
        source, self._target, self._weight = _by_source(graph)
        self._turned = turned
        self._start = np.searchsorted(source, np.arange(graph.files + 1, dtype=source.dtype))
        self._many = np.diff(self._start)
        cuts = np.searchsorted(self._start, np.arange(PART_EDGES, len(source), PART_EDGES))
        self._bounds = sorted({0, *cuts.tolist(), graph.files})
        leaving = self._leaving(graph.files)
        self.dangling = leaving == 0
        self._divisor = np.where(self.dangling, 1.0, leaving)

    def _leaving(self, files: int) -> Floats:
        """By file: the weight of the edges by which its score leaves."""
        leaving = np.zeros(files)
        for first, end in pairwise(self._bounds):
            edges = self._edges(first, end)
            if self._turned:
                leaving += summed(self._target[edges], self._weight[edges], files)
            else:
                self._add_by_source(leaving, first, end, self._weight[edges])
        return leaving

    def _edges(self, first: int, end: int) -> slice:
        return slice(int(self._start[first]), int(self._start[end]))

    def _add_by_source(self, sums: Floats, first: int, end: int, along: Floats) -> None:
        """Adds what goes along the edges of some files to the sum of the file that each begins at."""
        some = first + np.flatnonzero(self._many[first:end])
        if len(some):
            sums[some] += np.add.reduceat(along, self._start[some] - self._start[first])

    def __call__(self, score: Floats) -> Floats:
        sent = score / self._divisor
        flow: Floats = np.zeros(len(score))
        for first, end in pairwise(self._bounds):
            edges = self._edges(first, end)
            if self._turned:
                along = sent.take(self._target[edges], mode="clip")  # which looks for no places outside
                along *= self._weight[edges]
                self._add_by_source(flow, first, end, along)
            else:
                along = np.repeat(sent[first:end], self._many[first:end])
                along *= self._weight[edges]
                flow += summed(self._target[edges], along, len(score))
        return flow


def _by_source(graph: FileGraph) -> tuple[Ints, Ints, Floats]:
    """The columns of the edges, sorted by source as those of a repository's graph are."""
    if (graph.source[1:] >= graph.source[:-1]).all():
        return graph.source, graph.target, graph.weight
    order = np.argsort(graph.source, kind="stable")
    return graph.source[order], graph.target[order], graph.weight[order]


def rank_flow(
    corpus: Corpus,
    mentions: Mentions,
    graph: FileGraph,
    rank: Floats,
    wanted: npt.NDArray[np.bool_] | None = None,
) -> Floats:
    """By document: the rank that flows to its file for its name, shared among its namesakes there.

    As a multiple of the mean rank of a file. ``graph`` is that of the mentions. ``wanted`` limits it
    to the documents of some files; the others have zero.
    """
    files = len(corpus.paths)
    share = rank / np.maximum(graph.leaving, 1e-12)
    defined = corpus.doc_kind != NO_KIND
    if wanted is not None:
        mentions = mentions.take(np.flatnonzero(wanted[mentions.target]))
        defined &= wanted[corpus.doc_file]
    docs = np.flatnonzero(defined)
    named = corpus.doc_name[docs].astype(np.int64) * files + corpus.doc_file[docs]
    pairs = distinct(named)
    place = np.searchsorted(pairs, named)
    many = np.bincount(place, minlength=len(pairs))
    sums = np.zeros(len(pairs))
    for rows in _by_names(mentions.word) if len(pairs) else ():
        target, source = mentions.target[rows], mentions.source[rows]
        keys = mentions.word[rows].astype(np.int64) * files + target
        at = np.minimum(np.searchsorted(pairs, keys), len(pairs) - 1)
        known = np.flatnonzero(pairs[at] == keys)
        flow = share[source[known]] * mentions.weight[rows][known]
        sums += summed(at[known], flow, len(pairs))
    out_flow = np.zeros(len(corpus))
    out_flow[docs] = (sums / many)[place]
    return out_flow * files


def _by_names(words: npt.NDArray[np.integer[Any]]) -> Iterator[slice]:
    """Slices of sorted words, no word in two of them, so that what is summed by word is summed at once."""
    cuts = np.arange(CHUNK_ROWS, len(words), CHUNK_ROWS)
    bounds = [0, *np.searchsorted(words, words[cuts]).tolist(), len(words)]
    return (slice(first, end) for first, end in pairwise(bounds) if first < end)
