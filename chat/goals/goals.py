"""[io] The goal of a chat: set, worked on turn after turn, paused, taken up again.

Every step is in the journal before it counts, so a session that was killed goes on where it was: a check that has run
since the last turn is not run again, and the judge's answer is a paid reply like any other.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from chat.conversation.conversation import Conversation
from chat.errors import ChatError, InputError, LimitReached, Untrusted, UsageError
from chat.events import GoalFollowed
from chat.goals.condition import ONLY_CHECKS, read_condition
from chat.goals.evidence import diff_since, digest_of_state, run_checks, shown_to_judge, tried_in_turn
from chat.goals.judging import Verdict, judge_prompt, read_verdict
from chat.goals.planning import Planning
from chat.goals.stall import Stall, after_failure, digest_of_failure
from chat.goals.summary import limits_of, summary_of
from chat.goals.texts import (
    fresh_request,
    goal_text,
    judged_text,
    next_request,
    pinned_with,
    red_reason,
    red_text,
)
from chat.model import ModelRole, Plan
from chat.prompt.rules import renew_rules
from chat.results import GoalSummary, TurnResult
from chat.safety.printable import on_one_line
from chat.sessions.goal_progress import GoalProgress, GoalRecord, GoalTaken, after_turn, follow
from chat.sessions.goal_records import GoalCheck, GoalEnd, GoalPause, GoalSet, GoalStep
from chat.sessions.restored import RestoredSession
from chat.state.state import State
from chat.turn.checks import may_run
from chat.turn.commit_gate import finding_in_held_back

TakeTurn = Callable[[str], TurnResult]

_ONE_AT_A_TIME = (
    "There is a goal already: {goal}. Nothing was set; /goal resume goes on with it, /goal clear ends it."
)
_NONE = "There is no goal. Set one with /goal CONDITION."
_PAUSED = "The goal is paused; /goal resume goes on with it."
_WAITS = "The session has a goal that waits: {goal}. /goal resume goes on with it, /goal clear ends it."
_STALLED = "It failed again and again in the same way, the last time: {reason}"


@dataclass(frozen=True, slots=True)
class EndedGoal:
    """A goal of this process that is over."""

    progress: GoalProgress
    end: GoalEnd
    taken: GoalTaken


class Goals:
    """The goal of one chat; there is at most one at a time."""

    def __init__(self, state: State, restored: RestoredSession | None = None, unfinished: str = "") -> None:
        self._state = state
        self._unfinished = unfinished
        """The request of a turn that was cut off; the goal continues with it."""
        self._progress = restored.goal if restored else None
        self._taken = restored.goal_taken if restored else GoalTaken()
        self._planning = Planning(state, self._open, self._write)
        self.ended: EndedGoal | None = None
        if restored is not None and self._progress is not None:
            self._take_up(self._progress, restored)

    def _take_up(self, progress: GoalProgress, restored: RestoredSession) -> None:
        """Continue from the journal, paused until somebody says to go on."""
        turn = restored.unfinished
        if turn is not None and not progress.paused:
            is_done = not self._unfinished and self._state.conversation.turn > turn.conversation_before.turn
            if is_done and self._state.turns.done:
                record = self._state.turns.done[-1].record
                progress = after_turn(progress, record.commits, record.paths)
            elif not self._unfinished:
                progress = replace(progress, awaits="turn")
            if self._unfinished:  # counted when it is taken again
                self._taken = replace(self._taken, turns=self._taken.turns - 1)
        self._progress = progress
        if not progress.paused:
            self._write(GoalPause())
        self._state.ports.notice(_WAITS.format(goal=on_one_line(goal_text(progress.goal), 80).rstrip(".")))

    # What is known

    @property
    def progress(self) -> GoalProgress | None:
        """The goal that is not over, or None."""
        return self._progress

    @property
    def taken(self) -> GoalTaken:
        """What the goal has taken so far."""
        is_running = self._progress is not None and not self._progress.paused
        return self._state.spending.goal_taken if is_running else self._taken

    def summary(self) -> GoalSummary | None:
        """Return what there is to say of the goal: of the open one, or of the one that ended last here."""
        if self._progress is not None:
            status = "paused" if self._progress.paused else "active"
            step = self._progress.step
            return summary_of(self._progress, status, step.reason if step else "", (), self.taken)
        if self.ended is None:
            return None
        end = self.ended.end
        return summary_of(self.ended.progress, end.outcome, end.reason, end.evidence, self.ended.taken)

    # What a user does

    def set(self, text: str) -> GoalSet:
        """Set a goal, with the checks of the settings.

        Raises UsageError where one is open or the text cannot be a goal, Untrusted where the checks come from a file
        that has changed since it was trusted.
        """
        if self._progress is not None:
            raise UsageError(_ONE_AT_A_TIME.format(goal=goal_text(self._progress.goal)))
        settings = self._state.settings
        condition, limits = read_condition(text)
        if settings.check and not may_run(self._state, "check"):
            raise Untrusted("check comes from a file that has changed. No goal was set.")
        if condition == ONLY_CHECKS and not settings.check:
            raise UsageError(
                "There are no checks, so nothing would decide. No goal was set; give --check COMMAND."
            )
        if not condition:
            raise UsageError("A goal needs a condition. No goal was set.")
        repository = self._state.ports.repository
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
        self._taken, self.ended = GoalTaken(), None
        self._write(goal)
        self._write(GoalPause())
        self._pin()
        return goal

    def is_open(self, text: str) -> bool:
        """Whether this is the goal that is open, so that setting it again means to go on with it."""
        condition, _ = read_condition(text)
        return self._progress is not None and condition == (self._progress.goal.condition or ONLY_CHECKS)

    def clear(self) -> GoalSet:
        """End the goal as it is. Raises InputError where there is none."""
        goal = self._open().goal
        self._end(GoalEnd("cleared", "It was cleared."))
        return goal

    def pause(self) -> GoalSet:
        """Let the goal wait until `pursue` is called again. Raises InputError where there is none."""
        progress = self._open()
        if not progress.paused:
            self._taken = self._state.spending.end_goal()
            self._write(GoalPause())
        return progress.goal

    def change_plan(self, steps: Sequence[str]) -> Plan:
        """Give the open goal's plan other steps; those that stay keep their ticks.

        Raises InputError where there is no goal, or nothing changes.
        """
        self._open()
        return self._planning.change(steps, "You changed it.")

    def pursue(self, take: TakeTurn) -> EndedGoal:
        """Work on the goal until it ends.

        Raises LimitReached where a limit ends it. Any other ChatError, and KeyboardInterrupt, leave it paused.
        """
        goal = self._open().goal
        limits = limits_of(goal)
        self._write(GoalPause(False))
        self._state.spending.begin_goal(limits, self._taken)
        try:
            while self._progress is not None:
                self._advance(take)
        except LimitReached as error:
            self._end(GoalEnd("limit", str(error)))
            raise
        except BaseException:
            with suppress(ChatError):
                self.pause()
                self._state.ports.notice(_PAUSED)
            raise
        if self.ended is None:
            raise InputError(_NONE)
        return self.ended

    # The loop

    def _advance(self, take: TakeTurn) -> None:
        """Take the next step: a turn, or a judgement of the last one."""
        progress = self._open()
        if self._unfinished:
            request, self._unfinished = self._unfinished, ""
            self._take(take, request)
        elif progress.awaits == "judgement":
            self._judge()
        elif self._planning.is_due:
            self._planning.write()
        elif progress.fault:
            self._planning.revise()
        else:
            step = progress.step
            if step is not None and step.fresh:
                self._begin_afresh()
            self._take(take, self._planning.request(step.request if step else progress.goal.condition))

    def _take(self, take: TakeTurn, request: str) -> None:
        turn_before = self._state.conversation.turn
        try:
            result = take(request)
        except BaseException:
            is_done = self._state.conversation.turn > turn_before  # it had written files, which stay
            self._progress = replace(self._open(), awaits="judgement" if is_done else "turn", running=())
            raise
        commits = tuple(commit.commit for commit in result.commits)
        self._progress = after_turn(self._open(), commits, result.files_changed)

    def _judge(self) -> None:
        """Decide whether the goal is met: by the checks, and where they leave something open, by the judge."""
        progress = self._open()
        goal = progress.goal
        left_s = goal.seconds - self.taken.seconds if goal.seconds else None
        checks = run_checks(self._state, progress, self._write, left_s)
        remarks, fault = self._planning.follow_turn(checks)
        if not all(check.is_green for check in checks):
            self._go_on(red_reason(checks), red_text(checks), remarks, fault)
        elif (finding := finding_in_held_back(self._state))[0]:
            self._go_on(*finding, remarks, fault)
        elif not goal.is_judged:
            self._end(GoalEnd("met", "Every check succeeded."))
        else:
            verdict = self._ask_judge(progress, checks)
            if verdict.verdict == "not met":
                self._go_on(verdict.reason, judged_text(verdict), remarks, fault)
            else:
                self._end(GoalEnd(verdict.verdict, verdict.reason, verdict.evidence))

    def _ask_judge(self, progress: GoalProgress, checks: tuple[GoalCheck, ...]) -> Verdict:
        shown = shown_to_judge(self._state, progress, checks)
        prompt = judge_prompt(progress.goal.condition, shown, self._planning.steps_to_judge())
        reply = self._state.calls.reply(prompt, ModelRole.JUDGE)
        self._planning.follow_judge(reply.text, checks)
        return read_verdict(reply.text, shown)

    def _go_on(self, reason: str, why: str, remarks: str, fault: str) -> None:
        """Have another turn follow, or end the goal where it gets nowhere."""
        progress = self._open()
        files = digest_of_state(self._state, progress.paths)
        stall = after_failure(_stall_of(progress.step), digest_of_failure([why]), files)
        if stall.is_over:
            self._end(GoalEnd("stalled", _STALLED.format(reason=reason)))
            return
        is_stuck, has_plan = stall.is_fresh_due, bool(progress.plan and progress.plan.steps)
        fault = fault or (reason if is_stuck else "")
        step = GoalStep(
            reason=reason,
            request="",
            fresh=is_stuck or self._is_long(progress),
            failure=stall.failure,
            weight=stall.weight,
            states=stall.states,
            tried=tried_in_turn(self._state),
            fault=fault if has_plan else "",
        )
        request = self._next_request(progress, step, why, is_stuck=is_stuck)
        self._write(replace(step, request="\n\n".join(filter(None, (request, remarks)))))
        self._tell("fresh" if is_stuck else "not met", reason)
        if step.fresh and not is_stuck:
            self._state.ports.notice("The next turn begins with a new conversation (--fresh-every).")

    def _is_long(self, progress: GoalProgress) -> bool:
        """Whether the conversation has taken as many turns as the settings allow it."""
        most = self._state.settings.fresh_every
        return 0 < most <= progress.turns_since_fresh

    def _next_request(self, progress: GoalProgress, step: GoalStep, why: str, *, is_stuck: bool) -> str:
        if not step.fresh:
            return next_request(progress.goal, why)
        lessons = (*progress.lessons, (step.tried, step.reason)) if step.tried else progress.lessons
        diff = diff_since(self._state, progress.goal)
        return fresh_request(progress.goal, why, diff, lessons, is_stuck=is_stuck)

    def _begin_afresh(self) -> None:
        """Forget the conversation; rules, pinned texts and the files that the user added stay."""
        conversation = self._state.conversation
        kept = tuple(replace(file, digest="", tokens=0) for file in conversation.files if file.by_user)
        self._state.writer.put(Conversation(files=kept, turn=conversation.turn, mode=conversation.mode))

    def _end(self, end: GoalEnd) -> None:
        progress = self._open()
        self._taken = self.taken
        self._state.spending.end_goal()
        self.ended = EndedGoal(progress, end, self._taken)
        try:
            self._write(end)
        finally:
            self._progress = None
        self._pin()
        if end.outcome != "cleared":
            self._tell(end.outcome, end.reason)

    # Small parts

    def _open(self) -> GoalProgress:
        if self._progress is None:
            raise InputError(_NONE)
        return self._progress

    def _write(self, record: GoalRecord) -> None:
        self._state.ports.journal.write(record)
        self._progress = follow(self._progress, record)

    def _pin(self) -> None:
        goal, plan = (self._progress.goal, self._progress.plan) if self._progress else (None, None)
        self._state.prompt.pin(pinned_with(self._state.prompt.pinned, goal, plan))
        renew_rules(self._state)

    def _tell(self, status: str, reason: str) -> None:
        self._state.ports.emit(GoalFollowed(status, reason, self.taken.turns))


def _stall_of(step: GoalStep | None) -> Stall | None:
    return Stall(step.failure, step.weight, step.states) if step and step.failure else None
