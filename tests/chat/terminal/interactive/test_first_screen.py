"""What a chat says before its first prompt: what it works with, and what could be continued."""

from collections.abc import Callable
from pathlib import Path

import pytest
from chat_fakes import Answering
from fake_chat import FakeChat
from repositories import git
from scripted_model import ScriptedModel
from whole_chat import ModelScripts, WholeChat, open_whole_chat

from chat.settings.table import Settings, changed
from chat.terminal.interactive.first_screen import HINT, continuing, first_screen, why_this_model

OpenWhole = Callable[..., WholeChat]


@pytest.fixture
def earlier(litellm_loaded: None, shop: Path, scripted: Callable[..., ScriptedModel]) -> None:
    """A session of one request, which has ended."""
    whole = open_whole_chat(shop, scripted(ModelScripts("Hello.")), mode="ask")
    whole.turn("count the carts")
    whole.chat.close()


def lines_of(whole: WholeChat, root: Path) -> list[str]:
    return first_screen(whole.chat, root).splitlines()


def test_three_lines_say_what_is_open_and_a_fourth_what_to_type_the_first_time(
    open_whole: OpenWhole, shop: Path
) -> None:
    """Version and model, with the reason for it; repository, branch, files, map; sessions."""
    git(shop, "checkout", "-q", "-b", "cart")
    whole = open_whole("Hello.")
    whole.chat.files.add(["README.md"])

    first, second, third, fourth = lines_of(whole, shop)

    assert first.startswith("Trigpoint ")
    assert first.endswith(" · openai/main (by test)")
    assert second == f"{shop.name} on cart · 1 file in the chat · map of up to 4,096 tokens"
    assert third == HINT
    assert "/ask How does this work?" in fourth


@pytest.mark.usefixtures("earlier")
def test_a_session_that_could_be_continued_is_named(open_whole: OpenWhole, shop: Path) -> None:
    """With its last request, so that one knows what it was about."""
    lines = lines_of(open_whole("Hello again."), shop)

    assert lines[2:] == ["trigpoint -c continues the session from just now: “count the carts”", HINT]


def test_a_long_request_does_not_break_the_line_that_names_its_session() -> None:
    """In a terminal of 80 columns."""
    assert len(continuing("count the carts " * 9, "23 minutes ago")) == 79


@pytest.mark.usefixtures("earlier")
@pytest.mark.parametrize("goes_on", [True, False], ids=["continued", "new"])
def test_a_session_that_goes_on_says_which_it_is(open_whole: OpenWhole, goes_on: bool) -> None:
    """Its turns, and the last request."""
    whole = open_whole("Hello again.", **{"continue": goes_on})

    said = [getattr(event, "text", "") for event in whole.events]
    found = [text for text in said if text.startswith("Continuing session")]
    assert [text.partition(": ")[2] for text in found] == goes_on * ["1 turn, the last: “count the carts”."]


def test_a_session_that_is_not_there_is_said_to_be_new(open_whole: OpenWhole, shop: Path) -> None:
    """One who meant to go on learns it at once."""
    assert "no session here to continue" in lines_of(open_whole("Hello.", **{"continue": True}), shop)[2]


def test_trust_is_said_where_there_is_something_to_trust(open_whole: OpenWhole, shop: Path) -> None:
    """A clone that asks for nothing needs no word about it."""
    assert "trust" not in lines_of(open_whole("Hello."), shop)[1]
    (shop / ".trigpoint.toml").write_text('test-cmd = "true"\n')
    assert lines_of(open_whole("Hello."), shop)[1].endswith("not trusted (see trigpoint trust)")


@pytest.mark.parametrize(
    ("settings", "variables", "said"),
    [
        (changed(Settings(), {"model": "gpt"}, "--model"), {}, "by --model"),
        (Settings(), {"OPENAI_API_KEY": "k"}, "since OPENAI_API_KEY is set"),
        (Settings(), {}, "found on this machine"),
    ],
)
def test_why_a_model_was_chosen(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, variables: dict[str, str], said: str
) -> None:
    """By whoever named it, by a key, or by a server."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert why_this_model(settings) == said


def test_a_hostile_name_cannot_control_the_terminal(tmp_path: Path) -> None:
    """Of a branch, a folder, a model."""
    settings = changed(Settings(), {"model": "m\x1b[2J"}, "test\x1b]0;x\x07")
    chat = FakeChat(settings, tmp_path / "a\x1b[8m", lambda event: None, Answering())
    chat.branch = lambda: "main\x1b[2J\nevil"  # type: ignore[method-assign]
    assert "\x1b" not in first_screen(chat, tmp_path)  # type: ignore[arg-type]
