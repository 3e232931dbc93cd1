"""What a reply calls a file → which file that is, or which new one it would be.

A name that a file has, is that file. A name that none has may be a file of the chat under a wrong
folder, in another case or with a letter lost; all files that it could be are given, and the edit
has to fit exactly one of them.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from edits.formats.file_names import looks_like_path
from edits.model import NameHint, RepoPath

_SUFFIXES = frozenset(
    "py pyi js mjs cjs jsx ts tsx go rs java kt kts rb php c h cc cpp hpp cs swift scala lua sh bash ps1 sql html "
    "css scss vue svelte md rst txt json yaml yml toml ini cfg xml proto ex exs erl hs ml dart r jl pl tf cmake".split()
)
_PLACEHOLDERS = frozenset(("path", "to", "your", "project", "repo", "root", "a", "b", "."))


class Tree(Protocol):
    """The files that a reply may speak about."""

    def read(self, path: RepoPath) -> bytes | None:
        """The bytes of a file, or None where there is none."""
        ...

    def has(self, path: RepoPath) -> bool:
        """Whether there is a file of this name."""
        ...

    def forbidden(self, path: RepoPath) -> str:
        """Why a path must not be written, or "" where it may."""
        ...

    def relative(self, name: str) -> RepoPath | None:
        """An absolute name as a path below the root, or None where it is not below it."""
        ...

    def paths(self) -> Sequence[RepoPath]:
        """Every file there is, sorted."""
        ...


@dataclass(frozen=True, slots=True)
class Target:
    """Which files a name may mean."""

    paths: tuple[RepoPath, ...]
    """Existing files; the first ones are no likelier than the others."""
    name: str = ""
    """The name as the reply has it, dressing removed."""
    declared: bool = True
    outside: bool = False
    """The name leaves the root."""
    loose: bool = False
    """No file has this name; the paths are those that it resembles."""


def resolve(names: Iterable[NameHint], tree: Tree, chat: Sequence[RepoPath], *, new: bool) -> Target | None:
    """The file that the nearest telling hint means, or None where no hint tells.

    `new`: the block makes a file, so a name that merely resembles a file means another one.
    """
    mentioned: Target | None = None
    for hint in names:
        target = _target(hint, tree, chat, new)
        if target is None:
            continue
        if target.paths or target.outside or hint.declared:
            return target
        mentioned = mentioned or target
    return mentioned


def _target(hint: NameHint, tree: Tree, chat: Sequence[RepoPath], new: bool) -> Target | None:
    spellings = hint.spellings if hint.declared else tuple(s for s in hint.spellings if " " not in s)
    there = _existing(hint, tree, chat)
    if there:
        return Target(tuple(there), next(iter(there.values())), hint.declared)
    named = [spelling for spelling in spellings if looks_like_path(spelling)]
    if hint.declared and not named:
        named = list(hint.spellings[:1])  # the header of a diff or patch is a name, however odd
    if not new:
        for pool, words in ((lambda: chat, spellings), (tree.paths, spellings if hint.declared else named)):
            for spelling in words:
                found = resembling(spelling, pool)
                if found:
                    return Target(found, spelling, hint.declared, loose=True)
    if not named or not (hint.declared or _announced(hint, named)):
        return None
    path = normal_path(named[0], tree)
    outside = path is None and hint.declared
    return Target((), path or named[0], hint.declared, outside) if path or outside else None


def _existing(hint: NameHint, tree: Tree, chat: Sequence[RepoPath]) -> dict[RepoPath, str]:
    """The files that a hint has the names of, each with its spelling: all that a sentence mentions."""
    found: dict[RepoPath, str] = {}
    for spelling in hint.spellings:
        path = normal_path(spelling, tree)
        if path and (path in chat or tree.has(path)):
            found.setdefault(path, spelling)
            if hint.declared:
                break
    return found


def _announced(hint: NameHint, named: Sequence[str]) -> bool:
    """Whether a sentence announces a file that is not there: it names one thing, and ends in a colon."""
    folder_or_source = "/" in named[0] or named[0].rsplit(".", 1)[-1].lower() in _SUFFIXES
    one = len({posixpath.basename(name) for name in named}) == 1
    return (
        one
        and folder_or_source
        and not named[0].startswith("-")
        and any(s.endswith(":") for s in hint.spellings)
    )


def normal_path(name: str, tree: Tree) -> RepoPath | None:
    """A name as a path below the root, or None where it leaves it."""
    name = name.strip()
    if not name or len(name) > 400 or "\0" in name or "\n" in name:
        return None
    if posixpath.isabs(name) or re.match(r"[A-Za-z]:[\\/]|~|\\\\", name):
        return tree.relative(name)
    if "\\" in name and "/" not in name and not tree.has(name):
        name = name.replace("\\", "/")
    path = posixpath.normpath(name)
    # `a/../../b` leaves the root on the way; what follows a link out of it cannot be known
    depth = 0
    for part in name.split("/"):
        depth += -1 if part == ".." else part not in ("", ".")
        if depth < 0:
            return None
    return None if path in (".", "..") or path.startswith("../") else path


def resembling(name: str, pool: Callable[[], Sequence[RepoPath]]) -> tuple[RepoPath, ...]:
    """The files of a pool that a name can be a slip for, by the closest kind of slip there is."""
    wanted = posixpath.normpath(name.strip().replace("\\", "/")).lower().lstrip("/")
    if not wanted or wanted.startswith(".."):
        return ()
    bare, plain = wanted.rsplit("/", 1)[-1], _letters(wanted)
    if not plain:
        return ()
    tests: tuple[Callable[[str], bool], ...] = (
        lambda path: path == wanted,
        lambda path: path.endswith("/" + wanted),
        lambda path: wanted.endswith("/" + path),
        lambda path: (
            _letters(path) == plain
            or (_letters(path.rsplit("/", 1)[-1]) == _letters(bare) and "/" not in wanted)
        ),
    )
    known = pool()
    lowered = [path.lower() for path in known]
    for test in tests:
        found = tuple(path for path, low in zip(known, lowered, strict=True) if test(low))
        if found:
            longest = max(map(len, found))
            return tuple(p for p in found if len(p) == longest) if test is tests[2] else found
    return ()


def placeholder_prefix(name: str, path: RepoPath, root_names: Sequence[str] = ()) -> bool:
    """Whether what a name has in front of a path is no folder but `path/to`, `a` or the like."""
    wanted = name.replace("\\", "/")
    if not wanted.lower().endswith("/" + path.lower()):
        return False
    parts = wanted[: -len(path) - 1].lower().split("/")
    return all(part in _PLACEHOLDERS or part in root_names for part in parts)


def _letters(path: str) -> str:
    return "".join(char for char in path if char.isalnum() or char == "/")
