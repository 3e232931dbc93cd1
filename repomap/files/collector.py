"""A folder → the names and stat data of the files that a map may show, as they come.

In a git work tree these are what git tracks and what is new and not ignored, elsewhere what a walk
finds; on top, in both, what ``.aiderignore`` and ``.trigpointignore`` leave in. No listed file is
opened here, and numpy is not imported: a first map begins with this (`head_start.py`).
"""

import os
import stat
from array import array
from collections.abc import Iterable
from contextlib import suppress
from enum import IntEnum
from itertools import product
from pathlib import Path

from repomap.errors import NotMappable, RepoMapError
from repomap.files.git import Git
from repomap.files.git_runner import find_git
from repomap.files.ignore import OVERLAY_NAMES, IgnoreRules, Layers
from repomap.files.walk import is_real_folder, walk
from repomap.safety.printable import escaped


class EntryKind(IntEnum):
    """What stands at a path."""

    FILE = 0
    LINK = 1
    """A symbolic link to a file inside the root; not to be read, its target is listed itself."""
    SUBMODULE = 2
    """The folder of another repository: a submodule, or a clone inside this one."""


def encode_path(path: str) -> bytes:
    """Return the bytes that a listed path stands for, whatever the locale."""
    return path.encode("utf-8", "surrogateescape")


def decode_path(path: bytes) -> str:
    """Return ``path`` as a listing spells it: UTF-8, bytes that are not as lone surrogates."""
    return path.decode("utf-8", "surrogateescape")


def collect(root: Path, *, submodules: bool = False) -> "Collector":
    """Everything below ``root``, which is absolute; see `repomap.files.list_files`."""
    _check_root(root)
    git = Git.find(root)
    collected = Collector(os.fsencode(root), git.prefix if git else "")
    if git is not None:
        collected.add_repositories(git, enter_nested=submodules)
        if git.prefix and not collected.paths:
            git = None  # its repository ignores this folder as a whole
    elif find_git() is None and any((above / ".git").exists() for above in (root, *root.parents)):
        collected.warn(f"{root}: git was not found, so files that it ignores may be listed")
    if git is None:
        collected.add_paths(walk(collected.root, collected.warn))
    if not collected.paths:
        raise NotMappable(f"{escaped(str(root))}: holds no file that is not ignored; nothing was mapped.")
    collected.git = git
    return collected


def _check_root(root: Path) -> None:
    where = escaped(str(root))
    try:
        is_folder = stat.S_ISDIR(os.stat(root).st_mode)
        if is_folder:
            os.scandir(root).close()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the name
        raise NotMappable(
            f"{where}: there is no such folder; nothing was mapped. Name the folder of a repository."
        ) from None
    except OSError as error:
        raise NotMappable(
            f"{where}: cannot be read ({error.strerror}); nothing was mapped. "
            "Ask for the right to read it, or name another folder."
        ) from error
    if not is_folder:
        raise NotMappable(f"{where}: is a file, not a folder; nothing was mapped. Name its folder.")


LIST_NAMES = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
"""Asks git for the names of a listing; a conflicted path comes once for each side."""

LOW_63_BITS = 0x7FFF_FFFF_FFFF_FFFF
"""Times before 1970 or after 2262 must not overflow a column."""
_FILE, _LINK = int(EntryKind.FILE), int(EntryKind.LINK)  # an enum's own look-ups take as long as a stat

MISLEADING = frozenset({b"", b".", b"..", *(b"." + bytes(name) for name in product(b"gG", b"iI", b"tT"))})
"""Names that lead out of the root, or into git's own data where case does not matter; an index made by hand
may hold them."""


