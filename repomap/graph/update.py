"""Updates the mentions, the graph and the usage after a few files changed.

A mention depends on its name alone: on who defines it and, for each file that uses it, on what that
file imports. So only names whose definers changed, and all names in the files that were read again,
are resolved anew. Weights are multiples of a power of two, so their sums are exact, and the graph is
bit for bit the one that all files together would give.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import FileIds, FloatsByDoc, FloatsByFile, PairKeys, Rows
from repomap.arrays.texts import distinct, ranges
from repomap.corpus.corpus import Corpus
from repomap.corpus.update import CorpusChange
from repomap.graph.file_graph import FileGraph, Mentions, NameUses, Resolver, sum_by_key
from repomap.graph.usage import usage
from repomap.model import KINDS

NameIds = npt.NDArray[np.int64]

FEW_FILES = 8
"""The mentions of fewer files are found faster one file after the other."""


def same_imports(change: CorpusChange, consulted: Iterable[str]) -> bool:
    """Return whether everything that decides who imports whom is unchanged.

    ``consulted`` are the files whose content was read to decide it.
    """
    before, after = change.before, change.after
    if before.paths != after.paths or not change.read.size:
        return before.paths == after.paths
    consulted = set(consulted)
    return all(
        after.paths[file_id] not in consulted
        and before.languages[file_id] == after.languages[file_id]
        and before.imports.texts[file_id] == after.imports.texts[file_id]
        and _namespaces(before, file_id) == _namespaces(after, file_id)
        for file_id in change.read.tolist()
    )


def _namespaces(corpus: Corpus, file_id: int) -> list[str]:
    code = KINDS.index("namespace")
    return [
        corpus.words[corpus.doc_name[doc_id]]
        for doc_id in corpus.docs_of(file_id)
        if corpus.doc_kind[doc_id] == code
    ]


def updated_mentions(
    change: CorpusChange, mentions: Mentions, graph: FileGraph, imported: PairKeys
) -> tuple[Mentions, FileGraph]:
    """Return the mentions and the graph after a change; the same objects if neither changed.

    ``imported`` has the present pairs of files; files that were not read again must import what they did.
    """
    names = _names_with_other_definers(change)
    outdated = _outdated_rows(mentions, names, change.stale())
    old, new = _with_new_ids(mentions.take(outdated), change), _resolved(change, names, imported)
    in_place = np.array_equal(change.became, np.arange(len(change.after.paths)))
    if in_place and old.equals(new):
        return mentions, graph
    kept = np.delete(np.arange(len(mentions)), outdated)
    merged = _merged(_with_new_ids(mentions.take(kept), change), new, len(change.after.paths))
    return merged, _updated_graph(graph, change, old, new, in_place=in_place)


def _outdated_rows(mentions: Mentions, names: NameIds, stale: FileIds) -> Rows:
    """Return the rows of these names and of these sources, ascending."""
    word_ids = names.astype(np.int32)
    start = np.searchsorted(mentions.word_id, word_ids)
    rows = [ranges(start, np.searchsorted(mentions.word_id, word_ids, "right") - start)]
    if len(stale) < FEW_FILES:
        rows += [np.flatnonzero(mentions.source == file_id) for file_id in stale.tolist()]
    else:
        rows.append(np.flatnonzero(np.isin(mentions.source, stale)))
    return distinct(np.concatenate(rows))


def _resolved(change: CorpusChange, names: NameIds, imported: PairKeys) -> Mentions:
    """Resolve these names everywhere, and all other names in files that were read again; sorted."""
    after = change.after
    wanted = np.zeros(len(after.words) + 1, bool)
    wanted[names] = True
    in_read_files = NameUses.of_uses(after, change.uses)
    in_read_files = in_read_files.take(np.flatnonzero(~wanted[in_read_files.word_id]))
    of_names = NameUses.of_postings(after, names, after.postings(names))
    wanted[in_read_files.word_id] = True
    resolver = Resolver(after, imported, wanted)
    new = Mentions.concatenated([resolver(in_read_files), resolver(of_names)])
    return new.take(np.lexsort((new.target, new.source, new.word_id)))


def _names_with_other_definers(change: CorpusChange) -> NameIds:
    """Return the names that are defined in other files, or in another language, than before."""
    before = _definitions(change.before, change.stale().tolist())
    after = _definitions(change.after, change.read.tolist())
    return distinct(np.fromiter((name for name, _, _ in before ^ after), np.int64))


def _definitions(corpus: Corpus, file_ids: Iterable[int]) -> set[tuple[int, str, str]]:
    """Return word id, path and language of everything that these files define."""
    return {
        (word_id, corpus.paths[file_id], corpus.languages[file_id])
        for file_id in file_ids
        for word_id in corpus.doc_name[corpus.doc_start[file_id] + 1 : corpus.doc_start[file_id + 1]].tolist()
    }


def _with_new_ids(mentions: Mentions, change: CorpusChange) -> Mentions:
    """Replace file ids by the present ones; -1 for files that are gone."""
    source, target = change.became[mentions.source], change.became[mentions.target]
    return Mentions(mentions.word_id, source, target, mentions.weight)


def _merged(kept: Mentions, new: Mentions, file_count: int) -> Mentions:
    """Merge two sorted sets of mentions that have no pair of name and source in common."""
    rows = np.searchsorted(_name_and_source(kept, file_count), _name_and_source(new, file_count))
    return Mentions(
        np.insert(kept.word_id, rows, new.word_id),
        np.insert(kept.source, rows, new.source),
        np.insert(kept.target, rows, new.target),
        np.insert(kept.weight, rows, new.weight),
    )


def _name_and_source(mentions: Mentions, file_count: int) -> npt.NDArray[np.int64]:
    return mentions.word_id.astype(np.int64) * max(1, file_count) + mentions.source


def _updated_graph(
    graph: FileGraph, change: CorpusChange, old: Mentions, new: Mentions, *, in_place: bool
) -> FileGraph:
    """Subtract the old mentions from the graph and add the new ones; the same graph if they cancel out."""
    file_count = len(change.after.paths)
    divisor = max(1, file_count)
    removed = old.take(np.flatnonzero((old.source >= 0) & (old.target >= 0)))
    changed_keys, delta = sum_by_key(
        np.concatenate([part.source.astype(np.int64) * divisor + part.target for part in (removed, new)]),
        np.concatenate([-removed.weight, new.weight]),
    )
    nonzero = np.flatnonzero(delta)
    if in_place and not len(nonzero):
        return graph
    changed_keys, delta = changed_keys[nonzero], delta[nonzero]
    source, target = change.became[graph.source], change.became[graph.target]
    alive = np.flatnonzero((source >= 0) & (target >= 0))
    keys, weight = source[alive].astype(np.int64) * divisor + target[alive], graph.weight[alive]
    rows = np.searchsorted(keys, changed_keys)
    is_known = np.zeros(len(changed_keys), bool)
    inside = np.flatnonzero(rows < len(keys))
    is_known[inside] = keys[rows[inside]] == changed_keys[inside]
    weight[rows[is_known]] += delta[is_known]
    keys, weight = (
        np.insert(keys, rows[~is_known], changed_keys[~is_known]),
        np.insert(weight, rows[~is_known], delta[~is_known]),
    )
    nonzero = np.flatnonzero(weight)
    keys = keys[nonzero]
    source, target = (keys // divisor).astype(np.int32), (keys % divisor).astype(np.int32)
    return FileGraph(file_count, source, target, weight[nonzero])


def updated_usage(
    change: CorpusChange, mentions: Mentions, file_weights: FloatsByFile, known: FloatsByDoc
) -> FloatsByDoc:
    """Return what `usage` would after a change that left mentions and weights as they were.

    No file came or went, and only in the files that were read again may the namesakes have changed.
    """
    after, start, old_start = change.after, change.after.doc_start, change.before.doc_start
    is_read = np.zeros(len(after.paths), bool)
    is_read[change.read] = True
    new_usage = usage(after, mentions, file_weights, is_read)
    done = 0
    for file_id in (*change.read.tolist(), len(after.paths)):
        new_usage[start[done] : start[file_id]] = known[old_start[done] : old_start[file_id]]
        done = file_id + 1
    return new_usage
