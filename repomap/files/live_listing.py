"""An earlier listing and what was touched since → the listing that a full look would make now.

Only the paths that a watch names are asked about, and git for all names only where its index has changed. What
may change more than the rows of single paths (a folder, an ignore file, a setting) is not worked out: it is
`Unclear`, and a full look tells.
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
from repomap.files.listing import FINE_TICK_NS, FileListing, listing_of
from repomap.files.watch import Unwatchable, Watch
from repomap.model import RepoPath

FULL_EVERY_S = 60.0
"""So often everything is looked at: some changes no event tells, see `repomap.watch`."""
MOST_NAMES = 64
"""Git is asked about so many new names one by one, and for all names where there are more."""

Number = TypeVar("Number", bound=np.generic)

_IGNORE_NAMES = frozenset((b".gitignore", *OVERLAY_NAMES))
_TRIES = 3  # the second time nothing is found, unless somebody has just made a folder


class Unclear(Exception):
    """What has changed can only be told by a look at everything."""


@dataclass(slots=True, eq=False)
class Live:
    """A watched folder; with a listing, the same listing later."""

    root: bytes
    git: Git
    """As it was when the watch began, without a commit."""
    watch: Watch
    folders: frozenset[bytes]
    """Those that are watched: of the listing, and `extra`."""
    extra: frozenset[bytes]
    """Real folders without a listed file that are not ignored as a whole."""
    index: bytes
    beside: tuple[bytes, ...]
    """Files outside the watched folders that decide what is listed."""
    last: FileListing | None = None
    seen: tuple[object, ...] = ()
    """The signatures of these files and of the index, from before `last` was made."""
    pending: frozenset[bytes] = frozenset()
    """What has been told and is in no listing yet."""
    full_at_s: float = 0.0

    @classmethod
    def begin(cls, last: FileListing, git: Git, extra: frozenset[bytes]) -> "Live":
        """Watches the folders of a listing, and those in ``extra`` that are still there.

        Raises Unwatchable, GitFailed and OSError.
        """
        root, git = os.fsencode(last.root), replace(git, commit=None)
        extra = frozenset(folder for folder in extra if os.path.isdir(_below(root, folder)))
        nested = {encode_path(last.paths[row]) for row in np.flatnonzero(last.kinds == EntryKind.SUBMODULE)}
        for _ in range(_TRIES):
            folders = last.folders | extra
            watch = Watch(_below(root, folder) for folder in sorted(folders))
            try:
                more = _unlisted(root, git, folders, nested)
                if not more:
                    index, *beside = _deciding_files(root, git)
                    return cls(root, git, watch, folders, extra, index, tuple(beside))
            except BaseException:
                watch.close()
                raise
            watch.close()
            extra |= more
        raise Unwatchable("the folders change too fast")

    def close(self) -> None:
        self.watch.close()

    def take(self, listing: FileListing, before: tuple[object, ...]) -> bool:
        """Begin with a full listing; False where it is not one that can be kept up to date.

        ``before`` are the signatures from before it was made.
        """
        self.last, self.seen, self.pending, self.full_at_s = listing, before, frozenset(), time.monotonic()
        same_git = listing.git is not None and replace(listing.git, commit=None) == self.git
        return same_git and not listing.warnings and listing.folders <= self.folders

    def files(self) -> FileListing | None:
        """The listing as it is now; None where it is time to look at everything. Raises Unclear."""
        if self.last is None:
            return None
        try:
            return self._files(self.last)
        except (RepoMapError, OSError) as error:
            raise Unclear from error

    def _files(self, last: FileListing) -> FileListing | None:
        git = Git.find(last.root)
        changed = self.watch.changed()
        if git is None or replace(git, commit=None) != self.git or changed is None:
            raise Unclear
        self.pending |= changed
        seen = self.signatures()
        if time.monotonic() - self.full_at_s > FULL_EVERY_S:
            return None
        if seen[1:] != self.seen[1:]:
            raise Unclear
        listing = self._renewed(last, git, all_names=seen[0] != self.seen[0])
        self.last, self.seen, self.pending = listing, seen, frozenset()
        return listing

    def _renewed(self, last: FileListing, git: Git, *, all_names: bool) -> FileListing:
        touched, new = self._sorted_out(last)
        _check_nested(last)
        asked = {path.decode("utf-8", "surrogateescape") for path in new}
        gone: set[RepoPath] = set()
        if all_names or len(asked) > MOST_NAMES:
            names, before = _names(git, ()), set(last.paths)
            asked, gone = names - before, (before | last.indirect) - names
        elif asked:
            asked = _names(git, asked)
        looked_at = (touched | last.indirect) - gone | asked
        collector = Collector(self.root, git.prefix)
        if collector.add_paths(encode_path(path) for path in sorted(looked_at)):
            raise Unclear
        collector.git = git
        found = listing_of(last.root, collector)
        if found.warnings or not found.folders <= self.folders or _are_joined(last, found):
            raise Unclear
        listing = _patched(last, found, looked_at | gone)
        if not listing.paths:
            raise Unclear
        return listing

    def _sorted_out(self, last: FileListing) -> tuple[set[RepoPath], set[bytes]]:
        """The listed paths among those that were touched, and the others where something is now."""
        touched, new = set[RepoPath](), set[bytes]()
        folders: list[bytes] = []
        for place in self.pending:
            path = place.removeprefix(self.root.rstrip(b"/") + b"/")
            name = path.rpartition(b"/")[2]
            if path == place or path in self.folders or name in _IGNORE_NAMES or name in MISLEADING:
                raise Unclear
            if _row(last.paths, listed := decode_path(path)) >= 0:
                touched.add(listed)
                continue
            with suppress(FileNotFoundError, NotADirectoryError):
                is_folder = stat.S_ISDIR(os.lstat(place).st_mode)
                folders.append(path) if is_folder else new.add(path)
        if folders and self.git.ignored(folders) != set(folders):
            raise Unclear
        return touched, new

    def signatures(self) -> tuple[object, ...]:
        """Of the index, of the root, and of the files beside: two are equal where nothing has changed."""
        now_ns = time.time_ns()
        files = (_signature(path, now_ns) for path in self.beside)
        return _signature(self.index, now_ns), _identity(self.root), *files


def _signature(path: bytes, now_ns: int) -> object:
    """Equal to an earlier one where the file has not changed since; None where there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    if status.st_ctime_ns > now_ns - FINE_TICK_NS:
        return object()  # it may change again and look the same
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_dev


