"""An in-memory `Tree`: what the planner asks of a folder, without one."""

import posixpath
from collections.abc import Callable, Mapping

import pytest

ROOT = "/project"


class MemoryTree:
    """Files as a mapping; paths below `.git` are forbidden, as on disk."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def has(self, path: str) -> bool:
        return path in self.files

    def forbidden(self, path: str) -> str:
        return "the path leads into .git" if ".git" in path.split("/") else ""

    def relative(self, name: str) -> str | None:
        return posixpath.relpath(name, ROOT) if name.startswith(ROOT + "/") else None

    def paths(self) -> tuple[str, ...]:
        return tuple(sorted(self.files))


@pytest.fixture
def make_tree() -> Callable[[Mapping[str, bytes]], MemoryTree]:
    """Makes a tree of files in memory."""
    return MemoryTree
