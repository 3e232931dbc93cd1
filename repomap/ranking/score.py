"""Scores each file and each definition for a focus.

With a request, a score is the chance that the work will touch the file or definition: a logistic
model over the features of `file_evidence` and `definition_evidence`, with the fitted `weights`.
Without one, it is a structural overview: PageRank for files, and for a definition the share of its
file's rank that reaches it by name.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from repomap.arrays.array_types import DocIds, FlagsByDoc, Floats, FloatsByDoc, FloatsByFile
from repomap.arrays.texts import starts_of
from repomap.arrays.threads import run_both
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.model import Focus
from repomap.ranking.documents import (
    CONTAINERS,
    FUNCTIONS,
    MANY_DOCUMENTS,
    doc_chunks,
    in_tests,
    is_of_kinds,
    says_not_to_be_used,
)
from repomap.ranking.index_data import IndexData
from repomap.ranking.use_evidence import CONSTRUCTOR, overview_evidence, use_evidence
from repomap.ranking.use_weights import (
    LIKELY_USE_BIAS,
    LIKELY_USE_WEIGHTS,
    OVERVIEW_BIAS,
    OVERVIEW_WEIGHTS,
    USE_BIAS,
    USE_WEIGHTS,
)
from repomap.ranking.weights import (
    DEFINITION_BIAS,
    DEFINITION_WEIGHTS,
    FILE_BIAS,
    FILE_WEIGHTS,
    ORDER_BIAS,
    ORDER_WEIGHTS,
)

if TYPE_CHECKING:
    from repomap.ranking.file_evidence import Evidence

ENTRY_NAMES = frozenset("main cli app index lib mod server __main__ __init__ run manage init core".split())
"""Names of files at which one starts to read a repository."""
DEEPEST_ENTRY = 3
"""Most folders above such a file."""
_ENTRY = re.compile(rf"(?<![^/\0])(?:{'|'.join(sorted(ENTRY_NAMES))})(?=[.\0]|\Z)[^/\0]*(?![^\0])")

_RETURNS_TYPE = re.compile(r"[)!\s]type\s*\Z")
"""In the signature of a function in Zig."""

QUOTED_LOGIT = 4.0
"""The least logit of the only definition of a name that the request quotes as code."""

OFFERED = (
    *FUNCTIONS,
    *(kind for kind in CONTAINERS if kind not in ("module", "namespace", "implementation")),
)
"""Kinds of what can be called or built."""
OVERVIEW_VALUE_WEIGHT = 0.15
"""Weight in an overview of all else: constants and fields are many, and short; a module is what is in it."""

DISCOURAGED_WEIGHT = 0.3
"""Weight in an overview of what says that it is private or deprecated."""
LOCAL_WEIGHT = 0.1
"""Weight in an overview of what stands within a function: other code cannot name it, though a name may be common."""
MOST_READ = 1_500
"""Definitions of an overview whose declarations are read for that: those of most value."""

OVERVIEW_PATH_VALUE = 5e-4
"""Value in an overview of the most important path beside the best signature: paths are what is left over."""

PART_SHARE, PART_VALUE = 0.03, 1.0
"""A folder with this share of the source lines is a part, whose best definition has the highest value."""
STYLES = frozenset({"css", "scss"})
"""Languages of what no code calls."""
MOST_ELSEWHERE = 0.5
"""The value of the best other definition."""
OFFERED_WEIGHT = 0.7
"""Weight of being used by tests, documents and examples alone: what a library offers to others. Chosen."""
ENTRY_VALUE = 0.5
"""Added to the rank of an entry file, in units of the mean rank."""


USE_SHARE, USE_SHARE_WITH_CHAT = 0.2, 2.0
"""What the chance of being used counts beside that of being changed: most once the chat holds the files."""

CONSTRUCTOR_SHARE = 0.5

IN_TESTS_SHARE = 0.02
"""What is left of the chance of use of a test in a source file: nothing else can call it."""

OVERVIEW_SHARE = 0.6
"""What the overview counts beside the chance of being used, where a focus has no words."""
PATH_SHARE = 0.05
"""Value of a path there, beside that of a file that is mentioned."""

FeaturesOf = Callable[[slice], Mapping[str, Floats]]


@dataclass(frozen=True, slots=True)
class Scores:
    """Values between 0 and 1, comparable between files and definitions."""

    files: FloatsByFile
    docs: FloatsByDoc
    """0 for documents that are files."""
    used: FloatsByDoc
    """The chance that new code uses each definition."""
    changed: FloatsByDoc | None
    """The chance that the work changes each definition; None where nothing says what the work is."""
    evidence: "Evidence | None"
    """None for the overview."""


def score(index_data: IndexData, focus: Focus) -> Scores:
    """Score every file and definition for a focus."""
    if not (focus.request.strip() or focus.chat or focus.mentions):
        return structural(index_data)
    from repomap.ranking.file_evidence import gather  # late: an overview does without all that reads requests

    corpus = index_data.corpus
    evidence = gather(index_data, focus)
    files = chance(weigh(evidence.files, ORDER_WEIGHTS, ORDER_BIAS))
    file_logits = weigh(evidence.files, FILE_WEIGHTS, FILE_BIAS)
    touched = _chances_of_touch(corpus, evidence, file_logits)
    uses = use_evidence(index_data, focus, evidence, chance(file_logits), touched)
    weights, bias = (USE_WEIGHTS, USE_BIAS) if focus.chat else (LIKELY_USE_WEIGHTS, LIKELY_USE_BIAS)
    used = chance(weigh_docs(corpus, uses, weights, bias))
    used = _of_definitions(corpus, used) * (index_data.kind_weight >= 1)[corpus.doc_file]
    used = with_constructors(corpus, used)
    if not evidence.request.terms:
        return _without_words(index_data, evidence, files, used)
    share = USE_SHARE_WITH_CHAT if focus.chat else USE_SHARE
    return Scores(files, np.minimum(touched + share * used, 1.0), used, touched, evidence)


def _without_words(
    index_data: IndexData, evidence: "Evidence", files: FloatsByFile, used: FloatsByDoc
) -> Scores:
    """Score for files in the chat or mentions alone: what these use, what is mentioned, then the overview.

    Nothing says what the work will change, so a file counts for what it offers; its path alone is left over.
    """
    docs = np.maximum(used, OVERVIEW_SHARE * structural(index_data).docs)
    exact = evidence.exact_matches
    docs[exact.doc_ids] = np.maximum(docs[exact.doc_ids], np.minimum(exact.values, 1.0))
    mentioned = evidence.files["mentioned"]
    return Scores(np.where(mentioned > 0, files, files * PATH_SHARE), docs, used, None, evidence)


def _of_definitions(corpus: Corpus, used: FloatsByDoc) -> FloatsByDoc:
    """Return the chances of use without those of files, and with little for tests in source files."""
    used = np.where(corpus.doc_kind == NO_KIND, 0.0, used)
    return np.where(in_tests(corpus), IN_TESTS_SHARE * used, used)


def with_constructors(corpus: Corpus, used: FloatsByDoc) -> FloatsByDoc:
    """Let a constructor be worth a share of its class, by whose name code calls it."""
    constructors = np.flatnonzero(corpus.doc_kind == CONSTRUCTOR)
    of_class = CONSTRUCTOR_SHARE * used[corpus.doc_parent[constructors]]
    used = used.copy()
    used[constructors] = np.maximum(used[constructors], of_class)
    return used


def _chances_of_touch(corpus: Corpus, evidence: "Evidence", file_logits: FloatsByFile) -> FloatsByDoc:
    """Estimate for each definition the chance that the work changes it."""
    file_features = with_file({}, file_logits)
    is_quoted = _quoted_definitions(corpus, evidence)

    def features_of(chunk: slice) -> dict[str, Floats]:
        file_ids = corpus.doc_file[chunk]
        return evidence.docs_of(chunk) | {name: values[file_ids] for name, values in file_features.items()}

    logits = weigh_docs(corpus, features_of, DEFINITION_WEIGHTS, DEFINITION_BIAS)
    chances = chance(np.maximum(logits, np.where(is_quoted, QUOTED_LOGIT, -np.inf)))
    return np.where(corpus.doc_kind == NO_KIND, 0.0, chances)


def weigh_docs(
    corpus: Corpus, features_of: FeaturesOf, weights: Mapping[str, float], bias: float
) -> FloatsByDoc:
    """Compute the logits of all documents, some thousands at a time, two halves in two threads."""
    logits = np.zeros(len(corpus))

    def weigh_range(first: int, end: int) -> None:
        for chunk in doc_chunks(first, end):
            logits[chunk] = weigh(features_of(chunk), weights, bias)

    middle = len(corpus) // 2
    run_both(
        lambda: weigh_range(0, middle),
        lambda: weigh_range(middle, len(corpus)),
        in_threads=len(corpus) >= MANY_DOCUMENTS,
    )
    return logits


def _quoted_definitions(corpus: Corpus, evidence: "Evidence") -> FlagsByDoc:
    """Flag the definitions that the request quotes, each the only one of its name.

    They are shown wherever they are and however much else matches: weights that were fitted on what
    work touches would bury them below the many matches of a huge repository.
    """
    exact = evidence.exact_matches
    doc_ids = exact.doc_ids[exact.values >= 1]
    quoted_ids = {corpus.word_id(name) for name, weight in evidence.request.names if weight >= 1}
    is_quoted = np.zeros(len(corpus), bool)
    is_quoted[[doc_id for doc_id in doc_ids.tolist() if corpus.doc_name[doc_id] in quoted_ids]] = True
    return is_quoted


def with_file(features: Mapping[str, Floats], file_logits: Floats) -> dict[str, Floats]:
    """Add to the features of definitions the logit, and the log of the chance, of each one's file."""
    return {**features, "file": file_logits, "chance of file": np.log(chance(file_logits))}


