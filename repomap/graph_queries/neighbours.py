"""Follows dependencies from a file or a definition: what it depends on, or what depends on it."""

from collections.abc import Iterable, Iterator

import numpy as np

from repomap.corpus.corpus import NO_KIND, Corpus
from repomap.graph_queries.dependencies import dependency_graph, names_between, neighbours
from repomap.graph_queries.values import Dependency
from repomap.impact.callers import follow, users_of
from repomap.lookup.names import full_name
from repomap.lookup.targets import Target, target_of
from repomap.ranking.index_data import IndexData


def dependencies(index_data: IndexData, text: str, depth: int, *, reverse: bool) -> list[Dependency]:
    """List what a file or definition depends on, or with ``reverse`` what depends on it; nearest first.

    Raises NotInRepository.
    """
    target = target_of(index_data, text)
    if target.file_id is not None:
        return list(_files(index_data, target.file_id, depth, reverse=reverse))
    return list(_users(index_data, target, depth) if reverse else _used(index_data, target, depth))


def _files(index_data: IndexData, start: int, depth: int, *, reverse: bool) -> Iterator[Dependency]:
    paths = index_data.corpus.paths
    adjacent = neighbours(dependency_graph(index_data), reverse=reverse)
    seen, frontier = {start}, [start]
    for steps in range(1, depth + 1):
        following = []
        for before in frontier:
            for file_id in adjacent[before]:
                if file_id in seen:
                    continue
                seen.add(file_id)
                following.append(file_id)
                pair = (file_id, before) if reverse else (before, file_id)
                via = paths[before] if steps > 1 else ""
                names = names_between(index_data, *pair)
                yield Dependency(path=paths[file_id], name="", steps=steps, via=via, names=names)
        frontier = following


def _users(index_data: IndexData, target: Target, depth: int) -> Iterator[Dependency]:
    """Return the definitions and files whose code uses these definitions."""
    corpus = index_data.corpus
    for each in follow(index_data, dict.fromkeys(target.doc_ids, 1.0), depth):
        yield _dependency(corpus, each.doc_id, each.steps, each.via)


def _used(index_data: IndexData, target: Target, depth: int) -> Iterator[Dependency]:
    """Return the definitions that the code of these uses, surest first."""
    corpus = index_data.corpus
    seen, frontier = set(target.doc_ids), list(target.doc_ids)
    for steps in range(1, depth + 1):
        shares: dict[int, tuple[float, int]] = {}
        for doc_id in frontier:
            for used, share in _used_by(index_data, doc_id):
                if used not in seen and share > shares.get(used, (0.0, 0))[0]:
                    shares[used] = (share, doc_id)
        frontier = sorted(shares, key=lambda used: (-shares[used][0], used))
        seen.update(frontier)
        for used in frontier:
            yield _dependency(corpus, used, steps, shares[used][1])


def _used_by(index_data: IndexData, doc_id: int) -> Iterator[tuple[int, float]]:
    """Return the definitions that a definition may mean by the names in its code, and how likely it does."""
    corpus, mentions = index_data.corpus, index_data.mentions
    file_id = int(corpus.doc_file[doc_id])
    inside, is_from_test = _within(corpus, doc_id), index_data.kinds[file_id] == "test"
    rows = np.flatnonzero(mentions.source == file_id)
    own = corpus.doc_name[corpus.doc_start[file_id] + 1 : corpus.doc_start[file_id + 1]]
    word_ids = np.unique(np.concatenate([mentions.word_id[rows], own]))
    postings = corpus.postings(word_ids)
    used = np.isin(postings.doc_id, list(inside)) & (postings.code > 0)
    for word_id in word_ids[np.unique(postings.row[used])].tolist():
        mentioned = mentions.target[rows[mentions.word_id[rows] == word_id]].tolist() or [file_id]
        targets = [each for each in mentioned if is_from_test or index_data.kinds[each] != "test"]
        for target in targets:
            for each in _named(corpus, word_id, target):
                if each not in inside:
                    yield each, 1.0 / len(targets)


def _within(corpus: Corpus, doc_id: int) -> set[int]:
    """Return a definition and all that it encloses."""
    inside = {doc_id}
    for each in corpus.docs_of(int(corpus.doc_file[doc_id])):
        if int(corpus.doc_parent[each]) in inside:
            inside.add(each)
    return inside


def _named(corpus: Corpus, word_id: int, file_id: int) -> Iterable[int]:
    return (each for each in corpus.docs_of(file_id) if corpus.doc_name[each] == word_id)


def _dependency(corpus: Corpus, doc_id: int, steps: int, via: int) -> Dependency:
    return Dependency(
        path=corpus.paths[corpus.doc_file[doc_id]],
        name=full_name(corpus, doc_id),
        steps=steps,
        via=full_name(corpus, via) if steps > 1 and corpus.doc_kind[via] != NO_KIND else "",
        names=(),
    )


def files_using(index_data: IndexData, doc_id: int) -> int:
    """Count the other files whose code uses a definition."""
    corpus = index_data.corpus
    files = {int(corpus.doc_file[user]) for user, _ in users_of(index_data, doc_id)}
    return len(files - {int(corpus.doc_file[doc_id])})
