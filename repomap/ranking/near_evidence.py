"""Computes what speaks for a file beside its own best definition: how much of it matches, and what is near it."""

import numpy as np

from repomap.arrays.array_types import FloatsByFile, Ints
from repomap.arrays.sums import sum_by
from repomap.corpus.corpus import NO_KIND
from repomap.ranking.bm25 import RequestMatch
from repomap.ranking.index_data import IndexData

BEST_OF_FOLDER = 4
"""So many files of a folder say what it is about."""

TINY = 1e-9


def near_features(index_data: IndexData, match: RequestMatch) -> dict[str, FloatsByFile]:
    """Return how well a file matches over all, outside of definitions, in its test and in its folder."""
    corpus, by_path = index_data.corpus, index_data.path_evidence
    file_count = len(corpus.paths)
    docs, file_ids = match.docs, corpus.doc_file[match.docs.ids]
    relative = docs.bm25 / max(docs.bm25.max(initial=0), TINY)
    is_file = corpus.doc_kind[docs.ids] == NO_KIND
    outside = np.zeros(file_count)
    outside[file_ids[is_file]] = relative[is_file]
    of_definitions = sum_by(file_ids[~is_file], relative[~is_file] ** 2, file_count)
    definition_count = np.maximum(np.diff(corpus.doc_start) - 1, 1)
    text = match.files.bm25 / max(match.files.bm25.max(initial=0), TINY)
    of_test = np.zeros(file_count)
    np.maximum.at(of_test, by_path.tested, text[by_path.tests])
    of_folder = _best_of_folders(text, by_path.folders)
    return {
        "definitions that match": np.sqrt(of_definitions / definition_count),
        "text outside": outside,
        "text of test": of_test,
        "text of folder": of_folder,
        "index of folder": of_folder * by_path.is_index,
    }


def _best_of_folders(text: FloatsByFile, folders: Ints) -> FloatsByFile:
    """Return the mean of the best texts in the folder of each file; 0 for a file that is alone there."""
    order = np.lexsort((-text, folders))
    order = order[folders[order] >= 0]
    number = folders[order]
    first = np.flatnonzero(np.diff(number, prepend=-1))
    sizes = np.diff(np.append(first, len(number)))
    is_best = np.arange(len(number)) - np.repeat(first, sizes) < BEST_OF_FOLDER
    many = int(folders.max(initial=-1)) + 1
    total = sum_by(number, np.where(is_best, text[order], 0.0), many)
    size = np.bincount(number, minlength=many)
    means = np.where(size > 1, total / np.clip(size, 1, BEST_OF_FOLDER), 0.0)
    return np.append(means, 0.0)[folders]
