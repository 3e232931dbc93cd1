"""Fit the weights of the ranking on real commits and annotated questions; writes `repomap/ranking/weights.py`.

    python bench/fit_weights.py REPOSITORY... [--commits 30] [--questions FILE.json] [--out FILE.py]

Each REPOSITORY is a git directory. A case is one of its commits, as in `recall.py`: the message is the
request, the parent is the tree, and the answer is the source files that the commit modified and the
innermost definitions around the lines that it changed. A commit of several files is asked twice, the
second time with the file that changed most in the chat.

FILE.json is a list of {"repository", "revision", "folder", "query", "files"}: a question about a folder of
a repository at a revision, and the files that answer it. Questions teach the weights of files only.

The features come from `repomap.ranking`, as they do when a map is made. Prints, for each repository, how
well weights from all other repositories find what its commits changed.
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
from logistic import Model, fit_logistic, source_of_model
from recall import MAX_FILES, git

from repomap import Focus, Index
from repomap.arrays.array_types import Flags, Floats, Rows
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.files.file_kinds import kind_of
from repomap.parsing.languages import language_of
from repomap.ranking.file_evidence import gather
from repomap.ranking.index_data import IndexData
from repomap.ranking.score import weigh, with_file

NEWEST_COMMITS = 4000
"""Commits that are searched for cases."""
MIN_WORDS = 6
MAX_LINES = 1500
KIND_WEIGHTS = {"test": -0.5, "docs": -0.5, "aside": -0.5, "superseded": 0.0}
"""Chosen, not fitted: the cases ask for source files only, and would make all others unlikely at any cost."""
QUESTION_REPEATS = 3
"""How often a question counts. With less, weights of other repositories answer questions worse."""
MOST_ROUNDS = 2_000
BEST_ROWS, SAMPLED_ROWS = 400, 400
"""Rows of each case that are learnt from: the best matches, and a sample that stands for all others."""
TRAILER = re.compile(
    r"^[\w-]+-by:.*$|^(fixes|closes|refs?|see)\b.{0,40}$|https?://\S+|\(?#\d+\)?",
    re.IGNORECASE | re.MULTILINE,
)

Features = dict[str, Floats]


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit that can serve as a case; its files are in the order of changed lines, the most first."""

    commit: str
    message: str
    files: tuple[str, ...]
    lines: Mapping[str, tuple[int, ...]]
    """By file: the changed lines, as numbered in the parent."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Some files or definitions of one case, as features."""

    features: Features
    target: Floats
    """What showing the row adds to the recall of the case."""
    weight: Floats
    """How many rows of the case it stands for."""


@dataclass(frozen=True, slots=True)
class Case:
    """What one request teaches about files and, unless it is a question, about definitions."""

    repository: str
    files: Samples
    docs: Samples | None
    files_of_docs: Features
    """By row of `docs`: the features of its file."""


def commits(repository: Path, limit: int) -> list[Commit]:
    """Return commits whose message can be a request, spread evenly over the newest ones."""
    log = git(repository, "rev-list", "--no-merges", "--parents", f"--max-count={NEWEST_COMMITS}", "HEAD")
    ids = [line.split()[0] for line in log.decode().splitlines() if len(line.split()) == 2]
    random.Random(repository.as_posix()).shuffle(ids)
    usable: list[Commit] = []
    for commit_id in ids:
        if len(usable) == limit:
            break
        if commit := read_commit(repository, commit_id):
            usable.append(commit)
    return usable


