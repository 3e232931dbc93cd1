"""[io] The chat at a terminal: prompt → command or turn → prompt, until the user leaves.

What is slow to load is loaded behind the first prompt, in a thread.
"""

import os
import queue
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chat.commands.command import CommandContext, Leave
from chat.commands.completions import Sources
from chat.commands.table import run_line
from chat.display.input_line import without_braces
from chat.errors import ChatError, Paused
from chat.events import Event, Notice
from chat.model import ModelRole, Usage
from chat.settings.table import Settings
from chat.terminal.line_editor import LineEditor, Status
from chat.terminal.output import Look, error_text
from chat.terminal.person import AtTerminal
from chat.terminal.screen import Screen, open_screen
from chat.terminal.setup import OpenChat, open_real_chat, set_up
from chat.turn.notes import FEWEST_TURNS

if TYPE_CHECKING:
    from chat.app.chat import Chat

TWICE_S = 2.0
"""A second Ctrl-C within this time leaves the chat."""
INTERRUPTED = 130


def run(settings: Settings, paths: Sequence[str], opening: OpenChat = open_real_chat) -> int:
    """Talks with the user until they leave, and gives the exit code."""
    screen = open_screen(Look(settings.pretty, settings.stream, verbose=settings.verbose))
    told = Teller(screen)
    chat: Chat | None = None
    try:
        chat = opening(settings, Path.cwd(), told.emit, AtTerminal(screen, settings.yes))
        context = set_up(chat, settings, paths, at_terminal=True, multiline=settings.multiline)
        return Repl(context, screen, told).talk()
    except Leave:
        return 0
    except ChatError as error:
        screen.emit(Notice(str(error), "error"))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        if chat is not None:
            chat.close()


class Teller:
    """Shows what the main thread tells at once, and what others tell when no prompt is in the way."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._late: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def emit(self, event: Event) -> None:
        """Shows an event, or keeps it for later."""
        if threading.current_thread() is not threading.main_thread():
            self._late.put(event)
            return
        self.show_late()
        self._screen.emit(event)

    def show_late(self) -> None:
        """Shows what was kept."""
        with suppress(queue.Empty):
            while True:
                self._screen.emit(self._late.get_nowait())


class Interrupts:
    """When Ctrl-C was last pressed at the prompt."""

    def __init__(self) -> None:
        self._last: float | None = None

    def is_second(self, now_s: float) -> bool:
        """Whether this one follows another so soon that leaving is meant."""
        last, self._last = self._last, now_s
        return last is not None and now_s - last < TWICE_S


class Repl:
    """One talk at the terminal."""

    def __init__(self, context: CommandContext, screen: Screen, teller: Teller) -> None:
        self._context = context
        self._screen = screen
        self._teller = teller
        self._status = Status(context.chat.settings.model, context.chat.mode)
        self._warm = threading.Event()
        self._interrupts = Interrupts()
        chat = context.chat
        context.around_turn = self._turn
        context.edit = self._edit
        self._editor = LineEditor(
            history_file(chat.settings),
            Sources(
                chat.index.paths,
                lambda: tuple(file.path for file in chat.files.listed()),
                chat.configuration.known_models,
                chat.index.symbols,
            ),
            lambda: self._status,
            chat.settings.vim,
            threading.Thread(target=self._warm_up, daemon=True).start,
        )

    def talk(self) -> int:
        """Until the user leaves; gives the exit code."""
        self._context.say("/help lists commands, Ctrl-D leaves.")
        while True:
            try:
                self._carry_out(self._read())
            except (EOFError, Leave):
                self._offer_notes()
                return 0
            except KeyboardInterrupt:
                if self._leaves():
                    return INTERRUPTED

    def _read(self) -> str:
        self._teller.show_late()
        prefill, self._context.prefill = self._context.prefill, ""
        return without_braces(self._editor.read(self._context.chat.mode, self._context.multiline, prefill))

    def _offer_notes(self) -> None:
        """Notes that the session could leave behind; each is kept only if the person says yes to it."""
        chat = self._context.chat
        # --yes answers every question, and this one only a person may
        if not chat.settings.propose_notes or chat.settings.yes or len(self._context.turns) < FEWEST_TURNS:
            return
        with suppress(EOFError, KeyboardInterrupt, ChatError):
            self._context.say("Looking for what to remember; Ctrl-C skips that.")
            for proposal in chat.notes.propose():
                asked = f"Remember for later sessions: {proposal.note} (You said: “{proposal.evidence}”)"
                if chat.person.confirm(asked):
                    self._context.say(chat.notes.add(proposal.note))

    def _leaves(self) -> bool:
        """Whether this Ctrl-C at the prompt is the second of two."""
        again = self._interrupts.is_second(time.monotonic())
        if not again:
            self._context.say("Ctrl-C once more within 2 s, or Ctrl-D, leaves.")
        return again

    def _carry_out(self, text: str) -> None:
        if not text.strip():
            return
        try:
            run_line(self._context, text)
        except Leave:
            raise
        except Paused as error:
            self._context.say(str(error))
            self._context.prefill = text
        except Exception as error:  # a fault of the program must not cost the session
            self._context.say(error_text(error), "error")
        except KeyboardInterrupt:
            self._context.say("Stopped. What was not written to files by then is forgotten.", "warning")
        self._look_again()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._screen.turn():
            yield
        command = self._context.chat.settings.notifications_command
        if command:
            threading.Thread(target=self._context.chat.shell.run, args=(command, 30.0), daemon=True).start()

    def _edit(self, text: str) -> str:
        import click

        with self._screen.paused():
            edited = click.edit(text, editor=self._context.chat.settings.editor or None, extension=".md")
        return edited or ""

    def _warm_up(self) -> None:
        try:
            self._context.chat.warm_up()
            self._context.chat.index.paths()
        except ChatError as error:
            self._teller.emit(Notice(str(error), "warning"))
        finally:
            self._warm.set()
        self._look_again()
        self._editor.refresh()

    def _look_again(self) -> None:
        """Makes the line below the prompt anew; what has to be loaded first is left out until it is."""
        chat, warm = self._context.chat, self._warm.is_set()
        with suppress(ChatError):
            self._status = Status(
                chat.model.name(ModelRole.MAIN) if warm else chat.settings.model,
                chat.mode,
                int(100 * chat.prompt.share_used()) if warm else None,
                sum(chat.usage().values(), Usage()).cost_usd,
                chat.branch(),
            )


def history_file(settings: Settings) -> Path:
    """Where typed lines are kept."""
    if settings.input_history_file:
        return Path(os.path.expanduser(settings.input_history_file))
    from platformdirs import user_state_path

    return user_state_path("trigpoint", appauthor=False) / "input-history"