def weigh(features: Mapping[str, Floats], weights: Mapping[str, float], bias: float) -> Floats:
    """Compute the logits: bias plus the weighted sum of the features.

    Summed in the order of the weights, so that equal inputs give equal bits.
    """
    total = np.full(len(next(iter(features.values()))), bias)
    for name, weight in weights.items():
        total += weight * features[name]
    return total


def chance(logits: Floats) -> Floats:
    """Apply the logistic function.

    >>> chance(np.array([-1000.0, 0.0, 2.0])).round(3).tolist()
    [0.0, 0.5, 0.881]
    """
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))


def structural(index_data: IndexData) -> Scores:
    """Score for an overview: what much of the repository uses, and where it begins."""
    corpus = index_data.corpus
    rank = index_data.centrality * len(corpus.paths) * index_data.kind_weight
    value = (rank + ENTRY_VALUE * entries(corpus.paths)) * index_data.kind_weight
    value = value / max(value.max(initial=0), 1e-12)
    docs = weigh_docs(corpus, overview_evidence(index_data), OVERVIEW_WEIGHTS, OVERVIEW_BIAS)
    docs += OFFERED_WEIGHT * offered_to_others(index_data)
    used = _of_definitions(corpus, chance(docs))
    docs = used * np.where(is_of_kinds(corpus.doc_kind, OFFERED), 1.0, OVERVIEW_VALUE_WEIGHT)
    docs = with_constructors(corpus, docs * index_data.kind_weight[corpus.doc_file])
    best = np.argpartition(-docs, MOST_READ)[:MOST_READ] if len(docs) > MOST_READ else np.arange(len(docs))
    docs[best[says_not_to_be_used(corpus, best)]] *= DISCOURAGED_WEIGHT
    docs[is_local(corpus)] *= LOCAL_WEIGHT
    docs *= MOST_ELSEWHERE / max(docs.max(initial=0), 1e-12)
    first_of_parts = best_of_parts(index_data, docs)
    docs[first_of_parts] = PART_VALUE
    return Scores(value * OVERVIEW_PATH_VALUE, docs, used, None, None)