def read_commit(repository: Path, commit: str) -> Commit | None:
    """Return a commit, or None if its message or size shows that it is not work on a few files."""
    message = git(repository, "log", "-1", "--format=%B", commit).decode("utf-8", "replace")
    message = TRAILER.sub("", message).strip()
    is_short = len(re.findall(r"[A-Za-z]{2,}", message)) < MIN_WORDS
    if is_short or message.lower().startswith(("revert", "bump")):
        return None
    options = ("-r", "-p", "-U0", "--no-commit-id", "--no-renames", "--diff-filter=M")
    diff = git(repository, "diff-tree", *options, commit)
    lines: dict[str, list[int]] = {}
    path = ""
    for line in diff.decode("utf-8", "replace").splitlines():
        if line.startswith("--- a/"):
            path = line[6:]
        elif hunk := re.match(r"@@ -(\d+)(?:,(\d+))? ", line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            lines.setdefault(path, []).extend(range(first, first + count) or [first])
    lines = {
        path: changed for path, changed in lines.items() if language_of(path) and kind_of(path) == "source"
    }
    if not 1 <= len(lines) <= MAX_FILES or sum(map(len, lines.values())) > MAX_LINES:
        return None
    files = sorted(lines, key=lambda path: (-len(lines[path]), path))
    return Commit(commit, message, tuple(files), {path: tuple(lines[path]) for path in files})


def changed_definitions(corpus: Corpus, commit: Commit) -> set[int]:
    """Return the innermost definitions around the changed lines."""
    file_ids = {path: file_id for file_id, path in enumerate(corpus.paths)}
    changed = set()
    for path, lines in commit.lines.items():
        doc_ids = corpus.docs_of(file_ids[path]) if path in file_ids else ()
        for line in lines:
            around = [
                doc_id
                for doc_id in doc_ids
                if corpus.doc_span[doc_id, 1] <= line <= corpus.doc_span[doc_id, 2]
            ]
            changed.update(around[-1:])  # in the order of their first line: the last is the innermost
    return changed


def commit_cases(repository: Path, limit: int) -> Iterator[Case]:
    """Yield the cases of a repository's own commits."""
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder))
        for commit in sorted(commits(repository, limit), key=lambda commit: commit.commit):
            check_out(repository, f"{commit.commit}^", Path(folder))
            index.refresh()
            doc_ids = changed_definitions(index.data.corpus, commit)
            for chat in [(), commit.files[:1]][: len(commit.files)]:
                wanted = set(commit.files) - set(chat)
                yield observe(index.data, Focus(commit.message, chat), repository.as_posix(), wanted, doc_ids)


def question_cases(questions: Sequence[Mapping[str, str]]) -> Iterator[Case]:
    """Yield the cases of annotated questions; a tree is read once for successive questions about it."""
    folder, last, index = tempfile.TemporaryDirectory(), ("", "", ""), None
    with folder:
        for number, question in enumerate(questions):
            tree = (question["repository"], question["revision"], question.get("folder") or "")
            if index is None or tree != last:
                root = Path(folder.name, str(number))
                check_out(Path(tree[0]), tree[1], root)
                index, last = Index(root / tree[2]), tree
            wanted = {path for path in index.paths() if path in question["files"]}
            if wanted:
                yield observe(index.data, Focus(question["query"]), tree[0], wanted, None)


def check_out(repository: Path, revision: str, folder: Path) -> None:
    """Check a revision out into a folder that shares the repository's objects."""
    if not (folder / ".git").exists():
        arguments = ["clone", "-q", "--shared", "--no-checkout", str(repository), str(folder)]
        subprocess.run(["git", *arguments], check=True)
    git(folder, "-c", "advice.detachedHead=false", "checkout", "-q", "--force", "--detach", revision)


def observe(
    index_data: IndexData, focus: Focus, repository: str, wanted: set[str], doc_ids: set[int] | None
) -> Case:
    """Return the features of one case: those of the best matches and of a sample of the others.

    Only source files count as answers, so only they are learnt from; see `KIND_WEIGHTS`.
    """
    corpus, evidence = index_data.corpus, gather(index_data, focus)
    generator = random.Random(focus.request)
    hidden = np.isin(corpus.paths, focus.chat) | (np.array(index_data.kinds) != "source")
    target = np.isin(corpus.paths, list(wanted)).astype(float)
    order = -(evidence.files["text"] * index_data.kind_weight + evidence.files["path"])
    files = sampled(dict(evidence.files), target, ~hidden, order, generator)
    if doc_ids is None:
        return Case(repository, files, None, {})
    target = np.isin(np.arange(len(corpus)), list(doc_ids)).astype(float)
    shown = (corpus.doc_kind != NO_KIND) & ~hidden[corpus.doc_file]
    features = dict(evidence.docs) | {
        f"file: {name}": evidence.files[name][corpus.doc_file] for name in evidence.files
    }
    order = -evidence.docs["text"] * index_data.kind_weight[corpus.doc_file]
    docs = sampled(features, target * shown, shown, order, generator)
    of_file = {name[6:]: docs.features.pop(name) for name in list(docs.features) if name.startswith("file: ")}
    return Case(repository, files, docs, of_file)


