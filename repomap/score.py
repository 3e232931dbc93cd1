"""Weighs the evidence into one value for each file and each definition.

With a request, the value is the chance that the work will touch it, by logistic regression over
the columns of `evidence.py` (weights in `weights.py`). Without one, it is the classic structural
overview: PageRank for files, and for definitions the share of rank that flows to them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from repomap.corpus import NO_KIND, Floats
from repomap.evidence import CONTAINERS, FUNCTIONS, Evidence, Library, gather, of_kinds
from repomap.model import Focus
from repomap.weights import DEFINITION_BIAS, DEFINITION_WEIGHTS, FILE_BIAS, FILE_WEIGHTS

ENTRY_NAMES = frozenset("main cli app index lib mod server __main__ __init__ run manage init core".split())
"""File names at which reading a repository begins."""


PATH_SHARE = 0.4
"""A path's worth beside that of a signature in an overview, which is to say what the files are for."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Values by file and by document (zero for documents that are files), with their reasons."""

    files: Floats
    docs: Floats
    evidence: Evidence | None


def score(library: Library, focus: Focus) -> Scores:
    """The value of each file and definition for this focus."""
    if not (focus.request.strip() or focus.chat or focus.mentions):
        return structural(library)
    evidence = gather(library, focus)
    files = weigh(evidence.files, FILE_WEIGHTS, FILE_BIAS)
    corpus = library.corpus
    columns = with_file(evidence.docs, files[corpus.doc_file])
    docs = weigh(columns, DEFINITION_WEIGHTS, DEFINITION_BIAS)
    return Scores(chance(files), np.where(corpus.doc_kind == NO_KIND, 0.0, chance(docs)), evidence)


def with_file(columns: Mapping[str, Floats], logit: Floats) -> dict[str, Floats]:
    """The columns of definitions with what is known of the file of each: its logit and the log of its chance."""
    return {**columns, "file": logit, "chance of file": np.log(chance(logit))}


def weigh(columns: Mapping[str, Floats], weights: Mapping[str, float], bias: float) -> Floats:
    """The weighted sum of the columns, in the order of the weights, so that equal inputs sum equally."""
    total = np.full(len(next(iter(columns.values()))), bias)
    for name, weight in weights.items():
        total += weight * columns[name]
    return total


def chance(logit: Floats) -> Floats:
    """The logistic function."""
    return 1 / (1 + np.exp(-np.clip(logit, -30, 30)))


def structural(library: Library) -> Scores:
    """The overview of a repository: what most of it rests on, and where it begins."""
    corpus = library.corpus
    files = len(corpus.paths)
    rank = library.centrality * files * library.prior
    entry = np.fromiter((_is_entry(path) for path in corpus.paths), float, files)
    value = (rank + 0.5 * entry) * library.prior
    value = value / max(value.max(initial=0), 1e-12)
    flow = library.flow
    defined = corpus.doc_kind != NO_KIND
    weight = np.where(of_kinds(corpus, CONTAINERS), 1.0, np.where(of_kinds(corpus, FUNCTIONS), 0.7, 0.15))
    weight = np.where(of_kinds(corpus, ("macro",)), 0.3, weight)
    public = np.append(corpus.words.first_bytes() != ord("_"), True).astype(float)
    shown = weight * np.where(defined, 0.4 + 0.6 * public[corpus.doc_name], 0.0)
    docs = shown * (np.sqrt(flow) + 0.02) * np.sqrt(value[corpus.doc_file])
    return Scores(np.sqrt(value) * PATH_SHARE, docs / max(docs.max(initial=0), 1e-12), None)


def _is_entry(path: str) -> bool:
    name = path.rpartition("/")[2].partition(".")[0]
    return name in ENTRY_NAMES and path.count("/") <= 3
