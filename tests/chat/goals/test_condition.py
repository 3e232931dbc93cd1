"""What a user types after /goal: the condition, and the limits in it."""

import pytest

from chat.errors import UsageError
from chat.goals.condition import described, read_condition
from chat.state.spending import Limits


@pytest.mark.parametrize(
    ("text", "condition", "limits"),
    [
        ("All tests pass", "All tests pass", Limits()),
        ("All tests pass, or stop after 20 turns", "All tests pass", Limits(turns=20)),
        (
            "All tests pass or stop after 20 turns. Keep the API.",
            "All tests pass. Keep the API.",
            Limits(turns=20),
        ),
        ("Port it within 2 hours", "Port it", Limits(seconds=7200)),
        ("Port it for at most $3", "Port it", Limits(budget_usd=3)),
        ("Port it within 2 hours and for at most $3.50.", "Port it", Limits(seconds=7200, budget_usd=3.5)),
        (
            "Port it; give up after 5 turns, 30 minutes or $1",
            "Port it",
            Limits(turns=5, seconds=1800, budget_usd=1),
        ),
        ("Port it with at most 200k tokens", "Port it", Limits(tokens=200_000)),
        ("Port it using no more than 1,500,000 tokens", "Port it", Limits(tokens=1_500_000)),
        ("Port it within half an hour", "Port it", Limits(seconds=1800)),
        ("Port it in at most 3 turns, or stop after 2 turns", "Port it", Limits(turns=2)),
        ("Port it or stop after 90 seconds", "Port it", Limits(seconds=90)),
    ],
)
def test_limits_are_taken_out_of_a_condition(text: str, condition: str, limits: Limits) -> None:
    """Turns, time, money and tokens; of two of a kind the smaller counts."""
    assert read_condition(text) == (condition, limits)


@pytest.mark.parametrize(
    "text",
    [
        "Each page loads within 2 seconds",
        "The cache drops entries within 5 minutes of their last use",
        "Retries stop after the third failure",
        "Sessions end after a minute",
        "Downloads stop after 30 minutes without a byte",
        "The test at most doubles the runtime",
        "Show $3 as three dollars",
        "It runs within 2 hosts",
    ],
)
def test_a_condition_may_speak_of_times_and_amounts(text: str) -> None:
    """What is not a limit for the work stays where it is."""
    assert read_condition(text) == (text, Limits())


def test_a_condition_has_a_length() -> None:
    """4,000 characters are taken, and not one more."""
    assert read_condition("x" * 4_000)[0] == "x" * 4_000
    with pytest.raises(UsageError, match="4,001 characters"):
        read_condition("x" * 4_001)


@pytest.mark.parametrize("text", ["Go, or stop after 0 turns", "Go for at most $0", "Go within 0 hours"])
def test_a_limit_of_nothing_is_refused(text: str) -> None:
    """It would be taken for no limit."""
    with pytest.raises(UsageError, match="leaves no room"):
        read_condition(text)


def test_limits_are_named_in_words() -> None:
    """All of them, in one line; nothing where there are none."""
    assert (
        described(Limits(turns=2, tokens=1_000, seconds=30, budget_usd=0.5))
        == "2 turns, 30 seconds, 1,000 tokens, $0.5"
    )
    assert described(Limits()) == ""
