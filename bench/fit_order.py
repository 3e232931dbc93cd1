"""Fits which file comes first: requests of four sorts in, `ORDER_WEIGHTS` of `repomap/ranking/weights.py` out.

    python bench/fit_order.py REPOSITORY... [--commits 20] [--questions FILE.json] [--out FILE.py]

Each REPOSITORY is a git directory. The requests are messages of its commits, whole and as the subject line
alone (the answer are the source files that the commit modified); first sentences of comments that describe a
definition or a file of a tree three hundred commits old, whose words are not counted there (the answer is the
file); names of definitions (the answer is the file that defines them, the most used one if there are several);
and questions about such a tree, as `order_questions.json` beside this program has them.

The loss is that of a ranking: for each request the softmax over its files, minus the log of the right ones'
share (ListNet, Cao et al. 2007). The weights of the kinds of files are chosen. The sums are scaled at last, so
that the logistic function of them is the chance that a commit modifies the file.
"""

import argparse
import dataclasses
import json
import random
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fit_weights import Features, check_out, commits
from logistic import Model, source_of_model
from scipy.optimize import minimize

from repomap import Focus, Index, IndexOptions
from repomap.arrays.array_types import Flags, Floats
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.corpus.postings import Postings
from repomap.ranking.documents import CONTAINERS, FUNCTIONS, is_of_kinds
from repomap.ranking.file_evidence import gather
from repomap.ranking.index_data import IndexData

WEIGHTS = {"commit": 1.0, "description": 0.3, "name": 0.1, "question": 1.0}
"""What a request of each sort counts."""
MOST_DESCRIPTIONS, MOST_NAMES = 60, 40
"""Of each repository."""
BEST_FILES, OTHER_FILES = 500, 300
RIDGE = 0.1
CHOSEN = {"test": -2.0, "docs": -2.0, "aside": -2.0, "superseded": -1.0, "declares": -2.0, "windows": -0.8}
"""The answers have no such files, or hardly any, or commits change them beside another; so these cannot be learnt."""
LEFT_OUT = ("frequency", "centrality")
"""What is changed or used much is not what a question means; commits alone would teach otherwise."""
BACK = 300
MARKS = re.compile(r"^\s*(?:///?!?|/\*\*?|\*+/?|#+|--|;+|//!|r?\"\"\"|''')\s?|\*/|\"\"\"|'''|<[^>]+>")
NO_DESCRIPTION = re.compile(
    r"copyright|licen[sc]e|SPDX|TODO|@param|:param|eslint|generated|http", re.IGNORECASE
)


Questions = Mapping[str, Sequence[tuple[str, Sequence[str]]]]
"""By a part of a repository's path: each question, and the files that answer it."""


@dataclass(frozen=True, slots=True)
class Case:
    """The files that a request has to order."""

    features: Features
    target: Floats
    """Sums to 1 over the files that answer it."""
    sort: str
    """Of `WEIGHTS`."""


class WithoutProse:
    """A corpus in which the comments of some documents hold no words."""

    def __init__(self, corpus: Corpus, doc_ids: Sequence[int]) -> None:
        self._corpus, self._doc_ids = corpus, list(doc_ids)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._corpus, name)

    def __len__(self) -> int:
        return len(self._corpus)

    def postings(self, word_ids: Any) -> Postings:
        """Look up the uses of words without those in the comments."""
        uses = self._corpus.postings(word_ids)
        prose = np.where(np.isin(uses.doc_id, self._doc_ids), 0, uses.prose).astype(uses.prose.dtype)
        kept = (uses.code > 0) | (prose > 0)
        return Postings(uses.row[kept], uses.doc_id[kept], uses.code[kept], prose[kept])


