"""Ranks files by personalised PageRank (Page et al. 1999), on arrays.

`networkx.pagerank` needs scipy, and its dictionaries do not fit 50,000 files; the tests compare the two.
"""

from itertools import pairwise

import numpy as np

from repomap.arrays.array_types import FileIds, Floats, FloatsByFile
from repomap.arrays.sums import sum_by
from repomap.graph.file_graph import FileGraph
from repomap.graph.gmres import correction

DAMPING = 0.85
TOLERANCE = 1e-10
MOST_ROUNDS = 200
MANY_EDGES = 1_000_000
"""From here on, a round takes longer than combining all rounds so far; see `gmres`."""
EDGES_PER_PART = 1 << 18
"""About how many edges are followed at a time; they fit the processor's cache."""


def page_rank(
    graph: FileGraph,
    teleport: FloatsByFile | None = None,
    *,
    damping: float = DAMPING,
    tolerance: float = TOLERANCE,
    reverse_edges: bool = False,
) -> FloatsByFile:
    """Score each file; scores sum to 1.

    Score flows along the edges, from the file that mentions to the file that defines, or the other way
    with ``reverse_edges``. ``teleport`` gives each file a weight in any positive unit; None or all
    zeros mean the same weight for all. A dangling file, one without edges, passes its score on by the
    teleport weights, as in networkx.

    The iteration stops when the scores change by less than ``tolerance`` in sum. Equal inputs give equal
    scores, and with the default tolerance no order of files depends on where it stopped.
    """
    if not graph.file_count:
        return np.zeros(0)
    weights = np.ones(graph.file_count) if teleport is None or not teleport.any() else teleport.astype(float)
    jump: Floats = weights / weights.sum()
    transition = _Transition(graph, reverse_edges=reverse_edges)

    def step(score: Floats) -> Floats:
        moved: Floats = damping * (transition(score) + score[transition.is_dangling].sum() * jump)
        return moved

    score: Floats = jump.copy()
    for _ in range(MOST_ROUNDS):
        new = step(score) + (1 - damping) * jump
        change = new - score
        if np.abs(change).sum() < tolerance:
            return new
        score = score + correction(step, change, tolerance) if len(graph.weight) >= MANY_EDGES else new
    return score


class _Transition:
    """Moves the scores of files along the edges, each edge by its share of the weight.

    What moves along an edge is the score of its file divided by the weight of all edges that leave it,
    times the weight of the edge, so no share has to be stored. Edges are followed in parts.
    """

    def __init__(self, graph: FileGraph, *, reverse_edges: bool) -> None:
        source, self._target, self._weight = _by_source(graph)
        self._reverse = reverse_edges
        self._edge_start = np.searchsorted(source, np.arange(graph.file_count + 1, dtype=source.dtype))
        self._edge_count = np.diff(self._edge_start)
        cuts = np.searchsorted(self._edge_start, np.arange(EDGES_PER_PART, len(source), EDGES_PER_PART))
        self._bounds = sorted({0, *cuts.tolist(), graph.file_count})
        out_weight = self._out_weight(graph.file_count)
        self.is_dangling = out_weight == 0
        self._divisor = np.where(self.is_dangling, 1.0, out_weight)

    def __call__(self, score: FloatsByFile) -> FloatsByFile:
        """Return what each file receives."""
        sent = score / self._divisor
        received: Floats = np.zeros(len(score))
        for first, end in pairwise(self._bounds):
            edges = self._edges(first, end)
            if self._reverse:
                moved = sent.take(self._target[edges], mode="clip")  # "clip" skips the check of the range
                moved *= self._weight[edges]
                self._add_by_source(received, first, end, moved)
            else:
                moved = np.repeat(sent[first:end], self._edge_count[first:end])
                moved *= self._weight[edges]
                received += sum_by(self._target[edges], moved, len(score))
        return received

    def _out_weight(self, file_count: int) -> FloatsByFile:
        """Sum up the weight of the edges by which the score of each file leaves."""
        out_weight = np.zeros(file_count)
        for first, end in pairwise(self._bounds):
            edges = self._edges(first, end)
            if self._reverse:
                out_weight += sum_by(self._target[edges], self._weight[edges], file_count)
            else:
                self._add_by_source(out_weight, first, end, self._weight[edges])
        return out_weight

    def _edges(self, first: int, end: int) -> slice:
        """Return the rows of the edges whose sources are files ``first`` up to ``end``."""
        return slice(int(self._edge_start[first]), int(self._edge_start[end]))

    def _add_by_source(self, sums: FloatsByFile, first: int, end: int, values: Floats) -> None:
        """Add the values of these files' edges to the sum of each edge's source, in place."""
        file_ids = first + np.flatnonzero(self._edge_count[first:end])
        if len(file_ids):
            sums[file_ids] += np.add.reduceat(values, self._edge_start[file_ids] - self._edge_start[first])


def _by_source(graph: FileGraph) -> tuple[FileIds, FileIds, Floats]:
    """Return the columns of the edges sorted by source, which those of a repository are already."""
    if (graph.source[1:] >= graph.source[:-1]).all():
        return graph.source, graph.target, graph.weight
    order = np.argsort(graph.source, kind="stable")
    return graph.source[order], graph.target[order], graph.weight[order]
