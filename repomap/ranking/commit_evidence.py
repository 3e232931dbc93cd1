"""Turns the commit log into evidence about files: recency, frequency, co-change, similar subjects.

The log is kept as columns of (commit, file) pairs, a few thousand of them, and each kind of evidence
is one pass over these. Ages are counted in commits, so no score depends on the clock.
"""

import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repomap.arrays.array_types import FileIds, Floats, FloatsByFile, Ints
from repomap.arrays.sums import sum_by

if TYPE_CHECKING:
    from repomap.ranking.request import Request

LARGE_COMMIT = 30
"""A commit that touches more files than this does not show which of them belong together."""

RECENT_COMMITS = 20
"""Age in commits at which recency has fallen to one half."""
FREQUENT_COMMITS = 200
"""Age in commits at which a commit counts one half for the frequency."""
RARE_FILE = 3
"""Added to a file's frequency, so that one shared commit of a rarely changed file proves little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitHistory:
    """Recent commits as (commit, file) pairs; commit 0 is the newest.

    `commit_of_pair` and `file_of_pair` have one element a pair. Commits of more than `LARGE_COMMIT`
    files have no pairs, but their subjects count.
    """

    file_count: int
    commit_of_pair: Ints
    file_of_pair: FileIds
    commit_sizes: Floats
    """By commit: how many paths it touched, whether or not they still exist; at least 1."""
    subjects: tuple[str, ...]
    """By commit."""

    @classmethod
    def of(cls, paths: Sequence[str], commits: Iterable[tuple[str, Sequence[str]]]) -> "CommitHistory":
        """Build from (subject, touched paths) of each commit, newest first."""
        file_ids = {path: file_id for file_id, path in enumerate(paths)}
        commit_of_pair, file_of_pair, sizes = [], [], []
        subjects = []
        for age, (subject, touched) in enumerate(commits):
            subjects.append(subject)
            sizes.append(max(1, len(touched)))
            known = [file_ids[path] for path in touched if path in file_ids]
            if len(touched) <= LARGE_COMMIT:
                commit_of_pair += [age] * len(known)
                file_of_pair += known
        return cls(
            file_count=len(paths),
            commit_of_pair=np.array(commit_of_pair, np.int32),
            file_of_pair=np.array(file_of_pair, np.int32),
            commit_sizes=np.array(sizes, float),
            subjects=tuple(subjects),
        )

    def recency(self) -> FloatsByFile:
        """Score each file by its latest commit: 1 for the newest, falling with age."""
        scores = np.zeros(self.file_count)
        np.maximum.at(scores, self.file_of_pair, 1 / (1 + self.commit_of_pair / RECENT_COMMITS))
        return scores

    def frequency(self) -> FloatsByFile:
        """Count the commits that touched each file, older ones for less."""
        return sum_by(self.file_of_pair, 1 / (1 + self.commit_of_pair / FREQUENT_COMMITS), self.file_count)

    def subject_similarity(self, request: "Request") -> FloatsByFile:
        """Score each file by the commits that touched it and whose subject resembles the request."""
        if not len(self.commit_of_pair):
            return np.zeros(self.file_count)
        commit_count = len(self.commit_sizes)
        similarity, total = np.zeros(commit_count), 1e-9
        commits_by_stem = _commits_by_stem(self.subjects)
        for term in request.terms:
            commits = commits_by_stem.get(term.stem, ())
            rarity = term.weight * math.log(1 + commit_count / max(1, len(commits)))
            total += rarity
            similarity[list(commits)] += rarity
        similarity = (similarity / total) ** 2 / np.sqrt(self.commit_sizes)
        return sum_by(self.file_of_pair, similarity[self.commit_of_pair], self.file_count)

    def co_change(self, weights: FloatsByFile) -> FloatsByFile:
        """Score each file by how often it changed together with the weighted files.

        A commit of n files counts 1/n; the sum is divided by the file's own frequency.
        """
        if not len(self.commit_of_pair):
            return np.zeros(self.file_count)
        share = weights[self.file_of_pair] / self.commit_sizes[self.commit_of_pair]
        commit_sum = sum_by(self.commit_of_pair, share, len(self.commit_sizes))[self.commit_of_pair]
        together = sum_by(self.file_of_pair, commit_sum - share, self.file_count)
        return together / (RARE_FILE + self.frequency())


@functools.lru_cache(2)
def _commits_by_stem(subjects: tuple[str, ...]) -> Mapping[str, Sequence[int]]:
    """For each stem of a subject's words: the commits whose subject has it. An overview needs none of it."""
    from repomap.ranking.request import STOP_WORDS, stem, subtokens  # late, as an overview reads no request

    commits_by_stem: defaultdict[str, list[int]] = defaultdict(list)
    for age, subject in enumerate(subjects):
        parts = (part for part in subtokens(subject) if len(part) > 1 and part not in STOP_WORDS)
        for word in {stem(part) for part in parts}:
            commits_by_stem[word].append(age)
    return dict(commits_by_stem)
