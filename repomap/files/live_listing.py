"""Updates an earlier listing from what was touched since -> the listing that `list_files` would make.

Only the paths that a watch reports are looked at, and git is asked for all names only if its index
has changed. Anything that may change more than single rows (a folder, an ignore file, a setting)
raises `NeedsFullListing` rather than being worked out.
"""

import os
import stat
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from repomap.errors import GitFailed, RepoMapError
from repomap.files.collector import LIST_NAMES, MISLEADING, Collector, EntryKind, decode_path, encode_path
from repomap.files.git import Git
from repomap.files.ignore import OVERLAY_NAMES
from repomap.files.listing import FileListing, listing_of
from repomap.files.stat_signature import stat_signature
from repomap.files.watch import Unwatchable, Watch
from repomap.model import RepoPath

FULL_EVERY_S = 60.0
"""How often everything is listed anyway: no event reports some changes, see `watch`."""
MAX_NAMES = 64
"""Git is asked about up to this many new names one by one, and beyond it for all names."""

Number = TypeVar("Number", bound=np.generic)

_IGNORE_NAMES = frozenset((b".gitignore", *OVERLAY_NAMES))
_TRIES = 3  # the second one finds no new folder, unless somebody has just made one


class NeedsFullListing(Exception):
    """The changes can only be found by listing everything."""


@dataclass(slots=True, eq=False)
class LiveListing:
    """A watched folder, and a listing of it that is kept up to date."""

    root: bytes
    git: Git
    """As it was when the watch started, without a commit."""
    watch: Watch
    folders: frozenset[bytes]
    """The watched folders: those of the listing, and `extra`."""
    extra: frozenset[bytes]
    """Folders without a listed file that git does not ignore as a whole."""
    index: bytes
    outside_files: tuple[bytes, ...]
    """Files outside the watched folders that affect the listing."""
    last: FileListing | None = None
    last_signatures: tuple[object, ...] = ()
    """The signatures of the index and these files, from before `last` was made."""
    pending: frozenset[bytes] = frozenset()
    """Reported paths that are not yet in a listing."""
    full_at_s: float = 0.0
    """When everything was last listed, on the monotonic clock."""

    @classmethod
    def start(cls, last: FileListing, git: Git, extra: frozenset[bytes]) -> "LiveListing":
        """Watch the folders of a listing, and those in ``extra`` that still exist.

        Raises Unwatchable, GitFailed and OSError.
        """
        root, git = os.fsencode(last.root), replace(git, commit=None)
        extra = frozenset(folder for folder in extra if os.path.isdir(_below(root, folder)))
        nested = {encode_path(last.paths[row]) for row in np.flatnonzero(last.kinds == EntryKind.SUBMODULE)}
        for _ in range(_TRIES):
            folders = last.folders | extra
            watch = Watch(_below(root, folder) for folder in sorted(folders))
            try:
                more = _unlisted_folders(root, git, folders, nested)
                if not more:
                    index, *outside_files = _deciding_files(root, git)
                    return cls(root, git, watch, folders, extra, index, tuple(outside_files))
            except BaseException:
                watch.close()
                raise
            watch.close()
            extra |= more
        raise Unwatchable("The folders change too fast.")

    def close(self) -> None:
        """End the watch."""
        self.watch.close()

    def take(self, listing: FileListing, signatures: tuple[object, ...]) -> bool:
        """Continue from a full listing; return False if it cannot be kept up to date.

        ``signatures`` are those from before it was made.
        """
        self.last, self.last_signatures = listing, signatures
        self.pending, self.full_at_s = frozenset(), time.monotonic()
        same_git = listing.git is not None and replace(listing.git, commit=None) == self.git
        return same_git and not listing.warnings and listing.folders <= self.folders

    def files(self) -> FileListing | None:
        """Return the current listing, or None when a full one is due. Raises NeedsFullListing."""
        if self.last is None:
            return None
        try:
            return self._files(self.last)
        except (RepoMapError, OSError) as error:
            raise NeedsFullListing from error

    def _files(self, last: FileListing) -> FileListing | None:
        git = Git.find(last.root)
        changed = self.watch.changed()
        if git is None or replace(git, commit=None) != self.git or changed is None:
            raise NeedsFullListing
        self.pending |= changed
        signatures = self.signatures()
        if time.monotonic() - self.full_at_s > FULL_EVERY_S:
            return None
        if signatures[1:] != self.last_signatures[1:]:
            raise NeedsFullListing
        listing = self._updated(last, git, all_names=signatures[0] != self.last_signatures[0])
        self.last, self.last_signatures, self.pending = listing, signatures, frozenset()
        return listing

    def _updated(self, last: FileListing, git: Git, *, all_names: bool) -> FileListing:
        touched, new = self._split_pending(last)
        _check_nested(last)
        added = {path.decode("utf-8", "surrogateescape") for path in new}
        removed: set[RepoPath] = set()
        if all_names or len(added) > MAX_NAMES:
            names, old_names = _names(git, ()), set(last.paths)
            added, removed = names - old_names, (old_names | last.indirect) - names
        elif added:
            added = _names(git, added)
        relisted = (touched | last.indirect) - removed | added
        collector = Collector(self.root, git.prefix)
        if collector.add_paths(encode_path(path) for path in sorted(relisted)):
            raise NeedsFullListing
        collector.git = git
        changes = listing_of(last.root, collector)
        if changes.warnings or not changes.folders <= self.folders or _has_new_hard_link(last, changes):
            raise NeedsFullListing
        listing = _merged(last, changes, relisted | removed)
        if not listing.paths:
            raise NeedsFullListing
        return listing

    def _split_pending(self, last: FileListing) -> tuple[set[RepoPath], set[bytes]]:
        """Return the listed paths among those reported, and the new ones that exist."""
        touched, new = set[RepoPath](), set[bytes]()
        folders: list[bytes] = []
        for absolute in self.pending:
            path = absolute.removeprefix(self.root.rstrip(b"/") + b"/")
            name = path.rpartition(b"/")[2]
            if path == absolute or path in self.folders or name in _IGNORE_NAMES or name in MISLEADING:
                raise NeedsFullListing
            if _row(last.paths, listed := decode_path(path)) >= 0:
                touched.add(listed)
                continue
            with suppress(FileNotFoundError, NotADirectoryError):
                is_folder = stat.S_ISDIR(os.lstat(absolute).st_mode)
                folders.append(path) if is_folder else new.add(path)
        if folders and self.git.ignored(folders) != set(folders):
            raise NeedsFullListing
        return touched, new

    def signatures(self) -> tuple[object, ...]:
        """Return signatures of the index, the root and the outside files; equal ones mean no change."""
        now_ns = time.time_ns()
        files = (stat_signature(path, now_ns) for path in self.outside_files)
        return stat_signature(self.index, now_ns), _identity(self.root), *files


