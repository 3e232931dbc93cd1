"""Fits the weights of the chance of use: what new lines call in, `repomap/ranking/use_weights.py` out.

    python bench/fit_use_weights.py mine REPOSITORY [--commits 30] > CASES/NAME.json
    python bench/fit_use_weights.py fit CASES/*.json [--out FILE.py]

REPOSITORY is a git directory. A case is one of its commits: the message is the request, the files that it
changes are in the chat, and the answer are the definitions elsewhere whose names its new lines begin to use.
Each case is asked twice, the second time without a chat. An overview is a tree of which the later commits
are known: a definition counts as often as later commits use its name in new lines of another file.

The features come from `repomap.ranking.use_evidence`, as they do when a map is made. `fit` prints how much of
the answers weights from other repositories find among the first definitions.
"""

import argparse
import json
import random
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from fit_weights import check_out, commits
from logistic import Model, fit_logistic, source_of_model
from recall import git

from repomap import Focus, Index, IndexOptions
from repomap.arrays.array_types import Floats
from repomap.corpus.corpus import NO_KIND
from repomap.files.file_kinds import kind_of
from repomap.parsing.language_by_text import sniff
from repomap.parsing.languages import language_of
from repomap.parsing.parse import parse_source
from repomap.ranking.file_evidence import gather
from repomap.ranking.index_data import IndexData
from repomap.ranking.score import _chances_of_touch, chance, weigh
from repomap.ranking.use_evidence import overview_evidence, use_evidence
from repomap.ranking.weights import FILE_BIAS, FILE_WEIGHTS

NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{3,}")
STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`")
COMMENT = re.compile(r"^\s*(#(?!\s*(?:if|define|include))|//|/\*|\*|\"\"\"|''').*|(?://|\s#\s).*$")
COMMON = frozenset(
    """append apply assert bind body bool call clear clone close code collect concat config context copy count
    create data decode default delete each empty encode entries equals error every expect extend filter find
    flush format freeze from from_iter get_or_insert handle hasattr hash hashCode headers included includes index
    indexOf init inject insert isEmpty items iter join keys length list load lower main make match message method
    name next object open option options panic params parse path pop print push raise range read reduce reject
    remove render replace request require reset resolve response result reverse search self send set setattr size
    slice some sort source split start state status stop store stream string strip test text then toString trim
    type unwrap update upper value valueOf values write""".split()
)
"""Names of methods of every language's own types: a use of one of them says nothing of this repository."""
MOST_DEFINERS = 3
MOST_ADDED_LINES, MOST_NEEDED, LARGEST_FILE = 400, 12, 400_000
LATER_COMMITS, OVERVIEW_STEPS = 300, (301, 620)

BEST, OTHERS = 500, 300
"""Of each case, this many definitions that look likely are learnt from, and this many others for all the rest."""
MOST_ROUNDS = 400

Task = Literal["chat", "open", "overview"]


@dataclass(frozen=True, slots=True)
class Rows:
    """Some definitions of one case."""

    repository: str
    task: Task
    features: Mapping[str, Floats]
    target: Floats
    """What showing one of them adds to the recall of the case; in an overview, its later uses."""
    weight: Floats
    """How many of the case's definitions each stands for."""
    name_ids: Floats


def mine(repository: Path, most: int) -> dict[str, Any]:
    """Collect the cases of a repository as JSON values."""
    blobs: dict[str, frozenset[str]] = {}
    cases = []
    for commit in commits(repository, 4 * most):
        base = git(repository, "rev-parse", f"{commit.commit}^").decode().strip()
        needed = _needed(repository, base, commit.commit, commit.files, blobs)
        if needed and len(cases) < most:
            cases.append(
                {
                    "commit": commit.commit,
                    "base": base,
                    "message": commit.message,
                    "chat": list(commit.files),
                    "needed": sorted(needed.items()),
                }
            )
    newest_first = git(repository, "rev-list", "--first-parent", "--max-count=1300", "HEAD").decode().split()
    overviews = [
        _overview(repository, newest_first[step], newest_first[step - LATER_COMMITS], blobs)
        for step in OVERVIEW_STEPS
        if step < len(newest_first)
    ]
    return {"repo": str(repository), "cases": cases, "overviews": overviews}


def _needed(
    repository: Path, base: str, commit: str, files: Sequence[str], blobs: dict[str, frozenset[str]]
) -> dict[str, list[str]]:
    """Names that the new lines of a commit begin to use, with the files that define them; empty if it is too large."""
    definers, needed = _definers(repository, base, blobs), {}
    for path in files:
        before, after = (git(repository, "show", f"{tree}:{path}") for tree in (base, commit))
        added = _added_lines(repository, base, commit, path)
        if len(before) > LARGEST_FILE or len(added) > MOST_ADDED_LINES:
            return {}
        known = set(NAME.findall(before.decode("utf-8", "replace"))) | _defined(after, path) | COMMON
        for name in _code_words(added) - known:
            elsewhere = [other for other in definers.get(name, ()) if other not in files]
            if 1 <= len(elsewhere) <= MOST_DEFINERS:
                needed[name] = elsewhere
    return needed if len(needed) <= MOST_NEEDED else {}


def _added_lines(repository: Path, base: str, commit: str, path: str) -> list[str]:
    diff = git(repository, "diff", "-U0", "--no-color", "--no-ext-diff", base, commit, "--", path)
    lines = diff.decode("utf-8", "replace").splitlines()
    return [line[1:] for line in lines if line.startswith("+") and not line.startswith("+++")]


def _code_words(lines: Iterable[str]) -> set[str]:
    return {word for line in lines for word in NAME.findall(STRING.sub("", COMMENT.sub("", line)))}


def _defined(source: bytes, path: str) -> frozenset[str]:
    language = sniff(path, source) if len(source) < LARGEST_FILE else None
    tags = parse_source(source, language) if language else None
    return frozenset(name for name in tags.names if len(name) > 3) if tags else frozenset()


def _definers(repository: Path, tree: str, blobs: dict[str, frozenset[str]]) -> dict[str, list[str]]:
    """Find the source files that define each name."""
    definers: defaultdict[str, list[str]] = defaultdict(list)
    for row in git(repository, "ls-tree", "-r", "-z", tree).decode("utf-8", "replace").split("\0")[:-1]:
        details, _, path = row.partition("\t")
        mode, kind, blob = details.split()
        if kind == "blob" and mode != "120000" and language_of(path) and kind_of(path) == "source":
            if blob not in blobs:
                blobs[blob] = _defined(git(repository, "cat-file", "blob", blob), path)
            for name in sorted(blobs[blob]):
                definers[name].append(path)
    return definers


def _overview(repository: Path, base: str, newest: str, blobs: dict[str, frozenset[str]]) -> dict[str, Any]:
    """Count the later commits that use each name in new lines of another file than its own."""
    definers, uses = _definers(repository, base, blobs), Counter[str]()
    log = git(
        repository,
        *("log", "--no-merges", "-p", "-U0", "--no-color", "--no-ext-diff", "--no-renames"),
        *("--format=%x01%H", f"{base}..{newest}"),
    )
    for commit in log.decode("utf-8", "replace").split("\x01")[1:]:
        names, path = set(), ""
        for line in commit.splitlines():
            if line.startswith("+++ "):
                path = line[6:] if line[4:6] == "b/" else ""
            elif line.startswith("+") and path and language_of(path) and kind_of(path) == "source":
                names |= {word for word in _code_words([line[1:]]) if path not in definers.get(word, [path])}
        uses.update(names)
    kept = {
        name: count
        for name, count in uses.items()
        if name not in COMMON and len(definers[name]) <= MOST_DEFINERS
    }
    return {"base": base, "weight": kept, "paths": {name: definers[name] for name in kept}}


def observe(cases: Mapping[str, Any], most: int) -> Iterator[Rows]:
    """Compute the features of all cases of one repository."""
    repository = Path(cases["repo"])
    chosen = random.Random(5).sample(cases["cases"], min(most, len(cases["cases"])))
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "tree")
        for case in chosen:
            data = _index(repository, case["base"], root)
            share = 1 / len(case["needed"])
            wanted = {(name, path): share for name, paths in case["needed"] for path in paths}
            for task, chat in (("chat", tuple(case["chat"])), ("open", ())):
                yield from _rows(repository, task, data, Focus(case["message"], chat), wanted)
        for overview in cases["overviews"][: len(OVERVIEW_STEPS)]:
            data = _index(repository, overview["base"], root)
            wanted = {
                (name, path): uses
                for name, uses in overview["weight"].items()
                for path in overview["paths"][name]
            }
            yield from _rows(repository, "overview", data, Focus(), wanted)


def _index(repository: Path, revision: str, root: Path) -> IndexData:
    check_out(repository, revision, root)
    with Index(root, IndexOptions(snapshot=False)) as index:
        index.refresh()
        return index.data


def _rows(
    repository: Path, task: str, data: IndexData, focus: Focus, wanted: Mapping[tuple[str, str], float]
) -> Iterator[Rows]:
    corpus = data.corpus
    if task == "overview":
        features = overview_evidence(data).all_docs
    else:
        evidence = gather(data, focus)
        logits = weigh(evidence.files, FILE_WEIGHTS, FILE_BIAS)
        touched = _chances_of_touch(corpus, evidence, logits)
        features = use_evidence(data, focus, evidence, chance(logits), touched).all_docs
    shown = (corpus.doc_kind != NO_KIND) & (data.kind_weight >= 1)[corpus.doc_file]
    shown &= ~np.isin(np.array(corpus.paths), focus.chat)[corpus.doc_file]
    doc_ids = np.flatnonzero(shown)
    keys = {
        (corpus.word_id(name), file_id): value
        for (name, path), value in wanted.items()
        for file_id in ([corpus.paths.index(path)] if path in corpus.paths else [])
    }
    pairs = zip(corpus.doc_name[doc_ids].tolist(), corpus.doc_file[doc_ids].tolist(), strict=True)
    target = np.array([keys.get(pair, 0.0) for pair in pairs])
    if not target.any():
        return
    rows, weight = (
        (np.arange(len(doc_ids)), np.ones(len(doc_ids)))
        if task == "overview"
        else _sample(features, doc_ids, target, random.Random(focus.request))
    )
    yield Rows(
        repository.parent.name,
        task,
        {name: column[doc_ids[rows]].astype(np.float32) for name, column in features.items()},
        target[rows],
        weight,
        corpus.doc_name[doc_ids[rows]],
    )


def _sample(
    features: Mapping[str, Floats], doc_ids: Floats, target: Floats, chosen: random.Random
) -> tuple[Floats, Floats]:
    """Take all that are wanted, those that look likely, and some of the others, which stand for the rest."""
    likely = sum(features[name][doc_ids] for name in ("uses", "held", "file used", "touched"))
    order = np.lexsort((-likely, -target))
    sure = min(len(order), BEST + int(np.count_nonzero(target)))
    others = chosen.sample(range(sure, len(order)), min(OTHERS, len(order) - sure))
    weight = np.ones(sure + len(others))
    if others:
        weight[sure:] = (len(order) - sure) / len(others)
    return np.concatenate([order[:sure], order[others]]).astype(int), weight


def fit(rows: Sequence[Rows]) -> Model:
    """Fit a logistic model of being used; overviews weigh the same, however many names later commits use."""
    target = np.concatenate([np.minimum(each.target, 1) for each in rows])
    weight = np.concatenate(
        [each.weight / (each.target.sum() if each.task == "overview" else 1) for each in rows]
    )
    return fit_logistic([each.features for each in rows], target, weight, MOST_ROUNDS)


def found_among(rows: Rows, model: Model, places: int) -> float:
    """Return how much of what is wanted is among the first places, each name counted once."""
    best = np.argsort(-weigh(rows.features, model[1], model[0]), kind="stable")[:places]
    by_name: dict[int, float] = {}
    for name_id, target in zip(rows.name_ids.tolist(), rows.target.tolist(), strict=True):
        by_name[name_id] = max(target, by_name.get(name_id, 0.0))
    total = sum(sorted(by_name.values(), reverse=True)[: places if rows.task == "overview" else None])
    return sum(by_name[name_id] for name_id in {int(rows.name_ids[row]) for row in best}) / total


def cross_validate(rows: Sequence[Rows], folds: int = 4) -> None:
    """Print for each task how well weights from other repositories do."""
    repositories = sorted({each.repository for each in rows})
    for task in ("chat", "open", "overview"):
        shares = []
        for fold in range(folds):
            held_out = set(repositories[fold::folds])
            model = fit([each for each in rows if each.task == task and each.repository not in held_out])
            shares += [
                [found_among(each, model, places) for places in (40, 150)]
                for each in rows
                if each.task == task and each.repository in held_out
            ]
        print(task, len(shares), np.mean(shares, axis=0).round(3), flush=True)


def source_of(models: Mapping[str, Model], before: str) -> str:
    """Return the text of use_weights.py: its docstring as it was, then the numbers."""
    parts = [before[: before.index('"""', 3) + 3]]
    parts += [source_of_model(name, model) for name, model in models.items()]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    actions = parser.add_subparsers(dest="action", required=True)
    mining = actions.add_parser("mine")
    mining.add_argument("repository", type=Path)
    mining.add_argument("--commits", type=int, default=30, help="cases, at most")
    fitting = actions.add_parser("fit")
    fitting.add_argument("cases", nargs="+", type=Path)
    fitting.add_argument("--commits", type=int, default=15, help="cases of each repository, at most")
    fitting.add_argument("--out", type=Path, default=Path("repomap/ranking/use_weights.py"))
    options = parser.parse_args()
    if options.action == "mine":
        json.dump(mine(options.repository, options.commits), sys.stdout)
        return
    rows: list[Rows] = []
    for path in options.cases:
        rows += observe(json.loads(path.read_text()), options.commits)
        print(f"{path}: {len(rows)} so far", flush=True)
    cross_validate(rows)
    tasks = {"USE": "chat", "LIKELY_USE": "open", "OVERVIEW": "overview"}
    models = {name: fit([each for each in rows if each.task == task]) for name, task in tasks.items()}
    options.out.write_text(source_of(models, options.out.read_text()))


if __name__ == "__main__":
    main()
