"""What is asked when nothing is configured: keys, then servers on this machine, then three lines of advice."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from scripted_model import ScriptedModel

from chat.errors import NoModel
from chat.llm.models.catalog import Catalog
from chat.llm.models.discovery import SERVERS, DiscoveredModel, LocalServer, discover

MODELS = Catalog({})
Start = Callable[..., ScriptedModel]


def at(server: LocalServer, url: str) -> LocalServer:
    return replace(server, address=lambda environment: url)


OLLAMA, LM_STUDIO, LLAMA_CPP = SERVERS


def test_a_key_in_the_environment_names_the_model() -> None:
    """The first of the table that is set; an empty one is not set."""
    found = discover({"GROQ_API_KEY": "x", "DEEPSEEK_API_KEY": "x", "OPENAI_API_KEY": ""}, MODELS, ())

    assert found == DiscoveredModel("deepseek/deepseek-chat", "DEEPSEEK_API_KEY is set")


def test_a_key_keeps_the_machine_unasked(scripted: Start) -> None:
    """Where a key says what to use, no port is tried."""
    server = scripted(gets={"/api/tags": {"models": [{"name": "llama3"}]}})

    discover({"ANTHROPIC_API_KEY": "x"}, MODELS, (at(OLLAMA, server.url),))

    assert server.requests == []


def test_ollama_is_found_with_its_model_for_code(scripted: Start) -> None:
    """And not with one that only embeds."""
    tags = {"models": [{"name": "nomic-embed-code"}, {"name": "llama3:8b"}, {"name": "qwen3-coder:30b"}]}
    server = scripted(gets={"/api/tags": tags})

    found = discover({"OLLAMA_HOST": server.url.removeprefix("http://")}, MODELS, (OLLAMA,))

    assert (found.model, found.api_base) == ("ollama_chat/qwen3-coder:30b", server.url)


def test_a_server_that_speaks_openai_is_found(scripted: Start) -> None:
    """It is asked without a key of the user's."""
    server = scripted(models=("text-embed", "qwen"))

    found = discover({}, MODELS, (at(OLLAMA, "http://127.0.0.1:9"), at(LM_STUDIO, server.url)))

    assert found == DiscoveredModel("openai/qwen", f"LM Studio runs at {server.url}", server.base_url, "none")


@pytest.mark.parametrize("answer", [[], {}, {"data": "x"}, {"data": [1, {"id": None}]}, "text", None])
def test_something_else_that_listens_there_is_no_model(scripted: Start, answer: object) -> None:
    """Port 8080 is popular."""
    server = scripted(gets={"/v1/models": answer})

    with pytest.raises(NoModel):
        discover({}, MODELS, (at(LLAMA_CPP, server.url),))


def test_where_nothing_is_found_three_lines_say_how_to_start() -> None:
    """A key, a local server, an address."""
    with pytest.raises(NoModel) as raised:
        discover({}, MODELS, ())

    first, *ways = str(raised.value).splitlines()
    assert first.startswith("No model is configured")
    assert len(ways) == 3
    assert raised.value.exit_code == 2


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("", "http://127.0.0.1:11434"),
        ("0.0.0.0", "http://127.0.0.1:11434"),
        ("box:8000", "http://box:8000"),
        ("https://ollama.example:443/", "https://ollama.example:443"),
    ],
)
def test_where_ollama_is(host: str, address: str) -> None:
    """As its own client reads the variable."""
    assert OLLAMA.address({"OLLAMA_HOST": host}) == address