def sampled(
    features: Features, target: Floats, shown: Flags, order: Floats, generator: random.Random
) -> Samples:
    """Select all wanted rows, the first ones in the order, and some others, which stand for the rest."""
    ranked: Rows = np.lexsort((order, -target, ~shown))[: int(shown.sum())]
    sure = BEST_ROWS + int(np.count_nonzero(target))
    others: list[int] = []
    if len(ranked) > sure:
        others = generator.sample(range(sure, len(ranked)), min(SAMPLED_ROWS, len(ranked) - sure))
    rows = np.concatenate([ranked[:sure], ranked[others]]).astype(int)
    weight = np.ones(len(rows))
    if others:
        weight[-len(others) :] = (len(ranked) - sure) / len(others)
    return Samples(
        {name: values[rows].astype(np.float32) for name, values in features.items()},
        target[rows] / max(1.0, target.sum()),
        weight,
    )


def fit(samples: Sequence[Samples]) -> Model:
    """Fit a logistic regression whose chances are nearest to the targets."""
    target = np.concatenate([part.target for part in samples])
    weight = np.concatenate([part.weight for part in samples])
    return fit_logistic([part.features for part in samples], target, weight, MOST_ROUNDS)


def fit_both(cases: Sequence[Case]) -> tuple[Model, Model]:
    """Fit the model of files, then that of definitions, which has the chance of the file as a feature."""
    repeated = [case.files for case in cases for _ in range(1 if case.docs else QUESTION_REPEATS)]
    bias, weights = fit(repeated)
    files = bias, weights | KIND_WEIGHTS
    return files, fit([definition_samples(case, files) for case in cases if case.docs])


def definition_samples(case: Case, files: Model) -> Samples:
    """Return the samples of definitions, with the result of the model of files for the file of each."""
    assert case.docs is not None
    logits = weigh(case.files_of_docs, files[1], files[0])
    return Samples(with_file(case.docs.features, logits), case.docs.target, case.docs.weight)


def recall(samples: Samples, model: Model, most: int) -> float:
    """Return the share of the answer that is among the best rows."""
    best = np.argsort(-weigh(samples.features, model[1], model[0]), kind="stable")[:most]
    return float(samples.target[best].sum())


def cross_validate(cases: Sequence[Case]) -> None:
    """Print for each repository how well the others teach it."""
    for repository in sorted({case.repository for case in cases}):
        own = [case for case in cases if case.repository == repository]
        files, docs = fit_both([case for case in cases if case.repository != repository])
        by_file = np.mean([recall(case.files, files, 20) for case in own])
        samples = [definition_samples(case, files) for case in own if case.docs and case.docs.target.any()]
        by_doc = np.mean([recall(part, docs, 60) for part in samples]) if samples else float("nan")
        print(
            f"{repository}: {len(own)} cases, {by_file:.3f} of files in 20, {by_doc:.3f} of definitions in 60"
        )


def source_of(files: Model, docs: Model, before: str) -> str:
    """Write the text of weights.py: what stands before these numbers as it was."""
    kept = before[: before.index("FILE_BIAS")].rstrip()
    parts = (kept, source_of_model("FILE", files), source_of_model("DEFINITION", docs))
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--commits", type=int, default=30, help="most cases of each repository")
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
