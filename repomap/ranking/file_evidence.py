"""Computes the features of every file for one request, and what those of definitions need.

A feature is one reason to look at a file, as a column with one number per file: "its words match the
request", "it changes together with files that match". `score.py` weighs the features, `--why` prints
them, and `docs/ranking.md` explains each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from repomap.arrays.array_types import Floats, FloatsByFile, Rows
from repomap.arrays.sums import sum_by
from repomap.arrays.threads import run_both
from repomap.corpus.corpus import Corpus
from repomap.graph.file_graph import FileGraph
from repomap.graph.pagerank import page_rank
from repomap.model import Focus
from repomap.ranking.bm25 import RequestMatch, match_request
from repomap.ranking.definition_evidence import DefinitionFeatures, SparseValues
from repomap.ranking.documents import CONTAINERS, FUNCTIONS, MANY_DOCUMENTS, docs_named, is_of_kinds
from repomap.ranking.file_names import file_name_features, first_line_of, share_in_row
from repomap.ranking.index_data import IndexData
from repomap.ranking.kind_evidence import kind_features
from repomap.ranking.lexicon import stems
from repomap.ranking.near_evidence import near_features
from repomap.ranking.request import Request, read_request

RANK_TOLERANCE = 1e-4
"""Precision of the PageRanks of a request: they are two features among many, and somebody waits."""

REOPENED = ("implementation", "module", "namespace")
"""Kinds that several places may open under one name; whoever names it wants the definition."""
REOPENED_SHARE = 0.3

FUNCTION_IN_ROW = 0.6
"""What a function counts whose name a request has in a row, beside a class or the like."""

TINY = 1e-9
"""Keeps divisors above zero where nothing matches."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """The features of files and definitions, and what they were computed from."""

    request: Request
    match: RequestMatch
    files: Mapping[str, FloatsByFile]
    exact_matches: SparseValues
    """Definitions that the request or a mention names as written; see `exact_names`."""
    docs_of: DefinitionFeatures
    """Computes the features of a slice of the documents."""

    @cached_property
    def docs(self) -> Mapping[str, Floats]:
        """The features of all documents."""
        return self.docs_of(slice(0, len(self.docs_of.corpus)))


def gather(index_data: IndexData, focus: Focus) -> Evidence:
    """Compute all evidence for a request."""
    request = read_request(focus.request)
    corpus = index_data.corpus
    in_threads = len(corpus) >= MANY_DOCUMENTS
    match, graph = run_both(
        lambda: match_request(corpus, index_data.lexicon, index_data.path_lexicon, request),
        lambda: index_data.graph,
        in_threads=in_threads,
    )
    best_doc = best_of(corpus, SparseValues(match.docs.ids, match.docs.bm25))
    weighted_text = match.files.bm25 * index_data.kind_weight
    teleport = (weighted_text / max(weighted_text.max(initial=0), TINY)) ** 4  # a few strong matches decide
    exact_matches = exact_names(corpus, request, focus)
    uses, (used_by, docs_of) = run_both(
        lambda: page_rank(graph, teleport, tolerance=RANK_TOLERANCE, reverse_edges=True),
        lambda: (
            page_rank(graph, teleport, tolerance=RANK_TOLERANCE),
            DefinitionFeatures.of(corpus, index_data.kind_weight, match, best_doc, exact_matches),
        ),
        in_threads=in_threads,
    )
    files = {
        **_text_features(match, weighted_text),
        **file_name_features(
            corpus.paths, index_data.path_lexicon, request, np.flatnonzero(match.files.name)
        ),
        **near_features(index_data, match),
        **_graph_features(index_data, used_by, uses),
        **_commit_features(index_data, request, teleport),
        **_name_features(corpus, request, match, exact_matches),
        "mentioned": mentioned_files(corpus.paths, [*request.paths, *focus.mentions]),
        **kind_features(index_data, focus, request),
        "definitions": np.log1p(np.diff(corpus.doc_start) - 1),
        "lines": np.log1p(corpus.lines),
        "text of best": match.files.bm25 / max(match.files.bm25.max(initial=0), TINY),
        "definition of best": best_doc / max(best_doc.max(initial=0), TINY),
        **_chat_features(index_data, graph, focus),
    }
    return Evidence(request, match, files, exact_matches, docs_of)


def _text_features(match: RequestMatch, weighted_text: FloatsByFile) -> dict[str, FloatsByFile]:
    return {
        "text": match.files.bm25,
        "first line": match.files.first_line,
        "path": match.files.name,
        "rank by text": np.log1p(_ranks(weighted_text)),
    }


def _graph_features(
    index_data: IndexData, used_by: FloatsByFile, uses: FloatsByFile
) -> dict[str, FloatsByFile]:
    file_count = len(index_data.corpus.paths)
    return {
        "used by what matches": _log(used_by * file_count),
        "uses what matches": _log(uses * file_count),
        "centrality": _log(index_data.centrality * file_count),
    }


def _commit_features(
    index_data: IndexData, request: Request, teleport: FloatsByFile
) -> dict[str, FloatsByFile]:
    history = index_data.commit_history
    return {
        "recency": history.recency(),
        "frequency": np.log1p(history.frequency()),
        "similar commits": np.sqrt(history.subject_similarity(request)),
        "changed with": np.sqrt(np.maximum(history.co_change(teleport), 0)),
    }


def _name_features(
    corpus: Corpus, request: Request, match: RequestMatch, exact_matches: SparseValues
) -> dict[str, FloatsByFile]:
    """Return how well the best name in each file matches: of functions and containers, not of values."""
    docs = match.docs
    rows = np.flatnonzero(is_of_kinds(corpus.doc_kind[docs.ids], CONTAINERS + FUNCTIONS))
    name, whole_name = docs.name[rows], np.minimum(docs.whole_name[rows], 1.0) * (docs.name[rows] > 0)
    return {
        "name": best_of(corpus, exact_matches),
        "best name": best_of(corpus, SparseValues(docs.ids[rows], name)),
        "best whole name": best_of(corpus, SparseValues(docs.ids[rows], whole_name)),
        "best name in a row": best_of(
            corpus, _names_in_row(corpus, request, docs.ids[rows[whole_name > 0.99]])
        ),
    }


def _names_in_row(corpus: Corpus, request: Request, doc_ids: Rows) -> SparseValues:
    """Find the names whose words the request has in a row: a longer name counts more, a function's less."""
    first_line = first_line_of(request)
    names = [stems(corpus.words[name_id]) for name_id in corpus.doc_name[doc_ids].tolist()]
    values = np.array(
        [share_in_row(parts, first_line) >= 1 and min(len(parts), 3) / 2 for parts in names], float
    )
    is_function = is_of_kinds(corpus.doc_kind[doc_ids], FUNCTIONS)
    return SparseValues(doc_ids, values * np.where(is_function, FUNCTION_IN_ROW, 1.0))


