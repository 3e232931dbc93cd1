"""Ranks the tests to run after a change, by the weighted evidence for each."""

from collections.abc import Sequence

import numpy as np

from repomap.arrays.array_types import Flags, Floats
from repomap.impact.callers import Reached
from repomap.impact.change import Change
from repomap.impact.test_evidence import FEATURES, gather_test_evidence
from repomap.impact.test_files import runnable_tests
from repomap.impact.values import TestToRun
from repomap.impact.weights import WEIGHTS
from repomap.ranking.index_data import IndexData

MOST_REASONS = 3
LEAST_LIKENESS = {"text": 0.3, "text of best": 0.3, "similar name": 0.2, "folder": 1.0}
"""Below this, these features alone do not relate a test to a change; folders alone never do."""
LEAST_CONTRIBUTION = 0.1
"""Of a feature to the sum, for it to be given as a reason."""
PRIORS = frozenset({"recency", "lines"})
"""Features of a test that say nothing about the change."""
REASONS = {
    "same name": "name",
    "same name and folder": "name",
    "similar name": "name",
    "folder": "folder",
    "uses": "uses it",
    "indirect uses": "uses what uses it",
    "gone names": "uses a name that is gone",
    "imports": "imports it",
    "mentions": "mentions it",
    "changed with": "changed together",
    "share of changes": "changed together",
    "text": "common words",
    "text of best": "common words",
}
"""What the reader is told of each feature."""


def rank_tests(index_data: IndexData, change: Change, reached: Sequence[Reached]) -> list[TestToRun]:
    """List the tests that have anything to do with a change, most likely first.

    Those that the change itself touches come first.
    """
    tests = runnable_tests(index_data)
    touched = {file.file_id for file in change.files}
    if not tests or not (change.words.strip() or touched - {None}):
        return []
    evidence = gather_test_evidence(index_data, change, reached, tests)
    matrix = evidence.matrix()
    contributions = matrix * np.array([WEIGHTS[name] for name in FEATURES])
    sums = contributions.sum(axis=1)
    is_touched = np.array([file_id in touched for file_id in tests])
    is_related = is_touched | _are_related(matrix)
    share = np.exp(sums - sums.max()) / np.exp(sums - sums.max()).sum()
    order = np.lexsort((np.arange(len(tests)), -sums, ~is_touched))
    return [
        TestToRun(
            path=index_data.corpus.paths[tests[row]],
            score=round(float(share[row]), 6),
            reasons=("changed",) if is_touched[row] else tuple(_reasons(contributions[row])),
        )
        for row in order.tolist()
        if is_related[row]
    ]


def _are_related(matrix: Floats) -> Flags:
    """Flag the tests for which anything speaks that depends on the change, and not a stray word alone."""
    least = [np.inf if name in PRIORS else LEAST_LIKENESS.get(name, 0.0) for name in FEATURES]
    related: Flags = np.any(matrix > np.array(least), axis=1)
    return related


def _reasons(contributions: Floats) -> list[str]:
    """Name what speaks most for a test and depends on the change."""
    sums: dict[str, float] = {}
    for name, contribution in zip(FEATURES, contributions.tolist(), strict=True):
        if name in REASONS:
            sums[REASONS[name]] = sums.get(REASONS[name], 0.0) + contribution
    strongest = sorted(sums, key=lambda reason: (-sums[reason], reason))
    told = [reason for reason in strongest if sums[reason] >= LEAST_CONTRIBUTION]
    return (told or strongest[:1])[:MOST_REASONS]
