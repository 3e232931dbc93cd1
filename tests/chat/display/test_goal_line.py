"""A goal in one line: how it stands, in as much room as there is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth
from properties import examples

from chat.display.goal_line import goal_line
from chat.model import Plan, PlanStep
from chat.results import CheckOutcome, GoalSummary

RED = CheckOutcome(command="pytest", exit_code=1, output="", timed_out=False)
GREEN = replace(RED, exit_code=0)
GOAL = GoalSummary(
    condition="Every handler closes its session",
    status="active",
    reason="",
    evidence=(),
    turns=3,
    seconds=70.0,
    tokens=3_000,
    cost_usd=0.021,
    limits="",
    checks=(GREEN, RED),
    plan=Plan((PlanStep("a", "proof"), PlanStep("b"))),
)


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (100, "goal: Every handler closes its session · 3 turns · $0.02 · 1 of 2 checks red · plan 1/2"),
        (80, "goal: Every handler closes its… · 3 turns · $0.02 · 1 of 2 checks red · plan 1/2"),
        (60, "goal: Every handler c… · 3 turns · $0.02 · 1 of 2 checks red"),
        (50, "goal: Every handler… · 3 turns · 1 of 2 checks red"),
        (30, "goal: Every handler… · 3 turns"),
        (20, "goal · 3 turns"),
        (10, ""),
    ],
)
def test_a_goal_fits_where_there_is_room_for_it(columns: int, line: str) -> None:
    """The condition is shortened, then facts are left out, and last the condition."""
    shown = goal_line(GOAL, columns)

    assert shown == line
    assert len(shown) <= columns


def test_a_goal_says_how_its_checks_and_its_work_stand() -> None:
    """Checks that have not run are not named; nor is a price that nobody knows."""
    assert goal_line(replace(GOAL, checks=(GREEN,), plan=None), 99).endswith("3 turns · $0.02 · checks green")
    assert goal_line(replace(GOAL, checks=(), plan=None, cost_usd=None), 99).endswith("session · 3 turns")
    assert goal_line(replace(GOAL, status="paused", condition=""), 99).startswith(
        "goal paused: every check succeeds"
    )


@examples(50)
@given(condition=st.text(), columns=st.integers(0, 120))
def test_a_goal_never_takes_more_columns_than_there_are(condition: str, columns: int) -> None:
    """Whatever the condition is written in."""
    assert get_cwidth(goal_line(replace(GOAL, condition=condition), columns, get_cwidth)) <= columns
