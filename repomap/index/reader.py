"""A listing of files, and what is known of them → the tags of those that are new or have changed.

What has not changed by its stat data is not opened; what a cache knows by its content is not
parsed; everything else goes to the parse workers, and into the cache as it comes from them.
"""

import functools
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from repomap.files.collector import EntryKind
from repomap.files.file_kinds import is_translation
from repomap.files.listing import COARSE_TICK_NS, FINE_TICK_NS, FileListing
from repomap.model import FileTags, RepoPath, SkipReason
from repomap.safety.printable import printable
from repomap.safety.regular_file import read_if_regular
from repomap.workers.protocol import DIGEST_BYTES, FAILURE_REASONS, MAX_SOURCE_BYTES, FailureReason

if TYPE_CHECKING:
    from repomap.index.tags_cache import Poisoned, TagsCache
    from repomap.parsing.tags_codec import EncodedTags
    from repomap.workers.dispatch import ParsedFile, Task

ASKED_FILES = 512
"""The cache is asked for so many files at once."""
KEPT_BYTES = 500_000
"""Parsed files are put into the cache when so much of them has come in."""
_KEPT = ("", "failed")
"""Why a file may have been skipped and is kept all the same: it took a parser to tell."""

_FILE = int(EntryKind.FILE)

OnTags = Callable[[RepoPath, "FileTags | EncodedTags"], None]
OnProgress = Callable[[int, int], None]


