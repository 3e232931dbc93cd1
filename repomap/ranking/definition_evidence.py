"""What speaks for each definition, as columns of numbers, worked out for some definitions at a time.

A repository of 80,000 files has three million definitions. All their columns together take half a
gigabyte, which costs more time to lay out than to compute; those of a few thousand stay in the
processor's cache. What depends on all definitions (places, what is used) is found out before.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.texts import distinct
from repomap.corpus.corpus import NO_KIND, Corpus, Floats, Ints
from repomap.model import KINDS
from repomap.ranking.bm25 import Flags, Relevance, Rows, rows_of

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

PART_DOCS = 1 << 13
"""So many documents at a time: their columns take about a megabyte."""


MANY_DOCUMENTS = 1 << 18
"""From so many on it is worth a thread to do two things at the same time."""


def of_kinds(corpus: Corpus, kinds: Sequence[str]) -> Flags:
    """By document: whether it is of one of these kinds."""
    return is_of_kinds(corpus.doc_kind, kinds)


def is_of_kinds(numbers: npt.NDArray[np.uint8], kinds: Sequence[str]) -> Flags:
    """By number of a kind: whether it is that of one of these."""
    flags = np.zeros(NO_KIND + 1, bool)
    flags[[KINDS.index(kind) for kind in kinds]] = True
    return flags[numbers]


def docs_named(corpus: Corpus, names: Rows) -> Rows:
    """The documents that bear one of these names, ascending."""
    sought = np.zeros(len(corpus.words) + 1, bool)
    sought[names] = True
    return rows_of(sought, corpus.doc_name)


def parts_of(first: int, end: int) -> Iterator[slice]:
    """The documents of a range, some at a time."""
    return (slice(at, min(at + PART_DOCS, end)) for at in range(first, end, PART_DOCS))


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Values of a few documents, 0 for all others; by document where they are asked for."""

    docs: Rows
    """Ascending."""
    values: Floats

    @classmethod
    def of_largest(cls, docs: npt.NDArray[np.integer[Any]], values: Floats) -> "Spread":
        """Of values above 0 in any order: the largest of each document."""
        known = distinct(docs.astype(np.int64))
        largest = np.zeros(len(known))
        np.maximum.at(largest, np.searchsorted(known, docs), values)
        return cls(known, largest)

    def __getitem__(self, part: slice) -> Floats:
        first, end = np.searchsorted(self.docs, (part.start, part.stop)).tolist()
        values = np.zeros(part.stop - part.start)
        values[self.docs[first:end] - part.start] = self.values[first:end]
        return values


@dataclass(frozen=True, slots=True, eq=False)
class DefinitionColumns:
    """The columns of documents, in the order of the fields; rows of files are to be ignored."""

    corpus: Corpus
    match: Relevance
    best: Floats
    """By file: how well its best document matches."""
    text: Floats
    """By document."""
    best_text: float
    exact: Spread
    used: Spread
    child: Spread
    place: Ints
    place_in_file: Ints
    inside: Ints
    """By document: how many definitions stand right inside it, if it is a definition."""

    @classmethod
    def of(
        cls, corpus: Corpus, prior: Floats, match: Relevance, best: Floats, asked: tuple[Rows, Floats]
    ) -> "DefinitionColumns":
        """``prior`` and ``best`` are by file; ``asked`` are the definitions asked for by name, and how much."""
        whole = Spread(match.docs.rows, match.docs.text)[slice(0, len(corpus))]
        matching = (corpus.doc_kind[match.docs.rows] != NO_KIND) & (match.docs.text > 0)
        rows, text = match.docs.rows[matching], match.docs.text[matching]
        values = text * prior[corpus.doc_file[rows]]
        order = np.argsort(-values, kind="stable")
        place = _places(corpus, prior, rows[order])
        return cls(
            corpus,
            match,
            best,
            whole,
            max(match.docs.text.max(initial=0), 1e-9),
            Spread(*asked),
            _best_used(corpus, rows[order[:KEY_DEFINITIONS]], values[order[:KEY_DEFINITIONS]]),
            _best_inside(corpus, rows, text),
            place,
            _places_in_files(corpus, rows, text, place),
            _many_inside(corpus),
        )

    def __call__(self, part: slice) -> dict[str, Floats]:
        corpus, match, matched = self.corpus, self.match.files, self.match.docs
        file, kind, above = corpus.doc_file[part], corpus.doc_kind[part], corpus.doc_parent[part]
        parent = np.maximum(above, 0)
        has_parent = corpus.doc_kind[parent] != NO_KIND
        functions, containers = is_of_kinds(kind, FUNCTIONS), is_of_kinds(kind, CONTAINERS)
        outer_functions = is_of_kinds(corpus.doc_kind[parent], FUNCTIONS)
        first_line, last_line = (corpus.doc_span[part, column].astype(np.int64) for column in (1, 2))
        leading, coverage, label, whole = (
            Spread(matched.rows, values)[part]
            for values in (matched.leading, matched.coverage, matched.label, matched.whole)
        )
        many = np.diff(corpus.doc_start[file[0] : file[-1] + 2]) - 1 if len(file) else file
        return {
            "text": self.text[part],
            "first line": leading,
            "words": coverage,
            "name": label,
            "whole name": np.minimum(whole, 1.0),
            "place": np.log1p(self.place[part]),
            "place in file": np.log1p(self.place_in_file[part]),
            "lines": np.log1p(last_line - first_line),
            "container": containers.astype(float),
            "value": ((kind != NO_KIND) & ~functions & ~containers).astype(float),
            "parent": np.where(above >= 0, self.text[parent], 0.0),
            "child": self.child[part],
            "exact": self.exact[part],
            "uses what matches": self.used[part],
            "nested": (has_parent & functions & outer_functions).astype(float),
            "text of best": self.text[part] / self.best_text,
            "file text": match.text[file],
            "best in file": self.best[file],
            "definitions in file": np.log1p(many)[file - file[:1]],
            "definitions inside": np.log1p(self.inside[part]),
        }


