"""[io] The chat at a terminal: reads a line, runs it as a command or a turn, until the user leaves.

Whatever is slow to load is loaded in a thread behind the first prompt.
"""

import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chat.commands.command import CommandContext, Leave
from chat.commands.completions import Sources
from chat.commands.table import run_line
from chat.commands.watched import answer_watched, watching
from chat.display.input_line import without_braces
from chat.errors import ChatError, Paused, Terminated
from chat.events import Event, Notice
from chat.model import ModelRole, Usage
from chat.settings.table import Settings
from chat.terminal.interactive.first_screen import first_screen
from chat.terminal.interactive.idle import told_when_idle
from chat.terminal.interactive.line_editor import LineEditor, ReadInterrupted, Status
from chat.terminal.person import StoppedAtQuestion, TerminalPerson
from chat.terminal.screens.output import ScreenOptions, error_text, status_of_goal
from chat.terminal.screens.screen import Screen, open_screen
from chat.terminal.screens.verbose_screen import VerboseScreen
from chat.terminal.setup import OpenChat, open_real_chat, set_up
from chat.terminal.signals import ended_by_signals
from repomap import ExitCode, absolute_entries, write_to

if TYPE_CHECKING:
    from chat.app.chat import Chat
    from chat.watch.watcher import Watcher

TWICE_S = 2.0
"""A second Ctrl-C within this time leaves the chat."""
INTERRUPTED = ExitCode.INTERRUPTED
"""The exit code for that."""
TERMINATED = ExitCode.TERMINATED
"""The exit code after the signal that asks programs to end."""


def run(settings: Settings, paths: Sequence[str], opening: OpenChat = open_real_chat) -> int:
    """Run the chat until the user leaves; return the exit code."""
    screen: Screen = open_screen(ScreenOptions(settings.pretty, settings.stream, verbose=settings.verbose))
    screen = VerboseScreen(screen) if settings.verbose else screen
    emitter = MainThreadEmitter(screen)
    chat: Chat | None = None
    try:
        chat = opening(settings, Path.cwd(), emitter.emit, TerminalPerson(screen, settings.yes))
        context = set_up(chat, settings, paths, at_terminal=True, multiline=settings.multiline)
        with ended_by_signals():
            return Repl(context, screen, emitter).run()
    except Leave:
        return 0
    except ChatError as error:
        screen.emit(Notice(str(error), "error"))
        return error.exit_code
    except Terminated:
        return TERMINATED
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        if chat is not None:
            chat.close("prompt_input_exit")


def _editor_environment() -> dict[str, str]:
    """Return what keeps a program in the current folder from passing for the editor."""
    path = absolute_entries(os.environ.get("PATH", os.defpath))
    return {"PATH": path, "NoDefaultCurrentDirectoryInExePath": "1"}


