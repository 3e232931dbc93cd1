"""Puts items into an answer within a token budget, and writes them as lines."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from repomap.graph_queries.values import Community, Cycle, Depended, Dependency, Layer, RelatedFile, Step
from repomap.lookup.answers import (
    Answer,
    AnswerLine,
    check_budget,
    fit_to_budget,
    omission_notes,
    with_headings,
)
from repomap.model import CountTokens
from repomap.safety.printable import printable

Item = TypeVar("Item", Dependency, Cycle, Layer, Depended, Step, Community, RelatedFile)


def answer_of(
    items: Sequence[Item],
    limit: int,
    budget_tokens: int,
    count: CountTokens,
    nothing: str,
    skip: int = 0,
) -> Answer[Item]:
    """Show as many of the first ``limit`` items as fit; ``nothing`` is said where there are none.

    Of an item with many paths, its `paths` are those that are shown, and `size` says how many there are.
    """
    check_budget(budget_tokens)
    items = items[skip:]
    kept = items[:limit]
    lines = [(index, line) for index, item in enumerate(kept) for line in lines_of(item)]

    def notes(shown: int) -> tuple[str, ...]:
        if not items:
            return (nothing, "… nothing")
        omitted = len(items) - _items_shown(lines, shown)
        return omission_notes(omitted, "items", "give a higher limit or more tokens")

    shown, text, tokens = fit_to_budget(
        len(lines),
        lambda size: with_headings([line for _, line in lines[:size]]),
        notes,
        budget_tokens,
        count,
    )
    count_shown = _items_shown(lines, shown)
    whole = [_cut(kept[index], sum(row == index for row, _ in lines[:shown])) for index in range(count_shown)]
    return Answer(tuple(whole), len(items) - count_shown, text, tokens, budget_tokens)


def _items_shown(lines: Sequence[tuple[int, AnswerLine]], shown: int) -> int:
    return lines[shown - 1][0] + 1 if shown else 0


def _cut(item: Item, shown: int) -> Item:
    """Keep as many paths of an item as lines of it are shown."""
    return replace(item, paths=item.paths[:shown]) if isinstance(item, Cycle | Layer | Community) else item


def lines_of(item: Any) -> list[AnswerLine]:
    """Write an item: one line, or one for each of its paths below a heading."""
    heading, paths = _heading(item), getattr(item, "paths", None)
    if paths is None:
        return [AnswerLine((), heading)]
    return [AnswerLine((heading,), printable(path)) for path in paths]


_HEADINGS: dict[type, Callable[[Any], str]] = {
    Dependency: lambda item: _dependency(item),  # noqa: PLW0108  # it is defined below
    Cycle: lambda item: f"{item.size} files: {' -> '.join(map(printable, (*item.example, item.example[0])))}",
    Layer: lambda item: f"layer {item.level}: {item.size} file{'s' * (item.size > 1)}",
    Depended: lambda item: f"{_place(item)}: {item.direct} directly, {item.all} in all",
    RelatedFile: lambda item: _related(item),  # noqa: PLW0108  # it is defined below
    Step: lambda item: printable(item.path) + (f" uses {_names(item.names)} of" if item.names else ""),
    Community: lambda item: (
        f"{printable(item.name)}: {item.size} files, {item.inside:.0%} of their links inside"
    ),
}


def _related(item: RelatedFile) -> str:
    parts = [
        f"uses {_names(item.uses)}" if item.uses else "",
        f"used by ({_names(item.used_by)})" if item.used_by else "",
        f"{item.commits} common commits" if item.commits else "",
    ]
    return f"{printable(item.path)}: {'; '.join(filter(None, parts))}"


def _heading(item: Any) -> str:
    return _HEADINGS[type(item)](item)


def _dependency(item: Dependency) -> str:
    indirect = f" ({item.steps} steps, by {printable(item.via)})" if item.steps > 1 else ""
    return _place(item) + (f": {_names(item.names)}" if item.names else "") + indirect


def _place(item: Any) -> str:
    return printable(item.path) + (f":{printable(item.name)}" if item.name else "")


def _names(names: Sequence[str]) -> str:
    return ", ".join(map(printable, names))
