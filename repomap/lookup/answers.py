"""The values that lookups return, and how their lines are fitted to a token budget.

An agent that asks a small question must not get a large answer: every answer is cut to its budget,
best first, and its last line says how much was omitted and how to ask for less.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from repomap.errors import BadRequest
from repomap.mapping.parameters import ELLIPSIS
from repomap.model import LEAST_TOKENS, CountTokens, RepoPath

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that matches a search."""

    path: RepoPath
    line: int
    """1-based."""
    kind: Literal["definition", "use"]
    within: str
    """The enclosing definition and what encloses it, joined by dots; empty at the top level."""
    text: str
    """The line without its indentation, shortened if it is long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A definition."""

    path: RepoPath
    name: str
    kind: str
    parent: str
    """The names of what encloses it, outermost first, joined by dots; empty at the top level."""
    lines: tuple[int, int]
    """First and last line of the whole definition, 1-based and inclusive."""
    signature: str


@dataclass(frozen=True, slots=True)
class UsedLine:
    """One line that uses a name."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Use:
    """A place that uses a name: one definition, or a file outside its definitions."""

    path: RepoPath
    within: str
    count: int
    """How often; `lines` may show only some of them."""
    resolved: bool
    """Whether no other definition of the repository can be meant, judged by imports and rarity."""
    lines: tuple[UsedLine, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Consecutive lines of a file."""

    path: RepoPath
    lines: tuple[int, int]
    """First and last line shown, 1-based and inclusive; if none is, the last is before the first."""
    text: str


@dataclass(frozen=True, slots=True)
class Answer(Generic[Item]):
    """The answer to a lookup within a budget."""

    items: tuple[Item, ...]
    """What `text` shows: best first; for an outline, in source order."""
    omitted: int
    """How many more there are: items, uses of a name, or lines of a source."""
    text: str
    tokens: int
    """Of `text`, never more than `budget_tokens`."""
    budget_tokens: int


class AnswerLine(NamedTuple):
    """A line of an answer, and the headings above it that it shares with its neighbours."""

    headings: tuple[str, ...]
    text: str


def with_headings(lines: Sequence[AnswerLine]) -> list[str]:
    """Write each line below its headings, which are omitted where the line above has the same.

    >>> with_headings([AnswerLine(("a.py", "in f"), "3: x"), AnswerLine(("a.py",), "9: y")])
    ['a.py', ' in f', '  3: x', ' 9: y']
    """
    written: list[str] = []
    above: tuple[str, ...] = ()
    for headings, text in lines:
        shared = 0
        while shared < min(len(headings), len(above)) and headings[shared] == above[shared]:
            shared += 1
        written += [" " * level + heading for level, heading in enumerate(headings) if level >= shared]
        written.append(" " * len(headings) + text)
        above = headings
    return written


def fit_to_budget(
    total: int,
    render: Callable[[int], Sequence[str]],
    notes: Callable[[int], Sequence[str]],
    budget_tokens: int,
    count: CountTokens,
) -> tuple[int, str, int]:
    """Find how many of ``total`` items fit; return that number, the text that shows them, and its tokens.

    ``render(n)`` writes the lines of the first n items. ``notes(n)`` offers last lines for them, the
    most informative first; a shorter note is taken if a longer one would cost half of the items.
    """
    line_tokens = cache(lambda line: count(line + "\n"))
    best = _largest(total, lambda shown: sum(map(line_tokens, render(shown))) <= budget_tokens)
    note_count = max(len(notes(shown)) for shown in {0, best})
    for index in range(note_count):
        fewest = (best + 1) // 2 if index + 1 < note_count else min(best, 1)
        for shown in range(best, fewest - 1, -1):
            offered = notes(shown)
            note = offered[min(index, len(offered) - 1)]
            text = _text_of([*render(shown), *([note] if note else [])])
            tokens = count(text)
            if tokens <= budget_tokens:
                return shown, text, tokens
    for shown in range(best, 0, -1):
        text = _text_of(render(shown))
        tokens = count(text)
        if tokens <= budget_tokens:
            return shown, text, tokens
    return 0, "", 0


def _text_of(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)


def _largest(total: int, fits: Callable[[int], bool]) -> int:
    """Return the largest number up to ``total`` that fits.

    The search doubles first and then bisects, so that few items are rendered if few fit.
    """
    low, high = 0, 1
    while high <= total and fits(high):
        low, high = high, 2 * high
    high = min(high - 1, total)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def omission_notes(omitted: int, things: str, advice: str) -> tuple[str, ...]:
    """Offer last lines for a number of things, named by a plural in -s, that are not shown.

    >>> omission_notes(3, "lines", "narrow with a folder")
    ('… 3 more lines; narrow with a folder', '… 3 more')
    >>> omission_notes(1, "uses", "give more tokens")
    ('… 1 more use; give more tokens', '… 1 more')
    >>> omission_notes(0, "lines", "")
    ('',)
    """
    if omitted <= 0:
        return ("",)
    named = things.removesuffix("s") if omitted == 1 else things
    return (f"{ELLIPSIS} {omitted} more {named}; {advice}", f"{ELLIPSIS} {omitted} more")


def check_budget(budget_tokens: int) -> None:
    """Raise BadRequest for a budget in which no line fits."""
    if budget_tokens < LEAST_TOKENS:
        raise BadRequest(
            f"A budget of {budget_tokens} tokens is too small for a line; give at least {LEAST_TOKENS}."
        )


def to_object(answer: Answer[Any]) -> dict[str, Any]:
    """Convert an answer to JSON values, as the schemas describe it."""
    return {
        "version": 1,
        "tokens": answer.tokens,
        "budget": answer.budget_tokens,
        "omitted": answer.omitted,
        "items": [_plain(item) for item in answer.items],
    }


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(element) for element in value]
    return value
