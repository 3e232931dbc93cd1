"""Commands that only look: they write nothing, run nothing, reach no network and stay below the root.

A small table; what is not in it is not known to be harmless.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from chat.permissions.programs import use_of
from chat.permissions.shell_words import Word

_ANY = re.compile("(?s:.*)")
_CONTENTS = frozenset(
    """cat cksum cmp comm cut diff egrep fgrep fold grep head md5sum nl od paste rev sha1sum sha256sum sha512sum sort
    tac tail tr""".split()
)
"""Programs that show what is in files."""
_LOOKS = _CONTENTS | frozenset(
    """basename dirname du echo expr false file find id ls printf pwd readlink realpath seq stat test tree true type
    uname wc whereis which whoami""".split()
)
"""Programs that only look, whatever their arguments are, apart from those in `_BEYOND`."""
_RECURSIVE = re.compile(r"--(?:d|r)|-[A-Za-z]*[rRdD]")
_BEYOND: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "find": re.compile(r"-(?:exec|ok|delete|f(?:print|ls|ollow)|files0|L)"),
        "grep": _RECURSIVE,
        "egrep": _RECURSIVE,
        "fgrep": _RECURSIVE,
        "sort": re.compile(r"--(?:o|f|c(?:om|\Z)|t)|-[A-Za-z]*[oT]"),
        "tree": re.compile(r"-[A-Za-z]*[oR]|--output"),
        "file": re.compile(r"-[A-Za-z]*C|--c"),
        "diff": re.compile(r"-[A-Za-z]*[lr]|--(?:p(?:a|\Z)|o|r)"),
        "printf": re.compile("-v"),
        "test": re.compile(r"-[vR]\Z"),
    }
)
"""Arguments with which they write, run something, follow links out of the root, or read whole folders."""
_GIT_LOOKS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    dict.fromkeys(
        """blame cat-file check-ignore cherry count-objects describe diff for-each-ref grep log ls-files ls-tree
        merge-base name-rev range-diff rev-list rev-parse shortlog show show-ref status whatchanged""".split(),
        _ANY,
    )
    | {
        "branch": re.compile(r"--list|-[avr]+|--all|--show-current|--remotes|-vv"),
        "tag": re.compile(r"-l|--list|-n\d*"),
        "stash": re.compile(r"list|show|-p"),
        "worktree": re.compile("list"),
        "reflog": re.compile(r"show|-\d+|--oneline"),
    }
)
"""Subcommands of git that only look, and what their arguments may be."""
_GIT_BEYOND = re.compile(
    r"--(?:ou|ext|o\Z|open|textc|exec|filters|no-i|no-e|untr|cont|stdin|ignored|others|res)|-[A-Za-z]*O"
)
"""Options with which they write, run something, or show what git does not track."""


def is_read_only(
    words: Sequence[Word], is_inside: Callable[[str], bool], may_show: Callable[[str], bool]
) -> bool:
    """Whether a command only looks: at names below the root, and into files that ``may_show`` allows.

    >>> words = [Word(text) for text in "grep -n TODO src/app.py".split()]
    >>> is_read_only(words, lambda path: True, lambda path: path != ".env")
    True
    """
    name = words[0].text
    if not all(word.is_known for word in words) or use_of(words).named != frozenset((0,)):
        return False
    if not all(is_inside(path) for word in words[1:] for path in paths_in(word)):
        return False
    if name == "git":
        return _git_looks(words)
    if name not in _LOOKS:
        return False
    if name in _CONTENTS and not all(may_show(path) for word in words[1:] for path in paths_in(word)):
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
    return all(allowed.fullmatch(text) and not _GIT_BEYOND.match(text) for text in texts[1:])


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
