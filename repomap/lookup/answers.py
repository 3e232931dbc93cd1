"""What a lookup gives, and how its lines are made to fit a token budget.

An agent that asks a small question must not get a large answer: every answer is cut to its budget,
best first, and its last line says how much was left out and how to ask for less.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from repomap.errors import BadRequest
from repomap.mapping.render import ELLIPSIS
from repomap.model import LEAST_TOKENS, CountTokens, RepoPath

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that a search found."""

    path: RepoPath
    line: int
    """1-based."""
    kind: Literal["definition", "use"]
    within: str
    """The definition around the line, with what encloses it, joined by dots; empty at the top level."""
    text: str
    """The line without its indentation, cut where it is long."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition."""

    path: RepoPath
    name: str
    kind: str
    parent: str
    """Names of what encloses it, outermost first, joined by dots; empty at the top level."""
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
    """Where a name is used: one definition, or a file outside its definitions."""

    path: RepoPath
    within: str
    count: int
    """How often, of which `lines` may show a part."""
    resolved: bool
    """Whether it can mean no other definition of this repository, as imports or its rarity tell."""
    lines: tuple[UsedLine, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Consecutive lines of a file."""

    path: RepoPath
    lines: tuple[int, int]
    """First and last line shown, 1-based and inclusive; the last is before the first where none is."""
    text: str


@dataclass(frozen=True, slots=True)
class Answer(Generic[Item]):
    """The answer to a lookup within a budget."""

    items: tuple[Item, ...]
    """What `text` shows: best first; the definitions of an outline in the order of the source."""
    omitted: int
    """How many more there are: items; uses of a name; lines of a source."""
    text: str
    tokens: int
    """Of `text`, never more than `budget_tokens`."""
    budget_tokens: int


class Row(NamedTuple):
    """A line of an answer, below headings that it shares with its neighbours."""

    heads: tuple[str, ...]
    line: str


def lay_out(rows: Sequence[Row]) -> list[str]:
    """Lines: a heading where it is not that of the row above, each level one space further in."""
    lines: list[str] = []
    above: tuple[str, ...] = ()
    for heads, line in rows:
        same = 0
        while same < min(len(heads), len(above)) and heads[same] == above[same]:
            same += 1
        lines += [" " * level + head for level, head in enumerate(heads) if level >= same]
        lines.append(" " * len(heads) + line)
        above = heads
    return lines


def fill(
    total: int,
    render: Callable[[int], Sequence[str]],
    notes: Callable[[int], Sequence[str]],
    budget_tokens: int,
    count: CountTokens,
) -> tuple[int, str, int]:
    """How many of ``total`` items fit, the text that shows them, and its tokens.

    ``render`` gives the lines for the first so many items, ``notes`` the last line for them, the
    most telling first; shorter ones are taken where a long one would cost half of the items.
    """
    cost = cache(lambda line: count(line + "\n"))
    best = _most(total, lambda many: sum(map(cost, render(many))) <= budget_tokens)
    longest = max(len(notes(many)) for many in {0, best})
    for place in range(longest):
        least = (best + 1) // 2 if place + 1 < longest else min(best, 1)
        for many in range(best, least - 1, -1):
            offered = notes(many)
            note = offered[min(place, len(offered) - 1)]
            text = _joined([*render(many), *([note] if note else [])])
            tokens = count(text)
            if tokens <= budget_tokens:
                return many, text, tokens
    for many in range(best, 0, -1):
        text = _joined(render(many))
        tokens = count(text)
        if tokens <= budget_tokens:
            return many, text, tokens
    return 0, "", 0


def _joined(lines: Sequence[str]) -> str:
    return "".join(line + "\n" for line in lines)


def _most(total: int, fits: Callable[[int], bool]) -> int:
    """The largest number up to ``total`` that fits; by doubling first, so that little is laid out."""
    low, high = 0, 1
    while high <= total and fits(high):
        low, high = high, 2 * high
    high = min(high - 1, total)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low


def more(left: int, what: str, advice: str) -> tuple[str, ...]:
    """The last lines that tell of ``left`` things not shown; nothing where there are none."""
    if left <= 0:
        return ("",)
    return (f"{ELLIPSIS} {left} more {what}; {advice}", f"{ELLIPSIS} {left} more")


def check_budget(budget_tokens: int) -> None:
    """Raises BadRequest for a budget below 16, in which no line fits."""
    if budget_tokens < LEAST_TOKENS:
        raise BadRequest(f"a budget of {budget_tokens} tokens holds no line; give at least {LEAST_TOKENS}")


def to_object(answer: Answer[Any]) -> dict[str, Any]:
    """An answer as JSON values, as the schemas describe it."""
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
        return [_plain(one) for one in value]
    return value
