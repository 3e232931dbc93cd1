"""Writes the impact of a change within a token budget: tests, changed definitions, callers, companions."""

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import Any, NamedTuple

from repomap.impact.values import Caller, Companion, Impact, TestToRun
from repomap.lookup.answers import AnswerLine, Symbol, fit_to_budget, omission_notes, with_headings
from repomap.mapping.parameters import ELLIPSIS
from repomap.model import CountTokens, RepoPath
from repomap.safety.printable import printable

LONGEST_SIGNATURE = 120

CHANGED, CALLERS, TESTS, TOGETHER = (
    "Changed:",
    "Used by:",
    "Tests to run, most likely first:",
    "Often changed in the same commits:",
)


class Found(NamedTuple):
    """Everything that was found about a change, each list best first and complete."""

    files: tuple[RepoPath, ...]
    definitions: tuple[Symbol, ...]
    callers: tuple[Caller, ...]
    tests: tuple[TestToRun, ...]
    together: tuple[Companion, ...]


def report(found: Found, limit: int, budget_tokens: int, count: CountTokens, skip: int = 0) -> Impact:
    """Keep at most ``limit`` of each list, and write as many as fit the budget, the best of each list first.

    ``skip`` leaves out what an earlier report had: the number of its items, in this order.
    """
    kept = Found(
        found.files,
        found.definitions[:limit],
        found.callers[:limit],
        found.tests[:limit],
        found.together[:limit],
    )
    in_turn = _in_turn(kept)
    order = in_turn[skip:]

    def render(shown: int) -> list[str]:
        return with_headings(_lines(kept, order[:shown]))

    def notes(shown: int) -> tuple[str, ...]:
        if not in_turn:
            return (_nothing(found.files), f"{ELLIPSIS} nothing")
        return omission_notes(total - skip - shown, "lines", "give a higher limit or more tokens")

    total = sum(map(len, found[1:]))
    shown, text, tokens = fit_to_budget(len(order), render, notes, budget_tokens, count)

    def page(part: int) -> tuple[Any, ...]:
        return tuple(kept[part][index] for each, index in order[:shown] if each == part)

    def omitted(part: int) -> int:
        return len(found[part]) - sum(each == part for each, _ in in_turn[: skip + shown])

    return Impact(
        files=found.files,
        definitions=page(1),
        callers=page(2),
        tests=page(3),
        together=page(4),
        omitted=MappingProxyType({name: omitted(part) for part, name in enumerate(Found._fields) if part}),
        text=text,
        tokens=tokens,
        budget_tokens=budget_tokens,
    )


def _nothing(files: Sequence[RepoPath]) -> str:
    if not files:
        return "Nothing changed."
    return f"{len(files)} changed file{'s' if len(files) > 1 else ''}; no code or test of this folder depends on it."


def _in_turn(found: Found) -> list[tuple[int, int]]:
    """Return (list, index) of all items, one of each list in turn, so that a small budget shows all lists."""
    rows = [[(part, index) for index in range(len(found[part]))] for part in (3, 1, 2, 4)]
    return [item for item in chain.from_iterable(zip_longest(*rows)) if item is not None]


def _lines(found: Found, shown: Iterable[tuple[int, int]]) -> list[AnswerLine]:
    lines = [_line(part, found[part][index]) for part, index in sorted(shown)]
    first: dict[tuple[str, ...], int] = {}
    for row, line in enumerate(lines):
        first.setdefault(line.headings, row)
    return sorted(lines, key=lambda line: first[line.headings])


def _line(part: int, item: Any) -> AnswerLine:
    path = printable(item.path)
    match part:
        case 1:
            signature = " ".join(printable(item.signature.replace("\n", " ")).split())[:LONGEST_SIGNATURE]
            return AnswerLine((CHANGED, path), f"{item.lines[0]}-{item.lines[1]} {signature}")
        case 2:
            place = (
                f"{item.lines[0]}-{item.lines[1]} {printable(item.within)}" if item.lines else "(top level)"
            )
            indirect = f", {item.steps} steps" if item.steps > 1 else ""
            return AnswerLine((CALLERS, path), f"{place}: {printable(item.uses)}{indirect}")
        case 3:
            return AnswerLine((TESTS,), f"{path}: {', '.join(item.reasons)}")
    return AnswerLine((TOGETHER,), f"{path}: {item.commits} commits")
