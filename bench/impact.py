"""Measure whether `trigpoint graph impact` names the tests that commits change, on repositories' own history.

    python bench/impact.py REPOSITORY… [--commits 40] [--first 10] [--fit]

A case is one commit that is not a merge and changes both sources and tests. The tree is its parent's, with the
parent's history; the diff that is asked about holds the sources alone. The answer are the test files that the
commit modified: they are there before it, and it is known that somebody found them worth changing. Commits of
more than 30 files, or of more than ten tests, are left out. None of the repository's code runs.

Prints for each repository how often all of these tests are among the first ten, their share, how often any
is, and the same for a list by names alone: tests with the name of a changed file, then the others by path.
`--fit` prints new weights for all repositories together, and what weights fitted on the other repositories give.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from repomap import Index, IndexOptions
from repomap.files.file_kinds import kind_of
from repomap.impact.callers import changed_weights, follow
from repomap.impact.change import change_of_diff
from repomap.impact.diff import parse_diff
from repomap.impact.test_evidence import FEATURES, gather_test_evidence
from repomap.impact.test_files import is_runnable, runnable_tests, subject
from repomap.impact.weights import WEIGHTS
from repomap.model import IMPACT_DEPTH
from repomap.parsing.languages import language_of

MOST_FILES, MOST_TESTS = 30, 10
SMOOTHING = 0.001
STEP_WIDTH = 0.5


class Case(NamedTuple):
    """A commit: its parent's tree, the sources that it changes, the tests that it modifies."""

    commit: str
    parent: str
    sources: list[str]
    tests: list[str]


class Tried(NamedTuple):
    """The evidence for each test of a case, whether the commit modified it, and its place by names alone."""

    matrix: np.ndarray
    is_answer: np.ndarray
    by_name: np.ndarray


def git(folder: Path, *arguments: str) -> str:
    ran = subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)
    return ran.stdout.decode("utf-8", "surrogateescape")


def cases(repository: Path, limit: int) -> Iterator[Case]:
    """The newest usable commits, newest first."""
    log = git(
        repository, "log", "--no-merges", "--no-renames", "--name-status", "-z", "--format=%x01%H %P", "HEAD"
    )
    for block in log.split("\x01")[1:]:
        ids, _, rest = block.partition("\0")
        parts = rest.lstrip("\n").split("\0")
        changes = list(zip(parts[::2], parts[1::2], strict=False))
        sources = [path for _, path in changes if language_of(path) and kind_of(path) == "source"]
        tests = [path for status, path in changes if status == "M" and is_test(path)]
        is_modified = any(status == "M" for status, path in changes if path in sources)
        if (
            len(ids.split()) == 2
            and is_modified
            and len(changes) <= MOST_FILES
            and 0 < len(tests) <= MOST_TESTS
        ):
            yield Case(*ids.split(), sources, tests)
            limit -= 1
            if not limit:
                return


def is_test(path: str) -> bool:
    return bool(language_of(path)) and kind_of(path) == "test" and is_runnable(path)


def try_cases(repository: Path, limit: int) -> Iterator[tuple[Tried, float]]:
    """The evidence for each case, and the seconds that it took with the index at hand."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        git(
            Path(folder),
            "clone",
            "--quiet",
            "--shared",
            "--no-checkout",
            str(repository.resolve()),
            str(tree),
        )
        index = Index(tree, IndexOptions(cache=False))
        for case in cases(repository, limit):
            git(tree, "checkout", "--quiet", "--force", case.parent)
            index.refresh()
            diff = git(repository, "diff", case.parent, case.commit, "--", *case.sources)
            started = time.perf_counter()
            tried = try_case(index, diff, case, tree)
            if tried.is_answer.any():
                yield tried, time.perf_counter() - started
        index.close()


def try_case(index: Index, diff: str, case: Case, tree: Path) -> Tried:
    data = index.data
    read = lambda path: (tree / path).read_bytes()  # noqa: E731
    change = change_of_diff(data.corpus, parse_diff(diff), read, str(tree))
    reached = follow(data, changed_weights(data.corpus, change.docs), IMPACT_DEPTH)
    tests = runnable_tests(data)
    paths = [data.corpus.paths[file_id] for file_id in tests]
    subjects = {subject(path) for path in case.sources}
    return Tried(
        gather_test_evidence(data, change, reached, tests).matrix(),
        np.array([path in case.tests for path in paths]),
        np.array([subject(path) in subjects for path in paths], float),
    )


def shares(tried: Sequence[Tried], scores: Sequence[np.ndarray], first: int) -> list[float]:
    """The share of each case's tests that are among the first."""
    found = []
    for case, score in zip(tried, scores, strict=True):
        order = np.argsort(-score, kind="stable")[:first]
        found.append(float(case.is_answer[order].sum() / case.is_answer.sum()))
    return found


