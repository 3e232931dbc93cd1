"""What the chat's tests share: a scripted model server, and the real `LiteModel` that talks to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from scripted_model import Reply, Script, ScriptedModel

from chat.llm import LiteModel, Waiting
from chat.model import ModelRole
from chat.options import ModelOptions


@pytest.fixture
def scripted() -> Iterator[Callable[..., ScriptedModel]]:
    """Starts scripted model servers, as `scripted("Hello.", Answer("Bye."))`; they stop with the test."""
    with ExitStack() as open_servers:

        def start(*replies: Reply | Script, **options: Any) -> ScriptedModel:
            return open_servers.enter_context(ScriptedModel(*replies, **options))

        yield start


@pytest.fixture
def waits() -> list[float]:
    """How long the model of `lite` would have waited between its tries; nothing waits in tests."""
    return []


@pytest.fixture
def lite(waits: list[float]) -> Callable[..., LiteModel]:
    """Makes a `LiteModel` for an address, with any of `ModelOptions`' fields. Its first call loads litellm."""

    def make(api_base: str, model: str = "openai/scripted", **options: Any) -> LiteModel:
        options.setdefault("models", {ModelRole.MAIN: model})
        options.setdefault("api_key", "sk-scripted-0123456789")
        waiting = Waiting(sleep=waits.append, chance=lambda: 0.5)
        return LiteModel(ModelOptions(api_base=api_base, **options), waiting)

    return make
