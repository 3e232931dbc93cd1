"""[io] Folders below a root, held open, so that a path leads where it was judged to lead.

Between the judgement of a path and the write, one of its folders may be swapped for a link. Where the
system can name an open folder (Linux, by `/proc`), files are reached through that; elsewhere the path
is compared once more, and the moment after that remains.
"""

import contextlib
import os

_OPEN = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_MOST = 200
"""So many are held; a process may open about a thousand files."""
_NAMES = "/proc/self/fd"


class HeldFolders:
    """The folders in which one plan is written; a context that lets go of them."""

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root)
        self._held: dict[str, int] = {}

    def __enter__(self) -> "HeldFolders":
        return self

    def __exit__(self, *_: object) -> None:
        for descriptor in self._held.values():
            with contextlib.suppress(OSError):
                os.close(descriptor)
        self._held.clear()

    def hold(self, folder: str, made: list[str]) -> str:
        """Return a path that stays this folder, which is made if it is not there.

        ``folder`` is a real path below the root. Folders that are made are added to ``made``, the
        outermost first. Raises OSError where a part of it has become a link or a file.
        """
        if not _can_hold():
            return self._compared(folder, made)
        parts = [part for part in os.path.relpath(folder, self._root).split(os.sep) if part != os.curdir]
        path, here = self._root, self._name_of(self._root, self._root)
        for part in parts:
            path, inner = os.path.join(path, part), os.path.join(here, part)
            if path not in self._held and not os.path.isdir(inner):
                os.mkdir(inner)
                made.append(inner)
            here = self._name_of(path, inner)
        return here

    def _name_of(self, path: str, inner: str) -> str:
        """Open a folder without following it, once, and return its name among the open files."""
        if path not in self._held:
            if len(self._held) == _MOST:
                return self._compared(path, [])
            self._held[path] = os.open(
                inner, _OPEN & ~getattr(os, "O_NOFOLLOW", 0) if path == self._root else _OPEN
            )
        return f"{_NAMES}/{self._held[path]}"

    def _compared(self, folder: str, made: list[str]) -> str:
        """Make a folder as needed, and see that its path still leads there."""
        missing = []
        while not os.path.isdir(folder):
            missing.append(os.path.basename(folder))
            folder = os.path.dirname(folder)
        for name in reversed(missing):
            folder = os.path.join(folder, name)
            os.mkdir(folder)
            made.append(folder)
        if os.path.realpath(folder) != folder:
            raise OSError(f"{folder} has become a link")
        return folder


def _can_hold() -> bool:
    """Whether open folders have names here."""
    with contextlib.suppress(OSError):
        return os.name == "posix" and os.path.isdir(_NAMES)
    return False
