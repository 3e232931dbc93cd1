"""The text of a rule, such as `Bash(npm run test:*)` → its tool and its pattern."""

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

PermissionMode = Literal["default", "acceptEdits", "plan", "dontAsk", "bypassPermissions"]
Behavior = Literal["allow", "ask", "deny"]

TOOLS = frozenset(("Bash", "Edit", "Read", "Write"))
"""The tools that rules have an effect on."""

_RULE = re.compile(r"\s*(?P<tool>[A-Za-z][\w-]*)\s*(?:\((?P<pattern>.*)\))?\s*", re.DOTALL)
_MAX_CHARS = 500
_MAX_STARS = 12
"""Each can make matching take longer, and a repository may bring rules."""


class BadRule(ValueError):
    """A text that is not a rule; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A tool, and what of it the rule is about."""

    tool: str
    pattern: str = ""
    """Empty for all that the tool does."""

    def __str__(self) -> str:
        return f"{self.tool}({self.pattern})" if self.pattern else self.tool

    @property
    def has_effect(self) -> bool:
        """Whether there is such a tool here; rules for those of other programs are kept and do nothing."""
        return self.tool in TOOLS


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force; what is denied comes before what is asked about, and that before what is allowed."""

    allow: tuple[Rule, ...] = ()
    ask: tuple[Rule, ...] = ()
    deny: tuple[Rule, ...] = ()

    def of(self, behavior: Behavior, *tools: str) -> tuple[Rule, ...]:
        """Return the rules of a kind for these tools."""
        rules: tuple[Rule, ...] = getattr(self, behavior)
        return tuple(rule for rule in rules if rule.tool in tools)


def parse_rule(text: str) -> Rule:
    """Read a rule. Raises BadRule.

    >>> parse_rule("Edit(src/**)"), str(parse_rule("Bash(*)"))
    (Rule(tool='Edit', pattern='src/**'), 'Bash')
    """
    match = _RULE.fullmatch(text)
    is_endless = len(text) > _MAX_CHARS or text.count("*") > _MAX_STARS
    if match is None or is_endless or any(char < " " for char in text.strip()):
        raise BadRule("a rule such as Bash(pytest *), Edit(src/**), Read(secrets/**) or the name of a tool")
    pattern = (match["pattern"] or "").strip()
    if match["tool"] == "Bash" and pattern:
        pattern_words(pattern)
    return Rule(match["tool"], "" if pattern in ("*", ":*") else pattern)


def split_rules(text: str) -> tuple[str, ...]:
    """Split a text that holds several rules, between which there are commas or blanks.

    >>> split_rules("Bash(git log:*), Edit Read(a b)")
    ('Bash(git log:*)', 'Edit', 'Read(a b)')
    """
    return tuple(dict.fromkeys(filter(None, _split(text))))


def _split(text: str) -> Iterator[str]:
    depth, part = 0, ""
    for char in text:
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth <= 0 and (char == "," or char.isspace()):
            yield part
            part = ""
        else:
            part += char
    yield part


def pattern_words(pattern: str) -> tuple[str, ...]:
    """Split the pattern of a rule for commands into words; `:*` at the end is a word of its own.

    Raises BadRule.

    >>> pattern_words("npm run test:*")
    ('npm', 'run', 'test', ':*')
    """
    base = pattern.removesuffix(":*")
    try:
        words = shlex.split(base)
    except ValueError as error:
        raise BadRule(f"a rule whose quotes are closed ({error})") from error
    if not words:
        raise BadRule("a rule that names a command")
    return (*words, ":*") if base != pattern else tuple(words)


def parse_rules(texts: Iterable[str]) -> tuple[Rule, ...]:
    """Read several rules. Raises BadRule."""
    return tuple(dict.fromkeys(parse_rule(text) for text in texts))
