"""Chooses what a map shows: the files and signatures that are worth most within a token budget.

This is a knapsack problem with a twist. An item is a document: a file's own stands for its path,
which costs a line, and a definition for its signature. A signature needs its file's path and the
signatures that enclose it. Items are taken greedily by value per token, which for many small items is
within one item of the best (Dantzig 1957).
"""

import functools
import heapq
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from repomap.arrays.array_types import FloatsByDoc, FloatsByFile
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.mapping.form import FULL, Form, form_of
from repomap.mapping.homes import home_of, is_left_out
from repomap.mapping.members import is_in_line, members_in_line
from repomap.mapping.namesakes import NAMESAKE_VALUE, with_namesakes
from repomap.mapping.render import (
    NAMESPACE,
    Choice,
    definition_lines,
    file_lines,
    folder_line,
    folder_of,
    is_grouped,
    render,
    rest_line,
)
from repomap.model import CountTokens

CHARS_PER_TOKEN = 3.9
LINE_TOKENS = 2.0
"""Estimated cost of a line's newline and indentation. Estimates order the items; the text is counted."""

DEFINITION_VALUE = 0.5
"""Value of a definition relative to its file's path: without the path, nothing can be opened."""

MOST_BARE = 0.3
"""Share of the budget for files of which nothing but the path is shown, unless nothing else is left."""

MOST_MISSES = 80
"""After this many items that do not fit, no further one is tried."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """The choice and the text that it renders to."""

    choice: Choice
    text: str
    tokens: int
    rests: Mapping[str, str] = field(default_factory=dict)
    """By folder: the line about its files that are not shown."""


def fit(
    corpus: Corpus,
    files: FloatsByFile,
    docs: FloatsByDoc,
    hidden: frozenset[int],
    budget_tokens: int,
    count: CountTokens,
    overview: bool = False,
) -> Fitted:
    """Choose the most valuable map whose text has at most ``budget_tokens``, as ``count`` counts.

    ``files`` and ``docs`` are values on one scale. What is not above zero is not shown unless something
    in it is, nor is a file in ``hidden``. Where nothing else fits, the best files of each folder that are
    not shown are named on one line. An ``overview`` is brief, unless there is
    room for all.
    """
    form = form_of(corpus, budget_tokens, overview)
    chosen = _choose(corpus, files, docs, hidden, budget_tokens, count, form)
    if form.brief and not chosen.misses:  # all is shown, and there is room to say more of each
        form = form_of(corpus, budget_tokens)
        chosen = _choose(corpus, files, docs, hidden, budget_tokens, count, form)
    rests = _rests(corpus, choice_of(corpus, chosen.items, form), files, hidden)
    return _trimmed(corpus, chosen, rests, budget_tokens, count, form)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the greedy choice took, best first, how many tokens are paths alone, how many items did not fit."""

    items: list[int]
    bare_tokens: int
    misses: int


def _choose(
    corpus: Corpus,
    files: FloatsByFile,
    docs: FloatsByDoc,
    hidden: frozenset[int],
    budget_tokens: int,
    count: CountTokens,
    form: Form,
) -> _Chosen:
    """Take items by value per token, as long as they fit; the last of the bare paths at last."""
    running = _RunningCount(corpus, count, form)
    chosen: list[int] = []
    bare: list[int] = []
    misses, bare_tokens = 0, 0
    for doc_id in _by_value_per_token(corpus, files, docs, hidden, budget_tokens, form):
        is_bare, before = corpus.doc_kind[doc_id] == NO_KIND, running.tokens
        if is_bare and bare_tokens > MOST_BARE * budget_tokens:
            bare.append(doc_id)
        elif running.take(doc_id, budget_tokens):
            chosen.append(doc_id)
            bare_tokens += running.tokens - before if is_bare else 0
        elif (misses := misses + 1) > MOST_MISSES:
            break
    for doc_id in bare:
        before = running.tokens
        if running.take(doc_id, budget_tokens):
            chosen.append(doc_id)
            bare_tokens += running.tokens - before
    return _Chosen(chosen, bare_tokens, misses)


def _rests(corpus: Corpus, choice: Choice, files: FloatsByFile, hidden: frozenset[int]) -> dict[str, str]:
    """Write a line for each shown folder about the files of value in it that are not shown."""
    names_by_folder: defaultdict[str, list[str]] = defaultdict(list)
    best_first = np.argsort(-files, kind="stable")
    for file_id in best_first[files[best_first] > 0].tolist():
        if file_id not in choice and file_id not in hidden:
            folder, _, name = corpus.paths[file_id].rpartition("/")
            names_by_folder[folder].append(name)
    folders = dict.fromkeys(folder_of(corpus, file_id) for file_id in choice)
    return {folder: rest_line(names_by_folder[folder]) for folder in folders if folder in names_by_folder}


