"""Weighs the evidence into one value for each file and each definition.

With a request, the value is the chance that the work will touch it, by logistic regression over
the columns of `evidence.py` (weights in `weights.py`). Without one, it is the classic structural
overview: PageRank for files, and for definitions the share of rank that flows to them.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from repomap.arrays.texts import starts_of
from repomap.arrays.threads import beside
from repomap.corpus.corpus import NO_KIND, Corpus, Floats
from repomap.model import KINDS, Focus
from repomap.ranking.definition_evidence import CONTAINERS, FUNCTIONS, MANY_DOCUMENTS, parts_of
from repomap.ranking.file_evidence import Evidence, Library, gather
from repomap.ranking.weights import DEFINITION_BIAS, DEFINITION_WEIGHTS, FILE_BIAS, FILE_WEIGHTS

ENTRY_NAMES = frozenset("main cli app index lib mod server __main__ __init__ run manage init core".split())
"""File names at which reading a repository begins."""


_ENTRY = re.compile(rf"(?<![^/\0])(?:{'|'.join(sorted(ENTRY_NAMES))})(?=[.\0]|\Z)[^/\0]*(?![^\0])")
DEEPEST_ENTRY = 3
"""Folders above a file at which reading may begin."""

ASKED_FOR = 4.0
"""The least logit of a definition that alone bears a name which the request quotes as code writes names."""

PATH_SHARE = 0.4
"""A path's worth beside that of a signature in an overview, which is to say what the files are for."""


def _overview_weights() -> Floats:
    """By kind: what a definition is worth in an overview, nothing for a file's own document."""
    weights = np.zeros(NO_KIND + 1)
    for number, kind in enumerate(KINDS):
        weights[number] = 1.0 if kind in CONTAINERS else 0.7 if kind in FUNCTIONS else 0.15
    weights[KINDS.index("macro")] = 0.3
    return weights


OVERVIEW_WEIGHTS = _overview_weights()


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
    return Scores(chance(files), _definitions(library.corpus, evidence, files), evidence)


def _definitions(corpus: Corpus, evidence: Evidence, files: Floats) -> Floats:
    """By document: its value; ``files`` are the logits of the files."""
    of_file = with_file({}, files)
    asked = _asked_for(corpus, evidence)
    docs = np.zeros(len(corpus))

    def weigh_range(first: int, end: int) -> None:
        for part in parts_of(first, end):
            file = corpus.doc_file[part]
            columns = evidence.docs_of(part) | {name: values[file] for name, values in of_file.items()}
            logit = weigh(columns, DEFINITION_WEIGHTS, DEFINITION_BIAS)
            least = np.where(asked[part], ASKED_FOR, -np.inf)
            docs[part] = np.where(corpus.doc_kind[part] == NO_KIND, 0.0, chance(np.maximum(logit, least)))

    middle = len(corpus) // 2
    beside(
        lambda: weigh_range(0, middle),
        lambda: weigh_range(middle, len(corpus)),
        takes_long=len(corpus) >= MANY_DOCUMENTS,
    )
    return docs


def _asked_for(corpus: Corpus, evidence: Evidence) -> npt.NDArray[np.bool_]:
    """By document: whether the request names this definition, the only one of its name.

    They count wherever they stand and however much else matches: weights that were fitted on what work
    touches would hide them below the many matches of a huge repository.
    """
    docs, worth = evidence.asked
    docs = docs[worth >= 1]
    named = {corpus.number_of(name) for name, weight in evidence.request.names if weight >= 1}
    asked = np.zeros(len(corpus), bool)
    asked[[doc for doc in docs.tolist() if corpus.doc_name[doc] in named]] = True
    return asked


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
    rank = library.centrality * len(corpus.paths) * library.prior
    value = (rank + 0.5 * entries(corpus.paths)) * library.prior
    value = value / max(value.max(initial=0), 1e-12)
    public = np.append(corpus.words.first_bytes() != ord("_"), True)
    docs = OVERVIEW_WEIGHTS[corpus.doc_kind]
    docs *= np.where(public, 1.0, 0.4)[corpus.doc_name]
    reached = np.sqrt(library.flow)
    reached += 0.02
    docs *= reached
    docs *= np.sqrt(value)[corpus.doc_file]
    docs /= max(docs.max(initial=0), 1e-12)
    return Scores(np.sqrt(value) * PATH_SHARE, docs, None)


def entries(paths: Sequence[str]) -> Floats:
    """By file: 1 where reading begins at files of its name, and it stands in no deep folder."""
    found = np.zeros(len(paths))
    text = "\0".join(paths)
    starts = starts_of([len(path) + 1 for path in paths])
    places = np.array([match.start() for match in _ENTRY.finditer(text)], np.int64)
    for file in (np.searchsorted(starts, places, "right") - 1).tolist():
        found[file] = paths[file].count("/") <= DEEPEST_ENTRY
    return found
