"""How far the goal of a session has got: followed record by record, in a running session and from its journal.

Pure. `GoalProgress` is the state of an open goal; `GoalReplay` also adds up from a journal what it has taken.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

from chat.model import Plan, PlanStep, RepoPath, Usage
from chat.sessions.goal_plan import revised, ticked
from chat.sessions.records.goal import (
    GoalCheck,
    GoalEnd,
    GoalPause,
    GoalPlanned,
    GoalSet,
    GoalStep,
    PlanRevised,
    PlanTicked,
)
from chat.sessions.records.journal_line import JournalLine, Record, Unknown, seconds_of
from chat.sessions.records.session import Resume
from chat.sessions.records.turn import CallDone, TurnBegin, TurnDone, TurnFailed

GoalRecord = GoalSet | GoalPlanned | PlanTicked | PlanRevised | GoalCheck | GoalStep | GoalPause | GoalEnd
_MAX_LESSONS = 12
"""Older ones are left to what the work looks like."""


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
    plan: Plan | None = None
    """None before the model was asked for one."""
    judged_steps: tuple[int, ...] = ()
    """The steps that the judge has ticked since the last turn; they were open when it was asked."""
    lessons: tuple[tuple[str, str], ...] = ()
    """What the newest turns tried, and why that was not enough, oldest first."""
    turns_since_fresh: int = 0
    """The turns that the conversation has taken since it began for the goal, or began anew."""

    @property
    def fault(self) -> str:
        """Why the plan has to be revised before the next turn; empty where it has not."""
        return self.step.fault if self.step else ""

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
            return _after_step(progress, record)
        case GoalPlanned(steps):
            return replace(progress, plan=Plan(tuple(map(PlanStep, steps))))
        case PlanTicked(step=number, judged=judged) if progress.plan:
            by_judge = (*progress.judged_steps, number) if judged else progress.judged_steps
            return replace(progress, plan=ticked(progress.plan, record), judged_steps=by_judge)
        case PlanRevised():
            step = replace(progress.step, fault="") if progress.step else None
            plan = revised(progress.plan or Plan(), record)
            return replace(progress, plan=plan, step=step, judged_steps=())
    return progress if progress.paused else _follow_turn(progress, record)


def after_turn(
    progress: GoalProgress, commits: tuple[str, ...] = (), paths: tuple[RepoPath, ...] = ()
) -> GoalProgress:
    """Return the goal after a turn that made these commits and changed these files."""
    changes = (*progress.changes, (commits, paths)) if paths else progress.changes
    turns = progress.turns_since_fresh + 1
    return replace(progress, awaits="judgement", running=(), changes=changes, turns_since_fresh=turns)


def _after_step(progress: GoalProgress, step: GoalStep) -> GoalProgress:
    lessons = (*progress.lessons, (step.tried, step.reason)) if step.tried else progress.lessons
    turns = 0 if step.fresh else progress.turns_since_fresh
    return replace(
        progress,
        step=step,
        awaits="turn",
        running=(),
        judged_steps=(),
        lessons=lessons[-_MAX_LESSONS:],
        turns_since_fresh=turns,
    )


def _follow_turn(progress: GoalProgress, record: Record | Unknown) -> GoalProgress:
    match record:
        case TurnBegin():
            return replace(progress, awaits="judgement", running=())
        case TurnFailed():
            return replace(progress, awaits="turn")
        case TurnDone(paths=paths, commits=commits):
            return after_turn(progress, commits, paths)
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
