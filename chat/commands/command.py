"""A command of the chat: its row in the table, and the context that it runs in."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from chat.display.input_line import mentions, without_mention
from chat.errors import InputError, NeedsTerminal
from chat.events import Notice, Shown, TurnEnded
from chat.model import Mode, Usage
from chat.ports import Ran
from chat.results import TurnResult

if TYPE_CHECKING:
    from chat.app.chat import Chat


class Leave(Exception):
    """The user is done."""


def _no_editor(text: str) -> str:
    raise NeedsTerminal(
        f"There is no terminal for an editor, so nothing was written ({len(text)} characters)."
    )


@dataclass(slots=True)
class CommandContext:
    """Where commands and messages come from: a person at a terminal, or a script."""

    chat: "Chat"
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
                taken = self.chat.take_turn(request, mode)
            self.turns.append(taken)
            self.answer = taken.text or self.answer
        finally:
            usage = self.turns[-1].usage if len(self.turns) > before else Usage()
            self.chat.emit(TurnEnded(usage, sum(self.chat.usage().values(), Usage())))
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
        self.chat.emit(Shown(text, form))

    def say(self, text: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Tells what was done."""
        self.chat.emit(Notice(text, level))

    def offer_to_model(self, ran: Ran) -> None:
        """Shows the model what a command printed, if a person at the terminal wants that; never unasked."""
        if self.at_terminal and self.chat.person.confirm("Show this to the model?"):
            self.chat.conversation.tell_model(
                f"I ran `{ran.command}`: exit code {ran.exit_code}.\n\n{ran.output}"
            )

    def _with_mentions(self, request: str) -> str:
        for name in mentions(request):
            try:
                self.chat.files.add([name])
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
    run: Callable[[CommandContext, str], None]
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
