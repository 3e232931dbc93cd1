"""Computes the features of every definition for the chance that new code will call it.

`file_evidence` and `definition_evidence` ask what the work will change. This module asks what it will
use: what much of the repository uses already, what the files in hand use or stand beside, and what the
request names. The files in hand are those of the chat; without a chat, those that the work will
probably change. `docs/ranking.md` explains each feature.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from repomap.arrays.array_types import DocIds, Flags, Floats, FloatsByDoc, FloatsByFile
from repomap.arrays.sums import sum_by
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.graph.usage import usage
from repomap.model import KINDS, Focus
from repomap.ranking.documents import CONTAINERS, FUNCTIONS, is_of_kinds
from repomap.ranking.index_data import IndexData

if TYPE_CHECKING:
    from repomap.ranking.file_evidence import Evidence

FILES_IN_HAND = 30
"""How many of the files that the work will probably change are followed to what they use."""

MOST_EDGES = 1_000_000
"""In a larger graph, what the files in hand use is known by file alone: reading all mentions takes seconds."""

STRONGEST_EDGE = 3.0
"""Weight of an edge above which more of it says nothing more."""

CONSTRUCTOR = KINDS.index("constructor")
REQUEST_FEATURES = ("text", "name", "whole name", "exact")

MANY_NAMESAKES = 3
"""Above it, a name does not say which definition is meant."""


@dataclass(frozen=True, eq=False)
class UseEvidence:
    """What the features of a slice of the documents are computed from."""

    corpus: Corpus
    names: Mapping[str, Floats]
    """By word id: what a definition's name says of it; the last row is for what has none."""
    docs: Mapping[str, FloatsByDoc]
    files: Mapping[str, FloatsByFile]
    touched: FloatsByDoc | None = None
    """The chance that the work changes each definition; None for an overview."""
    evidence: "Evidence | None" = None

    def __call__(self, chunk: slice) -> dict[str, Floats]:
        """Compute the features of a range of documents; rows of files are to be ignored."""
        corpus = self.corpus
        parent = np.maximum(corpus.doc_parent[chunk], 0)
        in_definition = corpus.doc_kind[parent] != NO_KIND
        features = _shape(corpus, chunk, parent, in_definition)
        for name, values in self.docs.items():
            features[name] = values[chunk]
            features[f"{name} of parent"] = np.where(in_definition, values[parent], 0.0)
        name_ids, file_ids = corpus.doc_name[chunk], corpus.doc_file[chunk]  # -1 is the last row of `names`
        features |= {name: values[name_ids] for name, values in self.names.items()}
        features |= {name: values[file_ids] for name, values in self.files.items()}
        features["unexported"] = features.pop("begins lower") * features.pop("file is go")
        if self.touched is not None and self.evidence is not None:
            features["touched"] = np.log(np.maximum(self.touched[chunk], 1e-6))
            request = self.evidence.docs_of(chunk)
            features |= {f"request: {name}": request[name] for name in REQUEST_FEATURES}
        return features

    @cached_property
    def all_docs(self) -> Mapping[str, Floats]:
        """The features of all documents."""
        return self(slice(0, len(self.corpus)))


def overview_evidence(index_data: IndexData) -> UseEvidence:
    """Compute what speaks for a definition while nothing is known of the work."""
    corpus = index_data.corpus
    docs = _usage_features(index_data) | {"active uses": np.log1p(3 * index_data.active_usage)}
    return UseEvidence(corpus, _name_features(corpus), docs, _file_features(index_data))


def use_evidence(
    index_data: IndexData,
    focus: Focus,
    evidence: "Evidence",
    file_chances: FloatsByFile,
    touched: FloatsByDoc,
) -> UseEvidence:
    """Compute what speaks for each definition being used by the work on a request.

    ``file_chances`` and ``touched`` are the chances that the work changes each file and definition.
    """
    in_hand = files_in_hand(index_data, focus, file_chances)
    docs = _usage_features(index_data)
    held = np.zeros(len(index_data.corpus))
    if len(index_data.graph.weight) < MOST_EDGES:
        held = usage(index_data.corpus, index_data.mentions, in_hand)
    docs["held"] = np.log1p(100 * held)
    docs["is held"] = (held > 0).astype(float)
    files = _file_features(index_data) | _features_in_hand(index_data, in_hand)
    files["file touched"] = np.log(np.maximum(file_chances, 1e-6))
    return UseEvidence(index_data.corpus, _name_features(index_data.corpus), docs, files, touched, evidence)


