"""What of a graph changes when a few files did, so that the rest is not worked out again.

A mention is decided by its name alone: by who defines it and, for each file that uses it, by what
that file imports. So only the names that other files define by now, and all names in files that
were read anew, are resolved again. Weights are multiples of a power of two, sums of them are exact,
and the graph comes out bit for bit as if it had been made of all files.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from repomap.arrays.texts import distinct, ranges
from repomap.corpus.corpus import Corpus, Floats
from repomap.corpus.update import Changed
from repomap.graph.file_graph import FileGraph, Mentions, Resolver, Users, joined_mentions, summed_pairs
from repomap.graph.pagerank import rank_flow
from repomap.model import KINDS

Keys = npt.NDArray[np.int64]

FEW_FILES = 8
"""The mentions of so few files are found faster one file after the other."""


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
    """The mentions and the graph after a change; the same objects where neither changed.

    ``imported`` are the keys of the pairs by now; files that were not read anew import what they did.
    """
    names = _names_defined_elsewhere(change)
    gone = _gone(mentions, names, change.stale())
    old, new = _renumbered(mentions.take(gone), change), _resolved(change, names, imported)
    in_place = np.array_equal(change.became, np.arange(len(change.after.paths)))
    if in_place and old.equals(new):
        return mentions, graph
    kept = np.delete(np.arange(len(mentions)), gone)
    merged = _merged(_renumbered(mentions.take(kept), change), new, len(change.after.paths))
    return merged, _regraphed(graph, change, old, new, in_place=in_place)


def _gone(mentions: Mentions, names: Keys, stale: npt.NDArray[np.int32]) -> npt.NDArray[np.int64]:
    """The rows that do not hold any more, ascending: those of the names, and those of the stale files."""
    sought = names.astype(np.int32)
    start = np.searchsorted(mentions.word, sought)
    rows = [ranges(start, np.searchsorted(mentions.word, sought, "right") - start)]
    if len(stale) < FEW_FILES:
        rows += [np.flatnonzero(mentions.source == file) for file in stale.tolist()]
    else:
        rows.append(np.flatnonzero(np.isin(mentions.source, stale)))
    return distinct(np.concatenate(rows))


def _resolved(change: Changed, names: Keys, imported: Keys) -> Mentions:
    """The mentions of the names, and all in files that were read anew; sorted."""
    after = change.after
    touched = np.zeros(len(after.words) + 1, bool)
    touched[names] = True
    own = Users.of_rows(after, change.uses)
    own = own.take(np.flatnonzero(~touched[own.word]))
    shared = Users.of(after, names, after.postings(names))
    touched[own.word] = True
    resolver = Resolver(after, imported, touched)
    new = joined_mentions([resolver(own), resolver(shared)])
    return new.take(np.lexsort((new.target, new.source, new.word)))


def _names_defined_elsewhere(change: Changed) -> Keys:
    """The names that are defined in other files, or in files of another language, than before."""
    before = _definitions(change.before, change.stale().tolist())
    after = _definitions(change.after, change.read.tolist())
    return distinct(np.fromiter((name for name, _, _ in before ^ after), np.int64))


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


def _regraphed(
    graph: FileGraph, change: Changed, old: Mentions, new: Mentions, *, in_place: bool
) -> FileGraph:
    """The graph without the old mentions and with the new ones; the same where their sums are."""
    many = len(change.after.paths)
    files = max(1, many)
    lost = old.take(np.flatnonzero((old.source >= 0) & (old.target >= 0)))
    pairs, more = summed_pairs(
        np.concatenate([one.source.astype(np.int64) * files + one.target for one in (lost, new)]),
        np.concatenate([-lost.weight, new.weight]),
    )
    some = np.flatnonzero(more)
    if in_place and not len(some):
        return graph
    pairs, more = pairs[some], more[some]
    source, target = change.became[graph.source], change.became[graph.target]
    there = np.flatnonzero((source >= 0) & (target >= 0))
    keys, weight = source[there].astype(np.int64) * files + target[there], graph.weight[there]
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


def renewed_flow(
    change: Changed, mentions: Mentions, graph: FileGraph, rank: Floats, before: Floats
) -> Floats:
    """What `rank_flow` says after a change that left the mentions, the graph and the rank as they were.

    Files stand where they stood; only in those that were read anew may names be shared otherwise.
    """
    after, start, old_start = change.after, change.after.doc_start, change.before.doc_start
    fresh = np.zeros(len(after.paths), bool)
    fresh[change.read] = True
    flow = rank_flow(after, mentions, graph, rank, fresh)
    done = 0
    for file in (*change.read.tolist(), len(after.paths)):
        flow[start[done] : start[file]] = before[old_start[done] : old_start[file]]
        done = file + 1
    return flow
