"""The files that a plan is made for, and the same files with changes on top."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from edits.model import FileChange, RepoPath


class Names(Protocol):
    """Which files there are."""

    def has(self, path: RepoPath) -> bool:
        """Whether there is a file of this name."""
        ...

    def relative(self, name: str) -> RepoPath | None:
        """An absolute name as a path below the root; None where it is not below it."""
        ...

    def paths(self) -> Sequence[RepoPath]:
        """Every file there is, sorted."""
        ...


class Tree(Names, Protocol):
    """The files that a reply may edit."""

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes of a file; None where there is none."""
        ...

    def forbidden(self, path: RepoPath) -> str:
        """Why a path must not be written; "" where it may."""
        ...


class ChangedTree:
    """A tree as it would be with some changes written.

    Later changes of a path replace earlier ones. Nothing is written, and the tree below is read
    only for the files that no change touches.
    """

    def __init__(self, tree: Tree, changes: Iterable[FileChange]) -> None:
        self._tree = tree
        self._after = {change.path: change.after for change in changes}

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes of a file after the changes; None where there is none."""
        return self._after[path] if path in self._after else self._tree.read(path)

    def has(self, path: RepoPath) -> bool:
        """Whether there is a file of this name after the changes."""
        return self._after[path] is not None if path in self._after else self._tree.has(path)

    def forbidden(self, path: RepoPath) -> str:
        """Why a path must not be written; "" where it may."""
        return self._tree.forbidden(path)

    def relative(self, name: str) -> RepoPath | None:
        """An absolute name as a path below the root; None where it is not below it."""
        return self._tree.relative(name)

    def paths(self) -> Sequence[RepoPath]:
        """Every file there is after the changes, sorted."""
        return merged_paths(
            self._tree.paths(), {path: after is not None for path, after in self._after.items()}
        )


def merged_paths(paths: Sequence[RepoPath], exists: dict[RepoPath, bool]) -> Sequence[RepoPath]:
    """Sorted paths with some added (True) and some taken away (False).

    >>> merged_paths(["a", "b"], {"b": False, "c": True})
    ['a', 'c']
    """
    if not exists:
        return paths
    added = (path for path, is_there in exists.items() if is_there)
    return sorted((*added, *(path for path in paths if path not in exists)))
