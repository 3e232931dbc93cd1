"""[io] The steps of a goal: a turn, then a judgement of what it left, then another turn or the end.

A check that has run since the last turn is not run again when a killed session goes on, and the judge's answer is a
paid reply like any other.
"""

from collections.abc import Callable
from dataclasses import replace

from chat.conversation.conversation import Conversation
from chat.goals.evidence import diff_since, digest_of_state, run_checks, shown_to_judge, tried_in_turn
from chat.goals.judging import Verdict, judge_prompt, read_verdict
from chat.goals.open_goal import OpenGoal
from chat.goals.planning import Planning
from chat.goals.stall import Stall, after_failure, digest_of_failure
from chat.goals.texts import fresh_request, judged_text, next_request, red_reason, red_text
from chat.model import ModelRole
from chat.results import TurnResult
from chat.sessions.goal_progress import GoalProgress, after_turn
from chat.sessions.records.goal import GoalCheck, GoalEnd, GoalStep
from chat.state.state import State
from chat.turn.commits.gate import finding_in_held_back

TakeTurn = Callable[[str], TurnResult]

_STALLED = "It failed again and again in the same way, the last time: {reason}"


class GoalSteps:
    """Takes the steps of the goal that is open."""

    def __init__(self, state: State, goal: OpenGoal, planning: Planning, unfinished: str = "") -> None:
        self._state = state
        self._goal = goal
        self._planning = planning
        self._unfinished = unfinished
        """The request of a turn that was cut off; the goal continues with it."""

    def advance(self, take: TakeTurn) -> None:
        """Take the next step: a turn, or a judgement of the last one."""
        progress = self._goal.required()
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
            self._goal.progress = replace(
                self._goal.required(), awaits="judgement" if is_done else "turn", running=()
            )
            raise
        commits = tuple(commit.commit for commit in result.commits)
        self._goal.progress = after_turn(self._goal.required(), commits, result.files_changed)

    def _judge(self) -> None:
        """Decide whether the goal is met: by the checks, and where they leave something open, by the judge."""
        progress = self._goal.required()
        goal = progress.goal
        left_s = goal.seconds - self._goal.taken.seconds if goal.seconds else None
        checks = run_checks(self._state, progress, self._goal.write, left_s)
        remarks, fault = self._planning.follow_turn(checks)
        if not all(check.is_green for check in checks):
            self._go_on(red_reason(checks), red_text(checks), remarks, fault)
        elif (finding := finding_in_held_back(self._state))[0]:
            self._go_on(*finding, remarks, fault)
        elif not goal.is_judged:
            self._goal.end(GoalEnd("met", "Every check succeeded."))
        else:
            verdict = self._ask_judge(progress, checks)
            if verdict.verdict == "not met":
                self._go_on(verdict.reason, judged_text(verdict), remarks, fault)
            else:
                self._goal.end(GoalEnd(verdict.verdict, verdict.reason, verdict.evidence))

    def _ask_judge(self, progress: GoalProgress, checks: tuple[GoalCheck, ...]) -> Verdict:
        shown = shown_to_judge(self._state, progress, checks)
        prompt = judge_prompt(progress.goal.condition, shown, self._planning.steps_to_judge())
        reply = self._state.calls.reply(prompt, ModelRole.JUDGE)
        self._planning.follow_judge(reply.text, checks)
        return read_verdict(reply.text, shown)

    def _go_on(self, reason: str, why: str, remarks: str, fault: str) -> None:
        """Have another turn follow, or end the goal where it gets nowhere."""
        progress = self._goal.required()
        files = digest_of_state(self._state, progress.paths)
        stall = after_failure(_stall_of(progress.step), digest_of_failure([why]), files)
        if stall.is_over:
            self._goal.end(GoalEnd("stalled", _STALLED.format(reason=reason)))
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
        self._goal.write(replace(step, request="\n\n".join(filter(None, (request, remarks)))))
        self._goal.tell("fresh" if is_stuck else "not met", reason)
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


def _stall_of(step: GoalStep | None) -> Stall | None:
    return Stall(step.failure, step.weight, step.states) if step and step.failure else None
