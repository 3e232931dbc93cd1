"""The whole chat in this process: the real command, git and litellm; only the model is scripted.

litellm is imported once for all tests of a run, which takes seconds.
"""

import sys
import tempfile
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

ScriptedReply = str | Answer | Callable[[Request], str]
"""A reply of a model: a text, one with something wrong, or a function of the request."""

MODELS = {"model": "openai/main", "weak-model": "openai/weak", "editor-model": "openai/editor"}
FLAGS = ("--model", "openai/main", "--weak-model", "openai/weak", "--editor-model", "openai/editor")


class ModelScripts:
    """Three models on one server. Main and editor model give their replies in order, the last one for ever."""

    def __init__(
        self,
        *main: ScriptedReply,
        editor: Sequence[ScriptedReply] = (),
        weak: ScriptedReply = "Do what was asked",
    ) -> None:
        self._scripts: dict[str, list[ScriptedReply]] = {
            "main": list(main),
            "editor": list(editor),
            "weak": [weak],
        }

    def __call__(self, request: Request) -> str | Answer:
        script = self._scripts[request.body["model"]]
        reply = script.pop(0) if len(script) > 1 else script[0]
        return reply(request) if callable(reply) else reply


def calls_of(server: ScriptedModel, model: str = "main") -> list[Request]:
    """Return the requests that one model got, in order."""
    return [call for call in server.calls if call.body["model"] == model]


def last_text(request: Request) -> str:
    """Return the last message of a prompt."""
    return text_of(request.messages[-1])


@dataclass(slots=True)
class WholeChat:
    """An open chat, the server behind it, and the events so far."""

    chat: Chat
    server: ScriptedModel
    events: list[Event] = field(default_factory=list)

    def turn(self, request: str = "please do it") -> TurnResult:
        """Carry one request through."""
        return self.chat.take_turn(request)

    @property
    def prompts(self) -> list[Request]:
        """The requests that the main model got."""
        return calls_of(self.server)


def open_whole_chat(
    root: Path, server: ScriptedModel, *, person: Answering | None = None, **settings: Any
) -> WholeChat:
    """Open a real chat in a folder, with settings by name (`map_tokens=300`)."""
    named = {name.replace("_", "-"): value for name, value in settings.items()}
    base = {"api-base": server.base_url, "api-key": (("", "k"),)}
    events: list[Event] = []
    values = changed(Settings(), {**MODELS, **base, **named}, "test")
    return WholeChat(open_chat(values, root, events.append, person or Answering()), server, events)


@dataclass(frozen=True, slots=True)
class ProgramRun:
    """What one run of the command printed, and its exit code."""

    code: int
    stdout: str
    stderr: str


class Program:
    """`trigpoint` in this process, where nobody is at the terminal; standard input is empty unless `given` is set."""

    given = ""

    def __init__(
        self, root: Path, monkeypatch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[bytes]
    ) -> None:
        monkeypatch.chdir(root)
        self._captured = captured
        self._monkeypatch = monkeypatch

    def __call__(self, base_url: str, *arguments: str) -> ProgramRun:
        """Run the command once, with the three models at an address."""
        return self.run(*FLAGS, "--api-base", base_url, "--api-key", "k", *arguments)

    def run(self, *arguments: str) -> ProgramRun:
        """Run the command once, with these arguments alone."""
        self._captured.readouterr()
        with tempfile.TemporaryFile("w+", encoding="utf-8") as given:
            given.write(self.given)
            given.seek(0)
            self._monkeypatch.setattr(sys, "stdin", given)
            code = cli.run(arguments)
        stdout, stderr = self._captured.readouterr()
        return ProgramRun(code, stdout.decode(), stderr.decode())


def block(path: str, search: str, replace: str) -> str:
    """Return a SEARCH/REPLACE block."""
    return f"{path}\n```\n<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n```\n"
