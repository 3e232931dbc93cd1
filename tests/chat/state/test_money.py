"""What a call will cost, and what calls have cost."""

import pytest

from chat.model import ModelRole, Price, Usage
from chat.state.money import Spent, call_usd, expected_completion_tokens, usd_text

PRICE = Price(prompt_usd=3e-6, cached_usd=3e-7, completion_usd=15e-6)


def test_cached_tokens_cost_their_own_price() -> None:
    """They are some of the prompt's tokens, not more of them."""
    assert call_usd(PRICE, 1000, 100, cached_tokens=400) == pytest.approx(0.0018 + 0.00012 + 0.0015)
    assert call_usd(PRICE, 100, 0, cached_tokens=400) == pytest.approx(100 * 3e-7)


def test_an_unknown_price_makes_an_unknown_cost() -> None:
    """Which is not nothing."""
    assert call_usd(None, 1000, 100) is None
    assert usd_text(None) == "price unknown"


def test_what_a_reply_may_take() -> None:
    """The longest of the last five, and never more than the model writes."""
    assert expected_completion_tokens([], 8000) == 1000
    assert expected_completion_tokens([9000, 10, 20, 700, 30, 40], 8000) == 700
    assert expected_completion_tokens([9000], 8000) == 8000


def test_sums_by_role() -> None:
    """And over all of them; one call without a price leaves only what is known."""
    spent = (
        Spent()
        .plus(ModelRole.MAIN, Usage(1, 100, 50, 10, 0.5))
        .plus(ModelRole.MAIN, Usage(1, 10, 0, 1, 0.25))
    )
    more = spent.plus(ModelRole.WEAK, Usage(1, 5, 0, 5, None))

    assert spent.by_role[ModelRole.MAIN] == Usage(2, 110, 50, 11, 0.75)
    assert more.total == Usage(3, 115, 50, 16, None)
    assert more.known_usd == 0.75


@pytest.mark.parametrize(("usd", "text"), [(0.00123, "$0.0012"), (0.0, "$0.0000"), (12.345, "$12.35")])
def test_amounts_for_people(usd: float, text: str) -> None:
    """Small ones are what most calls are."""
    assert usd_text(usd) == text
