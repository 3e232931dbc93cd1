"""A desk without a model, git or a journal, and the REPL or one shot at it as a program of its own.

`python fake_chat.py repl|oneshot '{"setting": value}' [PATH]…`
"""

import json
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

from chat.errors import InputError, NothingToUndo, TurnLimit, Unreachable
from chat.events import (
    CommandRan,
    Committed,
    EditsRefused,
    EditsWritten,
    Emit,
    FileEdited,
    ReasoningChunk,
    ReplyEnded,
    ReplyStarted,
    Retrying,
    TextChunk,
)
from chat.model import Mode, ModelRole, Purpose, Reply, Usage, Window
from chat.ports import Person, Ran
from chat.results import ChatFile, CheckpointRow, Proposal, TokenPart, TurnResult
from chat.settings.table import Settings, changed

EDIT = """\
The session now expires, see the *cookie*:

1. read it
2. drop it

shop/session.py
```python
<<<<<<< SEARCH
LIFETIME_S = 3600
=======
LIFETIME_S = 60
>>>>>>> REPLACE
```

That is **all**.
"""
DIFF = "--- a/shop/session.py\n+++ b/shop/session.py\n@@ -1 +1 @@\n-LIFETIME_S = 3600\n+LIFETIME_S = 60\n"
HOSTILE = "before\x1b[2J\x1b[H\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07 after\x1b[8m hidden\n"
WIDE = "漢字の説明 🙂 ends here.\n\n| 列 | b |\n|---|---|\n| 漢字 | 2 |\n"


class FakeModel:
    """Knows its names and nothing else."""

    def __init__(self) -> None:
        self.names = {
            ModelRole.MAIN: "fake/main",
            ModelRole.WEAK: "fake/weak",
            ModelRole.EDITOR: "fake/editor",
        }

    def name(self, role: ModelRole) -> str:
        return self.names[role]

    def reply(self, prompt: object, role: ModelRole, emit: Emit) -> Reply:
        raise NotImplementedError

    def window(self, role: ModelRole) -> Window:
        return Window(10_000, 1000)

    def price(self, role: ModelRole) -> None:
        return None


class FakeShell:
    """Tells which commands it was given."""

    def __init__(self) -> None:
        self.commands: list[str] = []

    def run(self, command: str, timeout_s: float | None = None) -> Ran:
        self.commands.append(command)
        return Ran(command, 1 if "false" in command else 0, f"output of {command}\n")