def is_local(corpus: Corpus) -> FlagsByDoc:
    """Flag what stands within a function, unless it is a type that this makes, as Zig's generic types are made."""
    parent = np.maximum(corpus.doc_parent, 0)
    within = is_of_kinds(corpus.doc_kind[parent], FUNCTIONS)
    for doc_id in np.flatnonzero(within).tolist():
        if corpus.languages[corpus.doc_file[doc_id]] == "zig":
            within[doc_id] = not _RETURNS_TYPE.search(corpus.signatures[parent[doc_id]])
    return within


def offered_to_others(index_data: IndexData) -> FloatsByDoc:
    """Return how much what can be called or built is used, where no source file does it.

    Only what stands in no other definition: members are offered with what has them.
    """
    corpus = index_data.corpus
    is_outer = corpus.doc_kind[np.maximum(corpus.doc_parent, 0)] == NO_KIND
    is_offered = is_outer & (index_data.active_usage == 0) & is_of_kinds(corpus.doc_kind, OFFERED)
    return np.where(is_offered, np.log1p(3 * index_data.usage), 0.0)


def best_of_parts(index_data: IndexData, docs: FloatsByDoc) -> DocIds:
    """Find the best definition of each part: of each folder that holds much of the source code.

    A style sheet says nothing of what its folder offers, and would be all that is shown of one whose other files no
    grammar reads.
    """
    corpus = index_data.corpus
    is_style = np.fromiter((language in STYLES for language in corpus.languages), bool, len(corpus.paths))
    docs = np.where(is_style[corpus.doc_file], 0.0, docs)
    source_lines = np.where(index_data.kind_weight >= 1, corpus.lines, 0)
    least = PART_SHARE * source_lines.sum()
    best_of_file = np.maximum.reduceat(docs, corpus.doc_start[:-1]) if len(corpus.paths) else docs
    chosen = set()
    for lines, (_, negative_id) in _folders(
        corpus.paths, source_lines.tolist(), best_of_file.tolist()
    ).values():
        if lines >= least:
            first, end = int(corpus.doc_start[-negative_id]), int(corpus.doc_start[1 - negative_id])
            chosen.add(first + int(np.argmax(docs[first:end])))
    return np.array([doc_id for doc_id in sorted(chosen) if docs[doc_id] > 0], np.int32)


