"""One command of the chat, and the context in which commands run."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Literal

from chat.conversation.prompt_texts import command_text
from chat.display.input_line import mentions, without_mention
from chat.errors import InputError, NeedsTerminal
from chat.events import Notice, NoticeLevel, Shown, TurnEnded
from chat.model import Mode, Usage
from chat.ports import Ran
from chat.results import TurnResult
from chat.state.delegates import AgentTask
from chat.state.workspace import is_image

if TYPE_CHECKING:
    from chat.app.chat import Chat


class Leave(Exception):
    """The user leaves the chat."""


def alone(request: str) -> tuple[str, Callable[[], None]]:
    """Return a request as it is, with nothing to be done once it was sent."""
    return request, lambda: None


def _no_editor(text: str) -> str:
    raise NeedsTerminal(
        f"An editor needs a terminal. Nothing was sent of the message ({len(text)} characters)."
    )


@dataclass(slots=True)
class CommandContext:
    """What commands act on, and whether a person at a terminal typed them."""

    chat: "Chat"
    at_terminal: bool
    _: KW_ONLY
    around_turn: Callable[[], AbstractContextManager[None]] = nullcontext
    """Entered for the length of each turn."""
    around_work: Callable[[], AbstractContextManager[None]] = nullcontext
    """Entered while a command does what may take long and is no turn, such as running the tests."""
    edit: Callable[[str], str] = _no_editor
    """Lets the user edit a text in an editor; returns the new text."""
    multiline: bool = False
    """Enter starts a new line instead of sending."""
    prefill: str = ""
    """Text that the next prompt begins with."""
    answer: str = ""
    """The last answer, for `/copy`."""
    turns: list[TurnResult] = field(default_factory=list)
    ends: bool = False
    """The run ends with this line, so a choice for later turns would have no effect."""
    failed: bool = False
    """A command worked but its result is a failure, such as failing tests."""
    joined: Callable[[str], tuple[str, Callable[[], None]]] = alone
    """Adds to a request what has come in for it since; and notes that a turn has read that."""

    def send(
        self,
        request: str,
        mode: Mode | None = None,
        *,
        names_files: bool = False,
        is_typed: bool = True,
        task: AgentTask | None = None,
    ) -> TurnResult:
        """Take a turn, in another mode if given; of what is typed, add the files named with `@` first.

        With ``names_files``, the answer is to name files, which is no request to see them. A ``task`` is done by an
        agent.
        """
        request = self._with_mentions(request) if is_typed else request
        before = len(self.turns)
        try:
            request, note_read = self.joined(request)
            with self.around_turn():
                if task is not None:
                    result = self.chat.delegate(request, task)
                else:
                    result = self.chat.take_turn(request, mode, names_files=names_files)
            note_read()
            self.turns.append(result)
            self.answer = result.text or self.answer
        finally:
            usage = self.turns[-1].usage if len(self.turns) > before else Usage()
            self.chat.emit(TurnEnded(usage, sum(self.chat.usage().values(), Usage())))
        return result

    def require_later_turns(self, command: str, flag: str) -> None:
        """Raise NeedsTerminal if no turn follows that the command could affect."""
        if self.ends:
            raise NeedsTerminal(
                f"{command} only affects later turns, and this run has none. Nothing was done; "
                f"give {flag}, or type it at the prompt."
            )

    def show(self, text: str, form: Literal["text", "diff"] = "text") -> None:
        """Show what the user asked for: on standard output."""
        self.chat.emit(Shown(text, form))

    def say(self, text: str, level: NoticeLevel = "info") -> None:
        """Report what was done: on standard error."""
        self.chat.emit(Notice(text, level))

    def offer_to_model(self, ran: Ran) -> None:
        """Ask a person at the terminal whether to show the model what a command printed."""
        if self.at_terminal and self.chat.person.confirm("Show this to the model?"):
            self.chat.conversation.tell_model(command_text(ran.command, ran.exit_code, ran.output))

    def _with_mentions(self, request: str) -> str:
        for name in mentions(request):
            try:
                self.chat.files.add([name])
            except InputError as error:
                if is_image(name):
                    self.say(
                        f"{str(error).removesuffix(' Nothing was added.')} @{name} is sent as text.",
                        "warning",
                    )
                continue  # a decorator, an address, a name: left as it is
            request = without_mention(request, name)
        return request


@dataclass(frozen=True, slots=True)
class Command:
    """One row of the table of commands."""

    name: str
    arguments: str
    """As in the usage line."""
    help: str
    """One line for `/help`."""
    run: Callable[[CommandContext, str], None]
    _: KW_ONLY
    more: str = ""
    """What `/help NAME` adds."""
    aliases: tuple[str, ...] = ()
    needs_terminal: bool = False
    runs_programs: bool = False
    """Its arguments say which program runs, or what that program does."""
    completes: Literal[
        "", "paths", "chat files", "models", "settings", "commands", "symbols", "modes", "efforts"
    ] = ""
    """How its arguments are completed."""

    @property
    def usage(self) -> str:
        """`/name ARGUMENTS`."""
        return f"/{self.name} {self.arguments}".rstrip()
