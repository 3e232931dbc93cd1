"""Explains the score of a file or symbol: which features, words, edges and commits it comes from."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from repomap.arrays.array_types import FileIds, Flags, Floats
from repomap.corpus.corpus import NO_KIND
from repomap.lookup.targets import target_of
from repomap.mapping.make import qualifier
from repomap.model import Focus
from repomap.ranking.index_data import IndexData
from repomap.ranking.lexicon import words_of_term
from repomap.ranking.request import read_request
from repomap.ranking.score import Scores, score, weigh, with_file
from repomap.ranking.weights import DEFINITION_WEIGHTS, FILE_BIAS, FILE_WEIGHTS, ORDER_WEIGHTS
from repomap.safety.printable import printable

MOST_EDGES = 8
MOST_NAMES = 5
LEAST_CONTRIBUTION = 0.05
"""Features that move the logit by less are not listed."""


def explain(index_data: IndexData, focus: Focus, target: str) -> str:
    """Explain in lines of text why `PATH`, `PATH:NAME` or `NAME` has its place for this focus.

    Words and edges are those of the file, or of each file that defines the name. Raises NotInRepository if there is
    no such path or name.
    """
    file_id, doc_ids = target_of(index_data, target)
    scores = score(index_data, focus)
    if file_id is not None:
        return (
            "\n".join([*_about_file(index_data, scores, file_id), *_about(index_data, focus, file_id)]) + "\n"
        )
    docs_of: dict[int, list[int]] = {}
    for doc_id in doc_ids:
        docs_of.setdefault(int(index_data.corpus.doc_file[doc_id]), []).append(doc_id)
    lines: list[str] = []
    for each, docs in docs_of.items():
        lines += [*_about_definitions(index_data, scores, docs), *_about(index_data, focus, each)]
    return "\n".join(lines) + "\n"


def _about(index_data: IndexData, focus: Focus, file_id: int) -> list[str]:
    return [*_about_words(index_data, focus, file_id), *_about_edges(index_data, file_id)]


def reasons_of_file(
    index_data: IndexData, scores: Scores, focus: Focus, file_id: int, most: int
) -> list[str]:
    """Return what `explain` says of a file for a request: what moves its score most, and the words that it has."""
    if scores.evidence is None:
        return []
    moved = _contributions(scores.evidence.files, ORDER_WEIGHTS, file_id)
    return [line.strip() for line in (*moved[:most], *_about_words(index_data, focus, file_id))]


def _about_file(index_data: IndexData, scores: Scores, file_id: int) -> list[str]:
    rank = int(np.count_nonzero(scores.files > scores.files[file_id])) + 1
    path, total, value = (
        printable(index_data.corpus.paths[file_id]),
        len(scores.files),
        scores.files[file_id],
    )
    head = f"{path}: file {rank} of {total}, score {value:.4f}"
    if scores.evidence is None:
        return [head, *_structural(index_data, file_id)]
    return [head, *_contributions(scores.evidence.files, ORDER_WEIGHTS, file_id)]


def _about_definitions(index_data: IndexData, scores: Scores, doc_ids: Sequence[int]) -> list[str]:
    corpus, lines = index_data.corpus, []
    total = int(np.count_nonzero(corpus.doc_kind != NO_KIND))
    for doc_id in doc_ids:
        rank = int(np.count_nonzero(scores.docs > scores.docs[doc_id])) + 1
        name = f"{qualifier(corpus, doc_id)}.{corpus.words[corpus.doc_name[doc_id]]}".lstrip(".")
        place = f"{printable(corpus.paths[corpus.doc_file[doc_id]])}:{int(corpus.doc_span[doc_id][1])}"
        value = scores.docs[doc_id]
        lines.append(f"{printable(name)} ({place}): definition {rank} of {total}, score {value:.4f}")
        lines.append(
            f"  chance of being used {scores.used[doc_id]:.4f}, {index_data.usage[doc_id]:.2f} uses so far"
        )
        if scores.evidence is not None and scores.changed is not None:
            file_logits = weigh(scores.evidence.files, FILE_WEIGHTS, FILE_BIAS)
            features = with_file(scores.evidence.docs, file_logits[corpus.doc_file])
            lines.append(f"  chance of being changed {scores.changed[doc_id]:.4f}:")
            lines += _contributions(features, DEFINITION_WEIGHTS, doc_id)
    return lines


def _contributions(features: Mapping[str, Floats], weights: Mapping[str, float], row: int) -> list[str]:
    """Write what each feature adds to the logit, compared with its mean, the largest first."""
    rows = []
    for name, weight in weights.items():
        value, mean = float(features[name][row]), float(features[name].mean())
        rows.append((weight * (value - mean), name, value))
    rows.sort(key=lambda item: (-abs(item[0]), item[1]))
    return [
        f"  {contribution:+7.2f}  {name} {value:.3f}"
        for contribution, name, value in rows
        if abs(contribution) >= LEAST_CONTRIBUTION
    ]


def _structural(index_data: IndexData, file_id: int) -> list[str]:
    central = index_data.centrality[file_id] * len(index_data.corpus.paths)
    return [f"  centrality {central:.2f} of the mean, as a file of kind {index_data.kinds[file_id]}"]


def _about_words(index_data: IndexData, focus: Focus, file_id: int) -> list[str]:
    """List the words of the request that the file has, with the names that contain them."""
    corpus, lines = index_data.corpus, []
    start, end = int(corpus.doc_start[file_id]), int(corpus.doc_start[file_id + 1])
    for term in read_request(focus.request).terms:
        names = []
        for word_id in words_of_term(term.stem, index_data.lexicon):
            uses = corpus.postings([word_id])
            in_file = (uses.doc_id >= start) & (uses.doc_id < end)
            occurrences = int(uses.code[in_file].sum()) + int(uses.prose[in_file].sum())
            if occurrences:
                names.append((-occurrences, corpus.words[word_id]))
        if names:
            shown = ", ".join(f"{printable(name)}×{-negated}" for negated, name in sorted(names)[:MOST_NAMES])
            lines.append(f"  word {printable(term.stem)}: {shown}")
    return lines


def _about_edges(index_data: IndexData, file_id: int) -> list[str]:
    mentions = index_data.mentions
    used_by = _edges(index_data, mentions.target == file_id, mentions.source)
    uses = _edges(index_data, mentions.source == file_id, mentions.target)
    return [*(f"  used by {line}" for line in used_by), *(f"  uses {line}" for line in uses)]


def _edges(index_data: IndexData, is_edge: Flags, other_ends: FileIds) -> list[str]:
    """Write the files at the other end of the heaviest edges, with the names that make each edge."""
    corpus, mentions = index_data.corpus, index_data.mentions
    names_by_file: defaultdict[int, list[tuple[float, str]]] = defaultdict(list)
    for row in np.flatnonzero(is_edge).tolist():
        name = corpus.words[mentions.word_id[row]]
        names_by_file[int(other_ends[row])].append((float(mentions.weight[row]), name))
    weight_by_file = {file_id: sum(weight for weight, _ in names) for file_id, names in names_by_file.items()}
    heaviest = sorted(weight_by_file, key=lambda file_id: (-weight_by_file[file_id], file_id))[:MOST_EDGES]
    lines = []
    for file_id in heaviest:
        names = sorted(names_by_file[file_id], key=lambda item: (-item[0], item[1]))[:MOST_NAMES]
        shown = ", ".join(printable(name) for _, name in names)
        lines.append(f"{printable(corpus.paths[file_id])} ({weight_by_file[file_id]:.1f}): {shown}")
    return lines
