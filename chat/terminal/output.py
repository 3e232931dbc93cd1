"""[io] What all screens share: how they look, what a plain line says of an event, and writing to a stream."""

import os
from dataclasses import dataclass
from typing import TextIO

from chat.display import event_text
from chat.errors import ChatError
from chat.events import (
    CommandRan,
    Committed,
    ContextGiven,
    EditsRefused,
    EditsWritten,
    Event,
    Notice,
    Retrying,
    TurnEnded,
)
from chat.safety.printable import without_escapes


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


def plain_text(event: Event, in_full: bool = True) -> str:
    """What a plain terminal says of an event, or "" where it says nothing."""
    match event:
        case Retrying():
            return event_text.retrying(event)
        case ContextGiven():
            return event_text.context_given(event)
        case EditsRefused():
            return event_text.edits_refused(event)
        case EditsWritten(files, dry_run):
            diffs = [without_escapes(edited.diff) for edited in files] if dry_run and in_full else []
            return "\n".join([event_text.edits_written(event), *diffs])
        case Committed():
            return event_text.committed(event)
        case CommandRan():
            return event_text.command_ran(event)
        case Notice():
            return event_text.notice(event)
        case TurnEnded(usage, session):
            return event_text.cost(usage, session) if usage.calls else ""
        case _:
            return ""


def is_important(event: Event) -> bool:
    """Whether somebody who wants the answer alone has to know it."""
    return isinstance(event, EditsRefused) or (isinstance(event, Notice) and event.level != "info")


def error_text(error: BaseException) -> str:
    """What an error says itself or, of one that nobody foresaw, enough to report it."""
    import traceback

    from edits import EditError
    from repomap import RepoMapError

    if isinstance(error, ChatError | EditError | RepoMapError):
        return str(error)
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}: {error}. The step was not finished; please report this."


_MOST_COPIED_BYTES = 74_994
"""More than that terminals do not take at once."""


def clipboard_sequence(text: str) -> str:
    """The sequence (OSC 52) that asks a terminal, also one far away, to fill its clipboard; "" if it is too long."""
    import base64

    data = text.encode("utf-8", "replace")
    return f"\x1b]52;c;{base64.b64encode(data).decode()}\x07" if len(data) <= _MOST_COPIED_BYTES else ""


def write(stream: TextIO, text: str) -> None:
    """Writes at once. A reader that has gone away ends no turn: what more is written is lost, quietly."""
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def with_line_end(text: str) -> str:
    return text if text.endswith("\n") or not text else text + "\n"
