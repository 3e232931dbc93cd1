"""Fakes of the chat's ports: a scripted model, a git in memory, a person who answers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from chat.app.chat import Chat
from chat.app.configuration import Configuration
from chat.conversation.conversation import Conversation
from chat.errors import NeedsTerminal
from chat.events import Emit, Event, ReplyEnded, ReplyStarted
from chat.hooks.hooks import Hooks
from chat.model import ModelRole, Price, Prompt, Reply, Usage, Window
from chat.ports import Commit, Journal, JournalRecord, Permit, Ran, Shell
from chat.prompt.chat_files import ChatFiles
from chat.recovery.changes import Changes
from chat.safety.shell import NO_VARIABLES
from chat.sessions.memory import Memory
from chat.sessions.records.journal_line import JournalLine
from chat.settings.table import Settings
from chat.snapshots.file_snapshots import FileSnapshots
from chat.snapshots.kept_changes import KeptChanges
from chat.snapshots.store import SnapshotStore
from chat.state.state import Ports, State, open_state
from chat.state.workspace import Workspace
from chat.turn.notes import Notes

Script = Sequence[str | Reply | BaseException | Callable[[Prompt], str]]


class ScriptedModel:
    """Gives the replies of its script in order, and `weak` to every call of the weak model."""

    def __init__(
        self, *script: str | Reply | BaseException | Callable[[Prompt], str], weak: str = "Do it"
    ) -> None:
        self.script = list(script)
        self.weak = weak
        self.prompts: list[Prompt] = []
        self.editor_prompts: list[Prompt] = []
        self.weak_prompts: list[Prompt] = []
        self.input_tokens = 100_000
        self.best_format = ""

    def name(self, role: ModelRole) -> str:
        return f"fake/{role.value}"

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
        if role is ModelRole.WEAK:
            self.weak_prompts.append(prompt)
            return Reply(self.weak, "stop", Usage(1, 10, 0, 2, 0.0), "fake/weak")
        (self.prompts if role is ModelRole.MAIN else self.editor_prompts).append(prompt)
        emit(ReplyStarted(self.name(role), role, 0))
        if not self.script:
            raise AssertionError("The script has ended, and one more call was made.")
        scripted = self.script.pop(0)
        if isinstance(scripted, BaseException):
            raise scripted
        if isinstance(scripted, Reply):
            reply = scripted
        else:
            text = scripted(prompt) if callable(scripted) else scripted
            reply = Reply(text, "stop", Usage(1, 100, 0, 10, 0.001), "fake/main")
        emit(ReplyEnded(reply, role))
        return reply

    def window(self, role: ModelRole) -> Window:
        return Window(self.input_tokens, 4096)

    def edit_format(self, role: ModelRole) -> str:
        return self.best_format

    def price(self, role: ModelRole) -> Price | None:
        return None

    def load_in_background(self) -> None: ...


class MemoryRepository:
    """A git repository that only remembers what was committed and staged."""

    def __init__(self, dirty: Sequence[str] = (), blocked: str = "", left_out: Sequence[str] = ()) -> None:
        self.commits: list[tuple[tuple[str, ...], str]] = []
        self.staged: list[tuple[str, ...]] = []
        self._dirty = tuple(dirty)
        self._blocked = blocked
        self._left_out = tuple(left_out)

    def blocked(self) -> str:
        return self._blocked

    def branch(self) -> str:
        return "main"

    def head(self) -> str:
        return f"{len(self.commits):040x}"

    def dirty(self, paths: Sequence[str]) -> tuple[str, ...]:
        return tuple(path for path in self._dirty if path in paths or not paths)

    def partly_staged(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        return {}

    def changes(self) -> tuple[str, ...]:
        return self._dirty

    def commit(
        self,
        paths: Sequence[str],
        message: str,
        *,
        contents: Mapping[str, bytes | None] = MappingProxyType({}),
        announce: Callable[[Mapping[str, str]], None] | None = None,
    ) -> Commit | None:
        if announce is not None:
            announce(dict.fromkeys(paths, message))
        self.commits.append((tuple(paths), message))
        return Commit(f"{len(self.commits):040x}", message.split("\n", maxsplit=1)[0], tuple(paths))

    def amend(
        self,
        commit: str,
        paths: Sequence[str],
        message: str,
        *,
        contents: Mapping[str, bytes | None] = MappingProxyType({}),
        announce: Callable[[Mapping[str, str]], None] | None = None,
    ) -> Commit | None:
        self.commits.pop()
        return self.commit(paths, message, announce=announce)

    @contextmanager
    def candidate(
        self, paths: Sequence[str], contents: Mapping[str, bytes | None] = MappingProxyType({})
    ) -> Iterator[Path]:
        yield Path("index")

    def at_head(self, path: str) -> bytes | None:
        return None

    def is_left_out(self, path: str) -> bool:
        return path in self._left_out

    def named(self, *, author: bool, committer: bool) -> "MemoryRepository":
        return self

    def stage(
        self, paths: Sequence[str], contents: Mapping[str, bytes | None] = MappingProxyType({})
    ) -> None:
        self.staged.append(tuple(paths))

    def diff(self, paths: Sequence[str] = (), against: str = "HEAD") -> str:
        return "diff"

    def message(self, commit: str) -> str:
        return self.commits[int(commit, 16) - 1][1]

    def made_since(self, head: str, entries: Mapping[str, str], paths: Sequence[str] = ()) -> str:
        commits = enumerate(self.commits[int(head or "0", 16) :], int(head or "0", 16) + 1)
        return next((f"{n:040x}" for n, (p, m) in commits if dict.fromkeys(p, m) == entries), "")

    def subjects(self, count: int) -> tuple[str, ...]:
        return ()


class MemoryJournal:
    """A journal in memory."""

    session_id = "fake"

    def __init__(self) -> None:
        self.records: list[tuple[str, Mapping[str, object]]] = []

    def write(self, record: JournalRecord) -> int:
        self.records.append((record.kind, dict(record.fields())))
        return len(self.records)

    def close(self) -> None: ...


class MemorySnapshots:
    """Snapshots that hold nothing but their labels."""

    def __init__(self) -> None:
        self.labels: list[str] = []

    def take(self, label: str) -> str:
        self.labels.append(label)
        return f"snapshot-{len(self.labels)}"

    def read(self, snapshot: str, path: str) -> bytes | None:
        return None


@dataclass
class Answering:
    """A person who gives the same answer to every question; None for nobody."""

    answer: bool | None = None
    asked: list[str] = field(default_factory=list)
    permits: Permit = "no"
    """The answer to what the model wants to run."""

    @property
    def is_there(self) -> bool:
        return self.answer is not None

    def permit(self, command: str, rule: str) -> Permit:
        self.asked.append(f"{command} [{rule}]")
        return self.permits

    def confirm(self, question: str, subject: str = "") -> bool:
        self.asked.append(question)
        if self.answer is None:
            raise NeedsTerminal("Nobody is there to ask.")
        return self.answer

    def offer(self, command: str) -> bool:
        self.asked.append(command)
        return bool(self.answer)


class FakeShell:
    """Keeps its commands; ``outcome`` gives the exit code and the output of each."""

    def __init__(self, outcome: Callable[[str], tuple[int, str]]) -> None:
        self.commands: list[str] = []
        self._outcome = outcome

    def run(
        self,
        command: str,
        timeout_s: float | None = None,
        *,
        variables: Mapping[str, str] = NO_VARIABLES,
    ) -> Ran:
        self.commands.append(command)
        return Ran(command, *self._outcome(command))


class ScriptedShell(FakeShell):
    """Commands end as scripted: exit code and output, in order."""

    def __init__(self, *script: tuple[int, str]) -> None:
        self.script = list(script)
        super().__init__(lambda _: self.script.pop(0))


def log_of(state: State) -> str:
    """Return all messages of the conversation as one text."""
    return "\n".join(message.text for message in state.conversation.prompt().messages)


def fake_state(
    root: Path,
    model: ScriptedModel,
    *,
    settings: Settings | None = None,
    repository: MemoryRepository | None = None,
    shell: ScriptedShell | None = None,
    person: Answering | None = None,
    journal: Journal | None = None,
    snapshots: SnapshotStore | MemorySnapshots | None = None,
    history: Callable[[], Iterable[JournalLine]] = tuple,
    kept: KeptChanges | None = None,
    conversation: Conversation | None = None,
    model_shell: Shell | None = None,
    hooks: Hooks | None = None,
) -> tuple[State, list[Event]]:
    """The state of a chat over real files and fake everything else, and its events."""
    events: list[Event] = []
    ports = Ports(
        root=root,
        workspace=Workspace(root),
        repository=repository if repository is not None else MemoryRepository(),
        snapshots=snapshots or MemorySnapshots(),
        journal=journal or MemoryJournal(),
        shell=shell or ScriptedShell(),
        person=person or Answering(),
        emit=events.append,
        history=history,
        kept=kept or KeptChanges(),
        model_shell=model_shell,
        hooks=hooks,
    )
    return open_state(ports, settings or Settings(), model, conversation or Conversation()), events


def small_chat(
    root: Path,
    model: ScriptedModel,
    *,
    shell: ScriptedShell | None = None,
    person: Answering | None = None,
    hooks: Hooks | None = None,
) -> tuple[Chat, list[Event]]:
    """The real chat over real files and snapshots, without git and with fake everything else, and its events."""
    snapshots = FileSnapshots(root, root.parent / "snapshots", lambda: Workspace(root).paths(refresh=True))
    state, events = fake_state(root, model, shell=shell, person=person, snapshots=snapshots, hooks=hooks)
    chat = Chat(
        state,
        files=ChatFiles(state),
        changes=Changes(state, None),
        configuration=Configuration(
            state, lambda settings: model, lambda part: (f"fake/{part}",), lambda name, base: ""
        ),
        notes=Notes(state, Memory(root)),
        run_git=lambda words: state.ports.shell.run(f"git {' '.join(words)}"),
    )
    return chat, events
