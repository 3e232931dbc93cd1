"""Fits the weights of the ranking: real commits and annotated questions in, `repomap/ranking/weights.py` out.

    python bench/fit_weights.py REPOSITORY... [--commits 30] [--questions FILE.json] [--out FILE.py]

Each REPOSITORY is a git directory. A case is one of its commits, as in `recall.py`: the message is
the request, the tree is the parent, the answer is the source files that the commit modified and the
innermost definitions around the lines that it changed. A commit of several files is asked twice,
the second time with the file that changed most in the chat.

FILE.json is a list of {"repository", "revision", "folder", "query", "files"}: a question about a
folder of a repository at a revision, and the files that answer it. Questions teach the weights of
files alone.

The columns come from `repomap.evidence`, as they do when a map is made. Prints, for each
repository, how well weights from all other repositories find what its commits changed.
"""

import argparse
import json
import random
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from recall import MOST_FILES, git
from scipy.optimize import minimize
from scipy.special import expit

from repomap import Focus, Index
from repomap.arrays.array_types import Floats
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.files.file_kinds import kind_of
from repomap.parsing.languages import language_of
from repomap.ranking.file_evidence import gather
from repomap.ranking.index_data import IndexData
from repomap.ranking.score import weigh, with_file

NEWEST = 4000
"""Commits that are looked through for cases."""
LEAST_WORDS = 6
MOST_LINES = 1500
KIND_WEIGHTS = {"test": -0.5, "docs": -0.5, "aside": -0.5}
"""Chosen, not fitted: the cases ask for source files alone, and would have all others unlikely at any cost."""
QUESTION_TIMES = 3
"""How often a question counts: with less, weights of other repositories serve questions worse."""
RIDGE = 1e-4
"""How much large weights cost, for columns of one variance."""
BEST, OTHERS = 400, 400
"""Of each case, so many rows that match best are learnt from, and so many others that stand for all the rest."""
TRAILER = re.compile(
    r"^[\w-]+-by:.*$|^(fixes|closes|refs?|see)\b.{0,40}$|https?://\S+|\(?#\d+\)?",
    re.IGNORECASE | re.MULTILINE,
)

Columns = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that can serve: its files are in the order of changed lines, the most first."""

    commit: str
    message: str
    files: tuple[str, ...]
    lines: Mapping[str, tuple[int, ...]]
    """By file, the changed lines, as numbers in the parent."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Some files or definitions of one case, as columns."""

    columns: Columns
    target: Floats
    """What one of them adds to the recall of the case."""
    weight: Floats
    """How many of the case's rows each stands for."""


@dataclass(frozen=True, slots=True)
class Case:
    """What one request teaches about files and, unless it is a question, about definitions."""

    repository: str
    files: Rows
    docs: Rows | None
    files_of_docs: Columns
    """For each row of `docs`, the columns of its file."""


def commits(repository: Path, most: int) -> list[Commit]:
    """Commits whose message can be a request, spread evenly over the newest ones."""
    log = git(repository, "rev-list", "--no-merges", "--parents", f"--max-count={NEWEST}", "HEAD")
    ids = [line.split()[0] for line in log.decode().splitlines() if len(line.split()) == 2]
    random.Random(repository.as_posix()).shuffle(ids)
    found: list[Commit] = []
    for commit in ids:
        if len(found) == most:
            break
        if one := read_commit(repository, commit):
            found.append(one)
    return found


def read_commit(repository: Path, commit: str) -> Commit | None:
    """The commit, or None where its message or its size says that it is no piece of work on a few files."""
    message = git(repository, "log", "-1", "--format=%B", commit).decode("utf-8", "replace")
    message = TRAILER.sub("", message).strip()
    if len(re.findall(r"[A-Za-z]{2,}", message)) < LEAST_WORDS or message.lower().startswith(
        ("revert", "bump")
    ):
        return None
    diff = git(
        repository,
        "diff-tree",
        "-r",
        "-p",
        "-U0",
        "--no-commit-id",
        "--no-renames",
        "--diff-filter=M",
        commit,
    )
    lines: dict[str, list[int]] = {}
    path = ""
    for line in diff.decode("utf-8", "replace").splitlines():
        if line.startswith("--- a/"):
            path = line[6:]
        elif hunk := re.match(r"@@ -(\d+)(?:,(\d+))? ", line):
            first, many = int(hunk[1]), int(hunk[2] or 1)
            lines.setdefault(path, []).extend(range(first, first + many) or [first])
    lines = {path: rows for path, rows in lines.items() if language_of(path) and kind_of(path) == "source"}
    if not 1 <= len(lines) <= MOST_FILES or sum(map(len, lines.values())) > MOST_LINES:
        return None
    files = sorted(lines, key=lambda path: (-len(lines[path]), path))
    return Commit(commit, message, tuple(files), {path: tuple(lines[path]) for path in files})


