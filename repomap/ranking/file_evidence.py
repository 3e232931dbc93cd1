"""What speaks for each file and each definition, as columns of numbers.

One column is one reason, such as "its words match the request" or "it was changed together with
what matched". `score.py` weighs them; `--why` shows them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from repomap.arrays.threads import beside
from repomap.corpus.corpus import Corpus, Floats, summed
from repomap.files.file_kinds import kind_of
from repomap.graph.file_graph import FileGraph, Mentions
from repomap.graph.pagerank import page_rank, rank_flow
from repomap.model import Focus, RepoPath
from repomap.ranking.bm25 import Lexicon, Relevance, Rows, relevance
from repomap.ranking.commit_evidence import Chronicle
from repomap.ranking.definition_evidence import (
    CONTAINERS,
    FUNCTIONS,
    MANY_DOCUMENTS,
    DefinitionColumns,
    docs_named,
    is_of_kinds,
)
from repomap.ranking.request import Request, read_request

PRIOR = {"source": 1.0, "build": 0.2, "config": 0.1, "docs": 0.1, "data": 0.05}
OTHER_PRIOR = 0.2
"""Tests, examples, fixtures, generated and vendored code: read less often than written."""

NEAR_ENOUGH = 1e-4
"""Where the rank of a request stops: it is one column among many, and is waited for."""

REOPENED = ("implementation", "module", "namespace")
"""Kinds that several places open under one name; who asks for the name wants it defined."""


@dataclass(frozen=True, eq=False)
class Library:
    """All that does not depend on what is asked: made once, used by every question.

    What only some questions need is made when the first of them asks.
    """

    corpus: Corpus
    find_mentions: Callable[[], Mentions]
    """Gives `mentions`, which few questions need."""
    find_graph: Callable[[], FileGraph]
    """Gives `graph`, which a map without a request does not need."""
    kinds: Sequence[str]
    prior: Floats
    centrality: Floats
    """PageRank without any request."""
    commits: Sequence[tuple[str, Sequence[RepoPath]]]
    """Subject and touched paths of each commit, newest first."""
    imported: npt.NDArray[np.int64]
    """Sorted keys `source * files + target` of the pairs in which one file imports the other."""
    consulted: frozenset[RepoPath]
    """Files whose content decides what imports mean, there or not."""
    find_flow: Callable[[], Floats] | None = None
    """Gives `flow`, where it is known from before; a map with a request does not need it."""

    @cached_property
    def mentions(self) -> Mentions:
        return self.find_mentions()

    @cached_property
    def graph(self) -> FileGraph:
        return self.find_graph()

    @cached_property
    def lexicon(self) -> Lexicon:
        return Lexicon.of(self.corpus.words.texts)

    @cached_property
    def path_lexicon(self) -> Lexicon:
        return Lexicon.of(self.corpus.paths)

    @cached_property
    def chronicle(self) -> Chronicle:
        return Chronicle.of(self.corpus.paths, self.commits)

    @cached_property
    def flow(self) -> Floats:
        """By document: the PageRank that flows to its file for its name, shared among its namesakes there."""
        if self.find_flow is not None:
            return self.find_flow()
        return rank_flow(self.corpus, self.mentions, self.graph, self.centrality)


@dataclass(frozen=True, eq=False)
class Evidence:
    """The columns, with what they were made from."""

    request: Request
    relevance: Relevance
    files: Mapping[str, Floats]
    asked: tuple[Rows, Floats]
    """The definitions that are asked for by name, and how much."""
    docs_of: DefinitionColumns
    """Gives the columns of a slice of the documents."""

    @cached_property
    def docs(self) -> Mapping[str, Floats]:
        """The columns of all documents."""
        return self.docs_of(slice(0, len(self.docs_of.corpus)))


def priors(kinds: Sequence[str]) -> Floats:
    """By file: how likely a file of its kind is what somebody works on."""
    return np.array([PRIOR.get(kind, OTHER_PRIOR) for kind in kinds], float)


def kinds_of(paths: Sequence[str]) -> list[str]:
    """By file: its kind, as its path tells."""
    return [kind_of(path) for path in paths]


def gather(library: Library, focus: Focus) -> Evidence:
    """All evidence for a request."""
    request = read_request(focus.request)
    corpus = library.corpus
    takes_long = len(corpus) >= MANY_DOCUMENTS
    match, graph = beside(
        lambda: relevance(corpus, library.lexicon, library.path_lexicon, request),
        lambda: library.graph,
        takes_long=takes_long,
    )
    files = len(corpus.paths)
    docs = match.docs
    best = best_of(corpus, docs.rows, docs.text)
    places = np.flatnonzero(is_of_kinds(corpus.doc_kind[docs.rows], CONTAINERS + FUNCTIONS))
    weighty, label, whole = docs.rows[places], docs.label[places], np.minimum(docs.whole[places], 1.0)
    matched = match.files.text * library.prior
    chat = chat_files(library, focus)
    asked = exact_names(library, request, focus)
    strong = (matched / max(matched.max(initial=0), 1e-9)) ** 4
    chronicle = library.chronicle
    uses, (used_by, definitions) = beside(
        lambda: page_rank(graph, strong, tolerance=NEAR_ENOUGH, turned=True),
        lambda: (
            page_rank(graph, strong, tolerance=NEAR_ENOUGH),
            DefinitionColumns.of(corpus, library.prior, match, best, asked),
        ),
        takes_long=takes_long,
    )
    file_columns = {
        "text": match.files.text,
        "first line": match.files.leading,
        "path": match.files.label,
        "file name": np.minimum(match.files.whole, 1.0),
        "place by text": np.log1p(_places(matched)),
        "used by what matches": _log(used_by * files),
        "uses what matches": _log(uses * files),
        "centrality": _log(library.centrality * files),
        "recency": chronicle.recency(),
        "frequency": np.log1p(chronicle.frequency()),
        "similar commits": np.sqrt(chronicle.resemblance(request)),
        "changed with": np.sqrt(np.maximum(chronicle.companions(strong), 0)),
        "name": best_of(corpus, *asked),
        "best name": best_of(corpus, weighty, label),
        "best whole name": best_of(corpus, weighty, whole * (label > 0)),
        "mentioned": mentioned_files(corpus.paths, [*request.paths, *focus.mentions]),
        **_kind_columns(library, focus, request),
        "definitions": np.log1p(np.diff(corpus.doc_start) - 1),
        "lines": np.log1p(corpus.lines),
        "text of best": match.files.text / max(match.files.text.max(initial=0), 1e-9),
        "definition of best": best / max(best.max(initial=0), 1e-9),
        **chat_columns(library, chat),
    }
    return Evidence(request, match, file_columns, asked, definitions)


def best_of(corpus: Corpus, docs: Rows, values: Floats) -> Floats:
    """By file: the largest of the values, none below 0, of these documents; 0 where it has none of them."""
    best = np.zeros(len(corpus.paths))
    file = corpus.doc_file[docs]
    first = np.flatnonzero(np.diff(file, prepend=-1))
    if len(first):
        best[file[first]] = np.maximum.reduceat(values, first)
    return best


def _log(values: Floats) -> Floats:
    return np.log(values + 0.01)


def _places(values: Floats) -> Floats:
    """The place of each value, the largest first; equal ones in their order."""
    places = np.empty(len(values))
    places[_largest_first(values)] = np.arange(len(values))
    return places


def _largest_first(values: Floats) -> npt.NDArray[np.int64]:
    """The order of the values, equal ones as they stand. Most are zero, and need no sorting."""
    above, none, below = (np.flatnonzero(which) for which in (values > 0, values == 0, values < 0))
    first, last = (rows[np.argsort(-values[rows], kind="stable")] for rows in (above, below))
    return np.concatenate([first, none, last])


def _kind_columns(library: Library, focus: Focus, request: Request) -> dict[str, Floats]:
    """A column for each group of kinds, lowered where the request or the chat is about such files."""
    words = {term.stem for term in request.terms}
    inside = set(focus.chat)
    in_chat = {kind for path, kind in zip(library.corpus.paths, library.kinds, strict=True) if path in inside}
    groups = {
        "test": ("test",),
        "docs": ("docs", "config", "data"),
        "aside": ("example", "fixture", "generated", "vendored", "build"),
    }
    about = {
        "test": {"test", "spec", "fixtur"},
        "docs": {"doc", "readm", "config", "document"},
        "aside": {"exampl", "demo", "build", "setup"},
    }
    columns = {}
    for name, kinds in groups.items():
        asked = bool(words & about[name]) or any(kind in in_chat for kind in kinds)
        flag = np.fromiter((kind in kinds for kind in library.kinds), float, len(library.kinds))
        columns[name] = flag * (0.6 if asked else 1.0)
    return columns


def mentioned_files(paths: Sequence[str], mentions: Sequence[str]) -> Floats:
    """By file: 1 where it is mentioned by its path or the end of it, less where the name is shared."""
    out = np.zeros(len(paths))
    for mention in dict.fromkeys(mentions):
        tail = "/" + mention.removeprefix("./").strip("/")
        hits = [number for number, path in enumerate(paths) if ("/" + path).endswith(tail)]
        if hits:
            out[hits] = np.maximum(out[hits], 1 / len(hits) ** 0.5)
    return out


def chat_files(library: Library, focus: Focus) -> Floats:
    """By file: 1 where it is in the chat."""
    inside = set(focus.chat)
    return np.fromiter((path in inside for path in library.corpus.paths), float, len(library.corpus.paths))


def chat_columns(library: Library, chat: Floats) -> dict[str, Floats]:
    """What the files in the chat use, what uses them, what stands beside them, what changes with them."""
    files, graph = len(chat), library.graph
    if not chat.any():
        return {
            name: np.zeros(files)
            for name in ("used by chat", "uses chat", "beside chat", "changed with chat")
        }
    used = summed(graph.target, graph.weight * chat[graph.source], files)
    uses = summed(graph.source, graph.weight * chat[graph.target], files)
    folders = {
        path.rpartition("/")[0] for path, inside in zip(library.corpus.paths, chat, strict=True) if inside
    }
    beside = np.fromiter((path.rpartition("/")[0] in folders for path in library.corpus.paths), float, files)
    return {
        "used by chat": np.log1p(used),
        "uses chat": np.log1p(uses),
        "beside chat": beside,
        "changed with chat": np.sqrt(np.maximum(library.chronicle.companions(chat), 0)),
    }


def exact_names(library: Library, request: Request, focus: Focus) -> tuple[Rows, Floats]:
    """The definitions that the request names as they are written, and how much, for all that share the name."""
    corpus = library.corpus
    wanted = dict(request.names) | {
        name: 1.0 for mention in focus.mentions for name in (mention, mention.rpartition(".")[2])
    }
    worth = {number: wanted[name] for number, name in _defined(corpus, wanted)}
    numbers = np.array(sorted(worth), np.int64)
    docs = docs_named(corpus, numbers)
    place = np.searchsorted(numbers, corpus.doc_name[docs])
    opened = is_of_kinds(corpus.doc_kind[docs], REOPENED)
    many = np.bincount(place[~opened], minlength=len(numbers))
    shared: Floats = np.array([worth[number] for number in numbers.tolist()]) / np.sqrt(np.maximum(1, many))
    return docs, shared[place] * np.where(opened, 0.3, 1.0)


def _defined(corpus: Corpus, wanted: Mapping[str, float]) -> list[tuple[int, str]]:
    found = []
    for name in wanted:
        number = corpus.number_of(name)
        if number is not None:
            found.append((number, name))
    return found
