"""The history of a repository as arrays over the files of a corpus.

Which files change often or changed lately, which change together, and which past commits had a
message like the request: each is one pass over a few thousand (commit, file) pairs.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from repomap.corpus.corpus import Floats, Ints, summed
from repomap.ranking.request import STOP_WORDS, Request, stem, subtokens

LARGE_COMMIT = 30
"""Commits that touch more files than this say nothing about which belong together."""

RECENT_COMMITS = 20
FREQUENT_COMMITS = 200


@dataclass(frozen=True, slots=True)
class Chronicle:
    """The (commit, file) pairs of the recent history; commit 0 is the newest."""

    files: int
    commit: Ints
    file: Ints
    size: Floats
    """By commit: how many files it touched, in the repository or no longer."""
    stems: Mapping[str, Sequence[int]]
    """The commits whose subject holds a word, by the word's stem."""

    @classmethod
    def of(cls, paths: Sequence[str], commits: Iterable[tuple[str, Sequence[str]]]) -> "Chronicle":
        """From (subject, touched paths) of each commit, newest first."""
        numbers = {path: number for number, path in enumerate(paths)}
        commit, file, sizes = [], [], []
        stems: defaultdict[str, list[int]] = defaultdict(list)
        for age, (subject, touched) in enumerate(commits):
            sizes.append(max(1, len(touched)))
            for word in {
                stem(part) for part in subtokens(subject) if len(part) > 1 and part not in STOP_WORDS
            }:
                stems[word].append(age)
            known = [numbers[path] for path in touched if path in numbers]
            if len(touched) <= LARGE_COMMIT:
                commit += [age] * len(known)
                file += known
        return cls(
            len(paths),
            np.array(commit, np.int32),
            np.array(file, np.int32),
            np.array(sizes, float),
            dict(stems),
        )

    def recency(self) -> Floats:
        """By file: 1 where the newest commit touched it, falling with the number of commits since."""
        out = np.zeros(self.files)
        np.maximum.at(out, self.file, 1 / (1 + self.commit / RECENT_COMMITS))
        return out

    def frequency(self) -> Floats:
        """By file: how many commits touched it, older ones for less."""
        return summed(self.file, 1 / (1 + self.commit / FREQUENT_COMMITS), self.files)

    def resemblance(self, request: Request) -> Floats:
        """By file: how much commits whose subject resembles the request touched it."""
        if not len(self.commit):
            return np.zeros(self.files)
        many = len(self.size)
        likeness, total = np.zeros(many), 1e-9
        for term in request.terms:
            holders = self.stems.get(term.stem, ())
            rarity = term.weight * math.log(1 + many / max(1, len(holders)))
            total += rarity
            likeness[list(holders)] += rarity
        likeness = (likeness / total) ** 2 / np.sqrt(self.size)
        return summed(self.file, likeness[self.commit], self.files)

    def companions(self, weight: Floats) -> Floats:
        """By file: how much it changes together with the files of this weight, for its own frequency."""
        if not len(self.commit):
            return np.zeros(self.files)
        share = weight[self.file] / self.size[self.commit]
        with_all = summed(self.commit, share, len(self.size))[self.commit]
        together = summed(self.file, with_all - share, self.files)
        return together / (3 + self.frequency())
