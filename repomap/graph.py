"""Who uses what whom defines: edges between files, from the corpus.

A file that mentions a name points to the files that define it. A name defined in k files gives
each 1/k, unless an import of the mentioning file says which one is meant: then that one gets it.
That is what keeps `get`, `run` and `__init__` from soaking up the rank.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from repomap.corpus import NO_KIND, Corpus, Floats, Ints

if TYPE_CHECKING:
    import networkx as nx

MANY_DEFINERS = 40
"""A name that more files than this define says nothing about which of them is meant."""

SHORTEST_NAME = 3
"""Characters: shorter names are those of local variables everywhere, whoever else defines one."""

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


@dataclass(frozen=True, slots=True)
class FileGraph:
    """Weighted edges from the file that mentions to the file that defines, sorted by both."""

    files: int
    source: Ints
    target: Ints
    weight: Floats

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
    """Every (name, mentioning file, defining file) that the corpus holds, with its weight."""

    word: Ints
    source: Ints
    target: Ints
    weight: Floats


def family_numbers(corpus: Corpus) -> Ints:
    """By file: a number for its family of languages; 0 where there is no grammar."""
    numbers: dict[str, int] = {"": 0}
    return np.fromiter(
        (numbers.setdefault(FAMILIES.get(name, name), len(numbers)) for name in corpus.languages),
        np.int32,
        len(corpus.languages),
    )


def mentions(corpus: Corpus, imported: npt.NDArray[np.int64] | None = None) -> Mentions:
    """All mentions of names that some file defines.

    ``imported`` holds the sorted keys `source * files + target` of the pairs in which the first
    imports the second; where a name is defined in an imported file, only imported files count.
    """
    files = len(corpus.paths)
    definers, definer_start = _definers(corpus)
    word, source, count = _users(corpus)
    sizes = definer_start[word + 1] - definer_start[word]
    telling = np.fromiter((len(name) >= SHORTEST_NAME for name in corpus.words), bool, len(corpus.words))
    keep = (sizes > 0) & (sizes <= MANY_DEFINERS) & telling[word]
    word, source, count, sizes = word[keep], source[keep], count[keep], sizes[keep]
    group = np.repeat(np.arange(len(word)), sizes)
    offset = np.arange(len(group)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    target = definers[definer_start[word][group] + offset]
    family = family_numbers(corpus)
    ok = family[source[group]] == family[target]
    own = target == source[group]
    has_own = np.zeros(len(word), bool)
    has_own[group[own & ok]] = True
    ok &= ~has_own[group]
    if imported is not None and len(imported):
        keys = source[group].astype(np.int64) * files + target
        hit = ok & (imported[np.minimum(np.searchsorted(imported, keys), len(imported) - 1)] == keys)
        resolved = np.zeros(len(word), bool)
        resolved[group[hit]] = True
        ok &= hit | ~resolved[group]
    group, target = group[ok], target[ok]
    shares = np.bincount(group, minlength=len(word))
    weight = np.sqrt(count[group]) / shares[group]
    return Mentions(word[group], source[group], target, weight)


def file_graph(corpus: Corpus, found: Mentions) -> FileGraph:
    """The mentions summed by pair of files."""
    files = len(corpus.paths)
    keys = found.source.astype(np.int64) * files + found.target
    order = np.argsort(keys, kind="stable")
    keys, weight = keys[order], found.weight[order]
    first = np.flatnonzero(np.concatenate([np.ones(min(1, len(keys)), bool), keys[1:] != keys[:-1]]))
    sums = np.add.reduceat(weight, first) if len(first) else np.zeros(0)
    pairs = keys[first]
    return FileGraph(
        files, (pairs // max(1, files)).astype(np.int32), (pairs % max(1, files)).astype(np.int32), sums
    )


def _definers(corpus: Corpus) -> tuple[Ints, npt.NDArray[np.int64]]:
    """The files that define each word, ascending, and where those of each word begin."""
    defined = corpus.doc_kind != NO_KIND
    keys = np.unique(corpus.doc_name[defined].astype(np.int64) * len(corpus.paths) + corpus.doc_file[defined])
    files = max(1, len(corpus.paths))
    starts = np.searchsorted(keys // files, np.arange(len(corpus.words) + 1))
    return (keys % files).astype(np.int32), starts


def _users(corpus: Corpus) -> tuple[Ints, Ints, Floats]:
    """Every (word, file) in which the word stands in code, with how often."""
    word = np.repeat(np.arange(len(corpus.words), dtype=np.int32), np.diff(corpus.word_start))
    code = corpus.use_code > 0
    word, file, count = word[code], corpus.doc_file[corpus.use_doc[code]], corpus.use_code[code].astype(float)
    new = np.ones(len(word), bool)
    new[1:] = (word[1:] != word[:-1]) | (file[1:] != file[:-1])
    first = np.flatnonzero(new)
    return word[first], file[first], np.add.reduceat(count, first) if len(first) else count
