"""One command of the chat: its row in the table, where it is typed, and the desk that it works on."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from chat.display.input_line import mentions, without_mention
from chat.errors import InputError, NeedsTerminal
from chat.events import Committed, Emit, Notice, Shown, TurnEnded
from chat.model import Mode, ModelRole, RepoPath, Usage
from chat.ports import Model, Person, Ran, Shell
from chat.results import ChatFile, CheckpointRow, Proposal, TokenPart, TurnResult
from chat.settings.table import Settings


class Desk(Protocol):
    """What commands, the REPL and one shot drive; `chat.desk` holds the real one."""

    @property
    def root(self) -> Path: ...
    @property
    def settings(self) -> Settings: ...
    @property
    def model(self) -> Model: ...
    @property
    def person(self) -> Person: ...
    @property
    def emit(self) -> Emit: ...
    @property
    def shell(self) -> Shell: ...
    @property
    def session_id(self) -> str: ...
    @property
    def mode(self) -> Mode: ...

    def warm_up(self) -> None:
        """Loads what the first turn needs; called in a thread of its own."""
        ...

    def branch(self) -> str: ...
    def context_use(self) -> float: ...
    def take_turn(self, request: str, mode: Mode | None = None) -> TurnResult: ...
    def prompt_text(self, request: str) -> str:
        """The prompt that a turn would send, to be read by a person."""
        ...

    def configure(self, name: str, value: object) -> None: ...
    def add(self, patterns: Sequence[str], *, read_only: bool = False) -> tuple[RepoPath, ...]: ...
    def drop(self, patterns: Sequence[str]) -> tuple[RepoPath, ...]: ...
    def files(self) -> Sequence[ChatFile]: ...
    def map(self, refresh: bool = False) -> str: ...
    def tokens(self) -> Sequence[TokenPart]: ...
    def usage(self) -> Mapping[ModelRole, Usage]: ...
    def undo(self) -> str: ...
    def redo(self) -> str: ...
    def clear(self) -> None: ...
    def reset(self) -> None: ...
    def compact(self, focus: str = "") -> str: ...
    def uncompact(self) -> str: ...
    def set_mode(self, mode: Mode) -> None: ...
    def set_model(self, role: ModelRole, name: str) -> None: ...
    def say_to_model(self, text: str) -> None: ...
    def commit(self, message: str = "") -> Committed | None: ...
    def diff(self) -> str: ...
    def rollback(self, number: int, what: Literal["files", "conversation", "both"]) -> str: ...
    def checkpoints_list(self) -> Sequence[CheckpointRow]: ...
    def lookup(self, line: str) -> str: ...
    def run(self, command: str) -> Ran: ...
    def test(self) -> Ran: ...
    def lint(self, patterns: Sequence[str] = ()) -> Ran | None:
        """Runs the lint commands on these files, by default those of the chat; None where none applies."""
        ...

    def focus(self, what: str) -> str: ...
    def done(self, conclusion: str) -> str: ...
    def remember(self, text: str) -> str: ...
    def memory(self) -> str: ...
    def propose_notes(self) -> Sequence[Proposal]:
        """What of this session could be kept for later ones; asks the weak model once."""
        ...

    def offload(self, text: str) -> str:
        """A text as a prompt holds it: of a long one a part, and where the rest is."""
        ...

    def sessions(self) -> str: ...
    def models(self, part: str = "") -> Sequence[str]:
        """The models that are known and whose names hold this."""
        ...

    def paths(self) -> Sequence[RepoPath]:
        """The files of the repository, for completion; empty until they are known."""
        ...

    def symbols(self) -> Sequence[str]:
        """The names that the index knows, for completion; empty until they are known."""
        ...

    def close(self) -> None: ...


class Leave(Exception):
    """The user is done."""


def _no_editor(text: str) -> str:
    raise NeedsTerminal(
        f"There is no terminal for an editor, so nothing was written ({len(text)} characters)."
    )


@dataclass(slots=True)
class Seat:
    """Where commands and messages come from: a person at a terminal, or a script."""

    desk: Desk
    at_terminal: bool
    around_turn: Callable[[], AbstractContextManager[None]] = nullcontext
    """Entered while a turn goes on."""
    edit: Callable[[str], str] = _no_editor
    """Lets the user edit a text and gives what it then is."""
    multiline: bool = False
    """Enter makes a new line."""
    prefill: str = ""
    """What the next prompt begins with."""
    answer: str = ""
    """The last one, for the clipboard."""
    turns: list[TurnResult] = field(default_factory=list)
    ends: bool = False
    """The chat is over with this line, so that a choice for later turns would be forgotten at once."""
    failed: bool = False
    """A command did what it should and found what is no success, as red tests."""

    def send(self, request: str, mode: Mode | None = None) -> TurnResult:
        """Takes a turn, perhaps in another mode; files named with `@` are added first."""
        request = self._with_mentions(request)
        before = len(self.turns)
        try:
            with self.around_turn():
                taken = self.desk.take_turn(request, mode)
            self.turns.append(taken)
            self.answer = taken.text or self.answer
        finally:
            usage = self.turns[-1].usage if len(self.turns) > before else Usage()
            self.desk.emit(TurnEnded(usage, sum(self.desk.usage().values(), Usage())))
        return taken

    def choosing(self, what: str, instead: str) -> None:
        """Raises NeedsTerminal where a choice would be in vain: it must not pass for done."""
        if self.ends:
            raise NeedsTerminal(
                f"{what} is for the turns that follow, and this run has none; nothing was done. "
                f"Say {instead}, or type it at the prompt."
            )

    def show(self, text: str, form: Literal["text", "diff"] = "text") -> None:
        """Gives what a command was asked for."""
        self.desk.emit(Shown(text, form))

    def say(self, text: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Tells what was done."""
        self.desk.emit(Notice(text, level))

    def offer_to_model(self, ran: Ran) -> None:
        """Shows the model what a command printed, if a person at the terminal wants that; never unasked."""
        if self.at_terminal and self.desk.person.confirm("Show this to the model?"):
            self.desk.say_to_model(f"I ran `{ran.command}`: exit code {ran.exit_code}.\n\n{ran.output}")

    def _with_mentions(self, request: str) -> str:
        for name in mentions(request):
            try:
                self.desk.add([name])
            except InputError:
                continue  # a decorator, an address, a name: left as it is
            request = without_mention(request, name)
        return request


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table."""

    name: str
    arguments: str
    """As the usage line names them."""
    help: str
    """One line."""
    run: Callable[[Seat, str], None]
    more: str = ""
    """What else `/help NAME` says."""
    aliases: tuple[str, ...] = ()
    needs_terminal: bool = False
    completes: Literal["", "paths", "chat files", "models", "settings", "commands", "symbols"] = ""
    """What its arguments are completed with."""

    @property
    def usage(self) -> str:
        """`/name ARGUMENTS`."""
        return f"/{self.name} {self.arguments}".rstrip()