def _identity(folder: bytes) -> object:
    """Return a value that differs for another folder of this name; None without a folder."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _below(root: bytes, folder: bytes) -> bytes:
    return os.path.join(root, folder) if folder else root


def _unlisted_folders(
    root: bytes, git: Git, folders: frozenset[bytes], nested: set[bytes]
) -> frozenset[bytes]:
    """Return the folders below these, at any depth, that git would search and that are not among them."""
    unlisted = frozenset[bytes]()
    candidates: Iterable[bytes] = _with_other_subfolders(root, folders)
    while inner := set(_subfolders(root, candidates)) - folders - nested:
        inner -= git.ignored(sorted(inner))
        inner = {folder for folder in inner if not os.path.lexists(_below(root, folder) + b"/.git")}
        unlisted |= inner
        candidates = inner
    return unlisted


def _with_other_subfolders(root: bytes, folders: frozenset[bytes]) -> list[bytes]:
    """Return the folders that may have subfolders which are not among ``folders``.

    A folder has a link from each of its subfolders, one from above and its own `.`; file systems
    that do not count them report 1. Opening thousands of folders would take longer, and each is an
    event.
    """
    inner = Counter(folder.rpartition(b"/")[0] for folder in folders if folder)
    return [folder for folder in folders if os.lstat(_below(root, folder)).st_nlink != 2 + inner[folder]]


def _subfolders(root: bytes, folders: Iterable[bytes]) -> list[bytes]:
    subfolders = []
    for folder in folders:
        prefix = folder + b"/" if folder else b""
        with os.scandir(_below(root, folder)) as entries:
            subfolders += [
                prefix + entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and entry.name not in MISLEADING
            ]
    return subfolders


def _deciding_files(root: bytes, git: Git) -> list[bytes]:
    """Return the index, and the files outside ``root`` with rules on what git and this package ignore."""
    lines = git.run("rev-parse", "--git-path", "index", "--git-path", "info/exclude").split(b"\n")
    if len(lines) != 3:
        raise Unwatchable("A folder of git's own has a line break in its name.")
    files = [os.path.join(root, path) for path in lines[:2]]
    top = os.path.realpath(root)
    for _ in range(git.prefix.count("/")):
        top = os.path.dirname(top)
        files += [os.path.join(top, name) for name in sorted(_IGNORE_NAMES)]
    try:
        global_rules = git.run("config", "--path", "core.excludesFile").removesuffix(b"\n")
    except GitFailed:
        settings = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
        global_rules = os.fsencode(os.path.join(settings, "git", "ignore"))
    return [*files, os.path.join(top, global_rules)]


def _names(git: Git, paths: Iterable[RepoPath]) -> set[RepoPath]:
    """Return what git lists, all of it or among these paths. Raises NeedsFullListing if git warns."""
    answer = git.answer(*LIST_NAMES, "--", *sorted(paths))
    if answer.stderr:
        raise NeedsFullListing
    return {name.removesuffix("/") for name in decode_path(answer.stdout).split("\0")} - {""}


def _check_nested(last: FileListing) -> None:
    """Raise NeedsFullListing if the folder of a nested repository has gained or lost an entry."""
    for row in np.flatnonzero(last.kinds == EntryKind.SUBMODULE).tolist():
        status = os.lstat(last.locate(row))
        now = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        if now != (last.mtime_ns[row], last.ctime_ns[row], last.inode[row]):
            raise NeedsFullListing


def _has_new_hard_link(last: FileListing, changes: FileListing) -> bool:
    """Return whether a listed file has got another name: its stat data change without an event for it."""
    rows = [_row(changes.paths, path) for path in changes.indirect - last.indirect]
    inodes = [changes.inode[row] for row in rows if row >= 0 and changes.kinds[row] == EntryKind.FILE]
    return bool(inodes) and bool(np.isin(last.inode, inodes).any())


def _merged(last: FileListing, changes: FileListing, replaced: set[RepoPath]) -> FileListing:
    """Return a listing in which the rows of the ``replaced`` paths are those of ``changes``, or gone."""
    rows = np.array([row for path in replaced if (row := _row(last.paths, path)) >= 0], np.int64)
    rows.sort()
    paths = last.paths
    kept = np.delete(np.arange(len(paths)), rows)
    if [paths[row] for row in rows.tolist()] == changes.paths:
        order = np.arange(len(paths))
        order[rows] = len(kept) + np.arange(len(rows))
        order[kept] = np.arange(len(kept))
    else:
        unsorted = [*(paths[row] for row in kept.tolist()), *changes.paths]
        order = np.array(sorted(range(len(unsorted)), key=unsorted.__getitem__), np.int64)
        paths = [unsorted[row] for row in order.tolist()]

    def merged(column_of: Callable[[FileListing], NDArray[Number]]) -> NDArray[Number]:
        return np.concatenate([column_of(last)[kept], column_of(changes)])[order]

    return FileListing(
        root=last.root,
        paths=paths,
        kinds=merged(lambda listing: listing.kinds),
        size=merged(lambda listing: listing.size),
        mtime_ns=merged(lambda listing: listing.mtime_ns),
        ctime_ns=merged(lambda listing: listing.ctime_ns),
        inode=merged(lambda listing: listing.inode),
        warnings=(),
        git=changes.git,
        folders=last.folders | changes.folders,
        indirect=(last.indirect - replaced) | changes.indirect,
    )


def _row(paths: list[RepoPath], path: RepoPath) -> int:
    row = bisect_left(paths, path)
    return row if row < len(paths) and paths[row] == path else -1
