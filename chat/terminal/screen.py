"""[io] Events → the terminal. Together with the rich half, `pretty.py`, the only place of the chat that prints.

Standard output holds answers: what the model says, what a command was asked to show. Everything else
goes to standard error. Where there is no terminal, or colour is not wanted, the text is plain.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Protocol, TextIO

from chat.display import event_text as sentences
from chat.errors import ChatError, NeedsTerminal
from chat.events import (
    CommandRan,
    Committed,
    ContextGiven,
    Copied,
    EditsRefused,
    EditsWritten,
    Event,
    Notice,
    ReasoningChunk,
    ReplyEnded,
    ReplyStarted,
    Retrying,
    Shown,
    TextChunk,
    TurnEnded,
)
from chat.model import ModelRole
from chat.safety.printable import Cleaner, without_escapes


class Screen(Protocol):
    """Where events are shown."""

    shows_replies: bool
    """Whether replies are shown; else whoever asked for them shows the answer at the end."""

    def emit(self, event: Event) -> None:
        """Shows one event."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """A stretch of work: what waits is shown as waiting, and at its end nothing moves any more."""
        ...

    def paused(self) -> AbstractContextManager[None]:
        """A stretch in which somebody else has the terminal."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """How a screen is to look."""

    pretty: bool = True
    """As far as the terminal can."""
    streams: bool = True
    """Replies are shown while they come, and not only when they are complete."""
    shows_replies: bool = True
    quiet: bool = False
    """Of what goes to standard error only warnings, errors and questions."""
    verbose: bool = False


def can_be_pretty(out: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a stream leads to a terminal that moves its cursor, of somebody who has nothing against it."""
    return out.isatty() and environment.get("TERM") != "dumb" and not environment.get("NO_COLOR")


def open_screen(look: Look, out: TextIO | None = None, err: TextIO | None = None) -> Screen:
    """The best screen for these streams, by default the standard ones."""
    out, err = out or sys.stdout, err or sys.stderr
    for stream in (out, err):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    if look.pretty and look.shows_replies and can_be_pretty(out):
        from chat.terminal.rich_screen import Pretty

        return Pretty(out, None if err.isatty() else err, look)
    return Plain(out, err, look)


class Plain:
    """Text without colour or movement."""

    def __init__(self, out: TextIO, err: TextIO, look: Look) -> None:
        self.shows_replies = look.shows_replies
        self._out = out
        self._err = err
        self._look = look
        self._cleaner = Cleaner()
        self._thinking = False
        self._midline = False
        self._aside = False
        """The reply that comes is none to the user: a commit message, a summary."""

    def emit(self, event: Event) -> None:
        """Answers to standard output, the rest to standard error."""
        match event:
            case ReplyStarted(role=role):
                self._thinking, self._aside = False, role is ModelRole.WEAK
            case TextChunk() | ReasoningChunk() | ReplyEnded() if self._aside:
                pass
            case TextChunk(text):
                if self._look.streams:
                    self._write(self._cleaner.feed(text))
            case ReasoningChunk(text):
                self._think(text)
            case ReplyEnded(reply):
                if not self._look.streams:
                    self._write(without_escapes(reply.text))
                self._end_line()
            case Shown(text):
                write(self._out, _ended(without_escapes(text)))
            case CommandRan(purpose="run"):
                write(self._out, _ended(sentences.command_ran(event)))
            case Copied(text):
                if self._out.isatty():
                    write(self._out, to_clipboard(text))
            case _:
                self._tell(event)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Nothing moves; a line that was begun is ended."""
        try:
            yield
        finally:
            self._end_line()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nothing has to be stopped."""
        self._end_line()
        yield

    def _write(self, text: str) -> None:
        if not self.shows_replies or not text:
            return
        write(self._out, text)
        self._midline = not text.endswith("\n")

    def _end_line(self) -> None:
        self._write(self._cleaner.close())
        if self._midline:
            self._write("\n")

    def _think(self, text: str) -> None:
        if self._look.verbose:
            write(self._err, without_escapes(text))
        elif not self._thinking and not self._look.quiet:
            write(self._err, "thinking…\n")
        self._thinking = True

    def _tell(self, event: Event) -> None:
        text = told(event, in_full=not self.shows_replies)
        if text and (not self._look.quiet or matters(event)):
            self._end_line()
            write(self._err, _ended(text))


