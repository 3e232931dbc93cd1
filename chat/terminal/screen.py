"""[io] Events → the terminal. Together with the rich half, `rich_screen.py`, the only place of the chat that prints.

Standard output holds answers: what the model says, what a command was asked to show. Everything else
goes to standard error. Where there is no terminal, or colour is not wanted, the text is plain.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from io import TextIOWrapper
from typing import Protocol, TextIO

from chat.display import event_text
from chat.events import (
    CommandRan,
    Copied,
    Event,
    ReasoningChunk,
    ReplyEnded,
    ReplyStarted,
    Shown,
    TextChunk,
)
from chat.model import ModelRole
from chat.safety.printable import StreamCleaner, without_escapes
from chat.terminal.output import Look, clipboard_sequence, is_important, plain_text, with_line_end, write


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
        self._cleaner = StreamCleaner()
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
                write(self._out, with_line_end(without_escapes(text)))
            case CommandRan(purpose="run"):
                write(self._out, with_line_end(event_text.command_ran(event)))
            case Copied(text):
                if self._out.isatty():
                    write(self._out, clipboard_sequence(text))
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
        text = plain_text(event, in_full=not self.shows_replies)
        if text and (not self._look.quiet or is_important(event)):
            self._end_line()
            write(self._err, with_line_end(text))
