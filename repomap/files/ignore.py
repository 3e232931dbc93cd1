"""Applies ignore files (gitignore syntax, in any folder) where git does not.

git itself applies `.gitignore`; this module does so where there is no git, and applies the ignore
files that only concern maps. The nearest ignore file with a matching line decides, and within a
file the last such line; nothing below an excluded folder can be included again.

Paths are bytes relative to the root, with `/`. Ignore files that are not regular files (links,
pipes) are not opened.
"""

import os
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from repomap.safety.regular_file import NotRegular, TooLarge, read_regular

OVERLAY_NAMES = (b".aiderignore", b".trigpointignore")
"""Applied everywhere, with git or without: what a user keeps in the repository but out of the map."""
WALK_NAMES = (b".gitignore", b".ignore")
"""Applied where git is not used; in one folder, the later of these takes precedence."""

_MAX_BYTES = 1_000_000
_STAR = "[^/]*"  # pathspec's translation of `*`
_DOUBLE_STARS = ("(?:.+/)?", "(?:/.+)?")  # and of `**`
_MAX_DOUBLE_STARS = 2  # a third one takes 20 s to match a hostile path

# git has POSIX character classes, which Python's `re` lacks
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

Rules: TypeAlias = tuple[tuple[re.Pattern[str], bool], ...]
"""For each line of an ignore file, the last first: what it matches, and whether it excludes that."""
RuleLayers: TypeAlias = tuple[tuple[int, Rules], ...]
"""The rules that apply in a folder, nearest first: length of the path they are relative to, rules."""

# how pathspec's translations of a pattern end; they also match everything below what the pattern names
_OR_BELOW = "(?:(?P<ps_d>/)|$)"
_FOLDER_OR_BELOW = "(?P<ps_d>/)"


class IgnoreRules:
    """The rules of the ignore files called ``names`` in the folders below ``root``.

    Each folder is read once, when its rules are first needed.
    """

    def __init__(self, root: bytes, names: Sequence[bytes], warn: Callable[[str], None]) -> None:
        self._root = root
        self._names = names
        self._warn = warn
        self._folders: dict[bytes, RuleLayers | None] = {}

    def folder(self, folder: bytes) -> RuleLayers | None:
        """Return the rules that apply in ``folder`` (empty for the root), None if it is excluded itself."""
        if folder in self._folders:
            return self._folders[folder]
        missing = [folder]
        while missing[-1] and (parent := missing[-1].rpartition(b"/")[0]) not in self._folders:
            missing.append(parent)
        for path in reversed(missing):
            self._folders[path] = self._enter(path)
        return self._folders[folder]

    def excludes(self, path: bytes, layers: RuleLayers) -> bool:
        """Return whether the file ``path`` is excluded, in a folder where ``layers`` apply."""
        return bool(layers) and _is_excluded(path.decode("utf-8", "surrogateescape"), layers)

    def _enter(self, folder: bytes) -> RuleLayers | None:
        outer: RuleLayers | None = ()
        if folder:
            outer = self._folders[folder.rpartition(b"/")[0]]
            if outer is None:
                return None
            if outer and _is_excluded(folder.decode("utf-8", "surrogateescape") + "/", outer):
                return None
        absolute = b"/".join((self._root, folder)) if folder else self._root
        rules = read_rules(absolute, self._names, self._warn)
        # characters, not bytes: a path is decoded before it is matched
        start = len(folder.decode("utf-8", "surrogateescape")) + 1 if folder else 0
        return ((start, rules), *(outer or ())) if rules else outer


def read_rules(folder: bytes, names: Iterable[bytes], warn: Callable[[str], None]) -> Rules:
    """Return the combined rules of the ignore files ``names`` in ``folder``."""
    rules: list[tuple[re.Pattern[str], bool]] = []
    for name in names:
        path = b"/".join((folder, name))
        if os.access(path, os.F_OK):  # in thousands of folders, far cheaper than a failing open
            rules += _compile(_read_lines(path, warn), path, warn)
    return tuple(reversed(rules))