class MainThreadEmitter:
    """Shows events of the main thread at once, and those of other threads when no prompt is in the way."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._queued: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def emit(self, event: Event) -> None:
        """Show an event, or queue it."""
        if threading.current_thread() is not threading.main_thread():
            self._queued.put(event)
            return
        self.show_queued()
        self._screen.emit(event)

    def show_queued(self) -> None:
        """Show the queued events."""
        with suppress(queue.Empty):
            while True:
                self._screen.emit(self._queued.get_nowait())


class Interrupts:
    """Remembers when Ctrl-C was last pressed at the prompt."""

    def __init__(self) -> None:
        self._last: float | None = None

    def is_second(self, now_s: float) -> bool:
        """Whether this press follows another within `TWICE_S`."""
        last, self._last = self._last, now_s
        return last is not None and now_s - last < TWICE_S


class Repl:
    """One chat at the terminal."""

    def __init__(self, context: CommandContext, screen: Screen, emitter: MainThreadEmitter) -> None:
        self._context = context
        self._screen = screen
        self._emitter = emitter
        self._status = Status(context.chat.settings.model, context.chat.mode)
        self._warm = threading.Event()
        self._interrupts = Interrupts()
        self._watcher: Watcher | None = None
        self._in_turn = False
        """A turn goes on, or has just ended with an error."""
        chat = context.chat
        context.around_turn = self._turn
        context.around_work = partial(screen.turn, status_of_goal(chat))
        context.edit = self._edit
        self._editor = LineEditor(
            history_file(chat.settings),
            Sources(
                chat.index.paths,
                chat.files.paths,
                chat.configuration.known_models,
                chat.index.symbols,
            ),
            lambda: self._status,
            chat.settings.vim,
            threading.Thread(target=self._warm_up, daemon=True).start,
            chat.masks.hidden,
            with_colours=chat.settings.pretty and not os.environ.get("NO_COLOR"),
        )

    def run(self) -> int:
        """Read and run lines until the user leaves; return the exit code."""
        self._context.say(first_screen(self._context.chat, Path.cwd()))
        if self._context.chat.settings.watch:
            self._watcher = watching(self._context, self._editor.interrupt)
        try:
            return self._run()
        finally:
            if self._watcher:
                self._watcher.stop()

    def _run(self) -> int:
        while True:
            try:
                request = self._watcher.take() if self._watcher else None
                if request and self._watcher:
                    self._run_guarded("", partial(answer_watched, self._context, self._watcher, request))
                else:
                    self._run_line(self._read())
            except (EOFError, Leave):
                self._offer_notes()
                return 0
            except Terminated:
                raise
            except KeyboardInterrupt:
                if self._leaves():
                    return INTERRUPTED

    def _read(self) -> str:
        self._emitter.show_queued()
        prefill, self._context.prefill = self._context.prefill, ""
        with told_when_idle(self._context.chat.tell_idle):
            try:
                text = self._editor.read(self._context.chat.mode, self._context.multiline, prefill)
            except ReadInterrupted as interrupted:
                self._context.prefill, text = interrupted.text, ""
        return without_braces(text)

    def _offer_notes(self) -> None:
        """Propose notes for later sessions; each is kept only if the person says yes to it."""
        from chat.turn.notes import MIN_TURNS

        chat = self._context.chat
        # --yes answers every question, but only a person may answer this one
        if not chat.settings.propose_notes or chat.settings.yes or len(self._context.turns) < MIN_TURNS:
            return
        with suppress(EOFError, KeyboardInterrupt, ChatError):
            self._context.say("Looking for notes worth keeping. Ctrl-C skips this.")
            for proposal in chat.notes.propose():
                question = f"Remember for later sessions: {proposal.note} (You said: “{proposal.evidence}”)"
                if chat.person.confirm(question):
                    self._context.say(chat.notes.add(proposal.note))

    def _leaves(self) -> bool:
        """Whether this Ctrl-C at the prompt is the second of two."""
        is_second = self._interrupts.is_second(time.monotonic())
        if not is_second:
            self._context.say(f"Press Ctrl-C again within {TWICE_S:.0f} s to leave, or Ctrl-D.")
        return is_second

    def _run_line(self, text: str) -> None:
        if not text.strip():
            return
        before = len(self._context.turns)
        self._run_guarded(text, partial(run_line, self._context, text))
        if self._watcher:
            turns = self._context.turns[before:]
            self._watcher.settle([path for turn in turns for path in turn.files_changed] if turns else None)

    def _run_guarded(self, text: str, action: Callable[[], None]) -> None:
        """Run a line or what takes its place; only what ends the chat is raised."""
        self._in_turn = False
        try:
            action()
        except (Leave, Terminated):
            raise
        except Paused as error:
            self._context.say(str(error))
            self._context.prefill = text
        except Exception as error:  # a bug must not cost the session
            self._context.say(error_text(error), "error")
        except KeyboardInterrupt as interrupt:
            self._say_stopped(interrupt)
        self._update_status()

    def _say_stopped(self, interrupt: KeyboardInterrupt) -> None:
        """Say what Ctrl-C has stopped, on a line of its own: outside a turn the terminal has written `^C`."""
        if self._in_turn:
            self._context.say("Stopped. Edits that were not written yet are dropped.", "warning")
            return
        if not isinstance(interrupt, StoppedAtQuestion):
            write_to(sys.stderr, "\n")
        self._context.say("Stopped.", "warning")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self._in_turn = True
        with self._screen.turn(status_of_goal(self._context.chat)):
            yield
        self._in_turn = False
        command = self._context.chat.settings.notifications_command
        if command and self._context.chat.programs.may_run("notifications-command"):
            threading.Thread(target=self._context.chat.shell.run, args=(command, 30.0), daemon=True).start()

    def _edit(self, text: str) -> str:
        import click

        editor = self._context.chat.settings.editor
        if editor and not self._context.chat.programs.may_run("editor"):
            editor = ""
        with self._screen.paused():
            edited = click.edit(text, editor=editor or None, extension=".md", env=_editor_environment())
        return edited or ""

    def _warm_up(self) -> None:
        try:
            self._context.chat.warm_up()
            self._context.chat.index.paths()
        except ChatError as error:
            self._emitter.emit(Notice(str(error), "warning"))
        finally:
            self._warm.set()
        self._update_status()
        self._editor.refresh()

    def _update_status(self) -> None:
        """Update the status line, without the parts that are not loaded yet."""
        chat, is_warm = self._context.chat, self._warm.is_set()
        goal = chat.goals.summary()
        with suppress(ChatError):
            self._status = Status(
                chat.model.name(ModelRole.MAIN) if is_warm else chat.settings.model,
                chat.mode,
                int(100 * chat.prompt.share_used()) if is_warm else None,
                sum(chat.usage().values(), Usage()).cost_usd,
                chat.branch(),
                goal if goal and not goal.is_over else None,
            )


def history_file(settings: Settings) -> Path:
    """The file that keeps typed lines."""
    if settings.input_history_file:
        return Path(os.path.expanduser(settings.input_history_file))
    from platformdirs import user_state_path

    return user_state_path("trigpoint", appauthor=False) / "input-history"
