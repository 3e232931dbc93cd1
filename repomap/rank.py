"""Turns a graph and teleport weights into scores: personalised PageRank on arrays."""

import numpy as np
import numpy.typing as npt

from repomap.corpus import NO_KIND, Corpus, Floats, summed
from repomap.graph import FileGraph, Mentions

DAMPING = 0.85
TOLERANCE = 1e-10
MOST_ROUNDS = 200


def page_rank(
    graph: FileGraph,
    teleport: Floats | None = None,
    *,
    damping: float = DAMPING,
    tolerance: float = TOLERANCE,
) -> Floats:
    """The score of each file by personalised PageRank (Page et al. 1999); scores sum to 1.

    ``teleport`` gives each file's weight in any positive unit; None or all zeros: all the same.
    A file without edges passes its score on by the teleport weights, as in networkx. Power
    iteration stops when the scores move by less than ``tolerance`` in sum; equal inputs give
    equal scores, and with the default no order depends on where it stopped.
    """
    if not graph.files:
        return np.zeros(0)
    jump: Floats = np.ones(graph.files) if teleport is None or not teleport.any() else teleport.astype(float)
    jump = jump / jump.sum()
    out = summed(graph.source, graph.weight, graph.files)
    dangling = out == 0
    source, target = graph.source.astype(np.intp), graph.target.astype(np.intp)  # once, not in each round
    share = graph.weight / out[source]
    score: Floats = jump.copy()
    for _ in range(MOST_ROUNDS):
        flow = summed(target, share * score[source], graph.files)
        new: Floats = damping * (flow + score[dangling].sum() * jump) + (1 - damping) * jump
        moved = np.abs(new - score).sum()
        score = new
        if moved < tolerance:
            break
    return score


def rank_flow(
    corpus: Corpus, mentions: Mentions, rank: Floats, wanted: npt.NDArray[np.bool_] | None = None
) -> Floats:
    """By document: the rank that flows to its file for its name, shared among its namesakes there.

    As a multiple of the mean rank of a file. ``wanted`` limits it to the documents of some files;
    the others have zero.
    """
    files = len(corpus.paths)
    out = summed(mentions.source, mentions.weight, files)
    share = rank / np.maximum(out, 1e-12)
    defined = corpus.doc_kind != NO_KIND
    if wanted is not None:
        mentions = mentions.take(np.flatnonzero(wanted[mentions.target]))
        defined &= wanted[corpus.doc_file]
    docs = np.flatnonzero(defined)
    flow = share[mentions.source] * mentions.weight
    keys = mentions.word.astype(np.int64) * files + mentions.target
    named = corpus.doc_name[docs].astype(np.int64) * files + corpus.doc_file[docs]
    distinct, place, many = np.unique(named, return_inverse=True, return_counts=True)
    out_flow = np.zeros(len(corpus))
    if len(distinct):
        at = np.minimum(np.searchsorted(distinct, keys), len(distinct) - 1)
        known = distinct[at] == keys
        sums = summed(at[known], flow[known], len(distinct))
        out_flow[docs] = (sums / many)[place]
    return out_flow * files
