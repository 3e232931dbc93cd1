"""What a reply calls a file → which file it means, or which new one it would be.

The name of an existing file means that file. Any other name may be a slip: a file of the chat under
a wrong folder, in another case or without its punctuation. Then every file that it could mean is
returned, and the edit has to fit exactly one of them.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from edits.formats.file_names import looks_like_path
from edits.model import NameHint, RepoPath
from edits.planning.trees import Names

_SUFFIXES = frozenset(
    "py pyi js mjs cjs jsx ts tsx go rs java kt kts rb php c h cc cpp hpp cs swift scala lua sh bash ps1 sql html "
    "css scss vue svelte md rst txt json yaml yml toml ini cfg xml proto ex exs erl hs ml dart r jl pl tf cmake".split()
)
_CREATES = re.compile(
    r"\b(?:creat(?:e|es|ed|ing)|add(?:s|ed|ing)?|new|introduc(?:e|es|ed|ing)|neue?[rns]?|erstell\w*|nuevo"
    r"|crear|nouveau|cr\xe9\w+|novo|criar|nuovo|\u043d\u043e\u0432\w+|\u0441\u043e\u0437\u0434\w+)\b"
    r"|\u65b0\u5efa|\u521b\u5efa|\u65b0\u589e|\u5efa\u7acb|\u65b0\u898f|\u4f5c\u6210|\uc0c8|\uc0dd\uc131",
    re.IGNORECASE,
)
"""Words for a new file, in the languages that models are mostly asked in."""
_PLACEHOLDERS = frozenset(("path", "to", "your", "project", "repo", "root", "a", "b", "."))


@dataclass(frozen=True, slots=True)
class Target:
    """Which files a name may mean."""

    paths: tuple[RepoPath, ...]
    """Existing files, in no order of likelihood."""
    name: str = ""
    """The name as the reply has it, without Markdown around it."""
    declared: bool = True
    """The reply names the file; else a sentence only mentions it."""
    outside: bool = False
    """The name leaves the root."""
    loose: bool = False
    """No file has this name; the paths resemble it."""


def resolve(
    names: Iterable[NameHint], tree: Names, chat: Sequence[RepoPath], *, new: bool, makes: bool = False
) -> Target | None:
    """The file that the nearest usable hint means; None where no hint names one.

    `new`: the block makes a file, so a name that merely resembles an existing file is another one.
    `makes`: it may make one, so an unusual name that no file has can be meant.
    """
    mentioned: Target | None = None
    for hint in names:
        target = _target(hint, tree, chat, new=new, makes=makes or new)
        if target is None:
            continue
        if target.paths or target.outside or hint.declared:
            return target
        mentioned = mentioned or target
    return mentioned


def _target(
    hint: NameHint, tree: Names, chat: Sequence[RepoPath], *, new: bool, makes: bool
) -> Target | None:
    spellings = hint.spellings if hint.declared else tuple(s for s in hint.spellings if " " not in s)
    existing = _existing(hint, tree, chat)
    if existing:
        return Target(tuple(existing), next(iter(existing.values())), hint.declared)
    named = [spelling for spelling in spellings if looks_like_path(spelling)]
    if hint.declared and not named:
        named = list(hint.spellings[:1])  # the header of a diff or patch is a name, however odd
    if not new:
        for pool, words in ((lambda: chat, spellings), (tree.paths, spellings if hint.declared else named)):
            for spelling in words:
                paths = resembling(spelling, pool)
                if paths:
                    return Target(paths, spelling, hint.declared, loose=True)
    unusual = _unusual(hint, tree) if makes else None
    if unusual:
        return Target((), unusual, declared=True)
    if not named or not (hint.declared or _announced(hint, named)):
        return None
    path = normal_path(named[0], tree)
    outside = path is None and hint.declared
    return Target((), path or named[0], hint.declared, outside) if path or outside else None


def _existing(hint: NameHint, tree: Names, chat: Sequence[RepoPath]) -> dict[RepoPath, str]:
    """The files that a hint names, each with its spelling; a sentence may mention several."""
    existing: dict[RepoPath, str] = {}
    for spelling in hint.spellings:
        path = normal_path(spelling, tree)
        if path and (path in chat or tree.has(path)):
            existing.setdefault(path, spelling)
            if hint.declared:
                break
    return existing


def _unusual(hint: NameHint, tree: Names) -> RepoPath | None:
    """The new file that an unusual name means: in a folder that exists, or set off from its line."""
    for spelling in hint.spaced:
        path = normal_path(spelling, tree)
        folder = (path or "").partition("/")[0] + "/"
        if path and "/" in path and any(known.startswith(folder) for known in tree.paths()):
            return path
    return next((path for name in hint.unusual if (path := normal_path(name, tree))), None)


def _announced(hint: NameHint, named: Sequence[str]) -> bool:
    """Whether a sentence announces a new file: it names one path, and says so or ends in a colon."""
    is_source = "/" in named[0] or named[0].rsplit(".", 1)[-1].lower() in _SUFFIXES
    is_alone = len({posixpath.basename(name) for name in named}) == 1
    return (
        is_alone
        and is_source
        and not named[0].startswith("-")
        and any(text.endswith((":", "\uff1a")) or _CREATES.search(text) for text in hint.spellings)
    )


def normal_path(name: str, tree: Names) -> RepoPath | None:
    """A name as a path below the root; None where it leaves it."""
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
    """The files of a pool for which a name can be a slip, by the smallest kind of slip that fits any.

    The kinds: another case; a folder missing in front; a folder too many; punctuation lost.
    """
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
        paths = tuple(path for path, low in zip(known, lowered, strict=True) if test(low))
        if paths:
            longest = max(map(len, paths))
            return tuple(path for path in paths if len(path) == longest) if test is tests[2] else paths
    return ()


def placeholder_prefix(name: str, path: RepoPath) -> bool:
    """Whether a name has only `path/to`, `a` or the like in front of a path, which are not folders.

    >>> placeholder_prefix("path/to/src/app.py", "src/app.py")
    True
    """
    wanted = name.replace("\\", "/")
    if not wanted.lower().endswith("/" + path.lower()):
        return False
    parts = wanted[: -len(path) - 1].lower().split("/")
    return all(part in _PLACEHOLDERS for part in parts)


def _letters(path: str) -> str:
    return "".join(char for char in path if char.isalnum() or char == "/")