def _trimmed(
    corpus: Corpus,
    chosen: _Chosen,
    rests: dict[str, str],
    budget_tokens: int,
    count: CountTokens,
    form: Form,
) -> Fitted:
    """Render the choice and, as far as bare names have room, the rests; drop the last item while it is too long.

    The items were counted line by line, and not every tokenizer's lines add up to the text.
    """
    items, bare_tokens = list(chosen.items), chosen.bare_tokens
    while True:
        choice = choice_of(corpus, items, form)
        fitted = _rendered(corpus, choice, {}, form, count)
        if fitted.tokens <= budget_tokens or not items:
            break
        items.pop()
    shown: dict[str, str] = {}
    for folder, line in rests.items():
        line_tokens = count(line)
        if fitted.tokens + line_tokens > budget_tokens or not items:
            continue
        if bare_tokens + line_tokens > MOST_BARE * fitted.tokens:
            break
        longer = _rendered(corpus, choice, {**shown, folder: line}, form, count)
        if longer.tokens <= budget_tokens:
            shown[folder], fitted = line, longer
            bare_tokens += line_tokens
    return fitted


def _rendered(
    corpus: Corpus, choice: Choice, rests: dict[str, str], form: Form, count: CountTokens
) -> Fitted:
    text = render(corpus, choice, rests, form)
    return Fitted(choice, text, count(text) if text else 0, rests)


class _RunningCount:
    """The tokens of a growing choice, counted by line; an item recounts its own file alone."""

    def __init__(self, corpus: Corpus, count: CountTokens, form: Form) -> None:
        self.corpus, self.count, self.form = corpus, count, form
        self.tokens = 0
        self._line_tokens: dict[str, int] = {}
        self._shown: dict[int, frozenset[int]] = {}
        self._file_tokens: dict[int, int] = {}
        self._files_by_folder: dict[str, list[int]] = {}

    def take(self, doc_id: int, budget_tokens: int) -> bool:
        """Add an item and what encloses it, if the budget allows; return whether it does."""
        file_id = int(self.corpus.doc_file[doc_id])
        folder = folder_of(self.corpus, file_id)
        before = self._files_by_folder.get(folder, [])
        after = before if file_id in self._shown else [*before, file_id]
        definitions = self._shown.get(file_id, frozenset()) | definitions_of(self.corpus, doc_id, self.form)
        grouped = is_grouped(folder, len(after))
        counted = {file_id: self._count_file(file_id, definitions, grouped)}
        tokens = self.tokens + counted[file_id] - self._file_tokens.get(file_id, 0)
        if grouped and not is_grouped(folder, len(before)):
            # the second file gives the folder a heading, and the first moves below it
            first = before[0]
            counted[first] = self._count_file(first, self._shown[first], grouped)
            tokens += self._count_line(folder_line(folder)) + counted[first] - self._file_tokens[first]
        if tokens > budget_tokens:
            return False
        self.tokens, self._shown[file_id], self._files_by_folder[folder] = tokens, definitions, after
        self._file_tokens |= counted
        return True

    def _count_file(self, file_id: int, definitions: frozenset[int], grouped: bool) -> int:
        lines = file_lines(self.corpus, file_id, tuple(sorted(definitions)), grouped, self.form)
        return sum(map(self._count_line, lines))

    def _count_line(self, line: str) -> int:
        if line not in self._line_tokens:
            self._line_tokens[line] = self.count(line + "\n")
        return self._line_tokens[line]


def choice_of(corpus: Corpus, items: Sequence[int], form: Form = FULL) -> Choice:
    """Group items by file, in the order of each file's first item, with what encloses them."""
    shown: dict[int, set[int]] = {}
    for doc_id in items:
        shown.setdefault(int(corpus.doc_file[doc_id]), set()).update(definitions_of(corpus, doc_id, form))
    return {file_id: tuple(sorted(definitions)) for file_id, definitions in shown.items()}


def definitions_of(corpus: Corpus, item: int, form: Form = FULL) -> frozenset[int]:
    """Return the item, what encloses it, and the members on the lines of these, without what is no definition."""
    shown = [
        doc_id for doc_id in (item, *_required(corpus, form, item)) if corpus.doc_kind[doc_id] != NO_KIND
    ]
    if form.brief:
        return frozenset(shown)
    return frozenset(shown).union(*(members_in_line(corpus, doc_id) for doc_id in shown))