def write(stream: TextIO, text: str) -> None:
    """Writes at once. A reader that has gone away ends no turn: what more is written is lost, quietly."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def said_of(error: BaseException) -> str:
    """What an error says itself or, of one that nobody foresaw, enough to report it."""
    import traceback

    from edits import EditError
    from repomap import RepoMapError

    if isinstance(error, ChatError | EditError | RepoMapError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}: {error}. The step was not finished; please report this."


def told(event: Event, in_full: bool = True) -> str:
    """What a plain terminal says of an event, or "" where it says nothing."""
    match event:
        case Retrying():
            return sentences.retrying(event)
        case ContextGiven():
            return sentences.context_given(event)
        case EditsRefused():
            return sentences.edits_refused(event)
        case EditsWritten(files, dry_run):
            diffs = [without_escapes(edited.diff) for edited in files] if dry_run and in_full else []
            return "\n".join([sentences.edits_written(event), *diffs])
        case Committed():
            return sentences.committed(event)
        case CommandRan():
            return sentences.command_ran(event)
        case Notice():
            return sentences.notice(event)
        case TurnEnded(usage, session):
            return sentences.cost(usage, session) if usage.calls else ""
        case _:
            return ""


def matters(event: Event) -> bool:
    """Whether somebody who wants the answer alone has to know it."""
    return isinstance(event, EditsRefused) or (isinstance(event, Notice) and event.level != "info")


def _ended(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"


_MOST_COPIED_BYTES = 74_994
"""More than that terminals do not take at once."""


def to_clipboard(text: str) -> str:
    """The sequence (OSC 52) that asks a terminal, also one far away, to fill its clipboard; "" if it is too long."""
    import base64

    data = text.encode("utf-8", "replace")
    return f"\x1b]52;c;{base64.b64encode(data).decode()}\x07" if len(data) <= _MOST_COPIED_BYTES else ""


class AtTerminal:
    """A person who is asked on the terminal; everything is confirmed beforehand where ``yes`` is set."""

    def __init__(self, screen: Screen, yes: bool = False, ask: Callable[[str], str] | None = None) -> None:
        self._screen = screen
        self._yes = yes
        self._ask = ask or _ask

    def confirm(self, question: str, subject: str = "") -> bool:
        """Whether `y` or `yes` is typed; the end of input is a no."""
        if self._yes:
            return True
        return self._says_yes(question, subject)

    def offer(self, command: str) -> bool:
        """Asked whatever was said beforehand: what a model proposes runs only by a yes to this very command."""
        return self._says_yes(f"Run `{command}`?", "")

    def _says_yes(self, question: str, subject: str) -> bool:
        with self._screen.paused():
            if subject:
                self._screen.emit(Notice(subject))
            try:
                answer = self._ask(f"{without_escapes(question)} [y/N] ")
            except EOFError:
                return False
        return answer.strip().lower() in ("y", "yes")


def _ask(question: str) -> str:
    """The line that is typed, asked for on standard error. Raises EOFError at the end of input."""
    write(sys.stderr, question)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


class Nobody:
    """Where no terminal is: a question is a no that ends the step, unless ``yes`` was said beforehand."""

    def __init__(self, yes: bool = False) -> None:
        self._yes = yes
        self.denied: list[str] = []
        """The questions that nobody was there to answer."""

    def confirm(self, question: str, subject: str = "") -> bool:  # noqa: ARG002
        """True with ``yes``; otherwise raises NeedsTerminal."""
        if self._yes:
            return True
        self.denied.append(question)
        raise NeedsTerminal(
            f"{without_escapes(question)} Nobody is there to answer, so it was not done. "
            "Answer at a terminal, or say --yes."
        )

    def offer(self, command: str) -> bool:  # noqa: ARG002
        """Never."""
        return False
