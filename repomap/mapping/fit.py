"""Chooses what a map shows: the set of paths and signatures that carries most value for the budget.

A file's path is one item, each signature another; a signature needs the path and the signatures
that enclose it. Items are taken by value per token, greedily, which is within one item of the best
for a knapsack of many small things (Dantzig 1957).
"""

import functools
import heapq
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus, Floats
from repomap.mapping.render import (
    NAMESPACE,
    Choice,
    file_lines,
    folder_line,
    folder_of,
    is_grouped,
    render,
    signature_line,
)

CHARS_PER_TOKEN = 3.9
"""For choosing only: what is returned is counted."""

DEFINITION_VALUE = 0.5
"""A definition's worth beside that of its file's path: without the path, nothing can be opened."""

NAMESAKE_VALUE = 0.25
"""A further definition of the same name in the same file, as overloads are."""

SPARE_TRIES = 200
"""How many items may not fit before no further one is tried."""

CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was chosen and the text it makes."""

    choice: Choice
    text: str
    tokens: int


def fit(
    corpus: Corpus,
    files: Floats,
    docs: Floats,
    hidden: frozenset[int],
    budget_tokens: int,
    count: CountTokens,
) -> Fitted:
    """The most valuable map of at most ``budget_tokens`` as ``count`` counts the returned text.

    ``files`` and ``docs`` are values, comparable with each other; what is not above zero is not
    shown, nor is a file in ``hidden``.
    """
    measure = _Measure(corpus, count)
    chosen, misses = [], 0
    for item in _by_value_per_token(corpus, files, docs, hidden, budget_tokens):
        if measure.take(item, budget_tokens):
            chosen.append(item)
        elif (misses := misses + 1) > SPARE_TRIES:
            break
    return _settle(corpus, chosen, budget_tokens, count)


def _settle(corpus: Corpus, chosen: list[int], budget_tokens: int, count: CountTokens) -> Fitted:
    """The map of what was chosen, counted as a whole: lines need not add up for every tokenizer."""
    while True:
        choice = choice_of(corpus, chosen)
        text = render(corpus, choice)
        tokens = count(text) if text else 0
        if tokens <= budget_tokens or not chosen:
            return Fitted(choice, text, tokens)
        chosen.pop()


class _Measure:
    """The tokens of a growing choice, counted line by line; an item recounts its own file alone."""

    def __init__(self, corpus: Corpus, count: CountTokens) -> None:
        self.corpus, self.count = corpus, count
        self.known: dict[str, int] = {}
        self.shown: dict[int, frozenset[int]] = {}
        self.folders: dict[str, list[int]] = {}
        self.tokens = 0

    def take(self, item: int, budget_tokens: int) -> bool:
        """Adds an item, with what encloses it, where the budget allows it."""
        file = int(self.corpus.doc_file[item])
        folder = folder_of(self.corpus, file)
        before = self.folders.get(folder, [])
        after = before if file in self.shown else [*before, file]
        definitions = self.shown.get(file, frozenset()) | definitions_of(self.corpus, item)
        was, now = is_grouped(folder, len(before)), is_grouped(folder, len(after))
        tokens = self.tokens + self._file(file, definitions, now)
        tokens -= self._file(file, self.shown[file], was) if file in self.shown else 0
        if now and not was:  # the second file gives the folder a heading, below which the first moves
            first = before[0]
            tokens += self._line(folder_line(folder))
            tokens += self._file(first, self.shown[first], now) - self._file(first, self.shown[first], was)
        if tokens > budget_tokens:
            return False
        self.tokens, self.shown[file], self.folders[folder] = tokens, definitions, after
        return True

    def _file(self, file: int, definitions: frozenset[int], grouped: bool) -> int:
        return sum(map(self._line, file_lines(self.corpus, file, tuple(sorted(definitions)), grouped)))

    def _line(self, line: str) -> int:
        if line not in self.known:
            self.known[line] = self.count(line + "\n")
        return self.known[line]


def choice_of(corpus: Corpus, items: Sequence[int]) -> Choice:
    """Items as documents → for each file, in the order of its first item, the definitions to show.

    What encloses a definition is shown with it.
    """
    shown: dict[int, set[int]] = {}
    for doc in items:
        shown.setdefault(int(corpus.doc_file[doc]), set()).update(definitions_of(corpus, doc))
    return {file: tuple(sorted(definitions)) for file, definitions in shown.items()}


def definitions_of(corpus: Corpus, item: int) -> frozenset[int]:
    """An item with what encloses it, as far as they are definitions."""
    return frozenset(one for one in (item, *_above(corpus, item)) if corpus.doc_kind[one] != NO_KIND)


def _by_value_per_token(
    corpus: Corpus, files: Floats, docs: Floats, hidden: frozenset[int], budget_tokens: int
) -> Iterator[int]:
    """Documents (a file's own stands for its path) in the order in which they earn their tokens."""
    value = _values(corpus, files, docs, hidden, budget_tokens)
    cost, above = functools.cache(partial(_cost, corpus)), functools.cache(partial(_above, corpus))
    taken: set[int] = set()

    def rate(doc: int) -> float:
        """Value per token of a document with all that it still needs."""
        needed = [doc, *(one for one in above(doc) if one not in taken)]
        return sum(value.get(one, 0.0) for one in needed) / sum(map(cost, needed))

    waiting = [(-rate(doc), doc) for doc in value]
    heapq.heapify(waiting)
    spent = 0.0
    dependants: defaultdict[int, list[int]] = defaultdict(list)
    for doc in value:
        for outer in above(doc):
            dependants[outer].append(doc)
    while waiting and spent < 1.5 * budget_tokens + 100:
        before, doc = heapq.heappop(waiting)
        if doc in taken:
            continue
        now = -rate(doc)
        if now > before + 1e-12:
            heapq.heappush(waiting, (now, doc))
            continue
        yield doc
        for new in [doc, *(outer for outer in above(doc) if outer not in taken)]:
            spent += cost(new)
            taken.add(new)
            for other in dependants[new]:
                if other not in taken:
                    heapq.heappush(waiting, (-rate(other), other))


def _values(
    corpus: Corpus, files: Floats, docs: Floats, hidden: frozenset[int], budget_tokens: int
) -> dict[int, float]:
    """The worth of each item that could come into question, the best few of them."""
    worth = docs * DEFINITION_VALUE
    worth[corpus.doc_start[:-1]] = files
    worth[corpus.doc_kind == NAMESPACE] = 0.0
    file_hidden = np.zeros(len(corpus.paths), bool)
    file_hidden[list(hidden)] = True
    worth[file_hidden[corpus.doc_file]] = 0.0
    most = min(len(worth), 200 + budget_tokens // 2)
    best = np.argpartition(-worth, most - 1)[:most] if most < len(worth) else np.arange(len(worth))
    best = best[np.lexsort((best, -worth[best]))]
    seen: set[tuple[int, int]] = set()
    out: dict[int, float] = {}
    for doc in best[worth[best] > 0].tolist():
        key = (int(corpus.doc_file[doc]), int(corpus.doc_name[doc]))
        out[doc] = float(worth[doc]) * (NAMESAKE_VALUE if key in seen else 1.0)
        seen.add(key)
    return out


def _above(corpus: Corpus, doc: int) -> list[int]:
    """What must be shown for a document to be shown: what encloses it but for namespaces, then its file."""
    out = []
    while corpus.doc_kind[doc] != NO_KIND:
        doc = int(corpus.doc_parent[doc])
        if corpus.doc_kind[doc] != NAMESPACE:
            out.append(doc)
    return out


def _cost(corpus: Corpus, doc: int) -> float:
    """About how many tokens the line of a document takes."""
    if corpus.doc_kind[doc] == NO_KIND:
        return 2.0 + len(corpus.paths[corpus.doc_file[doc]].rpartition("/")[2]) / CHARS_PER_TOKEN
    return (
        2.0
        + len(signature_line(corpus.signatures[doc], corpus.words[corpus.doc_name[doc]])) / CHARS_PER_TOKEN
    )
