"""How far the goal of a session has got: followed record by record, in a running session and from its journal.

Pure. `GoalProgress` is the state of an open goal; `GoalReplay` also adds up from a journal what it has taken.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from chat.model import RepoPath, Usage
from chat.sessions.goal_records import GoalCheck, GoalEnd, GoalPause, GoalSet, GoalStep
from chat.sessions.records import (
    CallDone,
    JournalLine,
    Record,
    Resume,
    TurnBegin,
    TurnDone,
    TurnFailed,
    Unknown,
    seconds_of,
)

GoalRecord = GoalSet | GoalCheck | GoalStep | GoalPause | GoalEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalTaken:
    """What a goal has taken so far, pauses left out."""

    turns: int = 0
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalProgress:
    """A goal that is not over."""

    goal: GoalSet
    awaits: Literal["turn", "judgement"]
    """What comes next."""
    step: GoalStep | None = None
    """The last time that it was found not met."""
    running: tuple[GoalCheck, ...] = ()
    """The checks that have run since the last turn."""
    checks: tuple[GoalCheck, ...] = ()
    """How the checks ended when all had run last."""
    paused: bool = False
    changes: tuple[tuple[tuple[str, ...], tuple[RepoPath, ...]], ...] = ()
    """Commits and files of each turn that changed any, oldest first."""

    @property
    def paths(self) -> tuple[RepoPath, ...]:
        """The files that its turns changed, sorted."""
        return tuple(sorted({path for _, paths in self.changes for path in paths}))


def follow(progress: GoalProgress | None, record: Record | Unknown) -> GoalProgress | None:
    """Return the open goal after a record, or None where there is none."""
    if isinstance(record, GoalSet):
        return GoalProgress(goal=record, awaits="turn" if record.condition else "judgement")
    if progress is None:
        return None
    match record:
        case GoalEnd():
            return None
        case GoalPause(paused):
            return replace(progress, paused=paused)
        case GoalCheck():
            running = (*progress.running, record)
            is_all = len(running) == len(progress.goal.checks)
            return replace(progress, running=running, checks=running if is_all else progress.checks)
        case GoalStep():
            return replace(progress, step=record, awaits="turn", running=())
    return progress if progress.paused else _follow_turn(progress, record)


def _follow_turn(progress: GoalProgress, record: Record | Unknown) -> GoalProgress:
    match record:
        case TurnBegin():
            return replace(progress, awaits="judgement", running=())
        case TurnFailed():
            return replace(progress, awaits="turn")
        case TurnDone(paths=paths, commits=commits) if paths:
            return replace(progress, changes=(*progress.changes, (commits, paths)))
    return progress


class GoalReplay:
    """The goal of a journal after the lines so far."""

    def __init__(self) -> None:
        self.progress: GoalProgress | None = None
        self.taken = GoalTaken()
        self._last_s: float | None = None
        """The time of the line before, where the same process wrote it."""
        self._in_turn = False

    def follow(self, line: JournalLine, record: Record | Unknown) -> None:
        """Take in one line."""
        was_running = self.progress is not None and not self.progress.paused
        self.progress = follow(self.progress, record)
        if isinstance(record, GoalSet):
            self.taken = GoalTaken()
        elif was_running:
            self._count(line, record)
        self._last_s = seconds_of(line.time)

    def _count(self, line: JournalLine, record: Record | Unknown) -> None:
        taken = self.taken
        if self._last_s is not None and not isinstance(record, Resume):
            elapsed = max(0.0, seconds_of(line.time) - self._last_s)
            taken = replace(taken, seconds=taken.seconds + elapsed)
        match record:
            case TurnBegin():
                taken, self._in_turn = replace(taken, turns=taken.turns + 1), True
            case Resume(again=True) if self._in_turn:  # its next record counts the turn again
                taken, self._in_turn = replace(taken, turns=taken.turns - 1), False
            case TurnDone() | TurnFailed():
                self._in_turn = False
            case CallDone(reply=reply):
                taken = replace(taken, usage=taken.usage + reply.usage)
        self.taken = taken