def cases_of(repository: Path, most_commits: int, questions: Questions) -> Iterator[Case]:
    """Yield the cases of one repository."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "tree")
        check_out(repository, "HEAD", root)
        with Index(root, IndexOptions(snapshot=False)) as index:
            for commit in commits(repository, most_commits):
                check_out(repository, f"{commit.commit}^", root)
                index.refresh()
                requests = [
                    (text, ()) for text in dict.fromkeys([commit.message, commit.message.splitlines()[0]])
                ]
                requests += [(commit.message, commit.files[:1])] if len(commit.files) > 1 else []
                for text, chat in requests:
                    wanted = np.isin(
                        index.data.corpus.paths, [path for path in commit.files if path not in chat]
                    )
                    yield from observe(index.data, Focus(text, chat), wanted, "commit")
            check_out(repository, f"HEAD~{BACK}", root)
            index.refresh()
            yield from description_cases(index.data, root)
            yield from name_cases(index.data)
            yield from question_cases(index.data, repository, questions)


def observe(data: IndexData, focus: Focus, wanted: Flags, sort: str) -> Iterator[Case]:
    """Yield the features of the source files: the best matches, the wanted ones, and a sample of the others."""
    features = gather(data, focus).files
    shown = (np.array(data.kinds) == "source") & ~np.isin(data.corpus.paths, focus.chat)
    rows = np.flatnonzero(shown)
    best_first = rows[np.argsort(-(features["text"] + features["path"])[rows], kind="stable")]
    others = best_first[BEST_FILES:].tolist()
    sample = random.Random(focus.request).sample(others, min(OTHER_FILES, len(others)))
    rows = np.unique(
        np.concatenate([best_first[:BEST_FILES], sample, np.flatnonzero(wanted & shown)])
    ).astype(int)
    if wanted[rows].any():
        target = wanted[rows] / wanted[rows].sum()
        yield Case({name: values[rows] for name, values in features.items()}, target, sort)


def description_cases(data: IndexData, root: Path) -> Iterator[Case]:
    """Yield a request for each of some comments: its first sentence."""
    corpus, chosen = data.corpus, random.Random(7)
    files = [
        file_id for file_id, kind in enumerate(data.kinds) if kind == "source" and corpus.languages[file_id]
    ]
    chosen.shuffle(files)
    found = 0
    for file_id in files:
        lines = (root / corpus.paths[file_id]).read_text("utf-8", "replace").split("\n")
        described = [(text, ids) for text, ids in _descriptions(corpus, file_id, lines) if text]
        if described and found < MOST_DESCRIPTIONS:
            found += 1
            text, doc_ids = chosen.choice(described)
            quiet: Any = WithoutProse(corpus, doc_ids)
            wanted = np.arange(len(corpus.paths)) == file_id
            yield from observe(dataclasses.replace(data, corpus=quiet), Focus(text), wanted, "description")


def _descriptions(corpus: Corpus, file_id: int, lines: list[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield the sentences that describe a file or its definitions, and the documents that hold them."""
    file_doc = int(corpus.doc_start[file_id])
    head = 0
    while head < min(30, len(lines)) and MARKS.match(lines[head]):
        head += 1
    yield sentence(lines[:head]), [file_doc]
    for doc_id in corpus.docs_of(file_id):
        comment, first, _, _, last_of_signature = map(int, corpus.doc_span[doc_id])
        above = lines[comment - 1 : first - 1]
        below = lines[last_of_signature : last_of_signature + 5]
        is_docstring = bool(below) and below[0].strip().startswith('"""')
        yield (
            sentence(above or (below if is_docstring else [])),
            [file_doc, doc_id, int(corpus.doc_parent[doc_id])],
        )


def sentence(comment: Sequence[str]) -> str:
    """Return the first sentence of a comment, or nothing if it is none of 5 to 30 words.

    >>> sentence(["/** Opens the file that", " * a path names. It must exist. */"])
    'Opens the file that a path names'
    """
    text = " ".join(" ".join(MARKS.sub("", line) for line in comment).split())
    match = re.match(r"(.{20,220}?)[.?!](?:\s|$)", text)
    text = match[1] if match else text[:200]
    is_prose = 5 <= len(re.findall(r"[A-Za-z]{2,}", text)) <= 30 and not NO_DESCRIPTION.search(text)
    return text if is_prose else ""


