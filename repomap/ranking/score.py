"""Scores each file and each definition for a focus.

With a request, a score is the chance that the work will touch the file or definition: a logistic
model over the features of `file_evidence` and `definition_evidence`, with the fitted `weights`.
Without one, it is a structural overview: PageRank for files, and for a definition the share of its
file's rank that reaches it by name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from repomap.arrays.array_types import FlagsByDoc, Floats, FloatsByDoc, FloatsByFile
from repomap.arrays.texts import starts_of
from repomap.arrays.threads import run_both
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.model import KINDS, Focus
from repomap.ranking.definition_evidence import CONTAINERS, FUNCTIONS, MANY_DOCUMENTS, doc_chunks
from repomap.ranking.file_evidence import Evidence, gather
from repomap.ranking.index_data import IndexData
from repomap.ranking.weights import DEFINITION_BIAS, DEFINITION_WEIGHTS, FILE_BIAS, FILE_WEIGHTS

ENTRY_NAMES = frozenset("main cli app index lib mod server __main__ __init__ run manage init core".split())
"""Names of files at which one starts to read a repository."""
DEEPEST_ENTRY = 3
"""Most folders above such a file."""
_ENTRY = re.compile(rf"(?<![^/\0])(?:{'|'.join(sorted(ENTRY_NAMES))})(?=[.\0]|\Z)[^/\0]*(?![^\0])")

QUOTED_LOGIT = 4.0
"""The least logit of the only definition of a name that the request quotes as code."""

PATH_SHARE = 0.4
"""Value of a path relative to a signature in the overview, which is to say what the files are for."""
ENTRY_VALUE = 0.5
"""Added to the rank of an entry file, in units of the mean rank."""
PRIVATE_WEIGHT = 0.4
"""Weight in the overview of a definition whose name begins with an underscore."""
UNREACHED_FLOW = 0.02
"""Added to the root of the flow, so that a definition that nobody uses keeps some value."""


def _overview_weights() -> Floats:
    """Weigh each kind of definition in an overview; a file's own document weighs nothing."""
    weights = np.zeros(NO_KIND + 1)
    for code, kind in enumerate(KINDS):
        weights[code] = 1.0 if kind in CONTAINERS else 0.7 if kind in FUNCTIONS else 0.15
    weights[KINDS.index("macro")] = 0.3
    return weights


OVERVIEW_WEIGHTS = _overview_weights()


@dataclass(frozen=True, slots=True)
class Scores:
    """Values between 0 and 1, comparable between files and definitions."""

    files: FloatsByFile
    docs: FloatsByDoc
    """0 for documents that are files."""
    evidence: Evidence | None
    """None for the overview."""


def score(index_data: IndexData, focus: Focus) -> Scores:
    """Score every file and definition for a focus."""
    if not (focus.request.strip() or focus.chat or focus.mentions):
        return structural(index_data)
    evidence = gather(index_data, focus)
    file_logits = weigh(evidence.files, FILE_WEIGHTS, FILE_BIAS)
    return Scores(chance(file_logits), _doc_scores(index_data.corpus, evidence, file_logits), evidence)


def _doc_scores(corpus: Corpus, evidence: Evidence, file_logits: FloatsByFile) -> FloatsByDoc:
    file_features = with_file({}, file_logits)
    is_quoted = _quoted_definitions(corpus, evidence)
    scores = np.zeros(len(corpus))

    def score_range(first: int, end: int) -> None:
        for chunk in doc_chunks(first, end):
            file_ids = corpus.doc_file[chunk]
            features = evidence.docs_of(chunk)
            features |= {name: values[file_ids] for name, values in file_features.items()}
            logits = weigh(features, DEFINITION_WEIGHTS, DEFINITION_BIAS)
            least = np.where(is_quoted[chunk], QUOTED_LOGIT, -np.inf)
            chances = chance(np.maximum(logits, least))
            scores[chunk] = np.where(corpus.doc_kind[chunk] == NO_KIND, 0.0, chances)

    middle = len(corpus) // 2
    run_both(
        lambda: score_range(0, middle),
        lambda: score_range(middle, len(corpus)),
        in_threads=len(corpus) >= MANY_DOCUMENTS,
    )
    return scores


def _quoted_definitions(corpus: Corpus, evidence: Evidence) -> FlagsByDoc:
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
    """Score for an overview: what most of the repository rests on, and where it begins."""
    corpus = index_data.corpus
    rank = index_data.centrality * len(corpus.paths) * index_data.kind_weight
    value = (rank + ENTRY_VALUE * entries(corpus.paths)) * index_data.kind_weight
    value = value / max(value.max(initial=0), 1e-12)
    is_public = np.append(corpus.words.first_bytes() != ord("_"), True)  # the last one is for name -1
    docs = OVERVIEW_WEIGHTS[corpus.doc_kind]
    docs *= np.where(is_public, 1.0, PRIVATE_WEIGHT)[corpus.doc_name]
    reached = np.sqrt(index_data.flow)
    reached += UNREACHED_FLOW
    docs *= reached
    docs *= np.sqrt(value)[corpus.doc_file]
    docs /= max(docs.max(initial=0), 1e-12)
    return Scores(np.sqrt(value) * PATH_SHARE, docs, None)


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
