"""[io] What all screens share: options, the plain text of an event, and writing to a stream."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat.display import event_text
from chat.display.goal_line import goal_line
from chat.errors import ChatError
from chat.events import (
    AgentBegan,
    AgentEnded,
    AgentStep,
    CommandRan,
    Committed,
    ContextGiven,
    EditsRefused,
    EditsWritten,
    Event,
    GoalFollowed,
    Notice,
    PlanFollowed,
    Retrying,
    TurnEnded,
)
from chat.safety.printable import without_escapes

if TYPE_CHECKING:
    from chat.app.chat import Chat


StatusLine = Callable[[int, Callable[[str], int]], str]
"""Returns a line of at most this many columns, as a function counts them; "" for none. Any thread may call it."""


def no_status(columns: int, width: Callable[[str], int]) -> str:  # noqa: ARG001
    """Return no line."""
    return ""


def status_of_goal(chat: "Chat") -> StatusLine:
    """Return what says in a line how the goal of a chat stands, while somebody works on it."""

    def status(columns: int, width: Callable[[str], int]) -> str:
        goal = chat.goals.summary()
        return goal_line(goal, columns, width) if goal and goal.status == "active" else ""

    return status


@dataclass(frozen=True, slots=True)
class ScreenOptions:
    """How a screen shows things."""

    pretty: bool = True
    """With colours and movement, if the terminal can."""
    streams: bool = True
    """Show replies as they arrive, not only when they are complete."""
    shows_replies: bool = True
    """If not, whoever made the request shows the answer at the end."""
    quiet: bool = False
    """Send only warnings, errors and questions to standard error."""
    verbose: bool = False
    """Show the model's thoughts in full."""


def plain_text(event: Event, in_full: bool = True) -> str:
    """The lines that a plain terminal shows for an event, or "" for none; ``in_full`` adds the diffs of a dry run."""
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
        case GoalFollowed():
            return event_text.goal_followed(event)
        case PlanFollowed():
            return event_text.plan_followed(event)
        case AgentBegan() | AgentStep() | AgentEnded():
            return event_text.agent_went_on(event)
        case TurnEnded(usage, session):
            return event_text.cost(usage, session) if usage.calls else ""
        case _:
            return ""


def is_important(event: Event) -> bool:
    """Whether an event must be shown even to someone who wants only the answer."""
    if isinstance(event, CommandRan):
        return event.exit_code != 0
    return isinstance(event, EditsRefused) or (isinstance(event, Notice) and event.level != "info")


def error_text(error: BaseException) -> str:
    """The message of an expected error; for any other, its type and position as well.

    What the system refuses, such as a disk without room, is nothing to report.
    """
    import traceback

    from edits import EditError
    from repomap import RepoMapError

    if isinstance(error, ChatError | EditError | RepoMapError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'The system'}: {error.strerror}. The step was not finished."
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}: {error}. The step was not finished. Please report this."


_CLIPBOARD_BYTES = 74_994
"""Terminals accept no more than this at once."""


def clipboard_sequence(text: str) -> str:
    """The OSC 52 sequence that sets the clipboard of a terminal, even a remote one; "" if the text is too long.

    >>> clipboard_sequence("hi")
    '\\x1b]52;c;aGk=\\x07'
    """
    import base64

    data = text.encode("utf-8", "replace")
    return f"\x1b]52;c;{base64.b64encode(data).decode()}\x07" if len(data) <= _CLIPBOARD_BYTES else ""


def with_line_end(text: str) -> str:
    """End a text that is not empty with a newline.

    >>> with_line_end("a"), with_line_end("a\\n"), with_line_end("")
    ('a\\n', 'a\\n', '')
    """
    return text if text.endswith("\n") or not text else text + "\n"
