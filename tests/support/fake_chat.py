"""A chat without a model, git or a journal, and a program that runs the REPL or one request on it.

`python fake_chat.py repl|oneshot '{"setting": value}' [PATH]…`
"""

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from chat_fakes import FakeShell

from chat.app.agents import AgentRow
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
from chat.model import Mode, ModelRole, Plan, PlanStep, Purpose, Reply, Usage, Window
from chat.ports import Person, Ran
from chat.results import ChatFile, CheckOutcome, CheckpointRow, GoalSummary, Proposal, TokenPart, TurnResult
from chat.safety.masks import Masks
from chat.sessions.goal_plan import diff_of, revised
from chat.sessions.records.goal import PlanRevised
from chat.settings.table import Settings, changed
from chat.state.delegates import AgentTask

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
    """Knows only its names."""

    def __init__(self) -> None:
        self.names = {
            ModelRole.MAIN: "fake/main",
            ModelRole.WEAK: "fake/weak",
            ModelRole.EDITOR: "fake/editor",
            ModelRole.JUDGE: "fake/weak",
        }

    def name(self, role: ModelRole) -> str:
        return self.names[role]

    def reply(self, prompt: object, role: ModelRole, emit: Emit) -> Reply:
        raise NotImplementedError

    def window(self, role: ModelRole) -> Window:
        return Window(10_000, 1000)

    def edit_format(self, role: ModelRole) -> str:
        return ""

    def price(self, role: ModelRole) -> None:
        return None


class Part:
    """A part of the fake chat. Methods that it does not define only return that they were called."""

    def __init__(self, chat: "FakeChat") -> None:
        self.chat = chat

    def __getattr__(self, name: str) -> Callable[..., str]:
        def call(*arguments: object) -> str:
            return f"{' '.join(map(str, (name, *filter(None, arguments))))}: done."

        return call


class FakeFiles(Part):
    """Adds and drops files by their names."""

    def __init__(self, chat: "FakeChat") -> None:
        super().__init__(chat)
        self._files: list[ChatFile] = []

    def add(self, patterns: Sequence[str], *, read_only: bool = False) -> tuple[str, ...]:
        for pattern in patterns:
            if not (self.chat.root / pattern).exists():
                raise InputError(f"There is no file {pattern}. Nothing was added.")
        new = tuple(path for path in patterns if path not in {file.path for file in self._files})
        self._files += [ChatFile(path, read_only, tokens=1200, part=False) for path in new]
        return new

    def is_new(self, name: str) -> bool:
        return False

    def similar(self, name: str) -> str:
        return ""

    def take_back_blank(self) -> tuple[str, ...]:
        return ()

    def drop(self, patterns: Sequence[str]) -> tuple[str, ...]:
        gone = tuple(file.path for file in self._files if not patterns or file.path in patterns)
        self._files = [file for file in self._files if file.path not in gone]
        return gone

    def listed(self) -> Sequence[ChatFile]:
        return self._files


class FakePrompt(Part):
    """A prompt of fixed size."""

    def map(self, request: str = "", *, refresh: bool = False) -> str:
        return "shop/session.py:\n  class Session"

    def text(self, request: str) -> str:
        return f"system\n\n{request}"

    def parts(self) -> Sequence[TokenPart]:
        return (
            TokenPart("rules", 1000, 0.003),
            TokenPart("map", 500, 0.0015),
            TokenPart("ceiling", 10_000, None),
        )

    def share_used(self) -> float:
        return 0.2


class FakeIndex(Part):
    """Knows a few names."""

    def answer(self, line: str) -> str:
        return f"answer to {line}"

    def paths(self) -> Sequence[str]:
        return ("shop/session.py", "shop/cart.py", "docs/a name.md", "README.md")

    def paths_in(self, text: str) -> Sequence[str]:
        return tuple(path for path in self.paths() if path in text)

    def symbols(self) -> Sequence[str]:
        return ("Session", "read_cookie", "Cart")


class FakeConversation(Part):
    """Remembers what the model is told with the next request."""

    def __init__(self, chat: "FakeChat") -> None:
        super().__init__(chat)
        self.told: list[str] = []

    def tell_model(self, text: str) -> None:
        self.told.append(text)

    def offload(self, text: str) -> str:
        return text


class FakeChanges(Part):
    """Has one checkpoint and one diff."""

    def undo(self) -> str:
        raise NothingToUndo("There is no turn to undo.")

    def commit(self, message: str = "") -> None:
        return None

    def diff(self) -> str:
        return DIFF

    def checkpoints(self) -> Sequence[CheckpointRow]:
        return (CheckpointRow(1, "before: expire sooner", "2 min ago"),)


class FakePrograms(Part):
    """Runs commands by the fake shell."""

    def run(self, command: str, purpose: Purpose = "run") -> Ran:
        ran = self.chat.shell.run(command)
        self.chat.emit(CommandRan(command, ran.exit_code, ran.output, purpose))
        return ran

    def git(self, arguments: str) -> Ran:
        return self.run(f"git {arguments}")

    def may_run(self, name: str) -> bool:
        return True

    def test(self) -> Ran:
        return self.run(self.chat.settings.test_cmd, "test")

    def lint(self, patterns: Sequence[str] = ()) -> Ran | None:
        return self.run("lint false", "lint") if patterns else None


