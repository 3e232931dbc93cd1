"""Short names, the user's own and the built-in ones, and the small model beside a large one."""

import pytest

from chat.llm.models.aliases import FAMILIES, FIXED, full_name, weak_model
from chat.llm.models.catalog import Catalog, read_catalog


def entry(provider: str, completion_usd: float = 1e-5) -> dict[str, object]:
    return {
        "mode": "chat",
        "litellm_provider": provider,
        "input_cost_per_token": completion_usd / 5,
        "output_cost_per_token": completion_usd,
    }


MODELS = Catalog(
    {
        "claude-sonnet-4-5": entry("anthropic"),
        "claude-sonnet-4-5-20250929": entry("anthropic"),
        "claude-sonnet-5": entry("anthropic"),
        "claude-haiku-4-5": entry("anthropic", 1e-6),
        "xai/grok-4.20": entry("xai"),
        "xai/grok-4.7": entry("xai"),
    }
)


def test_a_short_name_is_the_newest_of_its_family() -> None:
    """By version, not by date or by the alphabet; 4.20 is 4.2."""
    assert full_name("sonnet", MODELS) == "anthropic/claude-sonnet-5"
    assert full_name("grok", MODELS) == "xai/grok-4.7"


def test_a_name_that_is_no_alias_stands_for_itself() -> None:
    """Nothing is guessed."""
    assert full_name("openai/my-model", MODELS) == "openai/my-model"


def test_the_users_aliases_go_first_and_may_stand_for_a_built_in_one() -> None:
    """`--alias best:sonnet`, `--alias sonnet:…`."""
    own = {"best": "sonnet", "haiku": "ollama_chat/qwen3:8b"}

    assert full_name("best", MODELS, own) == "anthropic/claude-sonnet-5"
    assert full_name("haiku", MODELS, own) == "ollama_chat/qwen3:8b"


def test_a_family_that_the_table_does_not_know_has_a_name_to_fall_back_on() -> None:
    """The program works where litellm's table cannot be read."""
    assert full_name("gpt", Catalog({})) == FAMILIES["gpt"].fallback


def test_every_family_is_in_the_table_that_litellm_ships() -> None:
    """A pattern that fits nothing would silently give old names forever."""
    models = read_catalog()

    assert [name for name, family in FAMILIES.items() if models.newest(family.pattern) is None] == []


def test_every_short_name_has_a_provider() -> None:
    """What it stands for is asked at the right place."""
    models = read_catalog()

    assert [name for name in (*FAMILIES, *FIXED) if not models.provider(full_name(name, models))] == []


def test_the_weak_model_is_the_small_one_of_the_same_provider() -> None:
    """It takes the same key."""
    assert weak_model("anthropic/claude-sonnet-5", MODELS) == "anthropic/claude-haiku-4-5"


@pytest.mark.parametrize(
    ("main", "api_base"),
    [
        ("anthropic/claude-haiku-4-5", ""),
        ("anthropic/claude-sonnet-5", "http://127.0.0.1:1/v1"),
        ("xai/grok-4.7", ""),
        ("openai/scripted", ""),
    ],
)
def test_where_no_cheaper_one_is_known_the_main_model_does_it(main: str, api_base: str) -> None:
    """An address of the user's own may not have the small one."""
    assert weak_model(main, MODELS, api_base) == main
