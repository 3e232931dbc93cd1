"""The events of a turn: the terminal shows them, `stream-json` writes them down."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chat.model import ModelRole, Purpose, Reply, RepoPath, Usage


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    """A call was sent."""

    model: str
    role: ModelRole
    prompt_tokens: int


@dataclass(frozen=True, slots=True)
class TextChunk:
    """More of a reply's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningChunk:
    """More of a model's reasoning, which is no part of its reply."""

    text: str


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """A reply is complete."""

    reply: Reply
    role: ModelRole


@dataclass(frozen=True, slots=True)
class Retrying:
    """A call failed in a way that may pass."""

    reason: str
    wait_s: float
    attempt: int
    """The one that failed, from 1; what it streamed is void."""


@dataclass(frozen=True, slots=True)
class ContextGiven:
    """The model asked for context and got it."""

    paths: tuple[RepoPath, ...]
    """Files that were shown, in full or in part."""
    lookups: tuple[str, ...]
    """Questions that were answered, as the model wrote them: `find: text`."""


@dataclass(frozen=True, slots=True)
class EditsRefused:
    """Blocks of a reply that cannot be applied; nothing of them was written."""

    messages: tuple[str, ...]
    final: bool
    """No further try is made."""


@dataclass(frozen=True, slots=True)
class FileEdited:
    """A file that was written."""

    path: RepoPath
    diff: str
    """Unified; empty for a file that is no text."""
    kind: Literal["created", "changed", "deleted", "moved"]


@dataclass(frozen=True, slots=True)
class EditsWritten:
    """A whole plan that reached the disk, or with ``dry_run`` would have."""

    files: tuple[FileEdited, ...]
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """A commit that was made."""

    commit: str
    """The full id."""
    subject: str
    paths: tuple[RepoPath, ...]
    of_user: bool = False
    """It holds what the user had changed before the turn."""


@dataclass(frozen=True, slots=True)
class CommandRan:
    """A command of the user's settings, or one that the user typed or allowed."""

    command: str
    exit_code: int
    output: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know."""

    text: str
    level: Literal["info", "warning", "error"] = "info"


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """A turn is over, well or not."""

    usage: Usage
    """Of this turn."""
    session: Usage
    """Of all turns of the session."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command was asked to show: an answer, where a `Notice` is a remark."""

    text: str
    form: Literal["text", "diff"] = "text"


@dataclass(frozen=True, slots=True)
class Copied:
    """Text for the clipboard of the user's terminal."""

    text: str


Event = (
    ReplyStarted
    | TextChunk
    | ReasoningChunk
    | ReplyEnded
    | Retrying
    | ContextGiven
    | EditsRefused
    | EditsWritten
    | Committed
    | CommandRan
    | Notice
    | TurnEnded
    | Shown
    | Copied
)

Emit = Callable[[Event], None]
