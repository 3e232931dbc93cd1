"""Warns about chat files and mentions that the repository does not have; most likely they are misspelt."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from repomap.errors import NotInRepository
from repomap.lookup.names import near_paths
from repomap.lookup.targets import target_of
from repomap.model import Focus

if TYPE_CHECKING:
    from repomap.index.index import Index


def misspelt(index: "Index", focus: Focus) -> Iterator[str]:
    """Yield a sentence for each path and name that nothing in the repository has, with what comes near."""
    paths = index.paths()
    known = set(paths)
    for path in focus.chat:
        if path not in known:
            near = f" Similar: {', '.join(near)}." if (near := near_paths(path, paths)) else ""
            yield f"--chat-file {path}: There is no such file in this folder, so it was left out.{near}"
    for name in focus.mentions:
        try:
            target_of(index.data, name)
        except NotInRepository as error:
            yield f"--mention {name}: {error}"
