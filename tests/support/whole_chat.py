"""The whole chat in this process: the real command, chat, git and litellm; only the model is played.

litellm is imported once for all tests of a run, which takes seconds.
"""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from chat_fakes import Answering
from scripted_model import Answer, Request, ScriptedModel, text_of

from chat.app.chat import Chat
from chat.app.open import open_chat
from chat.cli import main as cli
from chat.events import Event
from chat.results import TurnResult
from chat.settings.table import Settings, changed

Line = str | Answer | Callable[[Request], str]
"""What a model says: a text, a text with something wrong, or what it makes of the prompt."""

MODELS = {"model": "openai/main", "weak-model": "openai/weak", "editor-model": "openai/editor"}
FLAGS = ("--model", "openai/main", "--weak-model", "openai/weak", "--editor-model", "openai/editor")


class Cast:
    """Three models on one server. The main and the editor model say their lines in order, the last for ever."""

    def __init__(self, *main: Line, editor: Sequence[Line] = (), weak: Line = "Do what was asked") -> None:
        self._lines: dict[str, list[Line]] = {"main": list(main), "editor": list(editor), "weak": [weak]}

    def __call__(self, request: Request) -> str | Answer:
        lines = self._lines[request.body["model"]]
        line = lines.pop(0) if len(lines) > 1 else lines[0]
        return line(request) if callable(line) else line


def calls_of(server: ScriptedModel, model: str = "main") -> list[Request]:
    """The requests that one model got, in order."""
    return [call for call in server.calls if call.body["model"] == model]


def last_text(request: Request) -> str:
    """The last message of a prompt."""
    return text_of(request.messages[-1])


@dataclass(slots=True)
class WholeChat:
    """A chat and the server behind it."""

    chat: Chat
    server: ScriptedModel
    told: list[Event] = field(default_factory=list)

    def turn(self, request: str = "please do it") -> TurnResult:
        """One request, carried through."""
        return self.chat.take_turn(request)

    @property
    def prompts(self) -> list[Request]:
        """What the main model got."""
        return calls_of(self.server)


def open_whole_chat(
    root: Path, server: ScriptedModel, *, person: Answering | None = None, **settings: Any
) -> WholeChat:
    """A real chat in a folder, with settings by name (`map_tokens=300`)."""
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    base = {"api-base": server.base_url, "api-key": (("", "k"),)}
    told: list[Event] = []
    values = changed(Settings(), {**MODELS, **base, **named}, "test")
    return WholeChat(open_chat(values, root, told.append, person or Answering()), server, told)


@dataclass(frozen=True, slots=True)
class Done:
    """What a run of the command gave."""

    code: int
    stdout: str
    stderr: str


class Program:
    """`trigpoint` in this process, where nobody is at the terminal and standard input is empty."""

    def __init__(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[bytes]
    ) -> None:
        monkeypatch.chdir(root)
        self._captured = captured
        self._monkeypatch = monkeypatch

    def __call__(self, base_url: str, *arguments: str) -> Done:
        """One run with the three models at an address."""
        self._captured.readouterr()
        with open(os.devnull, encoding="utf-8") as nothing:
            self._monkeypatch.setattr(sys, "stdin", nothing)
            code = cli.run([*FLAGS, "--api-base", base_url, "--api-key", "k", *arguments])
        stdout, stderr = self._captured.readouterr()
        return Done(code, stdout.decode(), stderr.decode())


def block(path: str, search: str, replace: str) -> str:
    """A SEARCH/REPLACE block."""
    return f"{path}\n```\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n```\n"
