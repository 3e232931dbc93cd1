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

from repomap.corpus import NO_KIND, Corpus, Floats
from repomap.render import Choice, render, signature_line

CHARS_PER_TOKEN = 3.9
"""For choosing only: what is returned is counted."""

DEFINITION_VALUE = 0.5
"""A definition's worth beside that of its file's path: without the path, nothing can be opened."""

NAMESAKE_VALUE = 0.25
"""A further definition of the same name in the same file, as overloads are."""

SPARE_TRIES = 200
"""How many further items are tried, one by one, once the next in order does not fit any more."""

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
    order = list(_by_value_per_token(corpus, files, docs, hidden, budget_tokens))
    measure = _Measure(corpus, count)
    low, high = 0, len(order)
    while low < high:
        middle = (low + high + 1) // 2
        if measure.tokens(order[:middle]) <= budget_tokens:
            low = middle
        else:
            high = middle - 1
    chosen = order[:low]
    for item in order[low + 1 : low + 1 + SPARE_TRIES]:
        if measure.tokens([*chosen, item]) <= budget_tokens:
            chosen.append(item)
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
    """Counts the tokens of a choice line by line, each line once."""

    def __init__(self, corpus: Corpus, count: CountTokens) -> None:
        self.corpus, self.count = corpus, count
        self.known: dict[str, int] = {}

    def tokens(self, items: Sequence[int]) -> int:
        return sum(
            map(self._line, render(self.corpus, choice_of(self.corpus, items)).splitlines(keepends=True))
        )

    def _line(self, line: str) -> int:
        if line not in self.known:
            self.known[line] = self.count(line)
        return self.known[line]


def choice_of(corpus: Corpus, items: Sequence[int]) -> Choice:
    """Items as documents → for each file, in the order of its first item, the definitions to show.

    What encloses a definition is shown with it.
    """
    shown: dict[int, set[int]] = {}
    for doc in items:
        definitions = shown.setdefault(int(corpus.doc_file[doc]), set())
        chain = [doc, *_above(corpus, doc)]
        definitions.update(one for one in chain if corpus.doc_kind[one] != NO_KIND)
    return {file: tuple(sorted(definitions)) for file, definitions in shown.items()}


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
    file_hidden = np.zeros(len(corpus.paths), bool)
    file_hidden[list(hidden)] = True
    worth[file_hidden[corpus.doc_file]] = 0.0
    most = min(len(worth), 200 + budget_tokens)
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
    """What must be shown for a document to be shown: what encloses it, then its file."""
    out = []
    while corpus.doc_kind[doc] != NO_KIND:
        doc = int(corpus.doc_parent[doc])
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
