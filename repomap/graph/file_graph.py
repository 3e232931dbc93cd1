"""Links files by the names they use: mentions, and their sums as weighted edges.

A file that mentions a name points to the files that define it. A name defined in k files gives each
1/k, unless an import of the mentioning file says which one is meant: then that one gets it all. This
keeps `get`, `run` and `__init__` from absorbing the rank.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import FileIds, Flags, Floats, FloatsByFile, Ints, PairKeys, Rows, WordIds
from repomap.arrays.sums import sum_by
from repomap.arrays.texts import distinct, ranges, starts_of
from repomap.arrays.threads import parallel_map
from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.corpus.postings import Postings, Uses

if TYPE_CHECKING:
    import networkx as nx

MOST_DEFINERS = 40
"""A name that more files than this define does not show which of them is meant."""

SHORTEST_NAME = 3
"""In characters. Shorter names are those of local variables, whoever else defines one."""

GRAIN = 1 / (1 << 16)
"""Weights are multiples of this, so that floats add and subtract them without rounding."""

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
"""Languages whose files use each other's names; every other language is a family of its own."""


@dataclass(frozen=True, eq=False)
class FileGraph:
    """Weighted edges from the file that mentions to the file that defines, sorted by both.

    `source`, `target` and `weight` have one element an edge; no pair of files has two edges.
    """

    file_count: int
    source: FileIds
    target: FileIds
    weight: Floats

    @cached_property
    def out_weight(self) -> FloatsByFile:
        """The total weight of the edges that start at each file."""
        return sum_by(self.source, self.weight, self.file_count)

    def equals(self, other: "FileGraph") -> bool:
        """Return whether both have the same files and edges, bit for bit."""
        return self is other or (
            self.file_count == other.file_count
            and np.array_equal(self.source, other.source)
            and np.array_equal(self.target, other.target)
            and np.array_equal(self.weight, other.weight)
        )

    def to_networkx(self, paths: Sequence[str]) -> "nx.DiGraph[str]":
        """Convert to networkx: nodes are paths, also those without edges, and edges have a `weight`."""
        import networkx as nx  # late: it is needed by callers that want the graph, by no command

        graph: nx.DiGraph[str] = nx.DiGraph()
        graph.add_nodes_from(paths)
        graph.add_weighted_edges_from(
            (paths[source], paths[target], float(weight))
            for source, target, weight in zip(self.source, self.target, self.weight, strict=True)
        )
        return graph


@dataclass(frozen=True, slots=True)
class Mentions:
    """Which file mentions which name that which other file defines; sorted by name, then source, then target.

    The arrays have one element a mention.
    """

    word_id: WordIds
    source: FileIds
    target: FileIds
    weight: npt.NDArray[np.float32]
    """A multiple of `GRAIN`, so that sums do not depend on their order."""

    def __len__(self) -> int:
        return len(self.word_id)

    def equals(self, other: "Mentions") -> bool:
        """Return whether both are the same, bit for bit."""
        return (
            np.array_equal(self.word_id, other.word_id)
            and np.array_equal(self.source, other.source)
            and np.array_equal(self.target, other.target)
            and np.array_equal(self.weight, other.weight)
        )

    def take(self, rows: npt.NDArray[Any]) -> "Mentions":
        """Select rows."""
        return Mentions(self.word_id[rows], self.source[rows], self.target[rows], self.weight[rows])

    @classmethod
    def concatenated(cls, parts: "Sequence[Mentions]") -> "Mentions":
        """Join the rows of all parts."""
        return cls(
            np.concatenate([np.zeros(0, np.int32), *(part.word_id for part in parts)]),
            np.concatenate([np.zeros(0, np.int32), *(part.source for part in parts)]),
            np.concatenate([np.zeros(0, np.int32), *(part.target for part in parts)]),
            np.concatenate([np.zeros(0, np.float32), *(part.weight for part in parts)]),
        )


@dataclass(frozen=True, slots=True)
class NameUses:
    """How often each file has each of some words in its code; one row for each such pair."""

    word_id: WordIds
    file_id: FileIds
    count: npt.NDArray[np.int64]

    @classmethod
    def of_postings(cls, corpus: Corpus, word_ids: npt.NDArray[np.int64], postings: Postings) -> "NameUses":
        """Sum up the postings of some words by file; sorted by word and file."""
        rows = np.flatnonzero(postings.code)
        words = word_ids[postings.row[rows]].astype(np.int32)
        files = corpus.doc_file[postings.doc_id[rows]]
        first = _first_of_each(words, files)
        count = np.zeros(0, np.int64)
        if len(first):
            count = np.add.reduceat(postings.code[rows].astype(np.int64), first)
        return cls(words[first], files[first], count)

    @classmethod
    def of_uses(cls, corpus: Corpus, uses: Uses) -> "NameUses":
        """Sum up uses in any order whose slots are doc ids."""
        uses = uses.take(np.lexsort((uses.slot, uses.word_id)))
        word_ids = distinct(uses.word_id)
        rows = np.searchsorted(word_ids, uses.word_id)
        return cls.of_postings(
            corpus, word_ids.astype(np.int64), Postings(rows, uses.slot, uses.code, uses.prose)
        )

    def take(self, rows: Rows) -> "NameUses":
        """Select rows."""
        return NameUses(self.word_id[rows], self.file_id[rows], self.count[rows])


def family_numbers(corpus: Corpus) -> Ints:
    """Number the language family of each file; 0 for files without a grammar."""
    numbers: dict[str, int] = {"": 0}
    for language in dict.fromkeys(corpus.languages):
        numbers[language] = numbers.setdefault(FAMILIES.get(language, language), len(numbers))
    return np.fromiter(map(numbers.__getitem__, corpus.languages), np.int32, len(corpus.languages))


