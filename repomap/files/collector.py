"""Collects the names and stat data of the files in a folder, unsorted.

In a git work tree these are the files that git tracks or would not ignore, elsewhere those that a
walk finds; `.aiderignore` and `.trigpointignore` exclude more in both cases. No listed file is opened.
"""

import os
import stat
from array import array
from collections.abc import Iterable
from contextlib import suppress
from enum import IntEnum
from itertools import product
from pathlib import Path

from repomap.errors import DoubtfulGit, NotMappable, RepoMapError
from repomap.files.git import Git
from repomap.files.git_format import SUBMODULE_MODE
from repomap.files.git_runner import find_git
from repomap.files.ignore import OVERLAY_NAMES, IgnoreRules, RuleLayers
from repomap.files.walk import is_real_folder, walk
from repomap.safety.printable import escaped


class EntryKind(IntEnum):
    """What is at a path."""

    FILE = 0
    LINK = 1
    """A symbolic link to a file inside the root; not read, since its target is listed as well."""
    SUBMODULE = 2
    """The folder of another repository: a submodule, or a clone inside this one."""


def encode_path(path: str) -> bytes:
    """Return the bytes of a listed path's name on disk, whatever the locale.

    >>> encode_path("caf\u00e9.py")
    b'caf\\xc3\\xa9.py'
    """
    return path.encode("utf-8", "surrogateescape")


def decode_path(path: bytes) -> str:
    """Return ``path`` as a listing spells it: UTF-8, with other bytes as lone surrogates.

    >>> encode_path(decode_path(b"\\xff.py"))
    b'\\xff.py'
    """
    return path.decode("utf-8", "surrogateescape")


def collect(root: Path, *, submodules: bool = False) -> "Collector":
    """Collect the files below ``root``, which is absolute; see `listing.list_files`."""
    _check_root(root)
    git, doubt = _find_git_repository(root)
    collected = Collector(os.fsencode(root), git.prefix if git else "")
    if doubt:
        collected.warn(doubt)
    if git is not None:
        collected.add_repositories(git, enter_nested=submodules)
        if git.prefix and not collected.paths:
            git = None  # its repository ignores the whole folder
    elif find_git() is None and any((parent / ".git").exists() for parent in (root, *root.parents)):
        collected.warn(f"{root}: git was not found, so files that it ignores may be listed")
    if git is None:
        collected.add_paths(walk(collected.root, collected.warn))
    if not collected.paths:
        raise NotMappable(f"{escaped(str(root))} has no files, or all are ignored. Nothing was mapped.")
    collected.git = git
    return collected


def _find_git_repository(root: Path) -> tuple[Git | None, str]:
    """Return the repository around a folder, or None and perhaps why git must not be asked about it."""
    try:
        return Git.find(root), ""
    except DoubtfulGit as error:
        return None, str(error)


def _check_root(root: Path) -> None:
    where = escaped(str(root))
    try:
        is_folder = stat.S_ISDIR(os.stat(root).st_mode)
        if is_folder:
            os.scandir(root).close()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the name
        raise NotMappable(
            f"There is no folder {where}. Nothing was mapped; name the folder of a repository."
        ) from None
    except OSError as error:
        raise NotMappable(
            f"{where} cannot be read ({error.strerror}). Nothing was mapped. "
            "Ask for the right to read it, or name another folder."
        ) from error
    if not is_folder:
        raise NotMappable(
            f"{where} is a file, not a folder. Nothing was mapped; name its folder, or list what the file defines with "
            "`trigpoint outline`."
        )


LIST_NAMES = ("ls-files", "-z", "--cached", "--others", "--exclude-standard")
"""The git command that lists files; a conflicted path comes once for each side."""

LOW_63_BITS = 0x7FFF_FFFF_FFFF_FFFF
"""A mask for times before 1970 or after 2262, which would overflow a column."""
_FILE, _LINK = int(EntryKind.FILE), int(EntryKind.LINK)  # looking up an enum member takes as long as a stat

MISLEADING = frozenset({b"", b".", b"..", *(b"." + bytes(name) for name in product(b"gG", b"iI", b"tT"))})
"""Names that lead out of the root, or into git's own data where case does not matter. A hostile index
can contain them."""

_TEMPORARY = b".trigpoint-"
"""The beginning of the names of files that are on their way to their place, or that a killed process left."""


