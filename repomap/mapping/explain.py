"""Explains the place of a file or a symbol: which evidence, which words, which edges, which history."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from repomap.corpus.corpus import NO_KIND, Floats, Ints
from repomap.errors import NotInRepository
from repomap.mapping.make import qualifier
from repomap.model import Focus
from repomap.ranking.index_data import IndexData
from repomap.ranking.lexicon import words_of_term
from repomap.ranking.request import read_request
from repomap.ranking.score import Scores, score, with_file
from repomap.ranking.weights import DEFINITION_WEIGHTS, FILE_WEIGHTS
from repomap.safety.printable import printable

MOST_EDGES = 8
MOST_NAMES = 5


def explain(index_data: IndexData, focus: Focus, target: str) -> str:
    """Lines that tell why `PATH` or `PATH:NAME` stands where it does for this focus.

    Raises NotInRepository where the repository holds no such path or name.
    """
    file, docs = locate(index_data, target)
    scores = score(index_data, focus)
    parts = _about_definition(index_data, scores, docs) if docs else _about_file(index_data, scores, file)
    return "\n".join([*parts, *_about_words(index_data, focus, file), *_about_edges(index_data, file)]) + "\n"


def locate(index_data: IndexData, target: str) -> tuple[int, list[int]]:
    """The file, and the definitions of that name in it where one was given."""
    corpus = index_data.corpus
    numbers = {path: number for number, path in enumerate(corpus.paths)}
    target = target.removeprefix("./")
    path, _, name = (target, "", "") if target in numbers else target.rpartition(":")
    if path not in numbers:
        raise NotInRepository(
            f"{printable(path or target)}: no such file in the map; give a path relative to the folder."
        )
    file = numbers[path]
    wanted = name.rpartition(".")[2]
    docs = [doc for doc in corpus.docs_of(file) if name and corpus.words[corpus.doc_name[doc]] == wanted]
    if name and not docs:
        raise NotInRepository(
            f"{printable(path)}: defines nothing named {printable(name)}; see `trigpoint outline`."
        )
    return file, docs


def _about_file(index_data: IndexData, scores: Scores, file: int) -> list[str]:
    place = int(np.count_nonzero(scores.files > scores.files[file])) + 1
    path, many, value = printable(index_data.corpus.paths[file]), len(scores.files), scores.files[file]
    head = f"{path}: file {place} of {many}, score {value:.4f}"
    if scores.evidence is None:
        return [head, *_structural(index_data, file)]
    return [head, *_contributions(scores.evidence.files, FILE_WEIGHTS, file)]


def _about_definition(index_data: IndexData, scores: Scores, docs: Sequence[int]) -> list[str]:
    corpus, lines = index_data.corpus, []
    for doc in docs:
        place = int(np.count_nonzero(scores.docs > scores.docs[doc])) + 1
        outer = qualifier(corpus, doc)
        name = f"{outer}.{corpus.words[corpus.doc_name[doc]]}".lstrip(".")
        where = f"{printable(corpus.paths[corpus.doc_file[doc]])}:{int(corpus.doc_span[doc][1])}"
        total = int(np.count_nonzero(corpus.doc_kind != NO_KIND))
        lines.append(
            f"{printable(name)} ({where}): definition {place} of {total}, score {scores.docs[doc]:.4f}"
        )
        if scores.evidence is not None:
            logit = np.log(scores.files / (1 - scores.files))
            columns = with_file(scores.evidence.docs, logit[corpus.doc_file])
            lines += _contributions(columns, DEFINITION_WEIGHTS, doc)
        else:
            lines.append(f"  rank that flows to the name: {index_data.flow[doc]:.3f} of a file's mean")
    return lines


def _contributions(columns: Mapping[str, Floats], weights: Mapping[str, float], place: int) -> list[str]:
    """What each column adds, against its mean over all, the largest first."""
    rows = []
    for name, weight in weights.items():
        value, mean = float(columns[name][place]), float(columns[name].mean())
        rows.append((weight * (value - mean), name, value))
    rows.sort(key=lambda row: (-abs(row[0]), row[1]))
    return [f"  {part:+7.2f}  {name} {value:.3f}" for part, name, value in rows if abs(part) >= 0.05]


def _structural(index_data: IndexData, file: int) -> list[str]:
    central = index_data.centrality[file] * len(index_data.corpus.paths)
    return [f"  centrality {central:.2f} of the mean, as a file of kind {index_data.kinds[file]}"]


def _about_words(index_data: IndexData, focus: Focus, file: int) -> list[str]:
    """The words of the request that the file holds, with the names in which they stand."""
    corpus, lines = index_data.corpus, []
    start, end = int(corpus.doc_start[file]), int(corpus.doc_start[file + 1])
    for term in read_request(focus.request).terms:
        held = []
        for word in words_of_term(term.stem, index_data.lexicon):
            found = corpus.postings([word])
            inside = (found.doc >= start) & (found.doc < end)
            times = int(found.code[inside].sum()) + int(found.prose[inside].sum())
            if times:
                held.append((-times, corpus.words[word]))
        if held:
            shown = ", ".join(f"{printable(name)}×{-times}" for times, name in sorted(held)[:MOST_NAMES])
            lines.append(f"  word {printable(term.stem)}: {shown}")
    return lines


def _about_edges(index_data: IndexData, file: int) -> list[str]:
    mentions = index_data.mentions
    used_by = _edges(index_data, mentions.target == file, mentions.source)
    uses = _edges(index_data, mentions.source == file, mentions.target)
    return [*(f"  used by {line}" for line in used_by), *(f"  uses {line}" for line in uses)]


def _edges(
    index_data: IndexData, rows: "np.ndarray[tuple[int], np.dtype[np.bool_]]", other: Ints
) -> list[str]:
    """The heaviest edges at the other end, each with the names that make it."""
    corpus, mentions = index_data.corpus, index_data.mentions
    by_file: defaultdict[int, list[tuple[float, str]]] = defaultdict(list)
    for row in np.flatnonzero(rows).tolist():
        by_file[int(other[row])].append((float(mentions.weight[row]), corpus.words[mentions.word[row]]))
    ranked = sorted(by_file.items(), key=lambda item: (-sum(weight for weight, _ in item[1]), item[0]))
    lines = []
    for number, names in ranked[:MOST_EDGES]:
        best = ", ".join(
            printable(name) for _, name in sorted(names, key=lambda one: (-one[0], one[1]))[:MOST_NAMES]
        )
        lines.append(f"{printable(corpus.paths[number])} ({sum(weight for weight, _ in names):.1f}): {best}")
    return lines
