"""Programs that do nothing but run another one: where in their words the other one begins."""

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from chat.permissions.risks import HARMLESS_VARIABLES
from chat.permissions.shell_words import Word


def is_harmless_assignment(word: Word) -> bool:
    """Whether a `NAME=value` in front of a command changes neither what runs nor where from."""
    name = word.text.partition("=")[0]
    return word.is_known and bool(HARMLESS_VARIABLES.fullmatch(name))


def _start(options: str, values: str = "(?!)", then: str = "") -> Callable[[Sequence[Word]], int | None]:
    """Return what finds where the inner command starts: behind flags, flags with values, and one more word."""
    flag, with_value, more = re.compile(options), re.compile(values), re.compile(then)

    def start(words: Sequence[Word]) -> int | None:
        position = 1
        while position < len(words) and words[position].text.startswith("-"):
            text, *following = (word.text for word in words[position : position + 2])
            if following and with_value.fullmatch(f"{text} {following[0]}"):
                position += 1
            elif not flag.fullmatch(text):
                return None
            position += 1
        if then:
            if position >= len(words) or not more.fullmatch(words[position].text):
                return None
            position += 1
        return position if all(word.is_known for word in words[:position]) else None

    return start


def _start_behind_variables(words: Sequence[Word]) -> int | None:
    """`env NAME=value … COMMAND`, where no variable changes what runs."""
    position = 1
    while position < len(words) and "=" in words[position].text:
        if not is_harmless_assignment(words[position]):
            return None
        position += 1
    return None if position < len(words) and words[position].text.startswith("-") else position


WRAPPERS: Mapping[str, Callable[[Sequence[Word]], int | None]] = MappingProxyType(
    {
        "time": _start("-p"),
        "nohup": _start("--"),
        "nice": _start(r"-n?-?\d+|--adjustment=-?\d+", r"-n -?\d+"),
        "timeout": _start(
            r"--(?:foreground|preserve-status|verbose)|-v|-[ks]\w+|--(?:kill-after|signal)=\w+",
            r"-[ks] \w+",
            r"\d+(?:\.\d+)?[smhd]?",
        ),
        "stdbuf": _start(r"-[ioe][0L]"),
        "env": _start_behind_variables,
        "command": _start("--"),
        "xargs": _start(
            r"-[0rt]+|-[nPL]\d+|-I\{\}|-d.+|--(?:null|no-run-if-empty|verbose|max-args=\d+|max-procs=\d+)",
            r"-[nPL] \d+|-I \{\}|-d .*",
        ),
    }
)
"""By name; each gives the position of the inner command, or None where a word is not understood."""