def best_of(corpus: Corpus, of_docs: SparseValues) -> FloatsByFile:
    """Return the largest value of each file's documents; values are at least 0."""
    best = np.zeros(len(corpus.paths))
    file_ids = corpus.doc_file[of_docs.doc_ids]
    first_rows = np.flatnonzero(np.diff(file_ids, prepend=-1))
    if len(first_rows):
        best[file_ids[first_rows]] = np.maximum.reduceat(of_docs.values, first_rows)
    return best


def _log(values: Floats) -> Floats:
    return np.log(values + 0.01)


def _ranks(values: Floats) -> Floats:
    """Rank the values from 0 for the largest; those that are 0 share the middle of their ranks.

    Where no file matches, as without words, their order says nothing.
    """
    ranks = np.empty(len(values))
    above, zero, below = (np.flatnonzero(flags) for flags in (values > 0, values == 0, values < 0))
    first, last = (rows[np.argsort(-values[rows], kind="stable")] for rows in (above, below))
    ranks[first] = np.arange(len(first))
    ranks[zero] = len(first) + (len(zero) - 1) / 2
    ranks[last] = np.arange(len(first) + len(zero), len(values))
    return ranks


def mentioned_files(paths: Sequence[str], mentions: Sequence[str]) -> FloatsByFile:
    """Score each file that is mentioned by its path or by the end of it.

    A mention that n files match gives each 1/√n.

    >>> mentioned_files(("a/x.py", "b/x.py", "y.py"), ["y.py", "a/x.py"]).tolist()
    [1.0, 0.0, 1.0]
    """
    scores = np.zeros(len(paths))
    for mention in dict.fromkeys(mentions):
        ending = "/" + mention.removeprefix("./").strip("/")
        file_ids = [file_id for file_id, path in enumerate(paths) if ("/" + path).endswith(ending)]
        if file_ids:
            scores[file_ids] = np.maximum(scores[file_ids], 1 / len(file_ids) ** 0.5)
    return scores


def _chat_features(index_data: IndexData, graph: FileGraph, focus: Focus) -> dict[str, FloatsByFile]:
    """Relate each file to those in the chat: by edges, by folder, by common commits."""
    paths = index_data.corpus.paths
    chat_paths = set(focus.chat)
    in_chat = np.fromiter((path in chat_paths for path in paths), float, len(paths))
    if not in_chat.any():
        names = ("used by chat", "uses chat", "beside chat", "changed with chat")
        return {name: np.zeros(len(paths)) for name in names}
    used = sum_by(graph.target, graph.weight * in_chat[graph.source], len(paths))
    uses = sum_by(graph.source, graph.weight * in_chat[graph.target], len(paths))
    folders = {path.rpartition("/")[0] for path in paths if path in chat_paths}
    same_folder = np.fromiter((path.rpartition("/")[0] in folders for path in paths), float, len(paths))
    return {
        "used by chat": np.log1p(used),
        "uses chat": np.log1p(uses),
        "beside chat": same_folder,
        "changed with chat": np.sqrt(np.maximum(index_data.commit_history.co_change(in_chat), 0)),
    }


def exact_names(corpus: Corpus, request: Request, focus: Focus) -> SparseValues:
    """Find the definitions whose name the request or a mention holds as written.

    A name weighs what the request gives it, a mention 1; n definitions of a name get 1/√n of that.
    """
    wanted = dict(request.names) | {
        name: 1.0 for mention in focus.mentions for name in (mention, mention.rpartition(".")[2])
    }
    weight_by_word = {
        word_id: weight for name, weight in wanted.items() if (word_id := corpus.word_id(name)) is not None
    }
    word_ids = np.array(sorted(weight_by_word), np.int64)
    doc_ids = docs_named(corpus, word_ids)
    rows = np.searchsorted(word_ids, corpus.doc_name[doc_ids])
    reopened = is_of_kinds(corpus.doc_kind[doc_ids], REOPENED)
    namesakes = np.bincount(rows[~reopened], minlength=len(word_ids))
    weights = np.array([weight_by_word[word_id] for word_id in word_ids.tolist()])
    shared: Floats = weights / np.sqrt(np.maximum(1, namesakes))
    return SparseValues(doc_ids, shared[rows] * np.where(reopened, REOPENED_SHARE, 1.0))