def _places(corpus: Corpus, prior: Floats, best: Rows) -> Ints:
    """The place of each document: first the best, then the other definitions, then files."""
    others = np.ones(len(corpus), bool)
    others[corpus.doc_start[:-1]] = False
    others[best] = False
    place = np.cumsum(others, dtype=np.int32)
    place += np.int32(len(best) - 1)
    place[best] = np.arange(len(best))
    files = corpus.doc_start[:-1][np.argsort(prior, kind="stable")]
    place[files] = np.arange(len(corpus) - len(files), len(corpus))
    return place


def _places_in_files(corpus: Corpus, rows: Rows, text: Floats, place: Ints) -> Ints:
    """The place of each document among those of its file: ``rows`` by their ``text``, others as they stand.

    ``place`` are their places among all, with which those that do not match stand in the order of the file.
    """
    files = np.arange(len(corpus.paths))
    file = corpus.doc_file[rows]
    many = np.bincount(file, minlength=len(files))
    before = np.cumsum(many) - many
    others_before = corpus.doc_start[:-1] - files - before
    in_file = place + np.repeat(
        (many - len(rows) - others_before).astype(np.int32), np.diff(corpus.doc_start)
    )
    by_text = np.lexsort((-text, file))
    in_file[rows[by_text]] = np.arange(len(rows)) - before[file]
    in_file[corpus.doc_start[:-1]] = np.diff(corpus.doc_start) - 1
    return in_file


def _best_inside(corpus: Corpus, rows: Rows, text: Floats) -> Spread:
    """By definition: how well the best of ``rows`` matches that stands right inside it."""
    parent = corpus.doc_parent[rows]
    nested = corpus.doc_kind[parent] != NO_KIND
    return Spread.of_largest(parent[nested], text[nested])


def _many_inside(corpus: Corpus) -> Ints:
    """By document that is a definition: how many definitions stand right inside it."""
    many = np.zeros(len(corpus), np.int32)
    for part in parts_of(0, len(corpus)):
        parent = corpus.doc_parent[part]
        parent = parent[corpus.doc_kind[np.maximum(parent, 0)] != NO_KIND]
        if len(parent):
            first = int(parent.min())
            counts = np.bincount(parent - first)
            many[first : first + len(counts)] += counts.astype(np.int32)
    return many


KEY_DEFINITIONS = 60
"""How many of the best matching definitions are followed to those that use them."""
MANY_NAMESAKES = 4


def _best_used(corpus: Corpus, docs: Rows, values: Floats) -> Spread:
    """By document: how well the best matching of these definitions matches that it uses by name."""
    users, worth = [np.zeros(0, np.int32)], [np.zeros(0)]
    names = corpus.doc_name[docs].tolist()
    numbers = np.array(sorted(set(names)), np.int64)
    namesakes = np.bincount(np.searchsorted(numbers, corpus.doc_name[docs_named(corpus, numbers)]))
    many = dict(zip(numbers.tolist(), namesakes.tolist(), strict=True))
    for word, value in zip(names, values.tolist(), strict=True):
        if many[word] <= MANY_NAMESAKES:
            found = corpus.postings([word])
            users.append(found.doc[found.code > 0])
            worth.append(np.full(len(users[-1]), value))
    return Spread.of_largest(np.concatenate(users), np.concatenate(worth))