_Best = tuple[float, int]
"""The value of the best file, and its id times -1: of equal ones, the first is the best."""


def _folders(
    paths: Sequence[str], source_lines: Sequence[int], values: Sequence[float]
) -> dict[str, tuple[int, _Best]]:
    """Return the source lines and the best file of each folder, with all that is below it."""
    direct: dict[str, tuple[int, _Best]] = {}
    nothing = (0, (-1.0, 0))
    for file_id, lines in enumerate(source_lines):
        if lines:
            folder = paths[file_id].rpartition("/")[0]
            total, best = direct.get(folder, nothing)
            direct[folder] = total + lines, max(best, (values[file_id], -file_id))
    folders: dict[str, tuple[int, _Best]] = {}
    for inner, (lines, best_here) in direct.items():
        folder = inner
        while folder:
            total, best = folders.get(folder, nothing)
            folders[folder] = total + lines, max(best, best_here)
            folder = folder.rpartition("/")[0]
    return folders


def entries(paths: Sequence[str]) -> FloatsByFile:
    """Flag with 1 the files at which one starts to read, by name and depth.

    >>> entries(("app.py", "docs/app.md", "src/lib/mod.rs", "session.py")).tolist()
    [1.0, 1.0, 1.0, 0.0]
    """
    flags = np.zeros(len(paths))
    text = "\0".join(paths)
    starts = starts_of([len(path) + 1 for path in paths])
    positions = np.array([match.start() for match in _ENTRY.finditer(text)], np.int64)
    for file_id in (np.searchsorted(starts, positions, "right") - 1).tolist():
        flags[file_id] = paths[file_id].count("/") <= DEEPEST_ENTRY
    return flags
