"""What litellm's table says of models, read without importing it."""

import subprocess
import sys
from pathlib import Path

import pytest

from chat.errors import InputError
from chat.llm.models.catalog import Catalog, read_catalog
from chat.model import Price, Window

MODELS = Catalog(
    {
        "big": {
            "litellm_provider": "openai",
            "mode": "chat",
            "max_input_tokens": 100,
            "max_output_tokens": 20,
        },
        "only-max": {"litellm_provider": "openai", "mode": "chat", "max_tokens": 50},
        "silent": {"litellm_provider": "openai", "mode": "embedding"},
        "gemini/pro": {
            "litellm_provider": "gemini",
            "mode": "chat",
            "input_cost_per_token": 2e-6,
            "output_cost_per_token": 4e-6,
        },
    }
)


def test_a_model_is_found_with_and_without_its_provider() -> None:
    """And not under another one's."""
    assert MODELS.window("big") == MODELS.window("openai/big") == Window(100, 20)
    assert MODELS.window("groq/big") is None


def test_what_the_table_leaves_out() -> None:
    """A window without a limit for replies is shared, and no window is not zero."""
    assert MODELS.window("only-max") == Window(50, 50)
    assert MODELS.window("silent") is None
    assert MODELS.price("big") is None
    assert MODELS.price("gemini/pro") == Price(2e-6, 4e-6)


@pytest.mark.parametrize(
    ("model", "api_base", "routed"),
    [
        ("big", "", "big"),
        ("mine", "http://h/v1", "openai/mine"),
        ("qwen/mine", "http://h/v1", "openai/qwen/mine"),
        ("gemini/new", "http://h", "gemini/new"),
        ("hosted_vllm/x", "http://h", "hosted_vllm/x"),
        ("ollama/llama3", "", "ollama_chat/llama3"),
        ("mine", "", "mine"),
    ],
)
def test_where_a_name_leads(model: str, api_base: str, routed: str) -> None:
    """What no provider is named for speaks OpenAI's API, where there is an address to speak it to."""
    assert MODELS.routed(model, api_base) == routed


def test_search() -> None:
    """Every word, in any order, and only what answers messages."""
    assert read_catalog().search("haiku claude")
    assert MODELS.search("") == ("big", "gemini/pro", "only-max")
    assert MODELS.search("pro GEMINI") == ("gemini/pro",)


@pytest.mark.parametrize(
    ("name", "near"),
    [("gemini/prp", " Similar: gemini/pro, gemini."), ("Sonet", " Similar: sonnet."), ("quux-7b", "")],
)
def test_a_misspelt_name_comes_near_models_and_short_names(name: str, near: str) -> None:
    """A name that is unlike all is answered with none."""
    assert MODELS.similar(name) == near


def test_the_users_own_entries_go_over_the_tables(tmp_path: Path) -> None:
    """Field by field: who corrects a window keeps the price."""
    file = tmp_path / "models.json"
    file.write_text('{"gpt-4o": {"max_input_tokens": 7}}', encoding="utf-8")

    models = read_catalog(file)

    assert models.window("openai/gpt-4o") == Window(7, 7)
    assert models.price("gpt-4o") == read_catalog().price("gpt-4o")


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', "{"])
def test_a_file_that_cannot_be_read_is_said_to_be(tmp_path: Path, content: str) -> None:
    """Working on with the wrong window would cost money."""
    file = tmp_path / "models.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(InputError, match=r"models\.json"):
        read_catalog(file)


def test_litellm_is_not_imported_for_it() -> None:
    """Its import takes seconds, which nobody waits for to see a prompt."""
    code = "import sys, chat.llm.models.catalog as c; c.read_catalog(); print('litellm' in sys.modules)"

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)

    assert ran.stdout.strip() == "False"