class Collector:
    """Gathers paths and their stat data; the one mutable thing while a listing is made."""

    def __init__(self, root: bytes, prefix: str) -> None:
        """``root`` is absolute; ``prefix`` says where it stands in its work tree, as `Git.prefix`."""
        self.root = root
        self.git: Git | None = None
        """The repository that was asked; None where the folder was walked."""
        self.paths: list[bytes] = []
        self.stats = array("q")
        """Size, mtime, ctime (both in ns) and inode of each path."""
        self.kinds = bytearray()
        self._warnings: dict[str, None] = {}
        self._folders: dict[bytes, bool] = {b"": True}
        self.indirect: list[bytes] = []
        """What may change by way of another place: files that have another name too, and links."""
        self._real_root = os.path.join(os.path.realpath(root), b"")
        # ignore files above the root count as well, up to the top of the work tree
        self._prefix = os.fsencode(prefix)
        top = os.path.realpath(root) if prefix else root
        for _ in range(prefix.count("/")):
            top = os.path.dirname(top)
        self._overlay = IgnoreRules(top, OVERLAY_NAMES, self.warn)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is missing, and why, in words for the user."""
        return tuple(self._warnings)

    @property
    def folders(self) -> frozenset[bytes]:
        """The real folders that were looked into, up to ``root``."""
        return frozenset(folder for folder, is_real in self._folders.items() if is_real)

    def names(self) -> list[str]:
        """All paths, as a listing spells them, in the order in which they were found."""
        return decode_path(b"\0".join(self.paths)).split("\0") if self.paths else []

    def warn(self, message: str) -> None:
        self._warnings[escaped(message)] = None

    def add_repositories(self, git: Git, *, enter_nested: bool) -> None:
        """Add what git lists for its folder, and what nested repositories list for theirs."""
        waiting = [(git, b"")]
        while waiting:
            git, prefix = waiting.pop()
            for folder in self._add_listed(git, prefix):
                nested = self._open_nested(folder) if enter_nested else None
                if nested is not None:
                    waiting.append((nested, folder + b"/"))
                    continue
                with suppress(FileNotFoundError):  # removed while the listing is made
                    self._add(folder, os.lstat(self.root + b"/" + folder), EntryKind.SUBMODULE)

    def add_paths(self, paths: Iterable[bytes]) -> list[bytes]:
        """Add the files and links among ``paths``; return those that are folders."""
        folders: list[bytes] = []
        root, lstat, is_regular, add = self.root + b"/", os.lstat, stat.S_ISREG, self._add
        last: bytes | None = None
        layers: Layers | None = None
        for path in paths:
            folder, _, name = path.rpartition(b"/")
            if folder != last:
                last = folder
                layers = (
                    self._overlay.folder((self._prefix + folder).rstrip(b"/"))
                    if self._inside(folder)
                    else None
                )
            if layers is None or name in MISLEADING:
                continue
            if layers and self._overlay.excludes(self._prefix + path, layers):
                continue
            try:
                status = lstat(root + path)
            except OSError as error:
                self._explain(folder, error)
                continue
            if is_regular(status.st_mode):
                add(path, status, _FILE)
                if status.st_nlink > 1:
                    self.indirect.append(path)
            elif stat.S_ISLNK(status.st_mode):
                self.indirect.append(path)
                if self._stays_inside(path):
                    add(path, status, _LINK)
            elif is_real_folder(status):
                folders.append(path)
        return folders

    def _add(self, path: bytes, status: os.stat_result, kind: int) -> None:
        mark = len(self.stats)
        try:
            self.stats.extend((status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
        except OverflowError:
            del self.stats[mark:]
            masked = status.st_mtime_ns & LOW_63_BITS, status.st_ctime_ns & LOW_63_BITS
            self.stats.extend((status.st_size, *masked, status.st_ino & LOW_63_BITS))
        self.paths.append(path)
        self.kinds.append(kind)

    def _add_listed(self, git: Git, prefix: bytes) -> list[bytes]:
        """Add what one repository at ``prefix`` lists; return the repositories nested in it."""
        answer = git.answer(*LIST_NAMES)
        for line in answer.stderr.splitlines():
            self.warn(f"{git.folder}: git: {line}")
        names = dict.fromkeys(answer.stdout.split(b"\0"))
        folders = self.add_paths(prefix + name.removesuffix(b"/") for name in names if name)
        nested = [folder for folder in folders if os.path.lexists(b"/".join((self.root, folder, b".git")))]
        if len(nested) < len(folders):  # submodules without a checkout, or files that became folders
            rows = git.run("ls-files", "-z", "--stage").split(b"\0")
            links = {prefix + row.partition(b"\t")[2] for row in rows if row.startswith(b"160000 ")}
            nested = [folder for folder in folders if folder in links or folder in set(nested)]
        return nested

    def _open_nested(self, folder: bytes) -> Git | None:
        where = Path(os.fsdecode(self.root + b"/" + folder))
        try:
            nested = Git.find(where)
        except RepoMapError as error:
            self.warn(f"{error} It is listed as one entry.")
            return None
        return nested if nested is not None and not nested.prefix else None

    def _inside(self, folder: bytes) -> bool:
        """Is ``folder``, with all folders above it, a real folder below the root?

        An index can name files below a folder that is a link by now, and leads out.
        """
        missing = []
        while folder not in self._folders:
            missing.append(folder)
            folder = folder.rpartition(b"/")[0]
        known = self._folders[folder]
        for path in reversed(missing):
            known = known and path.rpartition(b"/")[2] not in MISLEADING and self._is_folder(path)
            self._folders[path] = known
        return known

    def _is_folder(self, folder: bytes) -> bool:
        try:
            return is_real_folder(os.lstat(self.root + b"/" + folder))
        except OSError as error:
            self._explain(folder, error)
            return False

    def _stays_inside(self, link: bytes) -> bool:
        target = os.path.realpath(self.root + b"/" + link)
        return target.startswith(self._real_root) and os.path.isfile(target)

    def _explain(self, folder: bytes, error: OSError) -> None:
        """Warn once for a folder, unless the file is just not there (deleted, sparse checkout)."""
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            self.warn(f"{os.fsdecode(self.root + b'/' + folder)}: not listed in full ({error.strerror})")
