"""What the chat's tests share: a scripted model server, and the real `LiteModel` that talks to it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from chat_fakes import Answering
from repositories import make_repository
from scripted_model import Reply, Script, ScriptedModel
from whole_chat import ModelScripts, Program, ScriptedReply, WholeChat, open_whole_chat

from chat.llm import lite_model as llm
from chat.llm.lite_model import LiteModel, Waiting
from chat.llm.options import ModelOptions
from chat.llm.processes.callers import LocalCaller
from chat.llm.processes.litellm_loader import LITELLM
from chat.model import ModelRole


@pytest.fixture(scope="session")
def _parsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder for all chats: it knows files by their content."""
    return tmp_path_factory.mktemp("parsed")


@pytest.fixture(autouse=True)
def _maps_cost_little(_parsed: Path, lasting_workers: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a chat's map needs is there: no test here is about how it comes about."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(_parsed))


@pytest.fixture
def scripted() -> Iterator[Callable[..., ScriptedModel]]:
    """Starts scripted model servers, as `scripted("Hello.", Answer("Bye."))`; they stop with the test."""
    with ExitStack() as open_servers:

        def start(*replies: Reply | Script, **options: Any) -> ScriptedModel:
            return open_servers.enter_context(ScriptedModel(*replies, **options))

        yield start


@pytest.fixture
def play(scripted: Callable[..., ScriptedModel]) -> Callable[..., ScriptedModel]:
    """Starts a server whose models say these lines, as `ModelScripts` takes them."""
    return lambda *lines, **others: scripted(ModelScripts(*lines, **others))


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
        return LiteModel(ModelOptions(api_base=api_base, **options), waiting, LocalCaller(LITELLM))

    return make


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small repository."""
    return make_repository(tmp_path / "shop")


@pytest.fixture(scope="session")
def litellm_loaded() -> Iterator[None]:
    """litellm is there, in this process: one import for all tests.

    What it warns of while it is imported in a thread must not meet a test's filters.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(llm, "CALLER", LocalCaller(LITELLM))
        LITELLM.get()
        yield


@pytest.fixture
def open_whole(
    litellm_loaded: None, shop: Path, scripted: Callable[..., ScriptedModel]
) -> Iterator[Callable[..., WholeChat]]:
    """Opens the whole chat in the shop, with a main model that says these lines; it closes with the test."""
    opened: list[WholeChat] = []

    def start(
        *main: ScriptedReply,
        root: Path | None = None,
        editor: Sequence[ScriptedReply] = (),
        weak: ScriptedReply = "Do what was asked",
        person: Answering | None = None,
        **settings: Any,
    ) -> WholeChat:
        server = scripted(ModelScripts(*main, editor=editor, weak=weak))
        opened.append(open_whole_chat(root or shop, server, person=person, **settings))
        return opened[-1]

    yield start
    for whole in opened:
        whole.chat.close()


@pytest.fixture
def trigpoint(
    litellm_loaded: None,
    shop: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> Program:
    """The command in the shop, in this process."""
    return Program(shop, monkeypatch, capfdbinary)