class Parser(Protocol):
    """`Workers`, or what does their work."""

    def parse(
        self,
        root: Path,
        tasks: "Sequence[Task]",
        *,
        on_result: "Callable[[ParsedFile], None]",
        on_progress: OnProgress | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> "list[ParsedFile]": ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of the files of one listing, as columns in the order of their paths."""

    paths: tuple[RepoPath, ...] = ()
    stat: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 4), np.int64))
    """Size, mtime, ctime and inode."""
    digest: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, DIGEST_BYTES), np.uint8))
    """Of the content; zeros where it was not read."""
    failure: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    """Why the file's parser died: 1 + the place of the reason in `FAILURE_REASONS`; 0 where none did."""
    listed_ns: int = 0
    """When the listing was begun."""

    def failures(self) -> "list[tuple[RepoPath, FailureReason]]":
        return [
            (self.paths[row], FAILURE_REASONS[self.failure[row] - 1]) for row in np.flatnonzero(self.failure)
        ]


@dataclass(slots=True)
class Reading:
    """What one look at the files found."""

    known: Known
    parsed: int = 0
    cached: int = 0
    unchanged: int = 0
    checked: int = 0
    """Unchanged ones that had to be opened to tell."""
    warnings: list[str] = field(default_factory=list)


class Reader:
    """Looks at a listing in the light of an earlier one; `known` of the result serves the next."""

    def __init__(self, listing: FileListing, before: Known, started_ns: int, on_tags: OnTags) -> None:
        """``on_tags`` is called once for each file that is new or has changed, in any order."""
        self._listing = listing
        self._cache: TagsCache | None = None
        self._on_tags = on_tags
        many = len(listing)
        # the same tuple where no path has come or gone: whatever knows it need not compare it again
        same = len(before.paths) == many and before.paths == tuple(listing.paths)
        columns = (listing.size, listing.mtime_ns, listing.ctime_ns, listing.inode)
        self.found = Reading(
            Known(
                before.paths if same else tuple(listing.paths),
                np.stack(columns, axis=1),
                np.zeros((many, DIGEST_BYTES), np.uint8),
                np.zeros(many, np.uint8),
                started_ns,
            )
        )
        self._waiting = self._sort_out(before)

    @property
    def waiting(self) -> int:
        """How many files have to be read."""
        return len(self._waiting)

    def read(
        self,
        workers: Parser,
        cache: "TagsCache | None",
        on_progress: OnProgress | None,
        meanwhile: Callable[[], None],
    ) -> Reading:
        """Find out what the files hold. Raises WorkersFailed where nothing can be parsed.

        ``meanwhile`` is called when workers have begun, if any have to.
        """
        self._cache = cache
        if self._cache and self._cache.exists():
            rows, self._waiting = self._waiting, []
            for first in range(0, len(rows), ASKED_FILES):
                self._waiting += self._ask_cache(self._cache, rows[first : first + ASKED_FILES])
        if self._waiting:
            self._parse(workers, on_progress, meanwhile)
        return self.found

    def _sort_out(self, before: Known) -> list[int]:
        """Takes over what has not changed by its stat data; returns the rows to be read."""
        now = self.found.known
        place = _places(now.paths, before.paths)
        same = place >= 0
        same[same] = (now.stat[same] == before.stat[place[same]]).all(axis=1)
        now.digest[same], now.failure[same] = before.digest[place[same]], before.failure[place[same]]
        for row in np.flatnonzero(same & _may_have_changed(now, before.listed_ns)).tolist():
            identity = self._identity(row)
            self.found.checked += 1
            same[row] = identity is not None and identity[0] == now.digest[row].tobytes()
        self.found.unchanged = int(np.count_nonzero(same))
        others = np.flatnonzero(~same)
        now.digest[others], now.failure[others] = 0, 0
        waiting, kinds = [], self._listing.kinds.tolist()
        for row in others.tolist():
            if kinds[row] != _FILE:
                self._on_tags(now.paths[row], _unread("link"))
            elif is_translation(now.paths[row]):
                self._on_tags(now.paths[row], _unread("translation"))
            else:
                waiting.append(row)
        return waiting

    def _ask_cache(self, cache: "TagsCache", rows: Sequence[int]) -> list[int]:
        """Hands on what the cache knows by content; returns the rows that are left."""
        from repomap.index.tags_cache import Poisoned

        identities = {row: found for row in rows if (found := self._identity(row))}
        tags = cache.get_many(list({key for _, key, _ in identities.values()}))
        left = []
        for row in rows:
            digest, key, language = identities.get(row, (b"", b"", ""))
            held = tags.get(key)
            if held is None:
                left.append(row)
                continue
            path = self.found.known.paths[row]
            if isinstance(held, Poisoned):
                self.found.warnings.append(poison_warning(path, held.reason, again=False))
                self._note(row, digest, held.reason)
                self._on_tags(path, FileTags(language, 0, "failed"))
            else:
                self._note(row, digest, "")
                self._on_tags(path, held)
            self.found.cached += 1
        return left

    def _parse(self, workers: Parser, on_progress: OnProgress | None, meanwhile: Callable[[], None]) -> None:
        from repomap.workers.dispatch import Task

        rows = {self.found.known.paths[row]: row for row in self._waiting}
        tasks = [Task(path, int(self._listing.size[row])) for path, row in rows.items()]
        kept: list[tuple[bytes, bytes | Poisoned]] = []
        size = 0

        def take(parsed: "ParsedFile") -> None:
            nonlocal size
            tags = parsed.encoded_tags()
            if self._cache and parsed.facts.digest and tags.skipped in _KEPT:
                kept.append(_cache_row(parsed))
                size += len(parsed.data)
                if size > KEPT_BYTES:
                    self._cache.put_many(kept)
                    kept.clear()
                    size = 0
            self._note(rows[parsed.path], parsed.facts.digest, parsed.failure or "")
            self._on_tags(parsed.path, tags)
            self.found.parsed += 1

        try:
            failed = workers.parse(
                self._listing.root, tasks, on_result=take, on_progress=on_progress, meanwhile=meanwhile
            )
        finally:
            if self._cache:
                self._cache.put_many(kept)
        self.found.warnings += [poison_warning(one.path, str(one.failure), again=True) for one in failed]

    def _note(self, row: int, digest: bytes, reason: str) -> None:
        known = self.found.known
        if digest:
            known.digest[row] = np.frombuffer(digest, np.uint8)
        if reason in FAILURE_REASONS:
            known.failure[row] = 1 + FAILURE_REASONS.index(reason)

    def _identity(self, row: int) -> tuple[bytes, bytes, str] | None:
        """The digest of a file's content, its key in the cache, its language; None where it cannot be read."""
        from repomap.index.tags_cache import tags_key
        from repomap.parsing.languages import sniff

        data = read_if_regular(self._listing.locate(row), MAX_SOURCE_BYTES)
        if data is None:
            return None
        language = sniff(self._listing.paths[row], data)
        digest = hashlib.blake2b(data, digest_size=DIGEST_BYTES).digest()
        name = language.name if language else ""
        return digest, tags_key(digest, name), name


@functools.cache
def _unread(reason: SkipReason) -> "EncodedTags":
    """What is known of a file that is listed and not opened."""
    from repomap.parsing.tags_codec import to_encoded  # which a warm start does without

    return to_encoded(FileTags("", 0, reason))


def _places(paths: Sequence[str], before: Sequence[str]) -> npt.NDArray[np.int64]:
    """By path: its place before; -1 where it had none."""
    if paths is before:
        return np.arange(len(paths))
    places = {path: place for place, path in enumerate(before)}
    return np.fromiter((places.get(path, -1) for path in paths), np.int64, len(paths))


def _may_have_changed(known: Known, listed_ns: int) -> npt.NDArray[np.bool_]:
    """By file: whether it may hold something else although its stat data have not changed.

    One written just before the last listing may have been written again within the same tick of
    its clock (git's "racily clean"), so its content is looked at.
    """
    mtime_ns = known.stat[:, 1]
    tick_ns = np.where(mtime_ns % 1_000_000_000 == 0, COARSE_TICK_NS, FINE_TICK_NS)
    suspect: npt.NDArray[np.bool_] = mtime_ns >= listed_ns - tick_ns
    suspect[suspect] = known.digest[suspect].any(axis=1)
    return suspect


def _cache_row(parsed: "ParsedFile") -> "tuple[bytes, bytes | Poisoned]":
    """What the cache keeps of a parsed file."""
    from repomap.index.tags_cache import Poisoned, tags_key

    key = tags_key(parsed.facts.digest, parsed.facts.language)
    return key, Poisoned(parsed.failure) if parsed.failure else parsed.data


def poison_warning(path: RepoPath, reason: str, *, again: bool) -> str:
    """What a user is told of a file that kills its parser."""
    tail = "it is listed without symbols, and not tried again until it changes"
    return f"{printable(path)}: parsing {reason}{'' if again else ' before'}; {tail}"