def files_in_hand(index_data: IndexData, focus: Focus, file_chances: FloatsByFile) -> FloatsByFile:
    """Weigh the files that the work is about; weights sum to 1, and few are above 0."""
    chat = set(focus.chat)
    weights = np.fromiter((path in chat for path in index_data.corpus.paths), float, len(file_chances))
    if not weights.any():
        weights = file_chances**2 * (index_data.kind_weight >= 1)
        if len(weights) > FILES_IN_HAND:
            weights[weights < np.partition(weights, -FILES_IN_HAND)[-FILES_IN_HAND]] = 0.0
    total = weights.sum()
    return weights / total if total > 0 else weights


def _usage_features(index_data: IndexData) -> dict[str, FloatsByDoc]:
    return {"uses": np.log1p(3 * index_data.usage)}


def _file_features(index_data: IndexData) -> dict[str, FloatsByFile]:
    """Return what is known of every file without a request, and without loading the graph."""
    history, file_count = index_data.commit_history, len(index_data.corpus.paths)
    return {
        "file definitions": np.log1p(np.diff(index_data.corpus.doc_start) - 1),
        "file centrality": np.log(index_data.centrality * file_count + 0.01),
        "file frequency": np.log1p(history.frequency()),
        "file recency": history.recency(),
        "file is go": np.fromiter((lang == "go" for lang in index_data.corpus.languages), float, file_count),
    }


def _features_in_hand(index_data: IndexData, in_hand: FloatsByFile) -> dict[str, FloatsByFile]:
    """Relate each file to those in hand: by edges, imports, folder and common commits."""
    graph, paths = index_data.graph, index_data.corpus.paths
    file_count = max(1, len(paths))
    weight = np.minimum(graph.weight, STRONGEST_EDGE)
    used = sum_by(graph.target, weight * in_hand[graph.source], len(paths))
    uses = sum_by(graph.source, weight * in_hand[graph.target], len(paths))
    source, target = index_data.imported // file_count, index_data.imported % file_count
    users = sum_by(graph.target, index_data.kind_weight[graph.source], len(paths))
    folders = {paths[file_id].rpartition("/")[0] for file_id in np.flatnonzero(in_hand).tolist()}
    return {
        "file users": np.log1p(users),
        "file used": np.log1p(100 * used),
        "file is used": (used > 0).astype(float),
        "file uses": np.log1p(100 * uses),
        "file imported": sum_by(target, in_hand[source], len(paths)),
        "same folder": np.fromiter((path.rpartition("/")[0] in folders for path in paths), float, len(paths)),
        "changed with": np.sqrt(np.maximum(index_data.commit_history.co_change(in_hand), 0)),
    }


def _shape(corpus: Corpus, chunk: slice, parent: DocIds, in_definition: Flags) -> dict[str, Floats]:
    """Return what a definition is: its kind, where it is nested, how long it and its name are."""
    kind = corpus.doc_kind[chunk]
    is_function, is_container = is_of_kinds(kind, FUNCTIONS), is_of_kinds(kind, CONTAINERS)
    in_function = in_definition & is_of_kinds(corpus.doc_kind[parent], FUNCTIONS)
    in_container = in_definition & is_of_kinds(corpus.doc_kind[parent], CONTAINERS)
    is_value = ~is_function & ~is_container
    first_line, last_line = (corpus.doc_span[chunk, column].astype(np.int64) for column in (1, 2))
    flags = {
        "function": is_function,
        "container": is_container,
        "method": is_function & in_container,
        "constructor": kind == CONSTRUCTOR,
        "nested": in_function,
        "member": in_definition & ~in_function & is_value,
        "value": is_value & ~in_definition,
    }
    return {name: values.astype(float) for name, values in flags.items()} | {
        "lines": np.log1p(last_line - first_line)
    }


def _name_features(corpus: Corpus) -> dict[str, Floats]:
    """Return what a name says: whether it is one of many, is meant for others, and is a common word.

    By word id; one row more, of zeros, is for what has no name.
    """
    namesakes = np.bincount(corpus.doc_name[corpus.doc_kind != NO_KIND], minlength=len(corpus.words))
    first_bytes = corpus.words.first_bytes()
    features = {
        "namesakes": np.log1p(namesakes),
        "many namesakes": namesakes > MANY_NAMESAKES,
        "name length": np.log1p(corpus.words.texts.byte_sizes()),
        "underscore": first_bytes == ord("_"),
        "begins lower": (first_bytes >= ord("a")) & (first_bytes <= ord("z")),
    }
    return {name: np.append(values.astype(float), 0.0) for name, values in features.items()}