class FakeConfiguration(Part):
    """Settings, mode and models can be changed."""

    def choose_mode(self, mode: Mode) -> None:
        self.chat.mode = mode

    def choose_model(self, role: ModelRole, name: str) -> None:
        self.chat.model.names[role] = name

    def set(self, name: str, value: object) -> None:
        self.chat.settings = changed(self.chat.settings, {name: value}, "typed")  # type: ignore[dict-item]

    def doubt_about_model(self, role: ModelRole) -> str:
        return "" if "/" in self.chat.model.name(role) else "No provider is known. Similar: sonnet."

    def known_models(self, part: str = "") -> Sequence[str]:
        return tuple(name for name in ("fake/main", "fake/weak", "openai/gpt-5") if part in name)


class FakePermissions(Part):
    """No rules, and the mode of the settings."""

    mode_source = "default"

    @property
    def mode(self) -> str:
        return self.chat.settings.permission_mode

    def rules(self) -> tuple[()]:
        return ()


class FakeAgents(Part):
    """One agent, and one whose file is not trusted."""

    def rows(self) -> tuple[AgentRow, ...]:
        return (
            AgentRow("explorer", "Reads the code.", "reads", "weak", "built in"),
            AgentRow("helper", "Helps.", "reads", "main", "helper.md", "not trusted; see trigpoint trust"),
        )

    def make(self, name: str) -> Path:
        return Path(f"{name}.md")


class FakeGoals(Part):
    """There is no goal, or with the setting one that has a plan and is paused between turns."""

    progress = ended = None

    def __init__(self, chat: "FakeChat") -> None:
        super().__init__(chat)
        self.plan = Plan((PlanStep("Read it", "def read():"), PlanStep("Test it")))

    def summary(self) -> GoalSummary | None:
        if not self.chat.settings.goal:
            return None
        return GoalSummary(
            condition=self.chat.settings.goal,
            status="active" if self.chat.is_busy else "paused",
            reason="",
            evidence=(),
            turns=3,
            seconds=1.0,
            tokens=10,
            cost_usd=0.02,
            limits="",
            checks=(CheckOutcome(command="false", exit_code=1, output="", timed_out=False),),
            plan=self.plan,
        )

    def change_plan(self, steps: Sequence[str]) -> Plan:
        self.plan = revised(
            self.plan, PlanRevised("", diff_of([step.text for step in self.plan.steps], steps))
        )
        return self.plan


class FakeNotes(Part):
    """Keeps one note and proposes one."""

    def text(self) -> str:
        return "Use tabs."

    def propose(self) -> tuple[Proposal, ...]:
        return (Proposal("Tabs are used.", "use tabs"),)


class FakeChat:
    """Replies by the words of the request."""

    def __init__(self, settings: Settings, root: Path, emit: Emit, person: Person) -> None:
        self.settings = settings
        self.root = root
        self.emit = emit
        self.person = person
        self.model = FakeModel()
        self.shell = FakeShell(lambda command: (int("false" in command), f"output of {command}\n"))
        self.session_id = "20240101-fake"
        self.mode = Mode(settings.mode)
        self.requests: list[tuple[Mode, str]] = []
        self.spent = Usage()
        self.is_busy = False
        self.files = FakeFiles(self)
        self.prompt = FakePrompt(self)
        self.index = FakeIndex(self)
        self.conversation = FakeConversation(self)
        self.masks = Masks()
        self.changes = FakeChanges(self)
        self.programs = FakePrograms(self)
        self.configuration = FakeConfiguration(self)
        self.notes = FakeNotes(self)
        self.permissions = FakePermissions(self)
        self.goals = FakeGoals(self)
        self.agents = FakeAgents(self)

    def branch(self) -> str:
        return "main"

    def usage(self) -> Mapping[ModelRole, Usage]:
        return {ModelRole.MAIN: self.spent} if self.spent.calls else {}

    def warm_up(self) -> None: ...

    def warm_up_beside(self) -> None: ...

    def close(self, reason: str = "other") -> None: ...

    def tell_idle(self) -> None: ...

    def delegate(self, request: str, task: AgentTask) -> TurnResult:
        self.requests.append((self.mode, request))
        return TurnResult(f"Report of the agent {task.name} on “{task.task}”")

    def take_turn(self, request: str, mode: Mode | None = None, *, names_files: bool = False) -> TurnResult:
        self.is_busy = True
        try:
            return self._take_turn(request, mode)
        finally:
            self.is_busy = False

    def _take_turn(self, request: str, mode: Mode | None) -> TurnResult:
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


def main() -> int:
    face, values, *paths = sys.argv[1:]
    settings = replace(Settings(), **json.loads(values))
    if face == "repl":
        from chat.terminal.interactive.repl import run
    else:
        from chat.terminal.single_run.oneshot import run
    return run(settings, paths, FakeChat)


if __name__ == "__main__":
    sys.exit(main())
