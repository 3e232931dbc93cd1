"""[io] The goal of a chat as the user has it: set, worked on, paused, taken up again, cleared."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from chat.errors import ChatError, InputError, LimitReached, Untrusted, UsageError
from chat.goals.condition import ONLY_CHECKS, read_condition
from chat.goals.open_goal import NO_GOAL, EndedGoal, OpenGoal
from chat.goals.planning import Planning
from chat.goals.steps import GoalSteps, TakeTurn
from chat.goals.summary import limits_of, summary_of
from chat.goals.texts import goal_text
from chat.model import Plan
from chat.results import GoalSummary
from chat.safety.printable import on_one_line
from chat.sessions.goal_progress import GoalProgress, GoalTaken, after_turn
from chat.sessions.records.goal import GoalEnd, GoalPause, GoalSet
from chat.sessions.restored import RestoredSession
from chat.state.state import State
from chat.turn.checks import may_run

_ONE_AT_A_TIME = (
    "There is a goal already: {goal}. Nothing was set; /goal resume goes on with it, /goal clear ends it."
)
_PAUSED = "The goal is paused; /goal resume goes on with it."
_WAITS = "The session has a goal that waits: {goal}. /goal resume goes on with it, /goal clear ends it."


class Goals:
    """What the user does with the goal of one chat, and is told of it."""

    def __init__(self, state: State, restored: RestoredSession | None = None, unfinished: str = "") -> None:
        self._state = state
        progress = restored.goal if restored else None
        self._goal = OpenGoal(state, progress, restored.goal_taken if restored else GoalTaken())
        self._planning = Planning(state, self._goal.required, self._goal.write)
        self._steps = GoalSteps(state, self._goal, self._planning, unfinished)
        if restored is not None and progress is not None:
            self._take_up(progress, restored, is_unfinished=bool(unfinished))

    def _take_up(self, progress: GoalProgress, restored: RestoredSession, *, is_unfinished: bool) -> None:
        """Continue from the journal, paused until somebody says to go on.

        A turn that ``is_unfinished`` is taken again by the first step.
        """
        turn = restored.unfinished
        if turn is not None and not progress.paused:
            is_done = not is_unfinished and self._state.conversation.turn > turn.conversation_before.turn
            if is_done and self._state.turns.done:
                record = self._state.turns.done[-1].record
                progress = after_turn(progress, record.commits, record.paths)
            elif not is_unfinished:
                progress = replace(progress, awaits="turn")
            if is_unfinished:  # counted when it is taken again
                self._goal.taken_before = replace(
                    self._goal.taken_before, turns=self._goal.taken_before.turns - 1
                )
        self._goal.progress = progress
        if not progress.paused:
            self._goal.write(GoalPause())
        self._state.ports.notice(_WAITS.format(goal=on_one_line(goal_text(progress.goal), 80).rstrip(".")))

    # What is known

    @property
    def progress(self) -> GoalProgress | None:
        """The goal that is not over, or None."""
        return self._goal.progress

    @property
    def taken(self) -> GoalTaken:
        """What the goal has taken so far."""
        return self._goal.taken

    @property
    def ended(self) -> EndedGoal | None:
        """The goal that ended last in this process."""
        return self._goal.ended

    def summary(self) -> GoalSummary | None:
        """Return what there is to say of the goal: of the open one, or of the one that ended last here."""
        progress, ended = self._goal.progress, self._goal.ended
        if progress is not None:
            status, step = "paused" if progress.paused else "active", progress.step
            return summary_of(progress, status, step.reason if step else "", (), self.taken)
        if ended is None:
            return None
        end = ended.end
        return summary_of(ended.progress, end.outcome, end.reason, end.evidence, ended.taken)

    # What a user does

    def set(self, text: str) -> GoalSet:
        """Set a goal, with the checks of the settings.

        Raises UsageError where one is open or the text cannot be a goal, Untrusted where the checks come from a file
        that has changed since it was trusted.
        """
        condition, limits = read_condition(text)
        self._require_possible(condition)
        settings, repository = self._state.settings, self._state.ports.repository
        goal = GoalSet(
            condition="" if condition == ONLY_CHECKS else condition,
            checks=settings.check,
            checks_decide=settings.checks_decide,
            turns=limits.turns,
            tokens=limits.tokens,
            seconds=limits.seconds,
            budget_usd=limits.budget_usd,
            base=(repository.head() or "") if repository else "",
        )
        self._goal.taken_before, self._goal.ended = GoalTaken(), None
        self._goal.write(goal)
        self._goal.write(GoalPause())
        self._goal.pin()
        return goal

    def _require_possible(self, condition: str) -> None:
        """Raise UsageError or Untrusted where this cannot be the goal."""
        checks = self._state.settings.check
        if self._goal.progress is not None:
            raise UsageError(_ONE_AT_A_TIME.format(goal=goal_text(self._goal.progress.goal)))
        if checks and not may_run(self._state, "check"):
            raise Untrusted(
                "check comes from a file that has changed since you trusted it. No goal was set; `trigpoint trust` "
                "shows the file and asks."
            )
        if condition == ONLY_CHECKS and not checks:
            raise UsageError(
                "There are no checks, so nothing would decide. No goal was set; give --check COMMAND."
            )
        if not condition:
            raise UsageError("A goal needs a condition. No goal was set.")

    def is_open(self, text: str) -> bool:
        """Whether this is the goal that is open, so that setting it again means to go on with it."""
        condition, _ = read_condition(text)
        return self._goal.progress is not None and condition == (
            self._goal.progress.goal.condition or ONLY_CHECKS
        )

    def clear(self) -> GoalSet:
        """End the goal as it is. Raises InputError where there is none."""
        goal = self._goal.required().goal
        self._goal.end(GoalEnd("cleared", "It was cleared."))
        return goal

    def pause(self) -> GoalSet:
        """Let the goal wait until `pursue` is called again. Raises InputError where there is none."""
        progress = self._goal.required()
        if not progress.paused:
            self._goal.taken_before = self._state.spending.end_goal()
            self._goal.write(GoalPause())
        return progress.goal

    def change_plan(self, steps: Sequence[str]) -> Plan:
        """Give the open goal's plan other steps; those that stay keep their ticks.

        Raises InputError where there is no goal, or nothing changes.
        """
        self._goal.required()
        return self._planning.change(steps, "You changed it.")

    def pursue(self, take: TakeTurn) -> EndedGoal:
        """Work on the goal until it ends.

        Raises LimitReached where a limit ends it. Any other ChatError, and KeyboardInterrupt, leave it paused.
        """
        goal = self._goal.required().goal
        limits = limits_of(goal)
        self._goal.write(GoalPause(False))
        self._state.spending.begin_goal(limits, self._goal.taken_before)
        try:
            while self._goal.progress is not None:
                self._steps.advance(take)
        except LimitReached as error:
            self._goal.end(GoalEnd("limit", str(error)))
            raise
        except BaseException:
            with suppress(ChatError):
                self.pause()
                self._state.ports.notice(_PAUSED)
            raise
        if self._goal.ended is None:
            raise InputError(NO_GOAL)
        return self._goal.ended