def line(name: str, found: Sequence[float]) -> str:
    every, any_ = (
        statistics.mean(rule(share) for share in found) for rule in (lambda x: x == 1, lambda x: x > 0)
    )
    return f"  {name:12} all {every:.3f}  share {statistics.mean(found):.3f}  any {any_:.3f}"


def fitted(tried: Sequence[Tried], first: int) -> np.ndarray:
    """Weights under which the modified tests are among the first; all but that of `lines` at least 0.

    Those under which they are likely to be drawn first are the start. From there the share is maximised that
    is among the first, with a smooth step at the last place, so that a case that no weights can win counts
    for little.
    """
    from scipy.optimize import minimize

    spread = np.concatenate([case.matrix for case in tried]).std(axis=0) + 1e-9
    bounds = [(None, None) if name == "lines" else (0, None) for name in FEATURES]
    weights = np.full(len(FEATURES), 0.01)
    for loss in (drawn_first, lambda *of_case: among_first(*of_case, first)):

        def mean_loss(weights: np.ndarray, loss: Loss = loss) -> tuple[float, np.ndarray]:
            losses = [loss(case.matrix / spread, case.is_answer, weights) for case in tried]
            total, gradient = (sum(part) / len(tried) for part in zip(*losses, strict=True))
            return total + SMOOTHING * float(weights @ weights), gradient + 2 * SMOOTHING * weights

        weights = minimize(mean_loss, weights, jac=True, method="L-BFGS-B", bounds=bounds).x
    return weights / spread


Loss = Callable[[np.ndarray, np.ndarray, np.ndarray], tuple[float, np.ndarray]]
"""Features, answers and weights of a case → loss and gradient."""


def drawn_first(features: np.ndarray, is_answer: np.ndarray, weights: np.ndarray) -> tuple[float, np.ndarray]:
    """How unlikely the answers are where tests are drawn by the exponential of their sums."""
    sums, wanted = features @ weights, is_answer / is_answer.sum()
    chance = np.exp(sums - sums.max()) / np.exp(sums - sums.max()).sum()
    return -float(wanted @ np.log(chance + 1e-300)), features.T @ (chance - wanted)


def among_first(
    features: np.ndarray, is_answer: np.ndarray, weights: np.ndarray, first: int
) -> tuple[float, np.ndarray]:
    """What share of the answers is behind the first others that would leave one of them no place."""
    sums, others = features @ weights, np.flatnonzero(~is_answer)
    places = first - int(is_answer.sum())
    if len(others) <= places:
        return 0.0, np.zeros(len(weights))
    last = others[np.argsort(-sums[others], kind="stable")[places]]
    behind = 1 / (1 + np.exp(np.clip((sums[is_answer] - sums[last]) / STEP_WIDTH, -50, 50)))
    slope = behind * (1 - behind) / STEP_WIDTH / len(behind)
    return float(behind.mean()), -(features[is_answer] - features[last]).T @ slope


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--commits", type=int, default=40)
    parser.add_argument("--first", type=int, default=10)
    parser.add_argument("--fit", action="store_true")
    options = parser.parse_args()
    weights = np.array([WEIGHTS[name] for name in FEATURES])
    by_repository: dict[Path, list[Tried]] = {}
    every, every_by_name = [], []
    for repository in options.repositories:
        pairs = list(try_cases(repository, options.commits))
        tried = by_repository[repository] = [case for case, _ in pairs]
        ours = shares(tried, [case.matrix @ weights for case in tried], options.first)
        by_name = shares(tried, [case.by_name for case in tried], options.first)
        every += ours
        every_by_name += by_name
        most = max(len(case.is_answer) for case in tried)
        median_ms = 1000 * statistics.median(seconds for _, seconds in pairs)
        print(f"{repository}: {len(tried)} commits, up to {most} tests, {median_ms:.0f} ms")
        print(line("impact", ours), line("names alone", by_name), sep="\n", flush=True)
    print(
        f"together: {len(every)} commits", line("impact", every), line("names alone", every_by_name), sep="\n"
    )
    if options.fit:
        print_fit(by_repository, options.first)


def print_fit(by_repository: dict[Path, list[Tried]], first: int) -> None:
    """Print weights for all, and for each repository the result of weights fitted on the others."""
    for repository, tried in by_repository.items():
        others = [case for other, cases in by_repository.items() if other != repository for case in cases]
        if others:
            weights = fitted(others, first)
            print(line(str(repository), shares(tried, [case.matrix @ weights for case in tried], first)))
    weights = fitted([case for cases in by_repository.values() for case in cases], first)
    print(*(f'    "{name}": {weight:.3f},' for name, weight in zip(FEATURES, weights, strict=True)), sep="\n")


if __name__ == "__main__":
    main()
