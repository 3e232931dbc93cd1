"""What a user calls files → which files of the repository: paths, folders, globs, ends of paths, lines.

Pure but for the reader that is handed in.
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
    """The files that a pattern means, each with the lines asked for, if any. Raises InputError for none."""
    name, span = (pattern, None) if is_file(pattern) else _split_span(pattern)
    name = _below(name, root)
    if is_file(name):
        return ((name, span),)
    folder = "" if name == "." else f"{name}/"
    found = [path for path in paths if path.startswith(folder)]
    if not found and _GLOB & set(name):
        found = [path for path in paths if fnmatch.fnmatchcase(path, name)]
    one = None if found else table.find(name)
    found = found or ([one] if one else [])
    if not found:
        raise InputError(f"{pattern}: no such file in {root}; nothing was added.")
    return tuple((path, span if len(found) == 1 else None) for path in found)


def _split_span(pattern: str) -> tuple[str, Span | None]:
    found = _WITH_SPAN.fullmatch(pattern)
    if not found:
        return pattern, None
    first = max(1, int(found["first"]))
    return found["name"], (first, max(first, int(found["last"] or first)))


def _below(name: str, root: Path) -> RepoPath:
    """A name as a path below the root; relative ones are relative to it already."""
    path = os.path.expanduser(name)
    if os.path.isabs(path):
        path = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    path = os.path.normpath(path).replace(os.sep, "/")
    if path == ".." or path.startswith("../"):
        raise InputError(f"{name}: lies outside {root}; nothing was added.")
    return path


def is_named(path: RepoPath, pattern: str) -> bool:
    """Whether a user who writes the pattern may mean this file of the chat."""
    pattern = pattern.removeprefix("./").rstrip("/")
    return (
        path == pattern
        or path.startswith(f"{pattern}/")
        or path.endswith(f"/{pattern}")
        or fnmatch.fnmatchcase(path, pattern)
    )