def _identity(folder: bytes) -> object:
    """Another for another folder of this name; None where there is none."""
    try:
        status = os.stat(folder)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _below(root: bytes, folder: bytes) -> bytes:
    return os.path.join(root, folder) if folder else root


def _unlisted(root: bytes, git: Git, folders: frozenset[bytes], nested: set[bytes]) -> frozenset[bytes]:
    """Real folders below these, at any depth, that git looks into and that are none of them."""
    found = frozenset[bytes]()
    look_in: Iterable[bytes] = _with_others(root, folders)
    while inner := set(_subfolders(root, look_in)) - folders - nested:
        inner -= git.ignored(sorted(inner))
        inner = {folder for folder in inner if not os.path.lexists(_below(root, folder) + b"/.git")}
        found |= inner
        look_in = inner
    return found


def _with_others(root: bytes, folders: frozenset[bytes]) -> list[bytes]:
    """The folders in which there may be folders that are none of these.

    A folder has a link from each of its subfolders, one from above and its own `.`; file systems that
    do not count them say 1. To open thousands of folders takes longer, and each is an event.
    """
    inner = Counter(folder.rpartition(b"/")[0] for folder in folders if folder)
    return [folder for folder in folders if os.lstat(_below(root, folder)).st_nlink != 2 + inner[folder]]


