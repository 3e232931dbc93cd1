"""Finds the files that earlier commits changed together with those of a change."""

from collections.abc import Iterable

import numpy as np

from repomap.arrays.array_types import FloatsByFile
from repomap.impact.test_evidence import share_of_changes
from repomap.impact.values import Companion
from repomap.ranking.index_data import IndexData

LEAST_COMMITS = 2
"""One common commit may be chance."""


def companions(index_data: IndexData, weights: FloatsByFile) -> list[Companion]:
    """List the files that change together with the weighted ones, best first."""
    history = index_data.commit_history
    share = share_of_changes(history, weights)
    counts = _common_commits(history.commit_of_pair, history.file_of_pair, np.flatnonzero(weights))
    order = sorted(counts, key=lambda file_id: (-share[file_id], file_id))
    return [
        Companion(
            path=index_data.corpus.paths[file_id],
            score=round(min(1.0, float(share[file_id])), 6),
            commits=counts[file_id],
        )
        for file_id in order
        if counts[file_id] >= LEAST_COMMITS
    ]


def _common_commits(commits: np.ndarray, files: np.ndarray, changed: Iterable[int]) -> dict[int, int]:
    """Count for each other file the commits that touched it and one of the changed files."""
    is_changed = np.isin(files, list(changed))
    rows = np.flatnonzero(np.isin(commits, np.unique(commits[is_changed])) & ~is_changed)
    file_ids, counts = np.unique(files[rows], return_counts=True)
    return dict(zip(file_ids.tolist(), counts.tolist(), strict=True))
