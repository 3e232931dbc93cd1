"""How a plan ended, for a person and for programs. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from chat.display.amounts import counted, usd
from chat.model import Usage
from chat.safety.printable import on_one_line, without_escapes
from chat.workers.budget import Budget
from chat.workers.plan import Piece
from chat.workers.record import PieceState
from repomap import ExitCode

VERSION = 1
_LIMITS = (ExitCode.TURN_LIMIT, ExitCode.BUDGET_LIMIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceEnd:
    """A piece, how far it has got, and what it took, all its jobs together."""

    piece: Piece
    state: PieceState
    usage: Usage
    files: Sequence[str] = ()
    """That changed with it, once it is merged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEnd:
    """How a plan ended."""

    job: str
    task: str
    branch: str
    base: str
    tip: str
    pieces: Sequence[PieceEnd] = ()
    planner: str = ""
    planning: Usage = field(default_factory=Usage)
    checks: Sequence[tuple[str, int]] = ()
    """The whole check, as it ended last."""
    is_green: bool | None = None
    budget: Budget = field(default_factory=Budget)
    seconds: float = 0.0
    error: str = ""
    """What ended it early; "" where the pieces decide."""
    error_code: int = 0

    @property
    def usage(self) -> Usage:
        """What all jobs took."""
        return sum((end.usage for end in self.pieces), self.planning)

    @property
    def open(self) -> list[PieceEnd]:
        """The pieces that are not merged."""
        return [end for end in self.pieces if end.state.status != "merged"]

    @property
    def exit_code(self) -> int:
        """0 where every piece is merged and the whole check is green; a limit has its own code."""
        if self.error:
            return self.error_code or ExitCode.FAILED
        if not self.open and self.pieces and self.is_green is not False:
            return ExitCode.DONE
        return next((end.state.code for end in self.open if end.state.code in _LIMITS), ExitCode.FAILED)

    @property
    def reason(self) -> str:
        """Why it did not end well, "" where it did."""
        if self.error or not self.exit_code:
            return self.error
        if self.open:
            names = ", ".join(f"{end.piece.id} ({end.state.status})" for end in self.open)
            return f"{counted(len(self.open), 'piece')} of {len(self.pieces)} did not get done: {names}."
        return "The whole check fails."

    @property
    def summary(self) -> str:
        """Say in a line how it ended."""
        if self.exit_code:
            return self.reason
        how = ", and the whole check succeeds" if self.is_green else ""
        return f"{counted(len(self.pieces), 'piece')} of the plan {_are(self.pieces)} merged into {self.branch}{how}."


def _are(pieces: Sequence[PieceEnd]) -> str:
    return "is" if len(pieces) == 1 else "are"


def plan_object(end: PlanEnd) -> dict[str, Any]:
    """Return the object of `report.json`, and of `structured_output` in a result."""
    return {
        "version": VERSION,
        "type": "plan",
        "job": end.job,
        "task": end.task,
        "branch": end.branch,
        "base": end.base,
        "tip": end.tip,
        "exit_code": int(end.exit_code),
        "error": end.reason or None,
        "pieces": [_piece(each) for each in end.pieces],
        "checks": [{"command": command, "exit_code": code} for command, code in end.checks],
        "planning": {"job": end.planner or None, **_usage(end.planning)},
        "budget": {"usd": end.budget.usd or None, "tokens": end.budget.tokens or None},
        "total": _usage(end.usage),
        "seconds": round(end.seconds, 3),
    }


def _piece(end: PieceEnd) -> dict[str, Any]:
    piece, state = end.piece, end.state
    return {
        "id": piece.id,
        "status": state.status,
        "job": state.job or None,
        "tries": state.tries,
        "happened": list(state.happened),
        "depends_on": list(piece.depends_on),
        "files": list(piece.files),
        "files_changed": list(end.files),
        "check": piece.check or None,
        "commit": state.commit or None,
        **_usage(end.usage),
    }


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "cost_usd": usage.cost_usd,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
    }


def plan_report(end: PlanEnd) -> str:
    """Return the report in Markdown."""
    parts = [
        f"# {on_one_line(end.task, 72)}",
        f"**{'Done' if not end.exit_code else 'Not done'}.** {on_one_line(end.summary, 500)}",
        "\n".join(_table(end)),
        *_happened(end),
        *(["\n".join(["## The whole check", "", *map(_check, end.checks)])] if end.checks else []),
        "\n".join(_costs(end)),
    ]
    return without_escapes("\n\n".join(parts)) + "\n"


def _table(end: PlanEnd) -> Iterator[str]:
    yield "| piece | state | tries | cost | job |"
    yield "|---|---|---|---|---|"
    for each in end.pieces:
        state = each.state
        yield f"| {each.piece.id} | {state.status} | {state.tries} | {_cost(each.usage)} | {state.job or '-'} |"


def _happened(end: PlanEnd) -> Iterator[str]:
    """Yield what went wrong on the way, also where it came right in the end."""
    lines = [
        f"- {each.piece.id}: {on_one_line(reason, 500)}"
        for each in end.pieces
        for reason in each.state.happened
    ]
    if lines:
        yield "\n".join(["## What was given back", "", *lines])


def _check(check: tuple[str, int]) -> str:
    command, code = check
    return f"- `{on_one_line(command)}`: {f'**failed with exit code {code}**' if code else 'passed'}"


def _costs(end: PlanEnd) -> Iterator[str]:
    yield "## Costs"
    yield ""
    yield f"- planning: {_cost(end.planning)}"
    yield f"- all together: {_cost(end.usage)}{f' of {usd(end.budget.usd)}' if end.budget.usd else ''}"
    tokens = end.usage.tokens
    yield f"- tokens: {tokens:,}{f' of {end.budget.tokens:,}' if end.budget.tokens else ''}"
    yield f"- branch: `{end.branch}`"


def _cost(usage: Usage) -> str:
    return "unknown" if usage.cost_usd is None else usd(usage.cost_usd)
