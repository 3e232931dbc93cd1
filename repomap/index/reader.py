"""Reads the tags of the new and changed files of a listing.

A file whose stat data are unchanged is not opened, and one whose content the cache knows is not
parsed; all others go to the parse workers, and their tags into the cache.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Flags, Rows
from repomap.files.collector import EntryKind
from repomap.files.listing import FileListing
from repomap.files.skipped_files import is_translation
from repomap.files.stat_signature import COARSE_TICK_NS, FINE_TICK_NS
from repomap.model import FileTags, RepoPath, SkipReason
from repomap.safety.printable import printable
from repomap.safety.regular_file import read_if_regular
from repomap.workers.protocol import (
    DIGEST_BYTES,
    FAILURE_REASONS,
    MAX_SOURCE_BYTES,
    FailureReason,
    digest_of,
)

if TYPE_CHECKING:
    from repomap.index.entries import CacheEntry, Poisoned
    from repomap.index.sources import TagsSources
    from repomap.parsing.tags_codec import EncodedTags
    from repomap.workers.dispatch import ParsedFile
    from repomap.workers.pool import FileParser, OnProgress

_CACHED_REASONS = ("", "failed")
"""Skip reasons of files that are put into the cache: it took a parser to find out."""
_SHARED_REASONS = (*_CACHED_REASONS, "binary", "generated", "minified")
"""Those of files that are put into a store: with an executor, even finding this out costs sending the file."""

_FILE = int(EntryKind.FILE)

OnTags = Callable[[RepoPath, "FileTags | EncodedTags"], None]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class KnownFiles:
    """What is known of the files of one listing; the columns are in the order of the paths."""

    paths: tuple[RepoPath, ...] = ()
    stat: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 4), np.int64))
    """By file, four columns: size in bytes, mtime and ctime in ns, inode."""
    digest: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, DIGEST_BYTES), np.uint8))
    """By file: the digest of its content; zeros if it was not read."""
    failure: npt.NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    """By file: 1 + the index in `FAILURE_REASONS` of the reason why its parser died; 0 if it did not."""
    listed_ns: int = 0
    """When the listing was started."""

    def failures(self) -> "list[tuple[RepoPath, FailureReason]]":
        """List the files whose parser died, with the reason."""
        return [
            (self.paths[row], FAILURE_REASONS[self.failure[row] - 1]) for row in np.flatnonzero(self.failure)
        ]


@dataclass(slots=True)
class ReadResult:
    """The outcome of reading, in numbers of files; it grows while files are read."""

    known: KnownFiles
    _: KW_ONLY
    parsed: int = 0
    cached: int = 0
    shared: int = 0
    """Files whose content a store knew, and the cache did not."""
    unchanged: int = 0
    checked: int = 0
    """Unchanged files that had to be opened to make sure."""
    warnings: list[str] = field(default_factory=list)


class TagsReader:
    """Compares a listing with an earlier one, and reads the files that differ.

    `result.known` is what the next comparison needs.
    """

    def __init__(self, listing: FileListing, before: KnownFiles, started_ns: int, on_tags: OnTags) -> None:
        """Compare the listings. ``on_tags`` is called once for each file that is new or changed, in any order."""
        self._listing = listing
        self._on_tags = on_tags
        self._twins: dict[int, list[int]] = {}
        """By row of a file that is to be parsed: the other files with the same content and language."""
        file_count = len(listing)
        # The same tuple if no path came or went, so that others can compare it by identity.
        same_paths = len(before.paths) == file_count and before.paths == tuple(listing.paths)
        columns = (listing.size, listing.mtime_ns, listing.ctime_ns, listing.inode)
        self.result = ReadResult(
            KnownFiles(
                paths=before.paths if same_paths else tuple(listing.paths),
                stat=np.stack(columns, axis=1),
                digest=np.zeros((file_count, DIGEST_BYTES), np.uint8),
                failure=np.zeros(file_count, np.uint8),
                listed_ns=started_ns,
            )
        )
        self._waiting = self._compare(before)

    @property
    def waiting(self) -> int:
        """The number of files that have to be read."""
        return len(self._waiting)

    def read(
        self,
        workers: "FileParser",
        sources: "TagsSources",
        on_progress: "OnProgress | None",
        meanwhile: Callable[[], None],
    ) -> ReadResult:
        """Read the waiting files, from the cache, from a store or by parsing.

        ``meanwhile`` is called once workers are busy, if any are needed. Raises WorkersFailed if nothing
        can be parsed.
        """
        if sources.exist():
            rows, self._waiting, first_of = self._waiting, [], dict[bytes, int]()
            step = sources.files_per_lookup
            for first in range(0, len(rows), step):
                self._waiting += self._read_known(sources, rows[first : first + step], first_of)
        while rows := self._waiting:
            self._waiting = []
            self._parse(rows, workers, sources, on_progress, meanwhile)
        self.result.warnings += sources.take_warnings()
        return self.result

    def _compare(self, before: KnownFiles) -> list[int]:
        """Take over what is known of unchanged files; return the rows of the files to be read."""
        now = self.result.known
        old_rows = _rows_of(now.paths, before.paths)
        is_same = old_rows >= 0
        is_same[is_same] = (now.stat[is_same] == before.stat[old_rows[is_same]]).all(axis=1)
        now.digest[is_same] = before.digest[old_rows[is_same]]
        now.failure[is_same] = before.failure[old_rows[is_same]]
        for row in np.flatnonzero(is_same & _may_have_changed(now, before.listed_ns)).tolist():
            identity = self._identity(row)
            self.result.checked += 1
            is_same[row] = identity is not None and identity[0] == now.digest[row].tobytes()
        self.result.unchanged = int(np.count_nonzero(is_same))
        others = np.flatnonzero(~is_same)
        now.digest[others], now.failure[others] = 0, 0
        return self._to_be_opened(others.tolist())

    def _to_be_opened(self, rows: Sequence[int]) -> list[int]:
        """Pass on links and translations, which are never opened; return the rows that remain."""
        paths, kinds, remaining = self.result.known.paths, self._listing.kinds.tolist(), []
        for row in rows:
            if kinds[row] != _FILE:
                self._on_tags(paths[row], _unopened("link"))
            elif is_translation(paths[row]):
                self._on_tags(paths[row], _unopened("translation"))
            else:
                remaining.append(row)
        return remaining

    def _read_known(
        self, sources: "TagsSources", rows: Sequence[int], first_of: dict[bytes, int]
    ) -> list[int]:
        """Pass on what is known by content; return the rows that remain, without twins of others.

        ``first_of`` has the first row of each content that is to be parsed.
        """
        identities = {row: identity for row in rows if (identity := self._identity(row))}
        tags_by_key = sources.get_many(list(dict.fromkeys(key for _, key, _ in identities.values())))
        remaining = []
        for row in rows:
            digest, key, language = identities.get(row, (b"", b"", ""))
            tags = tags_by_key.get(key)
            if tags is not None:
                self._pass_on(row, digest, language, tags)
                self._count(is_shared=key in sources.shared)
            elif key and (first := first_of.setdefault(key, row)) != row:
                self._twins.setdefault(first, []).append(row)
            else:
                remaining.append(row)
        return remaining

    def _count(self, *, is_shared: bool) -> None:
        self.result.shared += is_shared
        self.result.cached += not is_shared

    def _pass_on(self, row: int, digest: bytes, language: str, tags: "CacheEntry") -> None:
        """Pass on what is known of a file."""
        from repomap.index.entries import Poisoned

        path = self.result.known.paths[row]
        if isinstance(tags, Poisoned):
            self.result.warnings.append(poison_warning(path, tags.reason, is_new=False))
            self._record(row, digest, tags.reason)
            self._on_tags(path, FileTags(language, 0, skipped="failed"))
        else:
            self._record(row, digest, "")
            self._on_tags(path, tags)

    def _parse(
        self,
        rows: Sequence[int],
        workers: "FileParser",
        sources: "TagsSources",
        on_progress: "OnProgress | None",
        meanwhile: Callable[[], None],
    ) -> None:
        from repomap.workers.dispatch import Task

        row_of_path = {self.result.known.paths[row]: row for row in rows}
        tasks = [Task(path, int(self._listing.size[row])) for path, row in row_of_path.items()]
        reasons = _SHARED_REASONS if sources.is_shared else _CACHED_REASONS

        def receive(parsed: "ParsedFile") -> None:
            tags = parsed.encoded_tags()
            if parsed.facts.digest and tags.skipped in reasons:
                sources.put(*_cache_row(parsed))
            self._record(row_of_path[parsed.path], parsed.facts.digest, parsed.failure or "")
            self._on_tags(parsed.path, tags)
            self.result.parsed += 1
            for twin in self._twins.pop(row_of_path[parsed.path], ()):
                self._read_twin(twin, parsed, tags)

        try:
            failed = workers.parse(
                self._listing.root, tasks, on_result=receive, on_progress=on_progress, meanwhile=meanwhile
            )
        finally:
            sources.write()
        self.result.warnings += [poison_warning(file.path, str(file.failure), is_new=True) for file in failed]

    def _read_twin(self, row: int, parsed: "ParsedFile", tags: "EncodedTags") -> None:
        """Pass on the tags of a file with the same content; parse it after all if that content has changed since."""
        identity = self._identity(row)
        if identity is None or identity[0] != parsed.facts.digest:
            self._waiting.append(row)
            return
        path = self.result.known.paths[row]
        if parsed.failure:
            self.result.warnings.append(poison_warning(path, parsed.failure, is_new=True))
        self._record(row, parsed.facts.digest, parsed.failure or "")
        self._on_tags(path, tags)
        self._count(is_shared=False)

    def _record(self, row: int, digest: bytes, reason: str) -> None:
        known = self.result.known
        if digest:
            known.digest[row] = np.frombuffer(digest, np.uint8)
        if reason in FAILURE_REASONS:
            known.failure[row] = 1 + FAILURE_REASONS.index(reason)

    def _identity(self, row: int) -> tuple[bytes, bytes, str] | None:
        """Return the digest of a file's content, its cache key and its language; None if it is unreadable."""
        from repomap.parsing.language_by_text import sniff
        from repomap.workers.parsing_version import tags_key

        data = read_if_regular(self._listing.locate(row), MAX_SOURCE_BYTES)
        if data is None:
            return None
        language = sniff(self._listing.paths[row], data)
        digest = digest_of(data)
        name = language.name if language else ""
        return digest, tags_key(digest, name), name


