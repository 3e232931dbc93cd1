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

from chat.commands.command import Desk, Leave, Seat
from chat.commands.completions import Sources
from chat.commands.table import run_line
from chat.display.input_line import without_braces
from chat.errors import ChatError, Paused
from chat.events import Event, Notice
from chat.model import ModelRole, Usage
from chat.settings.table import Settings
from chat.terminal.line_editor import LineEditor, Status
from chat.terminal.screen import AtTerminal, Look, Screen, open_screen, said_of
from chat.terminal.setup import OpenDesk, open_real_desk, take_seat
from chat.turn.notes import FEWEST_TURNS

TWICE_S = 2.0
"""A second Ctrl-C within this time leaves the chat."""
INTERRUPTED = 130


def run(settings: Settings, paths: Sequence[str], opening: OpenDesk = open_real_desk) -> int:
    """Talks with the user until they leave, and gives the exit code."""
    screen = open_screen(Look(settings.pretty, settings.stream, verbose=settings.verbose))
    told = Teller(screen)
    desk: Desk | None = None
    try:
        desk = opening(settings, Path.cwd(), told.emit, AtTerminal(screen, settings.yes))
        seat = take_seat(desk, settings, paths, at_terminal=True, multiline=settings.multiline)
        return Repl(seat, screen, told).talk()
    except Leave:
        return 0
    except ChatError as error:
        screen.emit(Notice(str(error), "error"))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        if desk is not None:
            desk.close()


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

    def __init__(self, seat: Seat, screen: Screen, teller: Teller) -> None:
        self._seat = seat
        self._screen = screen
        self._teller = teller
        self._status = Status(seat.desk.settings.model, seat.desk.mode)
        self._warm = threading.Event()
        self._interrupts = Interrupts()
        desk = seat.desk
        seat.around_turn = self._turn
        seat.edit = self._edit
        self._editor = LineEditor(
            history_file(desk.settings),
            Sources(desk.paths, lambda: tuple(file.path for file in desk.files()), desk.models, desk.symbols),
            lambda: self._status,
            desk.settings.vim,
            threading.Thread(target=self._warm_up, daemon=True).start,
        )

    def talk(self) -> int:
        """Until the user leaves; gives the exit code."""
        self._seat.say("/help lists commands, Ctrl-D leaves.")
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
        prefill, self._seat.prefill = self._seat.prefill, ""
        return without_braces(self._editor.read(self._seat.desk.mode, self._seat.multiline, prefill))

    def _offer_notes(self) -> None:
        """Notes that the session could leave behind; each is kept only if the person says yes to it."""
        desk = self._seat.desk
        # --yes answers every question, and this one only a person may
        if not desk.settings.propose_notes or desk.settings.yes or len(self._seat.turns) < FEWEST_TURNS:
            return
        with suppress(EOFError, KeyboardInterrupt, ChatError):
            self._seat.say("Looking for what to remember; Ctrl-C skips that.")
            for proposal in desk.propose_notes():
                asked = f"Remember for later sessions: {proposal.note} (You said: “{proposal.evidence}”)"
                if desk.person.confirm(asked):
                    self._seat.say(desk.remember(proposal.note))

    def _leaves(self) -> bool:
        """Whether this Ctrl-C at the prompt is the second of two."""
        again = self._interrupts.is_second(time.monotonic())
        if not again:
            self._seat.say("Ctrl-C once more within 2 s, or Ctrl-D, leaves.")
        return again

    def _carry_out(self, text: str) -> None:
        if not text.strip():
            return
        try:
            run_line(self._seat, text)
        except Leave:
            raise
        except Paused as error:
            self._seat.say(str(error))
            self._seat.prefill = text
        except Exception as error:  # a fault of the program must not cost the session
            self._seat.say(said_of(error), "error")
        except KeyboardInterrupt:
            self._seat.say("Stopped. What was not written to files by then is forgotten.", "warning")
        self._look_again()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self._screen.turn():
            yield
        command = self._seat.desk.settings.notifications_command
        if command:
            threading.Thread(target=self._seat.desk.shell.run, args=(command, 30.0), daemon=True).start()

    def _edit(self, text: str) -> str:
        import click

        with self._screen.paused():
            edited = click.edit(text, editor=self._seat.desk.settings.editor or None, extension=".md")
        return edited or ""

    def _warm_up(self) -> None:
        try:
            self._seat.desk.warm_up()
            self._seat.desk.paths()
        except ChatError as error:
            self._teller.emit(Notice(str(error), "warning"))
        finally:
            self._warm.set()
        self._look_again()
        self._editor.refresh()

    def _look_again(self) -> None:
        """Makes the line below the prompt anew; what has to be loaded first is left out until it is."""
        desk, warm = self._seat.desk, self._warm.is_set()
        with suppress(ChatError):
            self._status = Status(
                desk.model.name(ModelRole.MAIN) if warm else desk.settings.model,
                desk.mode,
                int(100 * desk.context_use()) if warm else None,
                sum(desk.usage().values(), Usage()).cost_usd,
                desk.branch(),
            )


def history_file(settings: Settings) -> Path:
    """Where typed lines are kept."""
    if settings.input_history_file:
        return Path(os.path.expanduser(settings.input_history_file))
    from platformdirs import user_state_path

    return user_state_path("trigpoint", appauthor=False) / "input-history"
