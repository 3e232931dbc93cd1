"""A goal of two hundred turns in a small window: nothing that matters is lost, and a turn costs what it cost before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean

import pytest
from long_session import SteadyModel, answer, make_tree, open_long_chat

from chat.conversation.prompt_texts import OVERVIEW_HEADING
from chat.events import Emit, Event, Notice
from chat.goals.plan_texts import plan_text
from chat.model import Message, ModelRole, Prompt, Reply
from chat.results import TurnResult
from chat.state.tokens import count_once

TURNS = 200
CACHED_PRICE = 0.1
NEXT_TASK = (
    'awk \'/^value/ {if ($3 > m) m = $3} END {m++; print "Task " m ": set value in part" m % 5 ".py to " m "."; '
    f"exit m <= {TURNS}}}' part*.py"
)
GOAL = (
    "Each value in the parts is set, task by task, as the check asks.\n"
    "Task 1: set value in part1.py to 1.\nAlways keep  every other line."
)


def reply_to(messages: Sequence[Message]) -> str:
    """Plan, then do each task, and claim a step of the plan after twenty of them."""
    if "NO PLAN" in messages[-1].text:
        return "\n".join(
            f"{step}. Do the tasks {step * 20 - 19} to {step * 20}" for step in range(1, TURNS // 20 + 1)
        )
    said = answer(messages, checked=False)
    task = int(
        re.findall(r"^Task (\d+): ", "\n".join(message.text for message in messages), re.MULTILINE)[-1]
    )
    return said if task % 20 else f'done: {task // 20} "+value = {task}"\n\n{said}'


@dataclass
class WeighingModel(SteadyModel):
    """Weighs each prompt: a token at one, one that the prompt before began with at a tenth."""

    before: dict[bool, str] = field(default_factory=dict)
    costs: list[float] = field(default_factory=list)
    """Of each turn."""
    first: Prompt | None = None

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
        text = "\0".join(message.text for message in prompt.messages)
        is_weak = role is ModelRole.WEAK
        common = _common(self.before.get(is_weak, ""), text)
        self.before[is_weak] = text
        cached, new = count_once(text[:common]), count_once(text[common:] + prompt.request_map)
        if self.costs:
            self.costs[-1] += new + CACHED_PRICE * cached
            self.first = self.first or prompt
        return super().reply(prompt, role, emit)


def _common(one: str, other: str) -> int:
    """How many characters two texts begin with in common."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (left, right) in pairs if left != right), min(len(one), len(other)))


@pytest.mark.slow
def test_a_turn_late_in_a_long_goal_costs_what_an_early_one_does(tmp_path: Path) -> None:
    """In a window of 32k. Rules, goal and plan are byte for byte the same in the last prompt as in the first."""
    model, told = WeighingModel(reply_to=reply_to), list[Event]()
    chat = open_long_chat(
        make_tree(tmp_path), model, told.append, auto_test=False, check=(NEXT_TASK,), checks_decide=True
    )

    def take(request: str) -> TurnResult:
        model.costs.append(0.0)
        return chat.take_turn(request)

    chat.goals.set(GOAL)
    ended = chat.goals.pursue(take)
    chat.close()

    plan = ended.progress.plan
    assert plan is not None
    assert (ended.end.outcome, ended.taken.turns, len(plan.done)) == ("met", TURNS, 10)
    assert model.first is not None
    assert model.last is not None
    first, last = (prompt.messages[0].text.split(OVERVIEW_HEADING)[0] for prompt in (model.first, model.last))
    assert first == last
    assert GOAL in last
    assert plan_text(plan) in last
    past = model.last.messages[1].text
    assert "- Always keep  every other line." in past
    assert "failed with exit code" not in past
    assert sum("rebuilt" in event.text for event in told if isinstance(event, Notice)) > 5
    quarter = TURNS // 4
    early, late = mean(model.costs[:quarter]), mean(model.costs[-quarter:])
    print(f"cost-weighted tokens a turn: {early:.0f} in the first quarter, {late:.0f} in the last")
    assert late < 1.1 * early