class FakeDesk:
    """Answers by what the request holds."""

    def __init__(self, settings: Settings, root: Path, emit: Emit, person: Person) -> None:
        self.settings = settings
        self.root = root
        self.emit = emit
        self.person = person
        self.model = FakeModel()
        self.shell = FakeShell()
        self.session_id = "20240101-fake"
        self.mode = Mode(settings.mode)
        self.requests: list[tuple[Mode, str]] = []
        self.told: list[str] = []
        self.in_chat: list[ChatFile] = []
        self.spent = Usage()
        self.calls: list[str] = []

    # The turn

    def branch(self) -> str:
        return "main"

    def context_use(self) -> float:
        return 0.2

    def take_turn(self, request: str, mode: Mode | None = None) -> TurnResult:
        self.requests.append((mode or self.mode, request))
        self.emit(ReplyStarted("fake/main", ModelRole.MAIN, 2000))
        if "unreachable" in request:
            self.emit(Retrying("connection refused", 0.1, 1))
            raise Unreachable(
                "http://127.0.0.1:9: no server answers; nothing was changed. Start it, or set --api-base."
            )
        if "too many" in request:
            raise TurnLimit("the limit of 1 turn is reached; nothing was sent.")
        if "slow" in request:
            self._stream_slowly()
        if "pause" in request:
            time.sleep(0.6)
        if "think" in request:
            self.emit(ReasoningChunk("Let me see what the session does. "))
        text = self._text(request)
        for start in range(0, len(text), 7):
            self.emit(TextChunk(text[start : start + 7]))
        usage = Usage(1, 2000, 1600, 340, 0.004)
        self.spent += usage
        self.emit(ReplyEnded(Reply(text, "stop", usage, "fake/main"), ModelRole.MAIN))
        return self._after(request, text, usage)

    def _text(self, request: str) -> str:
        known = {"edit": EDIT, "hostile": HOSTILE, "wide": WIDE, "refuse": EDIT, "long": "line\n\n" * 100}
        return next((text for word, text in known.items() if word in request), f"You said: {request}\n")

    def _after(self, request: str, text: str, usage: Usage) -> TurnResult:
        if "refuse" in request:
            message = "shop/session.py: the SEARCH text stands at lines 1 and 7"
            self.emit(EditsRefused((message,), final=True))
            return TurnResult(text, refused=(message,), usage=usage)
        if "edit" in request:
            edited = FileEdited("shop/session.py", DIFF, "changed")
            commit = Committed("1a2b3c4d5e6f", "Let sessions expire sooner", ("shop/session.py",))
            self.emit(EditsWritten((edited,), self.settings.dry_run))
            self.emit(ReplyStarted("fake/weak", ModelRole.WEAK, 100))
            self.emit(TextChunk("Let sessions expire sooner"))
            self.emit(
                ReplyEnded(Reply("Let sessions expire sooner", "stop", Usage(), "fake/weak"), ModelRole.WEAK)
            )
            self.emit(commit)
            return TurnResult(text, edits=(edited,), commits=(commit,), usage=usage)
        return TurnResult(text, usage=usage)

    def _stream_slowly(self) -> None:
        self.emit(TextChunk("This takes\n\n"))
        for number in range(400):
            self.emit(TextChunk(f"word{number} "))
            time.sleep(0.02)

    # The files and the map

    def add(self, patterns: Sequence[str], *, read_only: bool = False) -> tuple[str, ...]:
        for pattern in patterns:
            if not (self.root / pattern).exists():
                raise InputError(f"{pattern}: no such file; nothing was added.")
        new = tuple(path for path in patterns if path not in {file.path for file in self.in_chat})
        self.in_chat += [ChatFile(path, read_only, tokens=1200, part=False) for path in new]
        return new

    def drop(self, patterns: Sequence[str]) -> tuple[str, ...]:
        gone = tuple(file.path for file in self.in_chat if not patterns or file.path in patterns)
        self.in_chat = [file for file in self.in_chat if file.path not in gone]
        return gone

    def files(self) -> Sequence[ChatFile]:
        return self.in_chat

    def map(self, refresh: bool = False) -> str:
        self.calls.append(f"map {refresh}")
        return "shop/session.py:\n  class Session"

    def lookup(self, line: str) -> str:
        return f"answer to {line}"

    def prompt_text(self, request: str) -> str:
        return f"system\n\n{request}"

    def paths(self) -> Sequence[str]:
        return ("shop/session.py", "shop/cart.py", "docs/a name.md", "README.md")

    def symbols(self) -> Sequence[str]:
        return ("Session", "read_cookie", "Cart")

    def models(self, part: str = "") -> Sequence[str]:
        return tuple(name for name in ("fake/main", "fake/weak", "openai/gpt-5") if part in name)

    # The rest tells that it was called

    def tokens(self) -> Sequence[TokenPart]:
        return (
            TokenPart("rules", 1000, 0.003),
            TokenPart("map", 500, 0.0015),
            TokenPart("ceiling", 10_000, None),
        )

    def usage(self) -> Mapping[ModelRole, Usage]:
        return {ModelRole.MAIN: self.spent} if self.spent.calls else {}

    def undo(self) -> str:
        raise NothingToUndo("There is no turn to undo.")

    def redo(self) -> str:
        return self._called("redo")

    def clear(self) -> None:
        self._called("clear")

    def reset(self) -> None:
        self._called("reset")

    def compact(self, focus: str = "") -> str:
        return self._called(f"compact {focus}".strip())

    def uncompact(self) -> str:
        return self._called("uncompact")

    def set_mode(self, mode: Mode) -> None:
        self.mode = mode

    def set_model(self, role: ModelRole, name: str) -> None:
        self.model.names[role] = name

    def configure(self, name: str, value: object) -> None:
        self.settings = changed(self.settings, {name: value}, "typed")  # type: ignore[dict-item]

    def say_to_model(self, text: str) -> None:
        self.told.append(text)

    def commit(self, message: str = "") -> Committed | None:
        self._called(f"commit {message}".strip())
        return None

    def diff(self) -> str:
        return DIFF

    def rollback(self, number: int, what: Literal["files", "conversation", "both"]) -> str:
        return self._called(f"rollback {number} {what}")

    def checkpoints_list(self) -> Sequence[CheckpointRow]:
        return (CheckpointRow(1, "before: expire sooner", "2 min ago"),)

    def run(self, command: str) -> Ran:
        return self._ran(command, "run")

    def test(self) -> Ran:
        return self._ran(self.settings.test_cmd, "test")

    def lint(self, patterns: Sequence[str] = ()) -> Ran | None:
        return self._ran("lint false", "lint") if patterns else None

    def _ran(self, command: str, purpose: Purpose) -> Ran:
        ran = self.shell.run(command)
        self.emit(CommandRan(command, ran.exit_code, ran.output, purpose))
        return ran

    def focus(self, what: str) -> str:
        return self._called(f"focus {what}")

    def done(self, conclusion: str) -> str:
        return self._called(f"done {conclusion}")

    def remember(self, text: str) -> str:
        return self._called(f"remember {text}")

    def memory(self) -> str:
        return "Use tabs."

    def propose_notes(self) -> tuple[Proposal, ...]:
        return (Proposal("Tabs are used.", "use tabs"),)

    def offload(self, text: str) -> str:
        return text

    def sessions(self) -> str:
        return "20240101-fake  2 turns"

    def warm_up(self) -> None:
        self._called("warm_up")

    def close(self) -> None:
        self._called("close")

    def _called(self, call: str) -> str:
        self.calls.append(call)
        return f"{call}: done."


def main() -> int:
    face, values, *paths = sys.argv[1:]
    settings = replace(Settings(), **json.loads(values))
    if face == "repl":
        from chat.terminal.repl import run
    else:
        from chat.terminal.oneshot import run
    return run(settings, paths, FakeDesk)


if __name__ == "__main__":
    sys.exit(main())