def _is_excluded(path: str, layers: RuleLayers) -> bool:
    """Return whether the rules exclude a path itself; the path of a folder ends in a slash."""
    for start, rules in layers:
        relative = path[start:]
        for pattern, excludes in rules:
            if pattern.search(relative):
                return excludes
    return False


def _read_lines(path: bytes, warn: Callable[[str], None]) -> list[str]:
    """Return the lines of a regular file; none of a link, a pipe, or a file that is too large."""
    try:
        content = read_regular(path, _MAX_BYTES)
    except NotRegular:
        return []
    except TooLarge:
        warn(f"{os.fsdecode(path)}: its rules are not applied because it is larger than {_MAX_BYTES:,} bytes")
        return []
    except OSError as error:
        warn(f"{os.fsdecode(path)}: its rules are not applied because it cannot be read ({error.strerror})")
        return []
    text = content.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    return [line.removesuffix("\r") for line in text.split("\n")]


def _compile(
    lines: list[str], path: bytes, warn: Callable[[str], None]
) -> list[tuple[re.Pattern[str], bool]]:
    from pathspec.patterns.gitignore.spec import (
        GitIgnoreSpecPattern,
    )  # takes 10 ms, and most folders have no rules

    patterns: list[tuple[re.Pattern[str], bool]] = []
    for line_number, line in enumerate(lines, start=1):
        try:
            # of `a/**/`, pathspec forgets that it names the folders below `a` and not `a` itself
            names_folders_below = line.rstrip().endswith("/**/")
            pattern = line.rstrip().removesuffix("/") if names_folders_below else line
            regex, include = GitIgnoreSpecPattern.pattern_to_regex(_CLASS.sub(_expand_class, pattern))
            if regex is None or include is None:
                continue
            if sum(map(regex.count, _DOUBLE_STARS)) > _MAX_DOUBLE_STARS:
                warn(
                    f"{os.fsdecode(path)}:{line_number}: not applied because it has more than {_MAX_DOUBLE_STARS} `**`"
                )
                continue
            with warnings.catch_warnings():
                warnings.simplefilter(
                    "ignore", FutureWarning
                )  # `[[`, which `re` may read differently one day
                itself = _itself(regex) + (".*/$" if names_folders_below else "")
                patterns.append((re.compile(without_backtracking(itself)), include))
        except (ValueError, re.error):
            continue  # git, too, skips lines that it cannot read
    return patterns


def _itself(regex: str) -> str:
    """Make a regular expression from pathspec match only what the pattern names, nothing below it.

    Every folder is asked about on the way down, so nothing below an excluded one is asked about. A pattern
    that also matched what is below would let `!b` include the folder `b/a`, which the line `a` excludes.

    >>> _itself("^a(?:(?P<ps_d>/)|$)"), _itself("^a(?P<ps_d>/)"), _itself("^a/")
    ('^a/?$', '^a/$', '^a/.')
    """
    if regex.endswith(_OR_BELOW):
        return regex.removesuffix(_OR_BELOW) + "/?$"
    if regex.endswith(_FOLDER_OR_BELOW):
        return regex.removesuffix(_FOLDER_OR_BELOW) + "/$"
    return f"{regex}." if regex.endswith("/") else regex


def without_backtracking(regex: str) -> str:
    """Rewrite a regular expression from pathspec so that it matches in linear time per path segment.

    In `*a*b` the first `*` may end at the first `a`, because the next one can match the rest. An
    atomic group keeps `re` from trying all the others: with five wildcards, a name of 250 letters
    would take minutes.
    """
    first, *rest = regex.split(_STAR)
    if not rest:
        return regex
    parts = [first]
    for part in rest[:-1]:
        same_segment = "/" not in part.replace("[^/]", "")
        parts.append(f"(?>{_STAR}?{part})" if same_segment else _STAR + part)
    return "".join((*parts, _STAR, rest[-1]))


def _expand_class(match: re.Match[str]) -> str:
    return _CLASSES.get(match[1], match[0])
