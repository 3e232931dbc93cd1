"""A goal begins with a plan, whose steps are ticked with evidence and revised where they fail; it survives kills."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from goal_fakes import Process, World, counting, played, process, three_lines

from chat.errors import InputError, LimitReached
from chat.events import PlanFollowed
from chat.goals.plan_texts import TITLE, plan_text
from chat.model import Plan
from chat.settings.table import Settings

PLANNED = Settings(check=("pytest -q",))
STEPS = "1. Write the first line\n2. Write the second line\n3. Write the third line\n"
GOAL = "Three lines are there, or stop after 9 turns"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def plan_of(started: Process) -> Plan:
    summary = started.goals.summary()
    assert summary is not None
    assert summary.plan is not None
    return summary.plan


def claiming(world: World) -> Callable[[str], str]:
    """Each turn says that the next step is done, and quotes the line that it writes."""

    def say(_asked: str) -> str:
        number = world.text.count("\n") + 1
        return f'I write line {number}.\ndone: {number} "+line number {number}"'

    return say


def judged_by_count(prompt: str) -> str:
    is_met = "line number 3" in prompt
    return json.dumps(
        {"verdict": "met" if is_met else "not met", "evidence": ["line number 3"], "reason": "Count."}
    )


# Written


def test_the_plan_is_written_first_and_pinned(world: World) -> None:
    """By the main model, which has seen the goal; the first request stays as it was typed."""
    started = process(
        world, turn=counting, check=three_lines, settings=PLANNED, plan=lambda _: STEPS, judge=judged_by_count
    )
    started.goals.set(GOAL)

    _end(started)

    (asked,) = started.model.planned
    assert "Three lines are there" in asked.messages[-1].text
    assert started.requests[0] == "Three lines are there"
    assert [step.text for step in plan_of(started).steps] == [line[3:] for line in STEPS.splitlines()]
    assert [event.what for event in started.events if isinstance(event, PlanFollowed)] == ["written"]


@pytest.mark.parametrize(
    ("goal", "settings"),
    [
        (GOAL, Settings(plan=False)),
        ("checks", PLANNED),
        ("It works, or stop after 2 turns", PLANNED),
    ],
)
def test_no_plan_is_asked_for_where_none_is_wanted(world: World, goal: str, settings: Settings) -> None:
    """With --no-plan, for a goal of checks alone, and where the turns are few."""
    started = process(world, turn=counting, settings=settings, judge=judged_by_count)
    started.goals.set(goal)

    started.goals.ended or _end(started)

    assert started.model.planned == []


def test_the_model_may_say_that_no_plan_is_needed(world: World) -> None:
    """It is asked once, and prompts say nothing of a plan."""
    started = process(world, turn=counting, check=three_lines, settings=PLANNED, judge=judged_by_count)
    started.goals.set(GOAL)

    _end(started)

    assert len(started.model.planned) == 1
    assert not any("Plan" in request for request in started.requests)
    assert started.goals.summary().plan is None  # type: ignore[union-attr]


def test_a_plan_counts_against_the_limits(world: World) -> None:
    """As any other call does."""
    started = process(world, settings=PLANNED)
    started.goals.set("It works, or stop after 1,000 tokens")

    with pytest.raises(LimitReached):
        started.pursue()

    assert started.model.planned == []
    assert world.records("call.done") == []


# Ticked


def test_a_step_is_ticked_by_what_the_work_shows(world: World) -> None:
    """The reply claims it and quotes the diff; each request says where the work stands."""
    started = process(
        world, turn=counting, check=three_lines, settings=PLANNED, plan=lambda _: STEPS, say=claiming(world),
        judge=judged_by_count,
    )  # fmt: skip
    started.goals.set(GOAL)

    assert _end(started) == "met"

    assert [step.evidence for step in plan_of(started).steps] == [
        f"+line number {number}" for number in (1, 2, 3)
    ]
    assert started.requests[1].endswith(
        "Plan: 1 of 3 steps is done (1). The next is 2. Write the second line"
    )
    assert started.requests[2].endswith(
        "Plan: 2 of 3 steps are done (1-2). The next is 3. Write the third line"
    )


def test_a_claim_without_evidence_does_not_count(world: World) -> None:
    """Nor one that quotes what only the model or the goal says; the next request says so."""
    started = process(
        world, turn=counting, check=three_lines, settings=PLANNED, plan=lambda _: STEPS, judge=judged_by_count,
        say=lambda _: 'done: 1 "all is well now"\ndone: 2 "Three lines are there"\ndone: 3 "line"',
    )  # fmt: skip
    started.goals.set(GOAL)

    _end(started)

    assert plan_of(started).done == ()
    assert (
        "Step 1 does not count as done: what you quote is not there: all is well now" in started.requests[1]
    )
    assert "Step 2 does not count" in started.requests[1]
    assert "Step 3 does not count as done: what you quote is too short" in started.requests[1]


def test_the_output_of_a_check_is_evidence(world: World) -> None:
    """As the diff is."""
    started = process(
        world,
        check=three_lines,
        settings=PLANNED,
        plan=lambda _: STEPS,
        say=lambda _: "done: 1 `0 of 3 lines`",
    )
    started.goals.set(GOAL)

    _end(started)

    assert plan_of(started).steps[0].evidence == "0 of 3 lines"


def test_the_judge_ticks_what_the_model_forgets(world: World) -> None:
    """It is shown the open steps, and its quotations are looked up, too."""

    def judge(prompt: str) -> str:
        assert "1. Write the first line" in prompt
        done = {"1": "+line number 1", "2": "made up altogether", "7": "+line number 1"}
        return json.dumps({"verdict": "met", "evidence": ["line number 1"], "reason": "Yes.", "done": done})

    started = process(world, turn=counting, settings=PLANNED, plan=lambda _: STEPS, judge=judge)
    started.goals.set(GOAL)

    assert _end(started) == "met"
    assert plan_of(started).done == (1,)


# Revised


def test_a_step_that_fails_revises_the_plan(world: World) -> None:
    """What is done stays; the next request has the new plan, since the prompt has the old one."""
    replies = iter([STEPS, "1. Copy the second line\n2. Write the third line"])
    said = iter(['done: 1 "+line number 1"\nfailed: 2 there is no ink', *["Hm."] * 9])
    started = process(
        world, turn=counting, check=three_lines, settings=PLANNED, plan=lambda _: next(replies),
        say=lambda _: next(said), judge=judged_by_count,
    )  # fmt: skip
    started.goals.set(GOAL)

    _end(started)

    plan = plan_of(started)
    (revision,) = plan.revisions
    assert [step.text for step in plan.steps] == [
        "Write the first line", "Copy the second line", "Write the third line",
    ]  # fmt: skip
    assert plan.done == (1,)
    assert revision.reason == "Step 2 failed: there is no ink"
    assert revision.diff == (
        "  Write the first line", "- Write the second line", "+ Copy the second line", "  Write the third line",
    )  # fmt: skip
    assert plan_text(plan) in started.requests[1]
    assert plan_text(plan) not in started.requests[2]
    assert "there is no ink" in started.model.planned[1].messages[-1].text


def test_the_same_failure_revises_the_plan_and_begins_afresh(world: World) -> None:
    """With the goal, the plan, the diff, and what was tried."""
    replies = iter([STEPS, "1. Take another pen"])
    started = process(
        world, check=lambda _: (1, "boom\n"), settings=PLANNED, plan=lambda _: next(replies),
        say=lambda asked: "I push harder." if asked.startswith("0Three") else "I pull.",
    )  # fmt: skip
    world.text = "half done\n"
    started.goals.set(GOAL)

    assert _end(started) == "stalled"

    fresh = started.requests[2]
    assert "Take another approach" in fresh
    assert "+half done" in fresh
    assert "- I push harder. → `pytest -q` failed with exit code 1" in fresh
    assert "- I pull. → `pytest -q` failed with exit code 1" in fresh
    assert "The next is 1. Take another pen" in fresh
    assert dict(started.state.prompt.pinned).get(TITLE) is None  # the goal is over
    assert "1. Take another pen" not in fresh.split("Plan: ")[0]  # the new prompt begins with it


def test_a_conversation_begins_afresh_every_so_many_turns(world: World) -> None:
    """Where the user wants that, without a failure that comes again."""
    settings = Settings(plan=False, fresh_every=2)
    started = process(
        world, turn=counting, settings=settings,
        judge=lambda prompt: json.dumps({"verdict": "not met", "reason": f"{prompt.count('line number')} lines"}),
    )  # fmt: skip
    started.goals.set("Lines are there, or stop after 6 turns")

    _end(started)

    began = ["this is a new conversation" in request for request in started.requests[:6]]
    assert began == [False, False, True, False, True, False]
    assert "has become long" in started.requests[2]
    assert "Take another approach" not in started.requests[2]


# Changed by the user, kept


def test_the_user_may_change_the_plan(world: World) -> None:
    """What stays keeps its tick, and the model is told with the next request."""
    is_down = [False]

    def say(asked: str) -> str:
        if is_down[0]:
            raise KeyboardInterrupt
        is_down[0] = True
        return 'done: 1 "+line number 1"'

    started = process(
        world, turn=counting, check=three_lines, settings=PLANNED, plan=lambda _: STEPS, say=say,
        judge=judged_by_count,
    )  # fmt: skip
    started.goals.set(GOAL)
    with pytest.raises(KeyboardInterrupt):
        started.pursue()

    with pytest.raises(InputError):
        started.goals.change_plan([step.text for step in plan_of(started).steps])
    plan = started.goals.change_plan(["Write the first line", "Write the rest"])
    started.model.say = lambda _: "Well."
    _end(started)

    assert plan.done == (1,)
    assert plan_text(plan) in started.requests[2]


@pytest.mark.parametrize("claimed", ["by the model", "by the judge"])
def test_a_plan_survives_a_kill_at_any_moment(tmp_path: Path, claimed: str) -> None:
    """Killed at each record and taken up again: the same plan, ticks and revisions, and nothing is paid twice."""
    has_judge = claimed == "by the judge"

    def judge(prompt: str) -> str:
        done = {"done": {"2": "+line number 2"}} if has_judge else {}
        return json.dumps(json.loads(judged_by_count(prompt)) | done)

    def start(world: World) -> Process:
        claim = claiming(world)

        def said(asked: str) -> str:
            claimed = claim(asked).replace("done: 2", "did 2:" if has_judge else "done: 2")
            return claimed + ("\nfailed: 2 no ink" if not world.text else "")

        return process(
            world, check=three_lines, turn=counting, settings=PLANNED, judge=judge, say=said,
            plan=lambda asked: "1. Take another pen" if "open from now on" in asked else STEPS,
        )  # fmt: skip

    def play(kill_at: int = 0) -> list[Process]:
        return played(tmp_path, GOAL, start, kill_at)

    (whole,) = play()
    kinds = [line.kind for line in whole.world.lines]
    ours = ("goal.plan", "plan.tick", "plan.revision")
    assert {"goal.plan", "plan.tick", "plan.revision"} <= set(kinds)
    assert [tick["judged"] for tick in whole.world.records("plan.tick")] == [False, has_judge]
    calls = len(whole.world.records("call.done"))
    last = max(number for number, kind in enumerate(kinds, 1) if kind in ours)
    for kill_at in range(1, last + 2):
        world = play(kill_at)[-1].world
        paid = [fields["prompt_digest"] for fields in world.records("call.done")]
        assert len(paid) == len(set(paid)) == calls, kill_at
        for kind in ours:
            assert world.records(kind) == whole.world.records(kind), (kill_at, kind)


def _end(started: Process) -> str:
    try:
        return started.pursue().end.outcome
    except LimitReached:
        return "limit"
