"""Limits are checked before a call is made, and warned of before they are reached."""

import pytest

from chat.errors import BudgetLimit, TurnLimit
from chat.model import ModelRole, Price, Usage
from chat.state.spending import Limits, Spending

MAIN = ModelRole.MAIN


def test_turns_run_out() -> None:
    """The turn past the limit does not begin."""
    spending = Spending(Limits(turns=2))
    spending.before_turn()
    spending.before_turn()

    with pytest.raises(TurnLimit):
        spending.before_turn()


def test_a_call_that_could_pass_the_token_limit_is_not_made() -> None:
    """The prompt and what a reply may take count, not only what is spent."""
    spending = Spending(Limits(tokens=10_000))
    spending.before_call(MAIN, 8_000)

    with pytest.raises(BudgetLimit, match="--max-tokens-total"):
        spending.before_call(MAIN, 9_500)


def test_money_is_estimated_before_it_is_spent() -> None:
    """By the price of the model of the role."""
    spending = Spending(Limits(budget_usd=0.01), lambda _role: Price(1e-6, 2e-6))
    spending.before_call(MAIN, 7_000)
    spending.after_call(MAIN, Usage(1, 7_000, 0, 500, 0.008))

    with pytest.raises(BudgetLimit, match="--max-budget-usd"):
        spending.before_call(MAIN, 1_000)


def test_a_budget_without_a_price_is_refused() -> None:
    """Money that cannot be counted cannot be limited."""
    with pytest.raises(BudgetLimit, match="price"):
        Spending(Limits(budget_usd=1)).before_call(MAIN, 10)


def test_time_runs_out() -> None:
    """From the start of the process."""
    now = [0.0]
    spending = Spending(Limits(seconds=60), clock=lambda: now[0])
    spending.before_call(MAIN, 10)
    now[0] = 61.0

    with pytest.raises(BudgetLimit, match="--max-seconds"):
        spending.before_call(MAIN, 10)


def test_the_user_is_warned_once_at_eighty_percent() -> None:
    """Early enough to raise the limit, and not with each call."""
    warnings: list[str] = []
    spending = Spending(Limits(tokens=1000), warn=warnings.append)
    spending.after_call(MAIN, Usage(1, 700, 0, 50))
    spending.after_call(MAIN, Usage(1, 60, 0, 0))
    spending.after_call(MAIN, Usage(1, 60, 0, 0))

    assert len(warnings) == 1
    assert "tokens" in warnings[0]


def test_without_limits_everything_is_allowed() -> None:
    """0 is no limit."""
    spending = Spending()
    for _ in range(1000):
        spending.before_turn()
        spending.before_call(MAIN, 10**9)


def test_a_reply_has_the_room_that_the_tightest_limit_leaves() -> None:
    """What the prompt takes is not left; without a limit, nothing ends a reply."""
    spending = Spending(Limits(tokens=10_000, budget_usd=0.01), lambda _role: Price(1e-6, 4e-6))
    assert spending.reply_room(MAIN, 2_000) == 2_000
    spending.after_call(MAIN, Usage(1, 2_000, 0, 1_000, 0.001))
    assert spending.reply_room(MAIN, 5_000) == 1_000

    assert Spending().reply_room(MAIN, 5_000) is None
