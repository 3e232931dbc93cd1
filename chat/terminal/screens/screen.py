"""[io] Shows events on the terminal, as plain text; `rich_screen` draws them with colours.

Answers go to standard output: what the model says, and what a command was asked to show. Everything else goes to
standard error.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
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
from chat.safety.printable import StreamCleaner, without_escapes
from chat.terminal.screens.output import (
    ScreenOptions,
    StatusLine,
    clipboard_sequence,
    is_important,
    no_status,
    plain_text,
    with_line_end,
)
from repomap import write_to


class Screen(Protocol):
    """Shows events to the user."""

    shows_replies: bool
    """If not, whoever made the request shows the answer at the end."""

    def emit(self, event: Event) -> None:
        """Show one event."""
        ...

    def turn(self, status: StatusLine = no_status) -> AbstractContextManager[None]:
        """Show progress for the length of the block, with a line below it that says how things stand."""
        ...

    def paused(self) -> AbstractContextManager[None]:
        """Leave the terminal to someone else for the length of the block."""
        ...


def can_be_pretty(out: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a stream is a terminal that can move its cursor, and the user has not opted out."""
    return out.isatty() and environment.get("TERM") != "dumb" and not environment.get("NO_COLOR")


def open_screen(options: ScreenOptions, out: TextIO | None = None, err: TextIO | None = None) -> Screen:
    """Open the best screen for these streams, by default the standard ones."""
    out, err = out or sys.stdout, err or sys.stderr
    for stream in (out, err):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    if options.pretty and options.shows_replies and can_be_pretty(out):
        from chat.terminal.screens.rich_screen import RichScreen

        return RichScreen(out, None if err.isatty() else err, options)
    return PlainScreen(out, err, options)


class PlainScreen:
    """Text without colour or movement."""

    def __init__(self, out: TextIO, err: TextIO, options: ScreenOptions) -> None:
        self.shows_replies = options.shows_replies
        self._out = out
        self._err = err
        self._options = options
        self._cleaner = StreamCleaner()
        self._is_thinking = False
        self._is_midline = False
        self._is_internal = False
        """The reply is not for the user: a commit message, a summary."""

    def emit(self, event: Event) -> None:
        """Write answers to standard output, the rest to standard error."""
        match event:
            case ReplyStarted(role=role):
                self._is_thinking, self._is_internal = False, role.is_internal
            case TextChunk() | ReasoningChunk() | ReplyEnded() if self._is_internal:
                pass
            case TextChunk(text):
                if self._options.streams:
                    self._write(self._cleaner.feed(text))
            case ReasoningChunk(text):
                self._think(text)
            case ReplyEnded(reply):
                if not self._options.streams:
                    self._write(without_escapes(reply.text))
                self._end_line()
            case Shown(text):
                write_to(self._out, with_line_end(without_escapes(text)))
            case CommandRan(purpose="run"):
                write_to(self._out, with_line_end(event_text.command_ran(event)))
            case Copied(text):
                if self._out.isatty():
                    write_to(self._out, clipboard_sequence(text))
            case _:
                self._write_remark(event)

    @contextmanager
    def turn(self, status: StatusLine = no_status) -> Iterator[None]:  # noqa: ARG002
        """End an unfinished line at the end of the block; a plain screen shows no progress."""
        try:
            yield
        finally:
            self._end_line()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """End an unfinished line; nothing is drawn that would have to stop."""
        self._end_line()
        yield

    def _write(self, text: str) -> None:
        if not self.shows_replies or not text:
            return
        write_to(self._out, text)
        self._is_midline = not text.endswith("\n")

    def _end_line(self) -> None:
        self._write(self._cleaner.close())
        if self._is_midline:
            self._write("\n")

    def _think(self, text: str) -> None:
        if self._options.verbose:
            write_to(self._err, without_escapes(text))
        elif not self._is_thinking and not self._options.quiet:
            write_to(self._err, "thinking…\n")
        self._is_thinking = True

    def _write_remark(self, event: Event) -> None:
        text = plain_text(event, in_full=not self.shows_replies)
        if text and (not self._options.quiet or is_important(event)):
            self._end_line()
            write_to(self._err, with_line_end(text))


class RemarksScreen:
    """Shows remarks only, beside JSON on standard output."""

    shows_replies = True

    def __init__(self, options: ScreenOptions) -> None:
        self._options = options

    def emit(self, event: Event) -> None:
        text = plain_text(event) if not isinstance(event, Shown) else ""
        if text and (not self._options.quiet or is_important(event)):
            write_to(sys.stderr, text + "\n")

    def turn(self, status: StatusLine = no_status) -> AbstractContextManager[None]:  # noqa: ARG002
        return nullcontext()

    def paused(self) -> AbstractContextManager[None]:
        return nullcontext()