@functools.cache
def _unopened(reason: SkipReason) -> "EncodedTags":
    """Return the tags of a file that is listed and not opened."""
    from repomap.parsing.tags_codec import to_encoded  # late: a warm start does without it

    return to_encoded(FileTags("", 0, skipped=reason))


def _rows_of(paths: Sequence[str], before: Sequence[str]) -> Rows:
    """Return the row that each path had before; -1 if it had none."""
    if paths is before:
        return np.arange(len(paths))
    old_rows = {path: row for row, path in enumerate(before)}
    return np.fromiter((old_rows.get(path, -1) for path in paths), np.int64, len(paths))


def _may_have_changed(known: KnownFiles, listed_ns: int) -> Flags:
    """Flag the files whose content may have changed although their stat data have not.

    A file written just before the last listing may have been written again within the same tick of the
    file system's clock ("racily clean" in git's terms), so its content is checked.
    """
    mtime_ns = known.stat[:, 1]
    tick_ns = np.where(mtime_ns % 1_000_000_000 == 0, COARSE_TICK_NS, FINE_TICK_NS)
    is_suspect: Flags = mtime_ns >= listed_ns - tick_ns
    is_suspect[is_suspect] = known.digest[is_suspect].any(axis=1)
    return is_suspect


def _cache_row(parsed: "ParsedFile") -> "tuple[bytes, bytes | Poisoned]":
    """Return the cache's key and value for a parsed file."""
    from repomap.index.entries import Poisoned
    from repomap.workers.parsing_version import tags_key

    key = tags_key(parsed.facts.digest, parsed.facts.language)
    return key, Poisoned(parsed.failure) if parsed.failure else parsed.data


def poison_warning(path: RepoPath, reason: str, *, is_new: bool) -> str:
    """Write the warning about a file that kills its parser, now or in an earlier run."""
    what = f"parsing {reason}{'' if is_new else ' before'}"
    return f"{printable(path)}: {what}; it is listed without symbols, and not tried again until it changes."