def find_mentions(corpus: Corpus, imported: PairKeys | None = None) -> Mentions:
    """Find all mentions of names that some file defines.

    ``imported`` has the sorted keys of the pairs of files in which the first imports the second. If an
    imported file defines a name, only imported files count.
    """
    word_count = len(corpus.words)
    resolver = Resolver(corpus, imported, np.ones(word_count + 1, bool))
    index = corpus.inverted_index

    def resolve(word_ids: npt.NDArray[np.int64]) -> Mentions:
        return resolver(NameUses.of_postings(corpus, word_ids, index.postings(word_ids)))

    return Mentions.concatenated(parallel_map(resolve, index.word_chunks(word_count)))


class Resolver:
    """Decides which definitions a file means by a name."""

    def __init__(self, corpus: Corpus, imported: PairKeys | None, wanted: Flags) -> None:
        """Prepare for some words.

        ``wanted`` flags by word id those that may be asked about; its last element is for documents
        without a name.
        """
        self._file_count = max(1, len(corpus.paths))
        self._imported = imported if imported is not None and len(imported) else None
        self._family = family_numbers(corpus)
        word_ids, definer_counts, self._definers = _definers(corpus, wanted)
        linking = word_ids[definer_counts <= MOST_DEFINERS]
        linking = linking[corpus.words.have_chars(linking, SHORTEST_NAME)]
        # By word. Zeros take no memory until they are written to, and an update asks about few words.
        self._start, self._count = np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.int32)
        self._start[word_ids], self._count[word_ids] = starts_of(definer_counts)[:-1], definer_counts
        self._links = np.zeros(len(wanted), bool)
        self._links[linking] = True

    def __call__(self, uses: NameUses) -> Mentions:
        """Resolve each use to the files that may be meant; sorted as the uses are."""
        rows = np.flatnonzero(self._links[uses.word_id])
        word_id, source, count = uses.word_id[rows], uses.file_id[rows], uses.count[rows]
        candidate_counts = self._count[word_id].astype(np.int64)
        use = np.repeat(np.arange(len(word_id), dtype=np.int32), candidate_counts)
        target = self._definers[ranges(self._start[word_id], candidate_counts)]
        is_meant = self._are_meant(use, source[use], target, len(word_id))
        use, target = use[is_meant], target[is_meant]
        shares = np.bincount(use, minlength=len(word_id))
        weight = np.round(np.sqrt(count[use]) / shares[use] / GRAIN) * GRAIN
        return Mentions(word_id[use], source[use], target, weight.astype(np.float32))

    def _are_meant(self, use: Ints, source: FileIds, target: FileIds, use_count: int) -> Flags:
        """Flag the candidates that a use may mean; ``use`` says for each candidate which use it is for.

        Only files of the same language family can be meant, and only imported ones if any candidate is
        imported. A file that defines the name itself means its own, and so mentions no other.
        """
        is_meant: Flags = self._family[source] == self._family[target]
        is_own = is_meant & (target == source)
        has_own = np.zeros(use_count, bool)
        has_own[use[is_own]] = True
        is_meant &= ~has_own[use]
        if self._imported is not None:
            keys = source.astype(np.int64) * self._file_count + target
            rows = np.minimum(np.searchsorted(self._imported, keys), len(self._imported) - 1)
            is_imported = is_meant & (self._imported[rows] == keys)
            has_imported = np.zeros(use_count, bool)
            has_imported[use[is_imported]] = True
            is_meant &= is_imported | ~has_imported[use]
        return is_meant


def build_graph(corpus: Corpus, mentions: Mentions) -> FileGraph:
    """Sum up the mentions by pair of files."""
    file_count = len(corpus.paths)
    divisor = max(1, file_count)
    keys, weight = sum_by_key(mentions.source.astype(np.int64) * divisor + mentions.target, mentions.weight)
    return FileGraph(
        file_count, (keys // divisor).astype(np.int32), (keys % divisor).astype(np.int32), weight
    )


def sum_by_key(keys: PairKeys, weight: npt.NDArray[Any]) -> tuple[PairKeys, Floats]:
    """Return the distinct keys, ascending, and the sum of the weights of each.

    >>> keys, sums = sum_by_key(np.array([7, 2, 7]), np.array([1.0, 0.5, 0.25]))
    >>> keys.tolist(), sums.tolist()
    ([2, 7], [0.5, 1.25])
    """
    order = np.argsort(keys)
    keys, weight = keys[order], weight[order]
    first = _first_of_each(keys)
    sums = np.add.reduceat(weight.astype(np.float64), first) if len(first) else np.zeros(0)
    return keys[first], sums


def _definers(corpus: Corpus, wanted: Flags) -> tuple[npt.NDArray[np.int64], Ints, FileIds]:
    """Return the wanted words that are defined, ascending, how many files define each, and these files."""
    doc_ids = np.flatnonzero(wanted[corpus.doc_name] & (corpus.doc_kind != NO_KIND))
    file_count = max(1, len(corpus.paths))
    keys = distinct(corpus.doc_name[doc_ids].astype(np.int64) * file_count + corpus.doc_file[doc_ids])
    word_ids = distinct(keys // file_count)
    counts = np.diff(np.searchsorted(keys, word_ids * file_count), append=len(keys))
    return word_ids, counts.astype(np.int32), (keys % file_count).astype(np.int32)


def _first_of_each(*columns: npt.NDArray[Any]) -> Rows:
    """Return the rows that differ from the one before in any column."""
    is_new = np.ones(len(columns[0]), bool)
    is_new[1:] = False
    for column in columns:
        is_new[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(is_new)