def changed_definitions(corpus: Corpus, commit: Commit) -> set[int]:
    """The innermost definitions around the changed lines."""
    numbers = {path: number for number, path in enumerate(corpus.paths)}
    found = set()
    for path, lines in commit.lines.items():
        docs = corpus.docs_of(numbers[path]) if path in numbers else ()
        for line in lines:
            around = [doc for doc in docs if corpus.doc_span[doc, 1] <= line <= corpus.doc_span[doc, 2]]
            found.update(around[-1:])  # they stand in the order of their beginning: the last is innermost
    return found


def commit_cases(repository: Path, most: int) -> Iterator[Case]:
    """The cases of a repository's own commits."""
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder))
        for commit in sorted(commits(repository, most), key=lambda one: one.commit):
            check_out(repository, f"{commit.commit}^", Path(folder))
            index.refresh()
            docs = changed_definitions(index.data.corpus, commit)
            for chat in [(), commit.files[:1]][: len(commit.files)]:
                wanted = set(commit.files) - set(chat)
                yield observe(index.data, Focus(commit.message, chat), repository.as_posix(), wanted, docs)


def question_cases(questions: Sequence[Mapping[str, str]]) -> Iterator[Case]:
    """The cases of annotated questions; those about one tree should stand together."""
    folder, last, index = tempfile.TemporaryDirectory(), ("", "", ""), None
    with folder:
        for number, asked in enumerate(questions):
            tree = (asked["repository"], asked["revision"], asked.get("folder") or "")
            if index is None or tree != last:
                root = Path(folder.name, str(number))
                check_out(Path(tree[0]), tree[1], root)
                index, last = Index(root / tree[2]), tree
            wanted = {path for path in index.paths() if path in asked["files"]}
            if wanted:
                yield observe(index.data, Focus(asked["query"]), tree[0], wanted, None)


def check_out(repository: Path, revision: str, folder: Path) -> None:
    """Makes the folder a checkout of the revision that shares the repository's objects."""
    if not (folder / ".git").exists():
        arguments = ["clone", "-q", "--shared", "--no-checkout", str(repository), str(folder)]
        subprocess.run(["git", *arguments], check=True)
    git(folder, "-c", "advice.detachedHead=false", "checkout", "-q", "--force", "--detach", revision)


def observe(
    index_data: IndexData, focus: Focus, repository: str, wanted: set[str], docs: set[int] | None
) -> Case:
    """The columns of one case, those of the rows that match best and of a sample of the others.

    Only source files count as answers, so only they are learnt from: see `KIND_WEIGHTS`.
    """
    corpus, evidence = index_data.corpus, gather(index_data, focus)
    chosen = random.Random(focus.request)
    hidden = np.isin(corpus.paths, focus.chat) | (np.array(index_data.kinds) != "source")
    target = np.isin(corpus.paths, list(wanted)).astype(float)
    order = -(evidence.files["text"] * index_data.kind_weight + evidence.files["path"])
    files = sampled(dict(evidence.files), target, ~hidden, order, chosen)
    if docs is None:
        return Case(repository, files, None, {})
    target = np.isin(np.arange(len(corpus)), list(docs)).astype(float)
    shown = (corpus.doc_kind != NO_KIND) & ~hidden[corpus.doc_file]
    columns = dict(evidence.docs) | {
        f"file: {name}": evidence.files[name][corpus.doc_file] for name in evidence.files
    }
    rows = sampled(
        columns,
        target * shown,
        shown,
        -evidence.docs["text"] * index_data.kind_weight[corpus.doc_file],
        chosen,
    )
    of_file = {name[6:]: rows.columns.pop(name) for name in list(rows.columns) if name.startswith("file: ")}
    return Case(repository, files, rows, of_file)


