"""What of a graph changes when a few files did, so that the rest is not worked out again.

A mention is decided by its name alone: by who defines it and, for each file that uses it, by what
that file imports. So only the names that other files define by now, and all names in files that
were read anew, are resolved again. Weights are multiples of a power of two, sums of them are exact,
and the graph comes out bit for bit as if it had been made of all files.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from repomap.corpus import Changed, Corpus
from repomap.graph import FileGraph, Mentions, Resolver, Users, joined_mentions, summed_pairs
from repomap.model import KINDS

Keys = npt.NDArray[np.int64]


def same_imports(change: Changed, consulted: Iterable[str]) -> bool:
    """Whether all that decides who imports whom is as it was.

    ``consulted`` are the files whose content was looked at to tell.
    """
    before, after = change.before, change.after
    if before.paths != after.paths or not change.read.size:
        return before.paths == after.paths
    asked = set(consulted)
    return all(
        after.paths[file] not in asked
        and before.languages[file] == after.languages[file]
        and before.imports.texts[file] == after.imports.texts[file]
        and _namespaces(before, file) == _namespaces(after, file)
        for file in change.read.tolist()
    )


def _namespaces(corpus: Corpus, file: int) -> list[str]:
    code = KINDS.index("namespace")
    docs = corpus.docs_of(file)
    return [corpus.words[corpus.doc_name[doc]] for doc in docs if corpus.doc_kind[doc] == code]


def renewed_mentions(
    change: Changed, mentions: Mentions, graph: FileGraph, imported: Keys
) -> tuple[Mentions, FileGraph]:
    """The mentions and the graph after a change.

    ``imported`` are the keys of the pairs by now; files that were not read anew import what they did.
    """
    after = change.after
    names = _names_defined_elsewhere(change)
    touched = np.zeros(len(after.words) + 1, bool)
    touched[names] = True
    stale = np.zeros(len(change.before.paths), bool)
    stale[change.stale()] = True
    gone = touched[mentions.word] | stale[mentions.source]
    kept = _renumbered(mentions.take(np.flatnonzero(~gone)), change)
    own = Users.of_rows(after, change.uses)
    own = own.take(np.flatnonzero(~touched[own.word]))
    shared = Users.of(after, names, after.postings(names))
    wanted = touched.copy()
    wanted[own.word] = True
    resolver = Resolver(after, imported, wanted)
    new = joined_mentions([resolver(own), resolver(shared)])
    old = _renumbered(mentions.take(np.flatnonzero(gone)), change)
    return _merged(kept, new, len(after.paths)), _regraphed(graph, change, old, new)


def _names_defined_elsewhere(change: Changed) -> Keys:
    """The names that are defined in other files, or in files of another language, than before."""
    before = _definitions(change.before, change.stale().tolist())
    after = _definitions(change.after, change.read.tolist())
    return np.unique(np.fromiter((name for name, _, _ in before ^ after), np.int64))


def _definitions(corpus: Corpus, files: Iterable[int]) -> set[tuple[int, str, str]]:
    """Name, path and language of what these files define."""
    return {
        (name, corpus.paths[file], corpus.languages[file])
        for file in files
        for name in corpus.doc_name[corpus.doc_start[file] + 1 : corpus.doc_start[file + 1]].tolist()
    }


def _renumbered(mentions: Mentions, change: Changed) -> Mentions:
    """The same with the numbers that files have now; -1 for those that are gone."""
    source, target = change.became[mentions.source], change.became[mentions.target]
    return Mentions(mentions.word, source, target, mentions.weight)


def _merged(kept: Mentions, new: Mentions, files: int) -> Mentions:
    """All mentions in the order of names and files. No name and file have rows in both."""
    new = new.take(np.lexsort((new.target, new.source, new.word)))
    place = np.searchsorted(_groups(kept, files), _groups(new, files))
    return Mentions(
        np.insert(kept.word, place, new.word),
        np.insert(kept.source, place, new.source),
        np.insert(kept.target, place, new.target),
        np.insert(kept.weight, place, new.weight),
    )


def _groups(mentions: Mentions, files: int) -> Keys:
    """A key for the name and the file that uses it."""
    return mentions.word.astype(np.int64) * max(1, files) + mentions.source


def _regraphed(graph: FileGraph, change: Changed, old: Mentions, new: Mentions) -> FileGraph:
    """The graph without the old mentions and with the new ones."""
    many = len(change.after.paths)
    files = max(1, many)
    source, target = change.became[graph.source], change.became[graph.target]
    there = np.flatnonzero((source >= 0) & (target >= 0))
    keys, weight = source[there].astype(np.int64) * files + target[there], graph.weight[there]
    lost = old.take(np.flatnonzero((old.source >= 0) & (old.target >= 0)))
    pairs, more = summed_pairs(
        np.concatenate([one.source.astype(np.int64) * files + one.target for one in (lost, new)]),
        np.concatenate([-lost.weight, new.weight]),
    )
    place = np.searchsorted(keys, pairs)
    known = np.zeros(len(pairs), bool)
    inside = np.flatnonzero(place < len(keys))
    known[inside] = keys[place[inside]] == pairs[inside]
    weight[place[known]] += more[known]
    keys, weight = (
        np.insert(keys, place[~known], pairs[~known]),
        np.insert(weight, place[~known], more[~known]),
    )
    some = np.flatnonzero(weight)
    keys = keys[some]
    return FileGraph(many, (keys // files).astype(np.int32), (keys % files).astype(np.int32), weight[some])
