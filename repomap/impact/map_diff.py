"""Compares the map of now with that of an earlier revision: files, definitions, signatures and ranks."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Literal

import numpy as np

from repomap.corpus.corpus import Corpus
from repomap.corpus.update import update_corpus
from repomap.lookup.answers import (
    Answer,
    AnswerLine,
    check_budget,
    fit_to_budget,
    omission_notes,
    with_headings,
)
from repomap.lookup.names import full_name
from repomap.model import KINDS, CountTokens, FileTags, Focus, RepoPath
from repomap.parsing.tags_codec import EncodedTags
from repomap.ranking.index_data import IndexData, updated_index_data
from repomap.ranking.score import score
from repomap.safety.printable import printable

TOP_FILES = 20
"""A file that did not change itself is listed if it came to be, or is no longer, among the best of this number."""
LONGEST_SIGNATURE = 160

ChangeKind = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Then:
    """How the files of a revision differ from those of the index."""

    tags: Mapping[RepoPath, "FileTags | EncodedTags"]
    """Of the files that were other than now, or that are gone."""
    absent: Sequence[RepoPath]
    """Files of the index that the revision did not have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionChange:
    """A definition that came, went, or is declared otherwise."""

    name: str
    """After the names of what encloses it, joined by dots."""
    kind: str
    change: ChangeKind
    signature: str
    """As it is now; of a removed one, as it was."""
    before: str
    """The signature of a changed one as it was; else empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """A file whose part of the map changed."""

    path: RepoPath
    change: ChangeKind
    rank: int | None
    """Its place in the overview, 1 for the first; None if it is gone."""
    rank_before: int | None
    """Its place at the revision; None if it was not there."""
    definitions: tuple[DefinitionChange, ...]


def map_diff(
    index_data: IndexData, then: Then, budget_tokens: int, count: CountTokens, *, skip: int = 0
) -> Answer[FileChange]:
    """List what changed since a revision, the most important files first.

    ``skip`` leaves out what earlier answers had: the number of definitions, and of files without one.
    """
    check_budget(budget_tokens)
    before = _data_of(index_data, then)
    found = _changes(index_data, before, then)
    lines = [(row, line) for row, item in enumerate(found) for line in _lines(item)][skip:]

    def notes(shown: int) -> tuple[str, ...]:
        if not found:
            return ("Nothing changed in the map.", "… nothing")
        return omission_notes(len({row for row, _ in lines[shown:]}), "files", "give more tokens")

    shown, text, tokens = fit_to_budget(
        len(lines),
        lambda size: with_headings([line for _, line in lines[:size]]),
        notes,
        budget_tokens,
        count,
    )
    page = _page(found, skip, shown)
    return Answer(page, len({row for row, _ in lines[shown:]}), text, tokens, budget_tokens)


def _page(found: Sequence[FileChange], skip: int, shown: int) -> tuple[FileChange, ...]:
    """Return the files of some consecutive lines, each with the definitions that these lines show."""
    page, first = list[FileChange](), 0
    for item in found:
        size = max(len(item.definitions), 1)
        low, high = max(skip - first, 0), min(skip + shown - first, size)
        if low < high:
            page.append(replace(item, definitions=item.definitions[low:high]))
        first += size
    return tuple(page)


def _data_of(index_data: IndexData, then: Then) -> IndexData:
    """Return the index of the revision, made from that of now by undoing the changes."""
    paths = sorted({*index_data.corpus.paths, *then.tags}.difference(then.absent))
    if not paths:
        paths = list(index_data.corpus.paths[:1])
    change = update_corpus(index_data.corpus, tuple(paths), then.tags)
    return updated_index_data(index_data, change, index_data.commits)


def _ranks(index_data: IndexData) -> dict[RepoPath, int]:
    scores = score(index_data, Focus()).files
    order = np.lexsort((np.arange(len(scores)), -scores)).tolist()
    return {index_data.corpus.paths[file_id]: row + 1 for row, file_id in enumerate(order)}


def _changes(now: IndexData, before: IndexData, then: Then) -> list[FileChange]:
    ranks, old_ranks = _ranks(now), _ranks(before)
    absent = set(then.absent)
    old_ranks = {path: rank for path, rank in old_ranks.items() if path not in absent}
    touched = {*then.tags, *absent}
    top = {path for each in (ranks, old_ranks) for path, rank in each.items() if rank <= TOP_FILES}
    last = len(ranks) + len(old_ranks)
    found = []
    for path in sorted(touched | top, key=lambda path: (ranks.get(path, old_ranks.get(path, last)), path)):
        rank, old_rank = ranks.get(path), old_ranks.get(path)
        definitions = tuple(_definitions(now.corpus, before.corpus, path, absent)) if path in touched else ()
        kind = _kind(rank, old_rank, bool(definitions))
        if kind:
            found.append(
                FileChange(path=path, change=kind, rank=rank, rank_before=old_rank, definitions=definitions)
            )
    return found


def _kind(rank: int | None, old_rank: int | None, has_changes: bool) -> ChangeKind | None:
    if rank is None or old_rank is None:
        return None if rank == old_rank else "removed" if rank is None else "added"
    if has_changes:
        return "changed"
    return "moved" if (rank <= TOP_FILES) != (old_rank <= TOP_FILES) else None


def _definitions(
    now: Corpus, before: Corpus, path: RepoPath, absent: set[RepoPath]
) -> Iterator[DefinitionChange]:
    new = _signatures(now, path)
    old = {} if path in absent else _signatures(before, path)
    for key in [*new, *(key for key in old if key not in new)]:
        name, kind = key
        for after, earlier in zip_longest(new.get(key, ()), old.get(key, ())):
            if after == earlier:
                continue
            change: ChangeKind = "added" if earlier is None else "removed" if after is None else "changed"
            before_text = earlier if change == "changed" else ""
            yield DefinitionChange(
                name=name, kind=kind, change=change, signature=after or earlier or "", before=before_text
            )


def _signatures(corpus: Corpus, path: RepoPath) -> dict[tuple[str, str], list[str]]:
    """Return the signatures of a file's definitions by qualified name and kind, in source order."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    file_id = bisect_left(corpus.paths, path)
    is_there = file_id < len(corpus.paths) and corpus.paths[file_id] == path
    for doc_id in corpus.docs_of(file_id) if is_there else ():
        found[full_name(corpus, doc_id), KINDS[corpus.doc_kind[doc_id]]].append(corpus.signatures[doc_id])
    return found


_MARKS = {"added": "+", "removed": "-", "changed": "~"}


def _lines(item: FileChange) -> Iterator[AnswerLine]:
    rank = {
        "added": f"new, rank {item.rank}",
        "removed": f"gone, was rank {item.rank_before}",
    }.get(item.change, f"rank {item.rank}, was {item.rank_before}")
    heading = f"{printable(item.path)} ({rank})"
    if not item.definitions:
        yield AnswerLine((), heading)
    for definition in item.definitions:
        was = f"  (was: {_short(definition.before)})" if definition.before else ""
        inner = f"{printable(definition.name)}: " if "." in definition.name else ""
        yield AnswerLine(
            (heading,), f"{_MARKS[definition.change]} {inner}{_short(definition.signature)}{was}"
        )


def _short(signature: str) -> str:
    text = " ".join(printable(signature.replace("\n", " ")).split())
    return text if len(text) <= LONGEST_SIGNATURE else text[: LONGEST_SIGNATURE - 1] + "…"
