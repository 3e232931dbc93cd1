"""aider's options and commands: each is taken, or it says what to use instead."""

import os
import sys
import types
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from chat_fakes import Answering
from scripted_model import ScriptedModel
from whole_chat import ModelScripts, Program, block, calls_of

from chat.cli import main as cli
from chat.commands.aider_page import aider_page, is_switch
from chat.commands.table import COMMANDS, find_command
from chat.errors import UsageError
from chat.settings.aider_options import ALL_COMMANDS, FOREIGN, OPTIONS
from chat.settings.aider_options import COMMANDS as FOREIGN_COMMANDS
from chat.settings.names import SPELLINGS, SYNONYMS
from chat.settings.table import Settings, value_of

Said = tuple[int, str, str]

VALUES = {
    "set-env": "A=1",
    "api-key": "openai=k",
    "alias": "fast:gpt",
    "reasoning-effort": "low",
    "thinking-tokens": "8k",
    "timeout": "30",
    "edit-format": "whole",
    "chat-mode": "ask",
    "editor-edit-format": "editor-diff",
    "max-chat-history-tokens": "8000",
    "map-tokens": "1024",
    "map-refresh": "auto",
    "lint-cmd": "python: ruff",
    "encoding": "utf-8",
}
"""A value for each option that does not take just any text."""


class Chat:
    """Keeps the settings that it was started with."""

    def __init__(self) -> None:
        self.settings = Settings()
        self.started = False

    def run(self, settings: Settings, paths: Sequence[str]) -> int:
        self.settings, self.started = settings, True
        return 0


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Chat:
    """What starts instead of a chat, in an empty folder."""
    module = types.ModuleType("fake_start")
    chat = Chat()
    module.run = chat.run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "fake_start", module)
    monkeypatch.setattr(cli, "ONE_SHOT", "fake_start:run")
    monkeypatch.setattr(cli, "REPL", "fake_start:run")
    monkeypatch.chdir(tmp_path)
    for name in ("x", "env"):
        (tmp_path / name).touch()
    return chat


@pytest.fixture
def command(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs the command in this process: its code, stdout and stderr."""
    monkeypatch.setattr(os, "environ", os.environ.copy())

    def run(*arguments: str) -> Said:
        code = cli.run(arguments)
        return code, *capfd.readouterr()

    return run


def test_every_option_of_aider_is_decided_on() -> None:
    """None is left to a message that there is no such option."""
    known = {*FOREIGN, *SYNONYMS, *SPELLINGS, "version"}
    assert [name for name in OPTIONS if name not in known] == []
    assert set(FOREIGN) <= set(OPTIONS)
    assert not set(FOREIGN) & {*SYNONYMS, *SPELLINGS}


@pytest.mark.parametrize("name", [name for name in OPTIONS if name not in FOREIGN and name != "version"])
def test_an_option_that_is_taken_sets_something(name: str, command: Callable[..., Said], chat: Chat) -> None:
    """With a value that aider takes."""
    given = () if is_switch(name) else (VALUES.get(name, "x"),)
    code, _, said = command(f"--{name}", *given)
    assert code == 0, said
    of = SYNONYMS[name].of if name in SYNONYMS else SPELLINGS[name].name
    assert of in dict(chat.settings.sources)
    assert value_of(chat.settings, SPELLINGS[of]) is not None


@pytest.mark.parametrize("name", [name for name in FOREIGN if FOREIGN[name].effect == "none"])
def test_an_option_without_effect_is_accepted_and_said(
    name: str, command: Callable[..., Said], chat: Chat
) -> None:
    """A script that was written for aider goes on."""
    given = ("x",) if FOREIGN[name].takes_value else ()
    code, _, said = command(f"--{name}", *given, "-m", "hi")
    assert (code, chat.settings.message) == (0, "hi")
    assert f"--{name} has no effect here. {FOREIGN[name].instead}" in said
    if not given:
        code, _, said = command(f"--no-{name}", "-m", "hi")
        assert (code, f"--no-{name} has no effect here." in said) == (0, True)


@pytest.mark.parametrize("name", [name for name in FOREIGN if FOREIGN[name].effect == "refused"])
def test_an_option_that_is_not_taken_says_what_to_use(
    name: str, command: Callable[..., Said], chat: Chat
) -> None:
    """Before anything is started."""
    code, _, said = command(f"--{name}", *(("x",) if FOREIGN[name].takes_value else ()), "-m", "hi")
    assert (code, chat.started) == (2, False)
    assert " ".join(FOREIGN[name].instead.split()) in " ".join(said.split())
    if not FOREIGN[name].takes_value:
        assert command(f"--no-{name}", "-m", "hi")[0] == 0


@pytest.mark.parametrize("flag", ["--watch", "--watch-files"])
def test_files_are_watched_at_the_prompt(flag: str, command: Callable[..., Said], chat: Chat) -> None:
    """A single request ends before anything could be saved, and says so."""
    code, _, said = command(flag, "-m", "hi")
    assert (code, chat.started, "--watch counts at the prompt" in said) == (0, True, True)


@pytest.mark.parametrize(
    ("flag", "request_text"), [("--commit", "/commit"), ("--lint", "/lint"), ("--test", "/test")]
)
def test_one_step_and_out(flag: str, request_text: str, command: Callable[..., Said], chat: Chat) -> None:
    """As `-m /test`, which ends with a code that says how it went."""
    command(flag)
    assert cli.is_one_shot(chat.settings, at_terminal=True)
    assert chat.settings.message == request_text


@pytest.mark.parametrize("name", ALL_COMMANDS)
def test_every_command_of_aider_is_there_or_says_what_to_do(name: str) -> None:
    """None is unknown."""
    if name in FOREIGN_COMMANDS:
        with pytest.raises(UsageError, match="is a command of aider's that is not taken"):
            find_command(name)
    else:
        assert find_command(name) is COMMANDS[name]


def test_the_page_is_made_from_the_tables(approved: Callable[[Path, str], None]) -> None:
    """So that it promises what is there."""
    approved(Path(__file__).parents[3] / "docs" / "coming-from-aider.md", aider_page())


@pytest.mark.usefixtures("litellm_loaded")
def test_the_editor_model_writes_in_a_format_of_its_own(
    shop: Path, scripted: Callable[..., ScriptedModel], open_whole: Callable[..., object]
) -> None:
    """The main model's format is for the main model."""
    whole = open_whole(
        "Let sessions live for a minute.",
        editor=["shop/session.py\n```\nLIFETIME_S = 60\n```\n"],
        mode="architect",
        edit_format="diff",
        editor_edit_format="whole",
        person=Answering(True),
    )
    whole.turn()  # type: ignore[attr-defined]
    assert "SEARCH" not in str(calls_of(whole.server, "editor")[0].messages)  # type: ignore[attr-defined]


def test_the_history_of_calls_is_written_where_it_is_asked_for(
    trigpoint: Program, scripted: Callable[..., ScriptedModel], shop: Path
) -> None:
    """Prompt and reply, as text."""
    server = scripted(ModelScripts(block("new.py", "", "x = 1\n")))
    trigpoint(server.base_url, "-m", "make new.py", "--yes", "--llm-history-file", "../calls.md")
    text = (shop.parent / "calls.md").read_text(encoding="utf-8")
    assert "make new.py" in text
    assert "# REPLY OF openai/main\nnew.py" in text
