"""[io] The plan of a goal: written by the model before the first turn, ticked with evidence, revised where it fails.

The plan is pinned without its ticks, so that a tick leaves the beginning of the prompt as it is; which steps are done
is said with each request. A revised plan is sent with the next request, and is pinned where the prompt is rebuilt.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from chat.errors import InputError, PromptTooLarge
from chat.events import PlanFollowed
from chat.goals.evidence import shown_for_steps, words_of_turn
from chat.goals.judging import read_steps_done
from chat.goals.plan_texts import (
    Claim,
    plan_task,
    plan_text,
    read_claims,
    read_plan,
    rejected_text,
    revision_prompt,
    state_text,
)
from chat.goals.quotations import Quotable
from chat.goals.texts import goal_text, lessons_text, pinned_with
from chat.model import ModelRole, Plan
from chat.prompt.budget import within_ceiling
from chat.prompt.next_prompt import next_prompt
from chat.prompt.rules import prepare, renew_rules
from chat.sessions.goal_plan import diff_of, is_change
from chat.sessions.goal_progress import GoalProgress, GoalRecord
from chat.sessions.records.goal import GoalCheck, GoalPlanned, PlanRevised, PlanTicked
from chat.state.state import State

_FEWEST_TURNS = 3
"""A goal that may take fewer has no room for a plan."""
_ASKED = "The model is asked for a plan; --no-plan leaves that out."
_TOO_LONG = "The prompt is too long to ask for a plan, so the goal begins without one."


class Planning:
    """The plan of the goal that is open; each change of it is in the journal before it counts."""

    def __init__(
        self, state: State, progress: Callable[[], GoalProgress], write: Callable[[GoalRecord], None]
    ) -> None:
        self._state = state
        self._progress = progress
        self._write = write

    @property
    def _plan(self) -> Plan | None:
        return self._progress().plan

    # Written

    @property
    def is_due(self) -> bool:
        """Whether the model has to be asked for a plan: before the first turn for a goal in words."""
        progress = self._progress()
        is_new = progress.plan is None and progress.step is None
        has_room = not 0 < progress.goal.turns < _FEWEST_TURNS
        return self._state.settings.plan and is_new and has_room and bool(progress.goal.condition)

    def write(self) -> None:
        """Ask for a plan, in the conversation as it is, so that the first turn finds it cached."""
        state, condition = self._state, self._progress().goal.condition
        prepare(state)
        coming = next_prompt(state, plan_task(condition))
        try:
            prompt = within_ceiling(state.active, coming.prompt)
        except PromptTooLarge:
            state.ports.notice(_TOO_LONG)
            self._write(GoalPlanned())
            return
        state.ports.notice(_ASKED)
        steps = read_plan(state.calls.reply(prompt, ModelRole.PLANNER).text)
        self._write(GoalPlanned(steps))
        if steps:
            self._pin()
            renew_rules(state)
            self._tell("written")

    # Shown to the model

    def request(self, request: str) -> str:
        """Return the request of a turn with what the prompt does not say yet of the plan.

        The first request stays as the user typed it.
        """
        plan, base = self._plan, self._state.conversation.base
        if plan is None or not plan.steps:
            return request
        is_shown = not base or self._is_shown(plan)
        if self._progress().step is None:
            if not is_shown:
                renew_rules(self._state)
            return request
        changed = "" if is_shown else f"The plan has changed. It is now:\n\n{plan_text(plan)}"
        return "\n\n".join(filter(None, (request, changed, state_text(plan))))

    def _is_shown(self, plan: Plan) -> bool:
        """Whether the prompt holds the plan as it is."""
        text = plan_text(plan)
        return any(text in message.text for message in self._state.conversation.prompt().messages)

    def _pin(self) -> None:
        """Have every rebuild of the prompt show the plan as it is."""
        progress = self._progress()
        pinned = pinned_with(self._state.prompt.pinned, progress.goal, progress.plan)
        self._state.prompt.pin(pinned)

    # Ticked

    def follow_turn(self, checks: Iterable[GoalCheck]) -> tuple[str, str]:
        """Tick what the turn's replies prove to be done.

        Returns what to tell the model of claims that do not count, and why the plan has to be revised, if it has.
        """
        claims = [claim for reply in words_of_turn(self._state) for claim in read_claims(reply)]
        rejected = self._tick([claim for claim in claims if claim.is_done], checks)
        plan = self._plan
        failed = [claim for claim in claims if not claim.is_done and plan and claim.step in plan.open]
        fault = f"Step {failed[-1].step} failed: {failed[-1].text}" if failed else ""
        return rejected_text(rejected), fault

    def follow_judge(self, reply: str, checks: Iterable[GoalCheck]) -> None:
        """Tick what the judge proves to be done."""
        claims = [Claim(step, quote, True) for step, quote in read_steps_done(reply).items()]
        self._tick(claims, checks, judged=True)

    def steps_to_judge(self) -> str:
        """Return the steps that are not done, a line each; "" for none.

        What the judge has ticked since the last turn is among them: a judge whose answer is in the journal would
        otherwise be asked another question, and paid twice.
        """
        progress = self._progress()
        plan = progress.plan or Plan()
        numbers = sorted({*plan.open, *progress.judged_steps})
        return "\n".join(f"{number}. {plan.steps[number - 1].text}" for number in numbers)

    def _tick(
        self, claims: Sequence[Claim], checks: Iterable[GoalCheck], *, judged: bool = False
    ) -> list[tuple[Claim, str]]:
        """Tick the open steps whose evidence is there; returns the others, with what is wrong with it."""
        rejected: list[tuple[Claim, str]] = []
        if not claims or not self._plan:
            return rejected
        quotable = Quotable(shown_for_steps(self._state, self._progress().goal, checks))
        for claim in claims:
            plan = self._plan
            if not plan or claim.step not in plan.open:
                continue
            fault = quotable.fault_of(claim.text)
            if fault:
                rejected.append((claim, fault))
            else:
                self._write(PlanTicked(claim.step, claim.text, judged))
                self._tell("ticked", str(claim.step))
        return rejected

    # Revised

    def revise(self) -> None:
        """Ask for other steps in the place of those that are open, since one of them failed."""
        progress = self._progress()
        plan, fault = progress.plan or Plan(), progress.fault
        why = f"{fault}\n\n{progress.step.request}" if progress.step else fault
        prompt = revision_prompt(goal_text(progress.goal), plan, why, lessons_text(progress.lessons))
        opened = read_plan(self._state.calls.reply(prompt, ModelRole.PLANNER).text, at_least=1)
        done = tuple(step.text for step in plan.steps if step.is_done)
        steps = (*done, *(text for text in opened if text not in done))
        self._change(steps if opened else tuple(step.text for step in plan.steps), fault)

    def change(self, steps: Sequence[str], reason: str) -> Plan:
        """Give the plan other steps, as a person wants them; those that stay keep their ticks. Raises InputError."""
        plan = self._plan or Plan()
        if not is_change(diff_of([step.text for step in plan.steps], steps)):
            raise InputError("The plan stays as it is.")
        return self._change(steps, reason)

    def _change(self, steps: Sequence[str], reason: str) -> Plan:
        diff = diff_of([step.text for step in (self._plan or Plan()).steps], steps)
        self._write(PlanRevised(reason, diff))
        self._pin()
        if is_change(diff):
            self._tell("revised", reason)
        return self._plan or Plan()

    def _tell(self, what: Literal["written", "ticked", "revised"], detail: str = "") -> None:
        plan = self._plan
        if plan is not None:
            self._state.ports.emit(PlanFollowed(what, detail, plan))