class Collector:
    """Gathers paths and their stat data, until `listing.listing_of` makes columns of them."""

    def __init__(self, root: bytes, prefix: str) -> None:
        """``root`` is absolute; ``prefix`` is its path in the work tree, as in `Git.prefix`."""
        self.root = root
        self.git: Git | None = None
        """The repository that was listed; None if the folder was walked."""
        self.paths: list[bytes] = []
        self.stats = array("q")
        """Size, mtime, ctime (both in ns) and inode of each path."""
        self.kinds = bytearray()
        self._warnings: dict[str, None] = {}
        self._folders: dict[bytes, bool] = {b"": True}
        self.indirect: list[bytes] = []
        """Files that can change through another name: hard links and symbolic links."""
        self._real_root = os.path.join(os.path.realpath(root), b"")
        # ignore files above the root count too, up to the top of the work tree
        self._prefix = os.fsencode(prefix)
        top = os.path.realpath(root) if prefix else root
        for _ in range(prefix.count("/")):
            top = os.path.dirname(top)
        self._overlay = IgnoreRules(top, OVERLAY_NAMES, self.warn)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is missing and why, as messages for the user."""
        return tuple(self._warnings)

    @property
    def folders(self) -> frozenset[bytes]:
        """The folders that were searched, up to ``root``, without links."""
        return frozenset(folder for folder, is_real in self._folders.items() if is_real)

    def names(self) -> list[str]:
        """Return all paths as a listing spells them, in the order of collection."""
        return decode_path(b"\0".join(self.paths)).split("\0") if self.paths else []

    def warn(self, message: str) -> None:
        """Add a warning, once."""
        self._warnings[escaped(message)] = None

    def add_repositories(self, git: Git, *, enter_nested: bool) -> None:
        """Add the files that git lists in its folder, and those of nested repositories in theirs."""
        pending = [(git, b"")]
        while pending:
            git, prefix = pending.pop()
            for folder in self._add_listed(git, prefix):
                nested = self._open_nested(folder) if enter_nested else None
                if nested is not None:
                    pending.append((nested, folder + b"/"))
                    continue
                with suppress(FileNotFoundError):  # removed meanwhile
                    self._add(folder, os.lstat(self.root + b"/" + folder), EntryKind.SUBMODULE)

    def add_paths(self, paths: Iterable[bytes]) -> list[bytes]:
        """Add the files and links among ``paths``; return those that are folders."""
        folders: list[bytes] = []
        root, lstat, is_regular, add = self.root + b"/", os.lstat, stat.S_ISREG, self._add
        last: bytes | None = None
        layers: RuleLayers | None = None
        for path in paths:
            folder, _, name = path.rpartition(b"/")
            if folder != last:
                last = folder
                layers = (
                    self._overlay.folder((self._prefix + folder).rstrip(b"/"))
                    if self._inside(folder)
                    else None
                )
            if layers is None or name in MISLEADING or name.startswith(_TEMPORARY):
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
        start = len(self.stats)
        try:
            self.stats.extend((status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
        except OverflowError:
            del self.stats[start:]
            masked = status.st_mtime_ns & LOW_63_BITS, status.st_ctime_ns & LOW_63_BITS
            self.stats.extend((status.st_size, *masked, status.st_ino & LOW_63_BITS))
        self.paths.append(path)
        self.kinds.append(kind)

    def _add_listed(self, git: Git, prefix: bytes) -> list[bytes]:
        """Add the files of one repository at ``prefix``; return the repositories nested in it."""
        answer = git.answer(*LIST_NAMES)
        for line in answer.stderr.splitlines():
            self.warn(f"{git.folder}: git: {line}")
        names = dict.fromkeys(answer.stdout.split(b"\0"))
        folders = self.add_paths(prefix + name.removesuffix(b"/") for name in names if name)
        nested = [folder for folder in folders if os.path.lexists(b"/".join((self.root, folder, b".git")))]
        if len(nested) < len(folders):  # submodules without a checkout, or files that became folders
            rows = git.run("ls-files", "-z", "--stage").split(b"\0")
            links = {
                prefix + row.partition(b"\t")[2] for row in rows if row.startswith(SUBMODULE_MODE.encode())
            }
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
        """Return whether ``folder`` and all folders above it are real folders below the root.

        An index can name files below a folder that has become a link and leads outside.
        """
        missing = []
        while folder not in self._folders:
            missing.append(folder)
            folder = folder.rpartition(b"/")[0]
        is_real = self._folders[folder]
        for path in reversed(missing):
            is_real = is_real and path.rpartition(b"/")[2] not in MISLEADING and self._is_folder(path)
            self._folders[path] = is_real
        return is_real

    def _is_folder(self, folder: bytes) -> bool:
        try:
            return is_real_folder(os.lstat(self.root + b"/" + folder))
        except OSError as error:
            self._explain(folder, error)
            return False

    def _stays_inside(self, link: bytes) -> bool:
        try:
            target = os.path.realpath(self.root + b"/" + link)
        except OSError:  # removed meanwhile, or it may not be read
            return False
        return target.startswith(self._real_root) and os.path.isfile(target)

    def _explain(self, folder: bytes, error: OSError) -> None:
        """Warn once for a folder, unless the file just does not exist (deleted, sparse checkout)."""
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            self.warn(f"{os.fsdecode(self.root + b'/' + folder)}: not listed in full ({error.strerror})")
