"""What a user calls files -> the repository's files: paths, folders, globs, ends of paths, lines.

Pure but for the reader that it is given.
"""

import fnmatch
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from chat.conversation.context_requests import PathTable
from chat.conversation.conversation import Span
from chat.errors import InputError
from chat.model import RepoPath

_GLOB = frozenset("*?[")
_WITH_SPAN = re.compile(r"(?P<name>.+?):L?(?P<first>\d+)(?:-L?(?P<last>\d+))?", re.DOTALL)


def select(
    pattern: str,
    root: Path,
    paths: Sequence[RepoPath],
    table: PathTable,
    is_file: Callable[[RepoPath], bool],
) -> tuple[tuple[RepoPath, Span | None], ...]:
    """Return the files that a pattern means, each with the lines asked for, if any.

    Raises InputError if there is none, or if it is outside the root.
    """
    name, span = (pattern, None) if is_file(pattern) else _split_span(pattern)
    name = _below(name, root)
    if is_file(name):
        return ((name, span),)
    folder = "" if name == "." else f"{name}/"
    matches = [path for path in paths if path.startswith(folder)]
    if not matches and _GLOB & set(name):
        matches = [path for path in paths if fnmatch.fnmatchcase(path, name)]
    if not matches and (path := table.find(name)):
        matches = [path]
    if not matches:
        raise InputError(f"There is no file {pattern} in {root}.{similar(name, paths)} Nothing was added.")
    return tuple((path, span if len(matches) == 1 else None) for path in matches)


def similar(name: str, paths: Sequence[RepoPath]) -> str:
    """Return a sentence, after a blank, with the paths that may be meant by one that is not there; "" if none is near.

    >>> similar("src/ap.py", ["src/app.py", "docs/index.md"])
    ' Similar: src/app.py.'
    """
    from repomap import near_paths  # late: only a wrong name needs it

    near = [] if _GLOB & set(name) else near_paths(name, paths)
    return f" Similar: {', '.join(near)}." if near else ""


def _split_span(pattern: str) -> tuple[str, Span | None]:
    match = _WITH_SPAN.fullmatch(pattern)
    if not match:
        return pattern, None
    first = max(1, int(match["first"]))
    return match["name"], (first, max(first, int(match["last"] or first)))


def _below(name: str, root: Path) -> RepoPath:
    """A name as a path relative to the root; a relative one is taken as that already."""
    path = os.path.expanduser(name)
    if os.path.isabs(path):
        path = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    path = os.path.normpath(path).replace(os.sep, "/")
    if path == ".." or path.startswith("../"):
        raise InputError(f"{name} is outside {root}. Nothing was added.")
    return path


def is_named(path: RepoPath, pattern: str) -> bool:
    """Return whether a user who writes the pattern may mean this file of the chat.

    >>> [is_named("src/app.py", pattern) for pattern in ("app.py", "src", "*.py", "app")]
    [True, True, True, False]
    """
    pattern = os.path.expanduser(pattern).replace(os.sep, "/").removeprefix("./").rstrip("/")
    return (
        path == pattern
        or path.startswith(f"{pattern}/")
        or path.endswith(f"/{pattern}")
        or fnmatch.fnmatchcase(path, pattern)
    )
