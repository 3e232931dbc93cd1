"""Ranks files by personalised PageRank (Page et al. 1999), on arrays.

`networkx.pagerank` needs scipy, and its dictionaries do not fit 50,000 files; the tests compare the two.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import FileIds, Flags, Floats, FloatsByDoc, FloatsByFile
from repomap.arrays.sums import sum_by
from repomap.arrays.texts import distinct
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.graph.file_graph import FileGraph, Mentions
from repomap.graph.gmres import correction

DAMPING = 0.85
TOLERANCE = 1e-10
MOST_ROUNDS = 200
MANY_EDGES = 1_000_000
"""From here on, a round takes longer than combining all rounds so far; see `gmres`."""
EDGES_PER_PART = 1 << 18
"""About how many edges are followed at a time; they fit the processor's cache."""
MENTIONS_PER_PART = 1 << 21
"""About how many mentions are summed up at a time; all at once would take ten times their memory."""


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


def rank_flow(
    corpus: Corpus,
    mentions: Mentions,
    graph: FileGraph,
    rank: FloatsByFile,
    wanted_files: Flags | None = None,
) -> FloatsByDoc:
    """Share the rank that reaches each file among its definitions, by the name it comes for.

    Namesakes in one file share equally. The result is in multiples of the mean rank of a file; documents
    that are files have 0. ``graph`` has to be that of the mentions. ``wanted_files`` limits the work to
    the documents of some files; the others have 0.
    """
    file_count = len(corpus.paths)
    rank_per_weight = rank / np.maximum(graph.out_weight, 1e-12)
    is_definition = corpus.doc_kind != NO_KIND
    if wanted_files is not None:
        mentions = mentions.take(np.flatnonzero(wanted_files[mentions.target]))
        is_definition &= wanted_files[corpus.doc_file]
    doc_ids = np.flatnonzero(is_definition)
    doc_keys = corpus.doc_name[doc_ids].astype(np.int64) * file_count + corpus.doc_file[doc_ids]
    keys = distinct(doc_keys)
    row_of_doc = np.searchsorted(keys, doc_keys)
    namesakes = np.bincount(row_of_doc, minlength=len(keys))
    flow_by_key = np.zeros(len(keys))
    for part in _parts_by_word(mentions.word_id) if len(keys) else ():
        target, source = mentions.target[part], mentions.source[part]
        mention_keys = mentions.word_id[part].astype(np.int64) * file_count + target
        rows = np.minimum(np.searchsorted(keys, mention_keys), len(keys) - 1)
        known = np.flatnonzero(keys[rows] == mention_keys)
        flow = rank_per_weight[source[known]] * mentions.weight[part][known]
        flow_by_key += sum_by(rows[known], flow, len(keys))
    flow_by_doc = np.zeros(len(corpus))
    flow_by_doc[doc_ids] = (flow_by_key / namesakes)[row_of_doc]
    return flow_by_doc * file_count


def _parts_by_word(word_ids: npt.NDArray[np.integer[Any]]) -> Iterator[slice]:
    """Cut sorted word ids into slices, none of which splits a word: each sum is made in one go."""
    cuts = np.arange(MENTIONS_PER_PART, len(word_ids), MENTIONS_PER_PART)
    bounds = [0, *np.searchsorted(word_ids, word_ids[cuts]).tolist(), len(word_ids)]
    return (slice(first, end) for first, end in pairwise(bounds) if first < end)
