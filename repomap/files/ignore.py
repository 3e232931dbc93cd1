"""Ignore files (gitignore syntax, in any folder) → is this path left out?

git answers for ``.gitignore``; this answers where there is no git, and for the ignore
files that only concern maps. Rules come from ignore files found folder by folder: the
nearest file with a matching line decides, in a file the last such line does, and nothing
below a folder that is left out can be taken back in.

Paths are bytes relative to the root, with ``/``; ignore files that are no regular files
(links, pipes) are not opened.
"""

import os
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from repomap.safety.regular_file import NotRegular, TooLarge, read_regular

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

OVERLAY_NAMES = (b".aiderignore", b".trigpointignore")
"""On top of everything, git or not: what a user keeps in the repository but out of the map."""
WALK_NAMES = (b".gitignore", b".ignore")
"""Honoured where git does not answer; within one folder the later file goes before the earlier."""

_LARGEST_BYTES = 1_000_000
_STAR = "[^/]*"  # what pathspec makes of `*`
_ANY_FOLDERS = ("(?:.+/)?", "(?:/.+)?")  # and of `**`
_MOST_ANY_FOLDERS = 2  # a third one takes 20 s against a hostile path

# re has no POSIX classes, git has
_CLASS = re.compile(r"\[:([a-z]+):\]")
_CLASSES = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": " \t",
    "digit": "0-9",
    "lower": "a-z",
    "space": " \t\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}

Layers: TypeAlias = tuple[tuple[int, "GitIgnoreSpec"], ...]
"""The rules in force in a folder, nearest first: length of the path they are relative to, rules."""


class IgnoreRules:
    """The rules of the ignore files called ``names`` in the folders below ``root``.

    Each folder is looked at once, when first asked about.
    """

    def __init__(self, root: bytes, names: Sequence[bytes], warn: Callable[[str], None]) -> None:
        self._root = root
        self._names = names
        self._warn = warn
        self._folders: dict[bytes, Layers | None] = {}

    def folder(self, folder: bytes) -> Layers | None:
        """Return the rules in force in ``folder`` (empty for the root), None when it is left out."""
        if folder in self._folders:
            return self._folders[folder]
        missing = [folder]
        while missing[-1] and (above := missing[-1].rpartition(b"/")[0]) not in self._folders:
            missing.append(above)
        for path in reversed(missing):
            self._folders[path] = self._enter(path)
        return self._folders[folder]

    def excludes(self, path: bytes, layers: Layers) -> bool:
        """Is the file ``path``, in a folder where ``layers`` hold, left out?"""
        return bool(layers) and _decide(path.decode("utf-8", "surrogateescape"), layers)

    def _enter(self, folder: bytes) -> Layers | None:
        above: Layers | None = ()
        if folder:
            above = self._folders[folder.rpartition(b"/")[0]]
            if above is None:
                return None
            if above and _decide(folder.decode("utf-8", "surrogateescape") + "/", above):
                return None
        here = b"/".join((self._root, folder)) if folder else self._root
        spec = read_rules(here, self._names, self._warn)
        # characters, not bytes: a path is decoded before it is matched
        start = len(folder.decode("utf-8", "surrogateescape")) + 1 if folder else 0
        return above if spec is None else ((start, spec), *(above or ()))


def read_rules(folder: bytes, names: Iterable[bytes], warn: Callable[[str], None]) -> "GitIgnoreSpec | None":
    """Return the joined rules of the ignore files ``names`` in ``folder``, None when there are none."""
    patterns: list[GitIgnoreSpecPattern] = []
    for name in names:
        path = b"/".join((folder, name))
        if os.access(path, os.F_OK):  # far cheaper than a failing open, in thousands of folders
            patterns += _compile(_read_lines(path, warn), path, warn)
    if not patterns:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec(patterns)


def _decide(path: str, layers: Layers) -> bool:
    for start, spec in layers:
        verdict = spec.check_file(path[start:]).include
        if verdict is not None:
            return verdict
    return False


def _read_lines(path: bytes, warn: Callable[[str], None]) -> list[str]:
    """The lines of a regular file; nothing of a link, a pipe, or a file too large for rules."""
    try:
        content = read_regular(path, _LARGEST_BYTES)
    except NotRegular:
        return []
    except TooLarge:
        warn(f"{os.fsdecode(path)}: its rules are not applied, it is larger than {_LARGEST_BYTES:,} bytes")
        return []
    except OSError as error:
        warn(f"{os.fsdecode(path)}: its rules are not applied, it cannot be read ({error.strerror})")
        return []
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return [line.removesuffix("\r") for line in text.split("\n")]


def _compile(lines: list[str], path: bytes, warn: Callable[[str], None]) -> "list[GitIgnoreSpecPattern]":
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern  # 10 ms, and most folders have none

    patterns = []
    for number, line in enumerate(lines, start=1):
        try:
            regex, include = GitIgnoreSpecPattern.pattern_to_regex(_CLASS.sub(_expand_class, line))
            if regex is None or include is None:
                continue
            if sum(map(regex.count, _ANY_FOLDERS)) > _MOST_ANY_FOLDERS:
                warn(f"{os.fsdecode(path)}:{number}: not applied, it has more than {_MOST_ANY_FOLDERS} `**`")
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # `[[`, which re may read otherwise one day
                patterns.append(GitIgnoreSpecPattern(re.compile(tame(regex)), include))
        except (ValueError, re.error):
            continue  # git passes over a line it cannot read, too
    return patterns


def tame(regex: str) -> str:
    """Return ``regex``, made by pathspec, such that matching takes linear time in each path segment.

    In ``*a*b`` the first ``*`` may as well end at the first ``a``, because the next one can
    take up the rest. Told so, re does not try all others: a name of 250 letters against
    five wildcards would take minutes.
    """
    first, *rest = regex.split(_STAR)
    if not rest:
        return regex
    parts = [first]
    for part in rest[:-1]:
        same_segment = "/" not in part.replace("[^/]", "")
        parts.append(f"(?>{_STAR}?{part})" if same_segment else _STAR + part)
    return "".join((*parts, _STAR, rest[-1]))


def _expand_class(found: re.Match[str]) -> str:
    return _CLASSES.get(found[1], found[0])
