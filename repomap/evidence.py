"""What speaks for each file and each definition, as columns of numbers.

One column is one reason, such as "its words match the request" or "it was changed together with
what matched". `score.py` weighs them; `--why` shows them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from repomap.chronicle import Chronicle
from repomap.corpus import NO_KIND, Corpus, Floats, summed
from repomap.graph import FileGraph, Mentions
from repomap.kinds import kind_of
from repomap.model import KINDS, Focus, RepoPath
from repomap.rank import page_rank, rank_flow
from repomap.relevance import Lexicon, Relevance, relevance
from repomap.request import Request, read_request

Flags = npt.NDArray[np.bool_]

PRIOR = {"source": 1.0, "build": 0.2, "config": 0.1, "docs": 0.1, "data": 0.05}
OTHER_PRIOR = 0.2
"""Tests, examples, fixtures, generated and vendored code: read less often than written."""

NEAR_ENOUGH = 1e-4
"""Where the rank of a request stops: it is one column among many, and is waited for."""

FUNCTIONS = ("function", "method", "constructor", "macro")
CONTAINERS = (
    "class",
    "struct",
    "interface",
    "trait",
    "enum",
    "implementation",
    "module",
    "namespace",
    "type",
)


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
    known_flow: Floats | None = None
    """What `flow` says, where it is known from before."""

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
        known = self.known_flow
        return rank_flow(self.corpus, self.mentions, self.graph, self.centrality) if known is None else known


@dataclass(frozen=True, slots=True)
class Evidence:
    """The columns, with what they were made from."""

    request: Request
    relevance: Relevance
    files: Mapping[str, Floats]
    docs: Mapping[str, Floats]


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
    match = relevance(corpus, library.lexicon, library.path_lexicon, request)
    files = len(corpus.paths)
    best = best_of(corpus, match.docs.text)
    weighty = of_kinds(corpus, CONTAINERS + FUNCTIONS)
    matched = match.files.text * library.prior
    chat = chat_files(library, focus)
    exact = exact_names(library, request, focus)
    named = best_of(corpus, exact)
    strong = (matched / max(matched.max(initial=0), 1e-9)) ** 4
    graph, chronicle = library.graph, library.chronicle
    file_columns = {
        "text": match.files.text,
        "first line": match.files.leading,
        "path": match.files.label,
        "file name": np.minimum(match.files.whole, 1.0),
        "place by text": np.log1p(_places(matched)),
        "used by what matches": _log(page_rank(graph, strong, tolerance=NEAR_ENOUGH) * files),
        "uses what matches": _log(page_rank(graph, strong, tolerance=NEAR_ENOUGH, turned=True) * files),
        "centrality": _log(library.centrality * files),
        "recency": chronicle.recency(),
        "frequency": np.log1p(chronicle.frequency()),
        "similar commits": np.sqrt(chronicle.resemblance(request)),
        "changed with": np.sqrt(np.maximum(chronicle.companions(strong), 0)),
        "name": named,
        "best name": best_of(corpus, np.where(weighty, match.docs.label, 0.0)),
        "best whole name": best_of(
            corpus, np.where(weighty, np.minimum(match.docs.whole, 1.0) * (match.docs.label > 0), 0.0)
        ),
        "mentioned": mentioned_files(corpus.paths, [*request.paths, *focus.mentions]),
        **_kind_columns(library, focus, request),
        "definitions": np.log1p(np.diff(corpus.doc_start) - 1),
        "lines": np.log1p(corpus.lines),
        "text of best": match.files.text / max(match.files.text.max(initial=0), 1e-9),
        "definition of best": best / max(best.max(initial=0), 1e-9),
        **chat_columns(library, chat),
    }
    return Evidence(request, match, file_columns, definition_columns(library, match, exact, best))


def best_of(corpus: Corpus, values: Floats) -> Floats:
    """By file: the largest value of its documents."""
    if not len(corpus):
        return np.zeros(0)
    best: Floats = np.maximum.reduceat(values, corpus.doc_start[:-1])
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


def exact_names(library: Library, request: Request, focus: Focus) -> Floats:
    """By document: how much the request names it as it is written, for all that share the name."""
    corpus = library.corpus
    wanted = dict(request.names) | {
        name: 1.0 for mention in focus.mentions for name in (mention, mention.rpartition(".")[2])
    }
    weights: Floats = np.zeros(len(corpus.words) + 1)
    numbers = {name: number for number, name in _defined(corpus, wanted)}
    for name, number in numbers.items():
        weights[number] = wanted[name]
    defined = corpus.doc_kind != NO_KIND
    opened = np.isin(corpus.doc_kind, [KINDS.index(kind) for kind in REOPENED])
    many = np.bincount(corpus.doc_name[defined & ~opened], minlength=len(weights))
    shared: Floats = weights / np.sqrt(np.maximum(1, many))
    return np.where(defined, shared[corpus.doc_name] * np.where(opened, 0.3, 1.0), 0.0)


def _defined(corpus: Corpus, wanted: Mapping[str, float]) -> list[tuple[int, str]]:
    found = []
    for name in wanted:
        number = corpus.number_of(name)
        if number is not None:
            found.append((number, name))
    return found


def definition_columns(library: Library, match: Relevance, exact: Floats, best: Floats) -> dict[str, Floats]:
    """What speaks for each document that is a definition; rows of files are to be ignored."""
    corpus = library.corpus
    defined = corpus.doc_kind != NO_KIND
    file = corpus.doc_file
    parent = np.maximum(corpus.doc_parent, 0)
    has_parent = defined & (corpus.doc_kind[parent] != NO_KIND)
    text = match.docs.text
    child = np.zeros(len(corpus))
    inside = np.flatnonzero(has_parent & (text > 0))
    np.maximum.at(child, parent[inside], text[inside])
    functions = of_kinds(corpus, FUNCTIONS)
    containers = of_kinds(corpus, CONTAINERS)
    scored = np.where(defined, text, -1.0)
    in_file = np.empty(len(corpus))
    order = _largest_first(scored)
    order = order[np.argsort(file[order], kind="stable")]
    in_file[order] = np.arange(len(corpus)) - corpus.doc_start[file[order]]
    first_line, last_line = (corpus.doc_span[:, column].astype(np.int64) for column in (1, 2))
    return {
        "text": text,
        "first line": match.docs.leading,
        "words": match.docs.coverage,
        "name": match.docs.label,
        "whole name": np.minimum(match.docs.whole, 1.0),
        "place": np.log1p(_places(scored * library.prior[file])),
        "place in file": np.log1p(in_file),
        "lines": np.log1p(last_line - first_line),
        "container": containers.astype(float),
        "value": (defined & ~functions & ~containers).astype(float),
        "parent": np.where(corpus.doc_parent >= 0, text[parent], 0.0),
        "child": child,
        "exact": exact,
        "uses what matches": _best_used(corpus, np.where(defined, text * library.prior[file], 0.0)),
        "nested": (has_parent & functions & functions[parent]).astype(float),
        "text of best": text / max(text.max(initial=0), 1e-9),
        "file text": match.files.text[file],
        "best in file": best[file],
        "definitions in file": np.log1p(np.diff(corpus.doc_start) - 1)[file],
        "definitions inside": np.log1p(
            summed(parent[has_parent], np.ones(int(has_parent.sum())), len(corpus))
        ),
    }


KEY_DEFINITIONS = 60
"""How many of the best matching definitions are followed to those that use them."""
MANY_NAMESAKES = 4


def _best_used(corpus: Corpus, text: Floats) -> Floats:
    """By document: how well the best matching definition matches that it uses by name."""
    out = np.zeros(len(corpus))
    many = np.bincount(corpus.doc_name[corpus.doc_kind != NO_KIND], minlength=len(corpus.words) + 1)
    best = _largest_first(text)[:KEY_DEFINITIONS]
    for doc in best[text[best] > 0].tolist():
        word = int(corpus.doc_name[doc])
        if many[word] <= MANY_NAMESAKES:
            found = corpus.postings([word])
            users = found.doc[found.code > 0]
            out[users] = np.maximum(out[users], text[doc])
    return out


def of_kinds(corpus: Corpus, kinds: Sequence[str]) -> Flags:
    return np.isin(corpus.doc_kind, [KINDS.index(kind) for kind in kinds])
