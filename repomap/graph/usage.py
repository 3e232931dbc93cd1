"""Counts for each definition how much some files use it: the mentions summed by name and defining file."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Flags, FloatsByDoc, FloatsByFile
from repomap.arrays.sums import sum_by
from repomap.arrays.texts import distinct
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.graph.file_graph import Mentions

MENTIONS_PER_PART = 1 << 21
"""About how many mentions are summed up at a time; all at once would take ten times their memory."""


def usage(
    corpus: Corpus, mentions: Mentions, file_weights: FloatsByFile, wanted_files: Flags | None = None
) -> FloatsByDoc:
    """Sum, for each definition, the weights of the files that mention it, each times the mention's own.

    Namesakes in one file all get the sum, since a mention does not say which of them it means.
    Documents that are files have 0. ``wanted_files`` limits the work to the definitions of some files; the
    others have 0.
    """
    file_count = len(corpus.paths)
    is_definition = corpus.doc_kind != NO_KIND
    if wanted_files is not None:
        mentions = mentions.take(np.flatnonzero(wanted_files[mentions.target]))
        is_definition &= wanted_files[corpus.doc_file]
    if np.count_nonzero(file_weights) < file_count // 2:
        mentions = mentions.take(np.flatnonzero(file_weights[mentions.source]))
    doc_ids = np.flatnonzero(is_definition)
    doc_keys = corpus.doc_name[doc_ids].astype(np.int64) * file_count + corpus.doc_file[doc_ids]
    keys = distinct(doc_keys)
    sums = np.zeros(len(keys))
    for part in _parts_by_word(mentions.word_id) if len(keys) else ():
        mention_keys = mentions.word_id[part].astype(np.int64) * file_count + mentions.target[part]
        rows = np.minimum(np.searchsorted(keys, mention_keys), len(keys) - 1)
        known = np.flatnonzero(keys[rows] == mention_keys)
        weights = file_weights[mentions.source[part][known]] * mentions.weight[part][known]
        sums += sum_by(rows[known], weights, len(keys))
    usage_by_doc = np.zeros(len(corpus))
    usage_by_doc[doc_ids] = sums[np.searchsorted(keys, doc_keys)]
    return usage_by_doc


def _parts_by_word(word_ids: npt.NDArray[np.integer[Any]]) -> Iterator[slice]:
    """Cut sorted word ids into slices, none of which splits a word: each sum is made in one go."""
    cuts = np.arange(MENTIONS_PER_PART, len(word_ids), MENTIONS_PER_PART)
    bounds = [0, *np.searchsorted(word_ids, word_ids[cuts]).tolist(), len(word_ids)]
    return (slice(first, end) for first, end in pairwise(bounds) if first < end)
