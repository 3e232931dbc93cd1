"""Turns a graph and teleport weights into scores: personalised PageRank on arrays."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.corpus import NO_KIND, Corpus, Floats, summed
from repomap.graph import FileGraph, Mentions

DAMPING = 0.85
TOLERANCE = 1e-10
MOST_ROUNDS = 200

CHUNK_ROWS = 1 << 21
"""About so many mentions are summed at a time; all at once take ten times their memory."""


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
    named = corpus.doc_name[docs].astype(np.int64) * files + corpus.doc_file[docs]
    distinct, place, many = np.unique(named, return_inverse=True, return_counts=True)
    sums = np.zeros(len(distinct))
    for rows in _by_names(mentions.word) if len(distinct) else ():
        target, source = mentions.target[rows], mentions.source[rows]
        keys = mentions.word[rows].astype(np.int64) * files + target
        at = np.minimum(np.searchsorted(distinct, keys), len(distinct) - 1)
        known = np.flatnonzero(distinct[at] == keys)
        flow = share[source[known]] * mentions.weight[rows][known]
        sums += summed(at[known], flow, len(distinct))
    out_flow = np.zeros(len(corpus))
    out_flow[docs] = (sums / many)[place]
    return out_flow * files


def _by_names(words: npt.NDArray[np.integer[Any]]) -> Iterator[slice]:
    """Slices of sorted words, no word in two of them, so that what is summed by word is summed at once."""
    cuts = np.arange(CHUNK_ROWS, len(words), CHUNK_ROWS)
    bounds = [0, *np.searchsorted(words, words[cuts]).tolist(), len(words)]
    return (slice(first, end) for first, end in pairwise(bounds) if first < end)