def _by_value_per_token(
    corpus: Corpus,
    files: FloatsByFile,
    docs: FloatsByDoc,
    hidden: frozenset[int],
    budget_tokens: int,
    form: Form,
) -> Iterator[int]:
    """Yield documents in the order in which a greedy choice takes them.

    An item is rated together with what it requires and does not have yet, so its rate rises once a
    sibling has brought that in. Outdated entries stay in the heap and are skipped or put back when
    they come up.
    """
    value = _values(corpus, files, docs, hidden, budget_tokens, form)
    cost = functools.cache(partial(_cost, corpus, form))
    required = functools.cache(partial(_required, corpus, form))
    taken: set[int] = set()

    def value_per_token(doc_id: int) -> float:
        worth, tokens = value[doc_id], cost(doc_id)
        for outer in required(doc_id):
            if outer not in taken:
                worth += value.get(outer, 0.0)
                tokens += cost(outer)
        return worth / tokens

    heap = [(-value_per_token(doc_id), doc_id) for doc_id in value]
    heapq.heapify(heap)
    dependants: defaultdict[int, list[int]] = defaultdict(list)
    for doc_id in value:
        for outer in required(doc_id):
            dependants[outer].append(doc_id)
    spent = 0.0
    while heap and spent < 6 * budget_tokens + 100:  # paths beyond their share are passed over
        known_rate, doc_id = heapq.heappop(heap)
        if doc_id in taken:
            continue
        rate = -value_per_token(doc_id)
        if rate > known_rate + 1e-12:
            heapq.heappush(heap, (rate, doc_id))
            continue
        yield doc_id
        for item in [doc_id, *(outer for outer in required(doc_id) if outer not in taken)]:
            spent += cost(item)
            taken.add(item)
            for dependant in dependants[item]:
                if dependant not in taken:
                    heapq.heappush(heap, (-value_per_token(dependant), dependant))


def _values(
    corpus: Corpus,
    files: FloatsByFile,
    docs: FloatsByDoc,
    hidden: frozenset[int],
    budget_tokens: int,
    form: Form,
) -> dict[int, float]:
    """Return the value of each item, best first, for as many as the budget could ever show."""
    values = docs * DEFINITION_VALUE
    values[corpus.doc_start[:-1]] = files
    values[corpus.doc_kind == NAMESPACE] = 0.0
    is_hidden = np.zeros(len(corpus.paths), bool)
    is_hidden[list(hidden)] = True
    values[is_hidden[corpus.doc_file]] = 0.0
    most = min(len(values), 200 + budget_tokens // 2)
    best = np.argpartition(-values, most - 1)[:most] if most < len(values) else np.arange(len(values))
    best = best[np.lexsort((best, -values[best]))]
    names_seen: set[tuple[int, int]] = set()
    value_by_item: dict[int, float] = {}
    best = best[values[best] > 0]
    if form.brief:
        items = (
            doc_id
            for doc_id in best.tolist()
            if not is_in_line(corpus, doc_id) and not is_left_out(corpus, doc_id)
        )
        return with_namesakes(corpus, {doc_id: float(values[doc_id]) for doc_id in items})
    for doc_id in best.tolist():
        if is_in_line(corpus, doc_id):
            continue
        name = (int(corpus.doc_file[doc_id]), int(corpus.doc_name[doc_id]))
        value_by_item[doc_id] = float(values[doc_id]) * (NAMESAKE_VALUE if name in names_seen else 1.0)
        names_seen.add(name)
    return value_by_item


def _required(corpus: Corpus, form: Form, doc_id: int) -> list[int]:
    """List what must be shown for a document to be shown, innermost first: its file is the last.

    Namespaces are not among them, as a map does not show them.
    """
    outer_ids = []
    while corpus.doc_kind[doc_id] != NO_KIND:
        doc_id = home_of(corpus, doc_id, form)
        if corpus.doc_kind[doc_id] != NAMESPACE:
            outer_ids.append(doc_id)
    return outer_ids


def _cost(corpus: Corpus, form: Form, doc_id: int) -> float:
    """Estimate how many tokens the lines of a document take."""
    if corpus.doc_kind[doc_id] == NO_KIND:
        line = corpus.paths[corpus.doc_file[doc_id]].rpartition("/")[2]
    else:
        line = "\n".join(definition_lines(corpus, doc_id, form))
    return LINE_TOKENS + len(line) / CHARS_PER_TOKEN