def name_cases(data: IndexData) -> Iterator[Case]:
    """Yield names as requests, those of much used classes more often."""
    corpus = data.corpus
    kinds = (
        *FUNCTIONS,
        *(kind for kind in CONTAINERS if kind not in ("implementation", "module", "namespace")),
    )
    in_source = (np.array(data.kinds) == "source")[corpus.doc_file]
    doc_ids = np.flatnonzero(is_of_kinds(corpus.doc_kind, kinds) & in_source & (corpus.doc_kind != NO_KIND))
    chance = np.sqrt(data.usage[doc_ids] + 0.1) * np.where(
        is_of_kinds(corpus.doc_kind[doc_ids], CONTAINERS), 3, 1
    )
    count = min(MOST_NAMES, len(doc_ids))
    for doc_id in np.random.RandomState(7).choice(doc_ids, count, replace=False, p=chance / chance.sum()):
        name = corpus.words[corpus.doc_name[doc_id]]
        namesakes = doc_ids[corpus.doc_name[doc_ids] == corpus.doc_name[doc_id]]
        file_id = corpus.doc_file[namesakes[np.argmax(data.usage[namesakes])]]
        if len(name) > 3:
            yield from observe(data, Focus(name), np.arange(len(corpus.paths)) == file_id, "name")


def question_cases(data: IndexData, repository: Path, questions: Questions) -> Iterator[Case]:
    """Yield the questions about a repository, known by a part of its path, whose files are in the tree."""
    for name, asked in questions.items():
        for query, files in asked if name in repository.as_posix() else ():
            yield from observe(data, Focus(query), np.isin(data.corpus.paths, files), "question")


def fit(cases: Sequence[Case]) -> Model:
    """Fit the weights of a ranking, and scale them to chances."""
    names = [name for name in cases[0].features if name not in (*CHOSEN, *LEFT_OUT)]
    x = np.concatenate([np.stack([case.features[name] for name in names], axis=1) for case in cases])
    mean, deviation = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-6)
    x = (x - mean) / deviation
    sizes = [len(case.target) for case in cases]
    starts, case_of = np.cumsum([0, *sizes[:-1]]), np.repeat(np.arange(len(cases)), sizes)
    target = np.concatenate([case.target for case in cases])
    weight = np.array([WEIGHTS[case.sort] for case in cases])
    weight /= weight.sum()

    def loss(weights: Floats) -> tuple[float, Floats]:
        logit = x @ weights
        highest = np.maximum.reduceat(logit, starts)
        power = np.exp(logit - highest[case_of])
        total = np.add.reduceat(power, starts)
        value = weight @ (highest + np.log(total) - np.add.reduceat(target * logit, starts))
        slope = x.T @ ((power / total[case_of] - target) * weight[case_of])
        return value + RIDGE * weights @ weights / 2, slope + RIDGE * weights

    weights = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x / deviation
    order = dict(zip(names, weights.tolist(), strict=True)) | CHOSEN
    return scaled(order, [case for case in cases if case.sort == "commit"])


def scaled(order: dict[str, float], cases: Sequence[Case]) -> Model:
    """Scale and shift the weights to those whose chances are nearest to what the commits modified."""
    learnt = [name for name in order if name not in CHOSEN]
    logit = np.concatenate([sum(order[name] * case.features[name] for name in learnt) for case in cases])
    target = np.concatenate([case.target for case in cases])

    def loss(parameters: Floats) -> tuple[float, Floats]:
        value = parameters[0] * logit + parameters[1]
        error = 1 / (1 + np.exp(-value)) - target
        total = (np.logaddexp(0, value) - target * value).sum()
        return total / len(cases), np.array([error @ logit, error.sum()]) / len(cases)

    scale, bias = minimize(loss, np.array([1.0, -5.0]), jac=True, method="L-BFGS-B").x
    return float(bias), {name: float(scale * value) for name, value in order.items()}


def source_of(model: Model, before: str) -> str:
    """Write the text of weights.py with other weights of the order."""
    return re.sub(r"ORDER_BIAS = .*?\n\}", source_of_model("ORDER", model), before, flags=re.DOTALL)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repositories", nargs="+", type=Path, metavar="REPOSITORY")
    parser.add_argument("--commits", type=int, default=20, help="most commits of each repository")
    parser.add_argument("--questions", type=Path, default=Path(__file__).with_name("order_questions.json"))
    parser.add_argument("--out", type=Path, default=Path("repomap/ranking/weights.py"))
    options = parser.parse_args()
    cases: list[Case] = []
    questions = json.loads(options.questions.read_text())
    for repository in options.repositories:
        cases += cases_of(repository, options.commits, questions)
        print(f"{repository}: {len(cases)} cases so far", flush=True)
    options.out.write_text(source_of(fit(cases), options.out.read_text()))


if __name__ == "__main__":
    main()
