"""Who uses what whom defines: edges between files, from the corpus.

A file that mentions a name points to the files that define it. A name defined in k files gives
each 1/k, unless an import of the mentioning file says which one is meant: then that one gets it.
That is what keeps `get`, `run` and `__init__` from soaking up the rank.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.texts import distinct, ranges, starts_of
from repomap.arrays.threads import parallel_map
from repomap.corpus.corpus import NO_KIND, Corpus, Floats, Ints, summed
from repomap.corpus.postings import Postings, Rows

if TYPE_CHECKING:
    import networkx as nx

MANY_DEFINERS = 40
"""A name that more files than this define says nothing about which of them is meant."""

SHORTEST_NAME = 3
"""Characters: shorter names are those of local variables everywhere, whoever else defines one."""

GRAIN = 1 / (1 << 16)
"""Weights are multiples of this, which floats add and subtract without rounding."""

FAMILIES = {
    "jsx": "script",
    "javascript": "script",
    "typescript": "script",
    "tsx": "script",
    "vue": "script",
    "svelte": "script",
    "java": "jvm",
    "kotlin": "jvm",
    "scala": "jvm",
    "groovy": "jvm",
    "c": "c",
    "cpp": "c",
    "objc": "c",
    "swift": "c",
}
"""Languages whose files use each other's names; every other language is its own family."""


@dataclass(frozen=True, eq=False)
class FileGraph:
    """Weighted edges from the file that mentions to the file that defines, sorted by both."""

    files: int
    source: Ints
    target: Ints
    weight: Floats

    @cached_property
    def leaving(self) -> Floats:
        """By file: the weight of all that it mentions."""
        return summed(self.source, self.weight, self.files)

    def equals(self, other: "FileGraph") -> bool:
        return self is other or (
            self.files == other.files
            and all(
                np.array_equal(*pair)
                for pair in (
                    (self.source, other.source),
                    (self.target, other.target),
                    (self.weight, other.weight),
                )
            )
        )

    def to_networkx(self, paths: tuple[str, ...]) -> "nx.DiGraph[str]":
        """The graph as networkx knows it: nodes are paths, edges carry `weight`."""
        import networkx as nx

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(paths)
        graph.add_weighted_edges_from(
            (paths[a], paths[b], float(w))
            for a, b, w in zip(self.source, self.target, self.weight, strict=True)
        )
        return graph


@dataclass(frozen=True, slots=True)
class Mentions:
    """Every (name, mentioning file, defining file) that the corpus holds, with its weight, sorted."""

    word: Ints
    source: Ints
    target: Ints
    weight: npt.NDArray[np.float32]
    """A multiple of `GRAIN`, so that sums of weights do not depend on their order."""

    def __len__(self) -> int:
        return len(self.word)

    def equals(self, other: "Mentions") -> bool:
        return all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("word", "source", "target", "weight")
        )

    def take(self, rows: npt.NDArray[Any]) -> "Mentions":
        return Mentions(self.word[rows], self.source[rows], self.target[rows], self.weight[rows])


@dataclass(frozen=True, slots=True)
class Users:
    """Every (word, file) in which the word stands in code, with how often."""

    word: Ints
    file: Ints
    count: npt.NDArray[np.int64]

    @classmethod
    def of(cls, corpus: Corpus, words: npt.NDArray[np.int64], found: Postings) -> "Users":
        """Of some words and their uses, sorted by word and file."""
        code = np.flatnonzero(found.code)
        word, file = words[found.place[code]].astype(np.int32), corpus.doc_file[found.doc[code]]
        first = _first_of_each(word, file)
        count = (
            np.add.reduceat(found.code[code].astype(np.int64), first) if len(first) else np.zeros(0, np.int64)
        )
        return cls(word[first], file[first], count)

    def take(self, rows: npt.NDArray[np.int64]) -> "Users":
        return Users(self.word[rows], self.file[rows], self.count[rows])

    @classmethod
    def of_rows(cls, corpus: Corpus, rows: Rows) -> "Users":
        """Of uses whose slots are documents, in any order."""
        rows = rows.take(np.lexsort((rows.slot, rows.word)))
        words = distinct(rows.word)
        place = np.searchsorted(words, rows.word)
        return cls.of(corpus, words.astype(np.int64), Postings(place, rows.slot, rows.code, rows.prose))


def family_numbers(corpus: Corpus) -> Ints:
    """By file: a number for its family of languages; 0 where there is no grammar."""
    numbers: dict[str, int] = {"": 0}
    for name in dict.fromkeys(corpus.languages):
        numbers[name] = numbers.setdefault(FAMILIES.get(name, name), len(numbers))
    return np.fromiter(map(numbers.__getitem__, corpus.languages), np.int32, len(corpus.languages))


