"""[io] The files below a root, as a `Tree`: what can be read, and what must not be written.

Paths are judged after all links are resolved, because what counts is where the bytes would end up.
"""

import os
import re
import stat

from edits.model import RepoPath

_SKIPPED = frozenset(
    (".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".mypy_cache")
)
_MOST_FILES = 200_000
_MOST_BYTES = 200_000_000
_READING = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)  # a pipe must not block
_TEMPORARY = ".trigpoint-"
# what Windows and macOS take for `.git`: its short name, trailing dots and spaces, streams, ignorable characters
_GIT_ALIAS = re.compile(r"(?:\.git|git~\d+)[. ]*(?::.*)?\Z", re.IGNORECASE)
_IGNORABLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


class DiskTree:
    """A folder and what is below it; each file is read once, when it is first asked for.

    A file whose mode lets nobody write is protected from edits even where the system would let this
    user write it, as it lets root. Without ``heeds_modes`` the system alone decides, as for `patch`.
    """

    def __init__(self, root: str, *, heeds_modes: bool = True) -> None:
        self._heeds_modes = heeds_modes
        self.root = os.path.abspath(root)
        self._real = os.path.realpath(root)
        self._read: dict[RepoPath, bytes | None] = {}
        self._paths: tuple[RepoPath, ...] | None = None

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes of a regular file below the root, or None."""
        if path not in self._read:
            self._read[path] = self._bytes(path) if not self.unreadable(path) else None
        return self._read[path]

    def has(self, path: RepoPath) -> bool:
        """Whether a path is a regular file, or a link to one."""
        try:
            return stat.S_ISREG(os.stat(self._full(path)).st_mode)
        except (OSError, ValueError):
            return False

    def forbidden(self, path: RepoPath) -> str:
        """Why a path must not be written, or "" where it may."""
        return self.unreadable(path) or self._unwritable(self._full(path))

    def unreadable(self, path: RepoPath) -> str:
        """Why a path must be neither written nor read, or ""."""
        if not path or any(ord(char) < 32 for char in path):
            return "the path is empty or contains control characters"
        if any(_is_git(part) for part in path.split("/")):
            return "the path leads into the repository's own .git"
        full = self._full(path)
        try:
            real = os.path.realpath(full)
            if os.path.lexists(full) and not os.path.exists(full):
                return "the path is a link that leads nowhere"
            return self._misplaced(full, real)
        except (OSError, ValueError):
            return "the path cannot be resolved"

    def relative(self, name: str) -> RepoPath | None:
        """An absolute name as a path below the root, or None."""
        name = os.path.normpath(name)
        for root in (self.root, self._real):
            if name.startswith(root.rstrip(os.sep) + os.sep):
                return os.path.relpath(name, root).replace(os.sep, "/")
        return None

    def paths(self) -> tuple[RepoPath, ...]:
        """Every file below the root but those of version control and package folders, sorted."""
        if self._paths is None:
            self._paths = tuple(sorted(self._walk()))
        return self._paths

    def _misplaced(self, full: str, real: str) -> str:
        inside = os.path.relpath(real, self._real).replace(os.sep, "/")
        if real != self._real and not real.startswith(self._real.rstrip(os.sep) + os.sep):
            return "the path leads outside the repository"
        if any(_is_git(part) for part in inside.split("/")):
            return "the path leads into the repository's own .git"
        if os.path.exists(full) and not stat.S_ISREG(os.stat(full).st_mode):
            return "the path is not a regular file"
        return ""

    def _unwritable(self, full: str) -> str:
        if os.path.exists(full):
            if (self._heeds_modes and is_write_protected(full)) or not os.access(full, os.W_OK):
                return "the file may not be written: it is write-protected, which the user has to change"
            return ""
        return _blocked_parent(os.path.dirname(full))

    def _bytes(self, path: RepoPath) -> bytes | None:
        """Read a file that is still a regular one when it is open, and not of a size that fills the memory."""
        if not self.has(path):
            return None
        try:
            descriptor = os.open(self._full(path), _READING)
            with open(descriptor, "rb") as handle:
                status = os.fstat(descriptor)
                is_readable = stat.S_ISREG(status.st_mode) and status.st_size <= _MOST_BYTES
                return handle.read(_MOST_BYTES) if is_readable else None
        except (OSError, ValueError):
            return None

    def _full(self, path: RepoPath) -> str:
        return os.path.join(self.root, *path.split("/"))

    def _walk(self) -> list[RepoPath]:
        found: list[RepoPath] = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(name for name in folders if name not in _SKIPPED)
            below = os.path.relpath(folder, self.root).replace(os.sep, "/")
            kept = (name for name in files if not name.startswith(_TEMPORARY))
            found += [name if below == "." else f"{below}/{name}" for name in kept]
            if len(found) > _MOST_FILES:
                break
        return found


def is_write_protected(full: str) -> bool:
    """Whether a file's mode lets nobody write it. Raises OSError."""
    return not os.stat(full).st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH)


def _is_git(part: str) -> bool:
    return bool(_GIT_ALIAS.match(_IGNORABLE.sub("", part)))


def _blocked_parent(folder: str) -> str:
    """A file cannot be made below another file."""
    while folder and not os.path.lexists(folder):
        folder = os.path.dirname(folder)
    return "" if os.path.isdir(folder) else "a file is where the path needs a folder"
