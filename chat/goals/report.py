"""What a run did → a report in Markdown, for a person who was not there. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chat.display.amounts import counted
from chat.model import Plan, RepoPath, Usage
from chat.ports import Ran
from chat.results import CheckOutcome, GoalSummary

_TAIL_LINES = 15
_MAX_ASKED_LINES = 40
_TICKS = re.compile(r"`{3,}")
_VERDICTS = {
    "met": "**Met.**",
    "impossible": "**Not met: impossible.**",
    "stalled": "**Not met: the same failure came again and again.**",
    "limit": "**Not met: a limit was reached.**",
    "paused": "**Not met yet:** it is paused.",
    "active": "**Not met yet.**",
    "cleared": "**Cleared** before it was met.",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a turn changed."""

    subject: str
    """Of its commit; empty where there is none."""
    commit: str
    paths: tuple[RepoPath, ...]


@dataclass(frozen=True, slots=True)
class Spent:
    """What the calls of one role took."""

    role: str
    model: str
    usage: Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """What there is to report of a run."""

    asked: str
    goal: GoalSummary | None = None
    failure: str = ""
    """Why the run failed; empty if it did not."""
    answer: str = ""
    """The model's last words."""
    changes: tuple[Change, ...] = ()
    checks: tuple[Ran | CheckOutcome, ...] = ()
    refused: tuple[str, ...] = ()
    """Edits that could not be made, and commands and questions that nobody allowed."""
    spent: tuple[Spent, ...] = ()
    evidence: tuple[str, ...] = ()
    """Files that were kept with the report, as it names them."""


def report(facts: RunFacts) -> str:
    """Return the report."""
    plan = facts.goal.plan if facts.goal else None
    sections = (
        ("What was asked", _quoted(facts.asked)),
        ("How it ended", "\n\n".join(_ending(facts))),
        *((("Plan", "\n\n".join(_plan(plan))),) if plan else ()),
        ("What changed", "\n".join(_changes(facts.changes)) or "No file was changed."),
        ("Checks", "\n\n".join(map(_check, facts.checks)) or "None was run."),
        *((("Evidence", "\n".join(f"- `{name}`" for name in facts.evidence)),) if facts.evidence else ()),
        ("What was refused", "\n".join(f"- {_inline(text)}" for text in facts.refused) or "Nothing."),
        ("What it took", _cost(facts)),
        ("What is left", "\n".join(f"- {text}" for text in _left(facts)) or "Nothing."),
    )
    return "\n\n".join(["# Report", *(f"## {title}\n\n{text}" for title, text in sections)]) + "\n"


def _ending(facts: RunFacts) -> Iterator[str]:
    goal = facts.goal
    if goal is not None:
        yield f"{_VERDICTS[goal.status]} {_inline(goal.reason)}".strip()
        if goal.evidence:
            yield "Evidence that the judge quotes, each found in what it was shown:"
            yield "\n\n".join(map(_fenced, goal.evidence))
    elif facts.failure:
        yield f"**Failed.** {_inline(facts.failure)}"
    else:
        yield "**Done.**"
    if facts.answer.strip():
        yield f"The model's last words:\n\n{_quoted(facts.answer)}"


def _plan(plan: Plan) -> Iterator[str]:
    """The steps with their evidence, then what became of the plan on the way."""
    steps = []
    for step in plan.steps:
        evidence = f"\n  - {_code(step.evidence)}" if step.is_done else ""
        steps.append(f"- [{'x' if step.is_done else ' '}] {_inline(step.text)}{evidence}")
    yield "\n".join(steps)
    for revision in plan.revisions:
        yield f"Revised: {_inline(revision.reason)}\n\n{_fenced(chr(10).join(revision.diff), 'diff')}"


def _changes(changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        name = f"`{change.commit[:8]}` {_inline(change.subject)}" if change.commit else "Not committed"
        yield f"- {name}: {', '.join(f'`{path}`' for path in change.paths)}"


def _check(ran: Ran | CheckOutcome) -> str:
    mark = "passed" if ran.exit_code == 0 else f"**failed with exit code {ran.exit_code}**"
    tail = ran.output.rstrip().split("\n")[-_TAIL_LINES:]
    output = f"\n\n{_fenced(chr(10).join(tail))}" if ran.output.strip() else ""
    return f"`{_inline(ran.command)}`: {mark}{output}"


def _cost(facts: RunFacts) -> str:
    rows = [
        "| role | model | calls | tokens in | of these cached | tokens out | cost |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for spent in facts.spent:
        usage = spent.usage
        cost = "unknown" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
        cells = (spent.role, f"`{spent.model}`", f"{usage.calls}", f"{usage.prompt_tokens:,}")
        more = (f"{usage.cached_tokens:,}", f"{usage.completion_tokens:,}", cost)
        rows.append(f"| {' | '.join((*cells, *more))} |")
    table = "\n".join(rows) if facts.spent else "No model was called."
    goal = facts.goal
    if goal is None:
        return table
    turns = counted(goal.turns, "turn")
    limits = f" Its limits: {goal.limits}." if goal.limits else ""
    return f"The goal took {turns} and {goal.seconds:,.0f} s.{limits} The whole session:\n\n{table}"


def _left(facts: RunFacts) -> Iterator[str]:
    """What somebody still has to do."""
    goal = facts.goal
    if goal is not None and goal.status != "met":
        yield f"The goal itself: {_inline(goal.reason) or 'it was not judged.'}"
    elif goal is None and facts.failure:
        yield _inline(facts.failure)
    if goal is not None and goal.plan:
        for number in goal.plan.open:
            yield f"Step {number} of the plan is not proven: {_inline(goal.plan.steps[number - 1].text)}"
    for ran in facts.checks:
        if ran.exit_code != 0:
            yield f"`{_inline(ran.command)}` fails."
    if any(not change.commit for change in facts.changes):
        yield "Some changes are not committed."


def _quoted(text: str) -> str:
    lines = text.strip().split("\n")
    cut = [f"> … and {len(lines) - _MAX_ASKED_LINES} more lines"] if len(lines) > _MAX_ASKED_LINES else []
    return "\n".join([*(f"> {line}".rstrip() for line in lines[:_MAX_ASKED_LINES]), *cut])


def _fenced(text: str, language: str = "text") -> str:
    """A block of code, whose fence is longer than any in it."""
    ticks = max([len(run) for run in _TICKS.findall(text)] or [2]) + 1
    fence = "`" * max(3, ticks)
    return f"{fence}{language}\n{text}\n{fence}"


def _code(text: str) -> str:
    """Code within a line, whose ticks are more than any in it."""
    line = _inline(text)
    ticks = "`" * (max([len(run) for run in re.findall(r"`+", line)] or [0]) + 1)
    return f"{ticks} {line} {ticks}" if "`" in line else f"{ticks}{line}{ticks}"


def _inline(text: str) -> str:
    return " ".join(text.split())