def _subfolders(root: bytes, folders: Iterable[bytes]) -> list[bytes]:
    found = []
    for folder in folders:
        prefix = folder + b"/" if folder else b""
        with os.scandir(_below(root, folder)) as entries:
            found += [
                prefix + entry.name
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and entry.name not in MISLEADING
            ]
    return found


def _deciding_files(root: bytes, git: Git) -> list[bytes]:
    """The index, and the files outside ``root`` that say what git and this package leave out."""
    said = git.run("rev-parse", "--git-path", "index", "--git-path", "info/exclude").split(b"\n")
    if len(said) != 3:
        raise Unwatchable("a folder of git's own has a line break in its name")
    files = [os.path.join(root, path) for path in said[:2]]
    top = os.path.realpath(root)
    for _ in range(git.prefix.count("/")):
        top = os.path.dirname(top)
        files += [os.path.join(top, name) for name in sorted(_IGNORE_NAMES)]
    try:
        own = git.run("config", "--path", "core.excludesFile").removesuffix(b"\n")
    except GitFailed:
        settings = os.environ.get("XDG_CONFIG_HOME") or os.path.expanduser("~/.config")
        own = os.fsencode(os.path.join(settings, "git", "ignore"))
    return [*files, os.path.join(top, own)]


def _names(git: Git, within: Iterable[RepoPath]) -> set[RepoPath]:
    """What git lists, all of it or of these paths. Raises Unclear where git warns."""
    answer = git.answer(*LIST_NAMES, "--", *sorted(within))
    if answer.stderr:
        raise Unclear
    return {name.removesuffix("/") for name in decode_path(answer.stdout).split("\0")} - {""}


def _check_nested(last: FileListing) -> None:
    """Raises Unclear where an entry has come to or gone from the folder of a nested repository."""
    for row in np.flatnonzero(last.kinds == EntryKind.SUBMODULE).tolist():
        status = os.lstat(last.locate(row))
        now = (status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        if now != (last.mtime_ns[row], last.ctime_ns[row], last.inode[row]):
            raise Unclear


def _are_joined(last: FileListing, found: FileListing) -> bool:
    """Whether a listed file has got another name, which changes its stat data and is told of the new name alone."""
    rows = [_row(found.paths, path) for path in found.indirect - last.indirect]
    inodes = [found.inode[row] for row in rows if row >= 0 and found.kinds[row] == EntryKind.FILE]
    return bool(inodes) and bool(np.isin(last.inode, inodes).any())


def _patched(last: FileListing, found: FileListing, looked_at: set[RepoPath]) -> FileListing:
    """A listing in which the rows of some paths are those of another, or gone."""
    rows = np.array([row for path in looked_at if (row := _row(last.paths, path)) >= 0], np.int64)
    rows.sort()
    paths = last.paths
    kept = np.delete(np.arange(len(paths)), rows)
    if [paths[row] for row in rows.tolist()] == found.paths:
        order = np.arange(len(paths))
        order[rows] = len(kept) + np.arange(len(rows))
        order[kept] = np.arange(len(kept))
    else:
        mixed = [*(paths[row] for row in kept.tolist()), *found.paths]
        order = np.array(sorted(range(len(mixed)), key=mixed.__getitem__), np.int64)
        paths = [mixed[row] for row in order.tolist()]

    def joined(of: Callable[[FileListing], NDArray[Number]]) -> NDArray[Number]:
        return np.concatenate([of(last)[kept], of(found)])[order]

    return FileListing(
        root=last.root,
        paths=paths,
        kinds=joined(lambda one: one.kinds),
        size=joined(lambda one: one.size),
        mtime_ns=joined(lambda one: one.mtime_ns),
        ctime_ns=joined(lambda one: one.ctime_ns),
        inode=joined(lambda one: one.inode),
        warnings=(),
        git=found.git,
        folders=last.folders | found.folders,
        indirect=(last.indirect - looked_at) | found.indirect,
    )


def _row(paths: list[RepoPath], path: RepoPath) -> int:
    row = bisect_left(paths, path)
    return row if row < len(paths) and paths[row] == path else -1
