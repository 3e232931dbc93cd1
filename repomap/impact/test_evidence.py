"""Computes the reasons to run each test after a change: one column of numbers a reason.

`weights.py` weighs them; docs/graph.md explains each.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from repomap.arrays.array_types import Floats, FloatsByFile, Rows
from repomap.arrays.sums import sum_by
from repomap.corpus.corpus import Corpus
from repomap.files.file_kinds import kind_of
from repomap.impact.callers import Reached, changed_weights, users_of, users_of_name
from repomap.impact.change import Change
from repomap.impact.test_files import folder_parts, subject, subject_parts
from repomap.ranking.bm25 import match_request
from repomap.ranking.commit_evidence import CommitHistory
from repomap.ranking.index_data import IndexData
from repomap.ranking.request import read_request

FEATURES = (
    "same name",
    "same name and folder",
    "similar name",
    "folder",
    "uses",
    "indirect uses",
    "gone names",
    "imports",
    "mentions",
    "changed with",
    "share of changes",
    "text",
    "text of best",
    "recency",
    "lines",
)
"""The columns, in this order."""

FEW_CHANGES = 2.0
"""Added to how often a file changed, so that one shared commit proves little."""
MOST_CHANGED = 500
"""Changed definitions whose users are looked up, those of the most weight: a header may declare thousands."""
HALF_AGE = 400
"""Age in commits at which a shared commit counts one half."""


@dataclass(frozen=True, slots=True, eq=False)
class TestEvidence:
    """The reasons for each test, and the tests that it would be run for anyway."""

    tests: tuple[int, ...]
    """File ids, ascending."""
    columns: Mapping[str, Floats]
    """For each of `FEATURES`, a number for each test."""

    def matrix(self) -> Floats:
        """Return one row for each test, one column for each feature."""
        return np.stack([self.columns[name] for name in FEATURES], axis=1)


def gather_test_evidence(
    index_data: IndexData, change: Change, reached: Sequence[Reached], tests: Sequence[int]
) -> TestEvidence:
    """Compute all evidence; ``reached`` has whoever uses what changed."""
    corpus = index_data.corpus
    weights = file_weights(index_data, change, without=("docs",))
    ids = np.asarray(tests, np.int64)
    by_file = {
        **_use_columns(corpus, change, reached),
        "uses": _uses(index_data, change, ids),
        **_graph_columns(index_data, weights),
        **_history_columns(index_data.commit_history, weights),
        **_word_columns(index_data, change.words, ids),
        "lines": np.log1p(corpus.lines),
    }
    columns = {name: column[ids] for name, column in by_file.items()}
    return TestEvidence(tuple(tests), {**columns, **_name_columns(corpus.paths, change, tests)})


def file_weights(index_data: IndexData, change: Change, without: Sequence[str] = ()) -> FloatsByFile:
    """Weigh the changed files by the root of how many lines changed; the sum is 1, or 0 if none is known.

    Files of the kinds ``without`` count for nothing.
    """
    weights = np.zeros(len(index_data.corpus.paths))
    for file in change.files:
        if file.file_id is not None and index_data.kinds[file.file_id] not in without:
            weights[file.file_id] += math.sqrt(file.lines)
    total = weights.sum()
    return weights / total if total else weights


def _use_columns(corpus: Corpus, change: Change, reached: Iterable[Reached]) -> dict[str, FloatsByFile]:
    indirect, gone = np.zeros(len(corpus.paths)), np.zeros(len(corpus.paths))
    for each in reached:
        if each.steps > 1:
            indirect[corpus.doc_file[each.doc_id]] += each.weight
    for name in change.gone_names:
        users = {int(corpus.doc_file[doc_id]) for doc_id in users_of_name(corpus, name)}
        for file_id in users:
            gone[file_id] += 1 / len(users)
    return {"indirect uses": np.log1p(indirect), "gone names": np.log1p(gone)}


def _uses(index_data: IndexData, change: Change, tests: Rows) -> FloatsByFile:
    """Score each file by the changed definitions that it uses and few tests do."""
    corpus = index_data.corpus
    is_test = np.zeros(len(corpus.paths), bool)
    is_test[tests] = True
    total = np.zeros(len(corpus.paths))
    changed = sorted(changed_weights(corpus, change.docs).items(), key=lambda item: (-item[1], item[0]))
    for doc_id, weight in sorted(changed[:MOST_CHANGED]):
        shares: dict[int, float] = {}
        for user, share in users_of(index_data, doc_id):
            file_id = int(corpus.doc_file[user])
            if is_test[file_id]:
                shares[file_id] = max(share, shares.get(file_id, 0.0))
        for file_id, share in shares.items():
            total[file_id] += weight * share / len(shares)
    return np.sqrt(total)


def _word_columns(index_data: IndexData, words: str, tests: Rows) -> dict[str, FloatsByFile]:
    """Compare words with those of each test, and with those of the best definition in each."""
    corpus = index_data.corpus
    match = match_request(corpus, index_data.lexicon, index_data.path_lexicon, read_request(words))
    best = np.zeros(len(corpus.paths))
    np.maximum.at(best, corpus.doc_file[match.docs.ids], match.docs.bm25)
    return {"text": _relative(match.files.bm25, tests), "text of best": _relative(best, tests)}


def _graph_columns(index_data: IndexData, weights: FloatsByFile) -> dict[str, FloatsByFile]:
    """Score each file by how much it imports and mentions the changed files."""
    file_count, graph = len(weights), index_data.graph
    imported = index_data.imported
    imports = np.zeros(file_count)
    if len(imported):
        np.maximum.at(imports, imported // max(1, file_count), weights[imported % max(1, file_count)])
    mentioned = sum_by(graph.source, graph.weight * weights[graph.target], file_count)
    out_weight = np.maximum(graph.out_weight, 1.0)
    return {"imports": np.sqrt(imports), "mentions": np.sqrt(mentioned / out_weight)}


def _history_columns(history: CommitHistory, weights: FloatsByFile) -> dict[str, FloatsByFile]:
    return {
        "changed with": np.sqrt(np.maximum(history.co_change(weights), 0)),
        "share of changes": np.sqrt(share_of_changes(history, weights)),
        "recency": history.recency(),
    }


def share_of_changes(history: CommitHistory, weights: FloatsByFile) -> FloatsByFile:
    """Estimate for each file the share of the changed files' commits that touched it, too.

    Older commits count for less.
    """
    share = np.zeros(history.file_count)
    if not len(history.commit_of_pair):
        return share
    order = np.argsort(history.commit_of_pair, kind="stable")
    commits, files = history.commit_of_pair[order], history.file_of_pair[order]
    age_weight = 1 / (1 + np.arange(len(history.commit_sizes)) / HALF_AGE)
    for file_id in np.flatnonzero(weights).tolist():
        own = np.unique(commits[files == file_id])
        if not len(own):
            continue
        rows = np.flatnonzero(np.isin(commits, own))
        together = sum_by(files[rows], age_weight[commits[rows]], history.file_count)
        share += weights[file_id] * together / (FEW_CHANGES + age_weight[own].sum())
    return share


def _name_columns(paths: Sequence[str], change: Change, tests: Sequence[int]) -> dict[str, Floats]:
    """Compare the name of each test with the names of the changed files."""
    rarity = _rarity(paths[file_id] for file_id in tests)
    both = (path for file in change.files for path in (file.path, file.other_path) if path)
    changed = [path for path in dict.fromkeys(both) if kind_of(path) != "docs"]
    same, in_folder, similar, folder = (np.zeros(len(tests)) for _ in range(4))
    for row, file_id in enumerate(tests):
        test = paths[file_id]
        for path in changed:
            near = _overlap(folder_parts(test), folder_parts(path), rarity)
            beside = test.rpartition("/")[0] == path.rpartition("/")[0]
            same_subject = float(subject(test) == subject(path))
            same[row] = max(same[row], same_subject)
            in_folder[row] = max(in_folder[row], same_subject * max(near, float(beside)))
            similar[row] = max(similar[row], _likeness(test, path, rarity))
            folder[row] = max(folder[row], near)
    return {
        "same name": same,
        "same name and folder": in_folder,
        "similar name": similar,
        "folder": folder,
    }


def _rarity(paths: Iterable[str]) -> dict[str, float]:
    """Weigh each part of a name by how few tests have it."""
    counts: Counter[str] = Counter()
    total = 0
    for path in paths:
        counts.update(subject_parts(path) | folder_parts(path))
        total += 1
    return {part: math.log(1 + total / count) for part, count in counts.items()}


def _likeness(test: str, path: str, rarity: Mapping[str, float]) -> float:
    """Return how much of a test's name the path of a file explains, times how much of its name the test has.

    `tests/test_command_fetch.py` is about `commands/fetch.py`, and a little about `commands/check.py`.
    """
    subject, folders = subject_parts(path), folder_parts(path)
    named = subject_parts(test)
    explained = _weight(named & (subject | folders), rarity) / (_weight(named, rarity) or 1.0)
    covered = _weight(subject & (named | folder_parts(test)), rarity) / (_weight(subject, rarity) or 1.0)
    return explained * covered


def _weight(parts: frozenset[str], rarity: Mapping[str, float]) -> float:
    return sum(rarity.get(part, 1.0) for part in sorted(parts))


def _overlap(parts: frozenset[str], others: frozenset[str], rarity: Mapping[str, float]) -> float:
    """Return the weighted share of common parts among all (Jaccard index); 0 if either is empty."""
    common = parts & others
    return _weight(common, rarity) / _weight(parts | others, rarity) if common else 0.0


def _relative(values: FloatsByFile, ids: Rows) -> FloatsByFile:
    """Divide by the best among these files."""
    best = float(values[ids].max(initial=0.0))
    return values / best if best > 0 else values