def sampled(columns: Columns, target: Floats, shown: Floats, order: Floats, chosen: random.Random) -> Rows:
    """All rows that are wanted, the first in the order, and some of the others, which weigh for all of those."""
    places = np.lexsort((order, -target, ~shown))[: int(shown.sum())]
    sure = BEST + int(np.count_nonzero(target))
    others = (
        chosen.sample(range(sure, len(places)), min(OTHERS, len(places) - sure)) if len(places) > sure else []
    )
    rows = np.concatenate([places[:sure], places[others]]).astype(int)
    weight = np.ones(len(rows))
    if others:
        weight[-len(others) :] = (len(places) - sure) / len(others)
    return Rows(
        {name: column[rows].astype(np.float32) for name, column in columns.items()},
        target[rows] / max(1.0, target.sum()),
        weight,
    )


def fit(rows: Sequence[Rows]) -> tuple[float, dict[str, float]]:
    """Bias and weights of the logistic regression that expects the targets best."""
    names = list(rows[0].columns)
    x = np.concatenate([np.stack([one.columns[name] for name in names], axis=1) for one in rows]).astype(
        float
    )
    target, weight = (np.concatenate([getattr(one, part) for one in rows]) for part in ("target", "weight"))
    mean, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    x = (x - mean) / spread

    def loss(weights: Floats) -> tuple[float, Floats]:
        logit = x @ weights[1:] + weights[0]
        value = weight @ (np.logaddexp(0, logit) - target * logit) / len(rows)
        slope = weight * (expit(logit) - target) / len(rows)
        ridge = np.concatenate([[0.0], RIDGE * weights[1:]])
        return value + ridge @ weights / 2, np.concatenate([[slope.sum()], slope @ x]) + ridge

    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x
    weights = found[1:] / spread
    return float(found[0] - weights @ mean), dict(zip(names, weights.tolist(), strict=True))


Model = tuple[float, dict[str, float]]


def fit_both(cases: Sequence[Case]) -> tuple[Model, Model]:
    """The model of files, then that of definitions, which takes the first one's word for the file."""
    often = [case.files for case in cases for _ in range(1 if case.docs else QUESTION_TIMES)]
    bias, weights = fit(often)
    files = bias, weights | KIND_WEIGHTS
    return files, fit([definition_rows(case, files) for case in cases if case.docs])


def definition_rows(case: Case, files: Model) -> Rows:
    """The rows of definitions, with what the model of files says of their file."""
    assert case.docs is not None
    logit = weigh(case.files_of_docs, files[1], files[0])
    return Rows(with_file(case.docs.columns, logit), case.docs.target, case.docs.weight)


def found_among(rows: Rows, model: Model, places: int) -> float:
    """How much of what is wanted stands in the first places."""
    best = np.argsort(-weigh(rows.columns, model[1], model[0]), kind="stable")[:places]
    return float(rows.target[best].sum())


def cross_validate(cases: Sequence[Case]) -> None:
    """Prints for each repository how well the others teach it."""
    for repository in sorted({case.repository for case in cases}):
        own = [case for case in cases if case.repository == repository]
        files, docs = fit_both([case for case in cases if case.repository != repository])
        by_file = np.mean([found_among(case.files, files, 20) for case in own])
        wanted = [definition_rows(case, files) for case in own if case.docs and case.docs.target.any()]
        by_doc = np.mean([found_among(rows, docs, 60) for rows in wanted]) if wanted else float("nan")
        print(
            f"{repository}: {len(own)} cases, {by_file:.3f} of files in 20, {by_doc:.3f} of definitions in 60"
        )


def source_of(files: Model, docs: Model, before: str) -> str:
    """The text of weights.py: its docstring as it was, then the numbers."""
    head = before[: before.index('"""', 3) + 3]
    parts = [head]
    for name, (bias, weights) in (("FILE", files), ("DEFINITION", docs)):
        rows = "".join(f'    "{column}": {weight:.3f},\n' for column, weight in weights.items())
        parts.append(f"{name}_BIAS = {bias:.3f}\n{name}_WEIGHTS = {{\n{rows}}}")
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--commits", type=int, default=30, help="cases of each repository, at most")
    parser.add_argument("--questions", type=Path)
    parser.add_argument("--out", type=Path, default=Path("repomap/ranking/weights.py"))
    options = parser.parse_args()
    cases: list[Case] = []
    for repository in options.repositories:
        cases += commit_cases(repository, options.commits)
        print(f"{repository}: {len(cases)} cases so far", flush=True)
    if options.questions:
        cases += question_cases(json.loads(options.questions.read_text()))
    cross_validate(cases)
    options.out.write_text(source_of(*fit_both(cases), options.out.read_text()))


if __name__ == "__main__":
    main()
