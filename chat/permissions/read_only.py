"""Commands that only look: they write nothing, run nothing, reach no network and stay below the root.

A small table; what is not in it is not known to be harmless.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from chat.permissions.programs import use_of
from chat.permissions.shell_words import Word

_ANY = re.compile("(?s:.*)")
_LOOKS = frozenset(
    """basename cat cksum cmp comm cut df diff dirname du echo egrep expr false fgrep fold grep head id ls
    md5sum nl od paste printf pwd readlink realpath rev seq sha1sum sha256sum sha512sum stat tac tail
    test tr tree true type uname wc whereis which whoami""".split()
)
"""Programs that only look, whatever their arguments are, apart from those in `_BEYOND`."""
_BEYOND: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "find": re.compile(r"-(?:exec|ok|delete|f(?:print|ls|ollow)|files0|L)"),
        "rg": re.compile(r"--(?:pre|hostname-bin|search-zip|follow)|-[A-Za-z]*[zL]"),
        "grep": re.compile(r"--d|-[A-Za-z]*[RdD]"),
        "egrep": re.compile(r"--d|-[A-Za-z]*[RdD]"),
        "fgrep": re.compile(r"--d|-[A-Za-z]*[RdD]"),
        "sort": re.compile(r"--(?:o|f|c(?:om|\Z)|t)|-[A-Za-z]*[oT]"),
        "tree": re.compile(r"-[A-Za-z]*[oR]|--output"),
        "file": re.compile(r"-[A-Za-z]*C|--c"),
        "diff": re.compile(r"-[A-Za-z]*[lr]|--(?:p(?:a|\Z)|o|r)"),
        "printf": re.compile("-v"),
        "test": re.compile(r"-[vR]\Z"),
    }
)
"""Arguments with which they write, run something, or follow links out of the root."""
_GIT_LOOKS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    dict.fromkeys(
        """blame cat-file check-ignore cherry count-objects describe diff for-each-ref grep log ls-files ls-tree
        merge-base name-rev range-diff rev-list rev-parse shortlog show show-ref status whatchanged""".split(),
        _ANY,
    )
    | {
        "branch": re.compile(r"--list|-[avr]+|--all|--show-current|--remotes|-vv"),
        "remote": re.compile(r"-v|--verbose"),
        "tag": re.compile(r"-l|--list|-n\d*"),
        "stash": re.compile(r"list|show|-p"),
        "worktree": re.compile("list"),
        "reflog": re.compile(r"show|-\d+|--oneline"),
        "config": re.compile(r"--get|--list|-l|[a-z]+\.[a-z.]+"),
    }
)
"""Subcommands of git that only look, and what their arguments may be."""
_GIT_WRITES = re.compile(r"--(?:ou|ext|o\Z|open|textconv|exec|filters)|-[A-Za-z]*O")


def is_read_only(words: Sequence[Word], is_inside: Callable[[str], bool]) -> bool:
    """Whether a command only looks; ``is_inside`` says whether a path stays below the root.

    >>> words = [Word(text) for text in "grep -rn TODO src".split()]
    >>> is_read_only(words, lambda path: True)
    True
    """
    name = words[0].text
    if not all(word.is_known for word in words) or use_of(words).named != frozenset((0,)):
        return False
    if not all(is_inside(path) for word in words[1:] for path in paths_in(word)):
        return False
    if name == "git":
        return _git_looks(words)
    if name not in _LOOKS and name not in ("find", "rg", "sort", "file"):
        return False
    return not any(_goes_beyond(name, word.text) for word in words[1:])


def _goes_beyond(name: str, argument: str) -> bool:
    pattern = _BEYOND.get(name)
    return bool(pattern and pattern.match(argument))


def _git_looks(words: Sequence[Word]) -> bool:
    texts = [word.text for word in words[1:] if word.text not in ("--no-pager", "-P")]
    allowed = _GIT_LOOKS.get(texts[0]) if texts else None
    if allowed is None:
        return False
    rest = texts[1:]
    if texts[0] == "config" and rest[:1] not in (["--get"], ["--list"], ["-l"]):
        return False
    return all(allowed.fullmatch(text) and not _GIT_WRITES.match(text) for text in rest)


def paths_in(word: Word) -> tuple[str, ...]:
    """Return the paths that an argument may be or hold: itself, and what follows `=`, `@` or a letter.

    >>> paths_in(Word("--file=a/b"))
    ('--file=a/b', 'a/b')
    """
    text = word.text
    values = [text, text.partition("=")[2], text.removeprefix("@"), text.partition(":")[2]]
    if re.match("-[A-Za-z][^=]", text):
        values.append(text[2:])
    return tuple(dict.fromkeys(value for value in values if value))
