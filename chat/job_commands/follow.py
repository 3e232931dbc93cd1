"""[io] Shows a job at work, as a run of one request shows itself, and asks at the terminal what the job asks."""

import json
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from chat.errors import Terminated, UsageError
from chat.events import Notice, ReplyEnded, Shown
from chat.job_commands.tables import question_line
from chat.jobs.events import read_events
from chat.jobs.launch import stop
from chat.jobs.lines import Line, event_of
from chat.jobs.messages import answer, open_question
from chat.jobs.record import Question
from chat.jobs.state import JobState
from chat.jobs.store import JobFolder
from chat.jobs.view import JobReader, JobView
from chat.model import ModelRole, Reply, Usage
from chat.settings.table import Settings
from chat.terminal.person import can_be_asked
from chat.terminal.screens.output import ScreenOptions
from chat.terminal.screens.screen import Screen, open_screen
from chat.terminal.signals import ended_by_signals
from repomap import ExitCode, escaped_text, write_to

_POLL_S = 0.1


@dataclass(slots=True)
class Shower:
    """Shows the lines of a job's events."""

    settings: Settings
    screen: Screen

    def show(self, line: Line) -> None:
        """Show one line."""
        if self.settings.output_format == "stream-json":
            write_to(sys.stdout, json.dumps(line) + "\n")
        elif event := event_of(line):
            self.screen.emit(event)
        elif line.get("type") == "assistant" and line.get("role") not in ("weak", "judge"):
            self.screen.emit(ReplyEnded(Reply("", "stop", Usage(), ""), ModelRole.MAIN))
        elif line.get("type") == "result":
            self._end(line)

    def _end(self, result: Line) -> None:
        if self.settings.output_format == "json":
            write_to(sys.stdout, json.dumps(result) + "\n")
        elif not self.screen.shows_replies and result.get("result") and not result.get("is_error"):
            self.screen.emit(Shown(str(result["result"])))
        if result.get("error"):
            self.screen.emit(Notice(str(result["error"]), "error"))


def shower_for(settings: Settings) -> Shower:
    """Return what shows a job by these settings."""
    shows_replies = settings.output_format == "text"
    is_quiet = not shows_replies and not settings.verbose
    options = ScreenOptions(False, settings.stream, shows_replies, is_quiet, settings.verbose)
    return Shower(settings, open_screen(options))


def follow_job(folder: JobFolder, settings: Settings, offset: int = 0) -> int:
    """Show a job from a place in its events on until it is over, and return its exit code.

    Ctrl-C stops the job; the end of the terminal does not.
    """
    shower, reader = shower_for(settings), JobReader(folder)
    _say(f"Job {folder.id} is at work. Ctrl-C stops it; without this terminal it goes on.")
    try:
        with ended_by_signals(), leaving_with_the_terminal():
            view = _until_over(folder, reader, shower, offset)
    except KeyboardInterrupt as error:
        with suppress(UsageError):
            stop(folder)
        _say(f"Job {folder.id} was stopped; `trigpoint resume {folder.id}` goes on with it.")
        return ExitCode.TERMINATED if isinstance(error, Terminated) else ExitCode.INTERRUPTED
    if view.exit_code is None:
        _say(f"Job {folder.id}: {view.reason} `trigpoint resume {folder.id}` goes on with it.")
        return ExitCode.FAILED
    _say(f"Job {folder.id} is {view.state.value}. Next: {view.next_step}")
    return view.exit_code


@contextmanager
def leaving_with_the_terminal() -> Iterator[None]:
    """Let the end of the terminal end this process at once, and leave the job alone."""
    number = getattr(signal, "SIGHUP", None)
    before = signal.getsignal(number) if number else None
    if (
        number is None
        or before in (signal.SIG_IGN, None)
        or threading.current_thread() is not threading.main_thread()
    ):
        yield
        return
    signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, before)


def _until_over(folder: JobFolder, reader: JobReader, shower: Shower, offset: int) -> JobView:
    asked = 0
    while True:
        view = reader.read()
        lines, offset = read_events(folder.events, offset)
        for line in lines:
            shower.show(line)
        if not view.state.is_live:
            return view
        question = view.facts.question
        if view.state is JobState.WAITING and question and question.number != asked:
            asked = question.number
            put_question(folder, question, shower)
        if not lines:
            time.sleep(_POLL_S)


def put_question(folder: JobFolder, question: Question, shower: Shower) -> None:
    """Put a question to whoever is at the terminal, or say how it can be answered."""
    choices = "/".join(question.choices)
    with shower.screen.paused():
        if question.subject:
            shower.screen.emit(Notice(escaped_text(question.subject)))
        text = escaped_text(question.text)
        if not can_be_asked():
            _say(question_line(folder, question))
            return
        while not _is_answered(folder, question, _read_answer(f"{text} [{choices}] ")):
            _say(f"That is no answer; it takes {choices}.")


def _read_answer(prompt: str) -> str:
    """Read a line from the terminal; an empty one, and the end of it all, is no."""
    write_to(sys.stderr, prompt)
    return sys.stdin.readline().strip() or "no"


def _is_answered(folder: JobFolder, question: Question, given: str) -> bool:
    """Answer a question, and return whether it is answered: here, or elsewhere meanwhile. Raises ChatError."""
    with suppress(UsageError):
        answer(folder, given, question.number)
    current = open_question(folder)
    return current is None or current.number != question.number


def _say(text: str) -> None:
    write_to(sys.stderr, f"trigpoint: {text}\n")
