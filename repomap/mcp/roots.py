"""The folders that a server answers about: those of its command line, and those that a client offers."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from repomap.errors import BadRequest, NotMappable
from repomap.index.fresh import FreshIndex
from repomap.index.index import Index

MOST_ROOTS = 20
"""Folders at a time; each holds an index in memory."""

OpenIndex = Callable[[Path], Index]


@dataclass(frozen=True, slots=True)
class Served:
    """One folder that is served."""

    name: str
    """Of the folder, with a number where two have the same."""
    folder: str
    """Absolute, without links."""
    fresh: FreshIndex

    def relative(self, target: str) -> str:
        """Turn an absolute path, with or without a name or lines behind it, into one relative to the folder."""
        if not os.path.isabs(target):
            return target
        return os.path.normpath(os.path.relpath(os.path.realpath(target), self.folder)).replace(os.sep, "/")


class Roots:
    """All served folders, the first of which is meant where a call names none."""

    def __init__(self, open_index: OpenIndex, warn: Callable[[str], None]) -> None:
        """Begin with none."""
        self._open_index, self._warn = open_index, warn
        self._served: dict[str, Served] = {}

    def __iter__(self) -> Iterator[Served]:
        return iter(tuple(self._served.values()))

    def add_own(self, folder: Path) -> Served:
        """Serve a folder of the command line. Raises NotMappable if there is no such folder."""
        if not os.path.isdir(os.path.abspath(folder)):  # raises where the current folder is gone
            raise NotMappable(
                f"There is no folder {folder}. No server was started; give the folder of a repository."
            )
        return self._add(str(folder))

    def offer(self, folders: Sequence[str]) -> None:
        """Serve the folders that a client has open, besides those of the command line; it may call again.

        One that does not exist is left out. None is removed: a call that is under way may still need it.
        """
        for folder in folders:
            if len(self._served) < MOST_ROOTS and os.path.isdir(folder):
                self._add(folder)

    def _add(self, folder: str) -> Served:
        real = os.path.realpath(folder)
        known = self._served.get(real)
        if known is None:
            fresh = FreshIndex(self._open_index(Path(real)), self._warn)
            known = self._served[real] = Served(self._new_name(real), real, fresh)
            fresh.begin()
        return known

    def _new_name(self, folder: str) -> str:
        name = re.sub(r"[^\w.-]", "_", os.path.basename(folder)) or "root"
        taken = {served.name for served in self}
        return next(each for each in (name, *(f"{name}-{n}" for n in range(2, 99))) if each not in taken)

    def pick(self, root: str = "", target: str = "") -> Served:
        """Return the folder that a call means: by its name or path, or by an absolute path that it is about.

        Raises BadRequest for one that is not served.
        """
        served = tuple(self)
        if not served:
            raise BadRequest(
                "No folder is served yet. Open a folder in the client, or start the server with one."
            )
        if root:
            real = os.path.realpath(root) if os.path.isabs(root) else root
            for each in served:
                if root == each.name or real == each.folder:
                    return each
            names = ", ".join(f"{each.name} ({each.folder})" for each in served)
            raise BadRequest(f"{root} is not one of the served folders: {names}. Nothing was answered.")
        if os.path.isabs(target):
            real = os.path.realpath(target)
            around = [each for each in served if real == each.folder or real.startswith(each.folder + os.sep)]
            if around:
                return max(around, key=lambda each: len(each.folder))
        return served[0]


def folder_of(uri: str) -> str | None:
    """Return the folder that a `file:` URI names; None for any other.

    >>> folder_of("file:///srv/my%20code")
    '/srv/my code'
    """
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = unquote(parts.path)
    return path[1:] if re.match(r"/[A-Za-z]:", path) else path or None