def mentions(corpus: Corpus, imported: npt.NDArray[np.int64] | None = None) -> Mentions:
    """All mentions of names that some file defines.

    ``imported`` holds the sorted keys `source * files + target` of the pairs in which the first
    imports the second; where a name is defined in an imported file, only imported files count.
    """
    every = len(corpus.words)
    resolver = Resolver(corpus, imported, np.ones(every + 1, bool))

    def resolved(words: npt.NDArray[np.int64]) -> Mentions:
        return resolver(Users.of(corpus, words, corpus.uses.of_words(words)))

    return joined_mentions(parallel_map(resolved, corpus.uses.chunks(every)))


def joined_mentions(parts: Sequence[Mentions]) -> Mentions:
    """The mentions of all parts, one after the other."""
    none = np.zeros(0, np.int32)
    return Mentions(
        np.concatenate([none, *(part.word for part in parts)]),
        np.concatenate([none, *(part.source for part in parts)]),
        np.concatenate([none, *(part.target for part in parts)]),
        np.concatenate([np.zeros(0, np.float32), *(part.weight for part in parts)]),
    )


class Resolver:
    """Tells which definitions a file means by a name."""

    def __init__(
        self, corpus: Corpus, imported: npt.NDArray[np.int64] | None, wanted: npt.NDArray[np.bool_]
    ) -> None:
        """``wanted`` says of each word whether it may be asked for; one more for documents without name."""
        self._files = max(1, len(corpus.paths))
        self._imported = imported if imported is not None and len(imported) else None
        self._family = family_numbers(corpus)
        words, many, self._definers = _definers(corpus, wanted)
        few = many <= MANY_DEFINERS
        telling = words[few]
        telling = telling[corpus.words.have_chars(telling, SHORTEST_NAME)]
        # by word; zeros take no memory until they are written over, and a change asks for few words
        self._start, self._many = np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.int32)
        self._start[words], self._many[words] = starts_of(many)[:-1], many
        self._telling = np.zeros(len(wanted), bool)
        self._telling[telling] = True

    def __call__(self, users: Users) -> Mentions:
        """What these users mention; sorted as they are."""
        keep = np.flatnonzero(self._telling[users.word])
        word, source, count = users.word[keep], users.file[keep], users.count[keep]
        sizes = self._many[word].astype(np.int64)
        group = np.repeat(np.arange(len(word), dtype=np.int32), sizes)
        target = self._definers[ranges(self._start[word], sizes)]
        ok = self._meant(group, source[group], target, len(word))
        group, target = group[ok], target[ok]
        shares = np.bincount(group, minlength=len(word))
        weight = np.round(np.sqrt(count[group]) / shares[group] / GRAIN) * GRAIN
        return Mentions(word[group], source[group], target, weight.astype(np.float32))

    def _meant(self, group: Ints, source: Ints, target: Ints, groups: int) -> npt.NDArray[np.bool_]:
        ok: npt.NDArray[np.bool_] = self._family[source] == self._family[target]
        own = ok & (target == source)
        has_own = np.zeros(groups, bool)
        has_own[group[own]] = True
        ok &= ~has_own[group]
        if self._imported is not None:
            keys = source.astype(np.int64) * self._files + target
            place = np.minimum(np.searchsorted(self._imported, keys), len(self._imported) - 1)
            hit = ok & (self._imported[place] == keys)
            resolved = np.zeros(groups, bool)
            resolved[group[hit]] = True
            ok &= hit | ~resolved[group]
        return ok


def file_graph(corpus: Corpus, found: Mentions) -> FileGraph:
    """The mentions summed by pair of files."""
    files = max(1, len(corpus.paths))
    keys, weight = summed_pairs(found.source.astype(np.int64) * files + found.target, found.weight)
    return FileGraph(
        len(corpus.paths), (keys // files).astype(np.int32), (keys % files).astype(np.int32), weight
    )


def summed_pairs(
    keys: npt.NDArray[np.int64], weight: npt.NDArray[Any]
) -> tuple[npt.NDArray[np.int64], Floats]:
    """The distinct keys, ascending, each with the sum of its weights."""
    order = np.argsort(keys)
    keys, weight = keys[order], weight[order]
    first = _first_of_each(keys)
    sums = np.add.reduceat(weight.astype(np.float64), first) if len(first) else np.zeros(0)
    return keys[first], sums


def _definers(corpus: Corpus, wanted: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], Ints, Ints]:
    """The wanted words that are defined, ascending, how many files define each, and these files."""
    docs = np.flatnonzero(wanted[corpus.doc_name] & (corpus.doc_kind != NO_KIND))
    files = max(1, len(corpus.paths))
    keys = distinct(corpus.doc_name[docs].astype(np.int64) * files + corpus.doc_file[docs])
    words = distinct(keys // files)
    many = np.diff(np.searchsorted(keys, words * files), append=len(keys))
    return words, many.astype(np.int32), (keys % files).astype(np.int32)


def _first_of_each(*columns: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """Rows that differ from the one before."""
    new = np.ones(len(columns[0]), bool)
    new[1:] = False
    for column in columns:
        new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(new)
