"""What differs between attempts: their model, their temperature, or the approach that they are told."""

import pytest

from chat.attempts.variation import APPROACHES, variations
from chat.errors import UsageError
from chat.settings.kinds import Value
from chat.settings.table import Settings

SETTINGS = Settings(model="main", weak_model="weak", editor_model="main", append_system_prompt="Be brief.")


def values(vary: str, count: int, name: str) -> list[Value]:
    return [each.values.get(name) for each in variations(vary, count, SETTINGS)]


def test_models_are_those_that_are_named_or_configured() -> None:
    """Each once, and again from the first where there are more attempts."""
    assert values("models=a, b", 3, "model") == ["a", "b", "a"]
    assert values("models", 2, "model") == ["main", "weak"]


def test_temperatures_are_spread_or_named() -> None:
    """From 0 to 1, which every provider takes."""
    assert values("temperature", 3, "temperature") == [0.0, 0.5, 1.0]
    assert values("temperature=0.2,1.5", 2, "temperature") == [0.2, 1.5]


def test_each_attempt_is_told_another_approach() -> None:
    """The first does as it is asked; what the user appends to the rules stays."""
    told = values("plan", len(APPROACHES), "append-system-prompt")
    assert told[0] is None
    assert len(set(told)) == len(APPROACHES)
    assert all(str(each).startswith("Be brief.\n\nApproach for this attempt") for each in told[1:])


@pytest.mark.parametrize("vary", ["luck", "plan=x", "temperature=warm", "temperature=2.5", "=a"])
def test_another_word_is_refused(vary: str) -> None:
    """With what it takes."""
    with pytest.raises(UsageError, match="Nothing was begun"):
        variations(vary, 2, SETTINGS)


def test_models_without_two_of_them_are_refused() -> None:
    """With how to name them."""
    with pytest.raises(UsageError, match="models=gpt-5,claude"):
        variations("models", 2, Settings(model="main"))
