"""The values that pass between the parts of the chat: messages, replies, what a turn tells.

Everything is frozen; a change makes a new value.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

RepoPath = str
"""A path below the root, POSIX, without `.` or `..`."""


class ModelRole(StrEnum):
    """Which of the configured models a call is for."""

    MAIN = "main"
    WEAK = "weak"
    """Commit messages and summaries."""
    EDITOR = "editor"
    """Writes the edits that the main model planned."""


class Mode(StrEnum):
    """What a turn may do."""

    CODE = "code"
    ASK = "ask"
    """Answers, changes nothing."""
    ARCHITECT = "architect"
    """The main model plans, the editor model edits."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What one call sends."""

    messages: tuple[Message, ...]
    """The same again, with more behind it, in the next call: what a provider can cache."""
    tail: str = ""
    """Follows the text of the last message, in this call alone."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What calls took, as the server counted it or, where it did not say, as we did."""

    calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt's tokens, those that the provider had cached."""
    completion_tokens: int = 0
    cost_usd: float | None = 0.0
    """None where the price of a model is not known."""

    def __add__(self, other: "Usage") -> "Usage":
        unknown = self.cost_usd is None or other.cost_usd is None
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.cached_tokens + other.cached_tokens,
            self.completion_tokens + other.completion_tokens,
            None if unknown else (self.cost_usd or 0.0) + (other.cost_usd or 0.0),
        )

    def __sub__(self, other: "Usage") -> "Usage":
        unknown = self.cost_usd is None or other.cost_usd is None
        return Usage(
            self.calls - other.calls,
            self.prompt_tokens - other.prompt_tokens,
            self.cached_tokens - other.cached_tokens,
            self.completion_tokens - other.completion_tokens,
            None if unknown else (self.cost_usd or 0.0) - (other.cost_usd or 0.0),
        )


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply that ended as its server said it would; one that did not end is an error."""

    text: str
    finish: Literal["stop", "length"]
    """`length`: the model's limit cut it."""
    usage: Usage
    model: str
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """How much a model reads and writes at once, in tokens."""

    input_tokens: int
    output_tokens: int
    known: bool = True
    """Whether the model's data says so; else it is a careful guess."""


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in US dollars for each token."""

    prompt_usd: float
    cached_usd: float
    completion_usd: float


# What a turn tells while it goes on. The terminal shows these, `stream-json` writes them down.


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
    purpose: Literal["lint", "test", "run"]


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
