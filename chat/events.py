"""The events of a turn: the terminal shows them, `stream-json` writes them down."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chat.model import ModelRole, Plan, Purpose, Reply, RepoPath, Usage

NoticeLevel = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class ReplyStarted:
    """A call was sent."""

    model: str
    role: ModelRole
    prompt_tokens: int


@dataclass(frozen=True, slots=True)
class TextChunk:
    """The next part of a reply's text."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningChunk:
    """The next part of a model's reasoning, which is not part of its reply."""

    text: str


@dataclass(frozen=True, slots=True)
class ReplyEnded:
    """A reply is complete."""

    reply: Reply
    role: ModelRole


@dataclass(frozen=True, slots=True)
class Retrying:
    """A call failed and is tried again."""

    reason: str
    wait_s: float
    attempt: int
    """The try that failed, from 1; what it streamed does not count."""


@dataclass(frozen=True, slots=True)
class ContextGiven:
    """The model asked for context and was given it."""

    paths: tuple[RepoPath, ...]
    """Files that were shown, in full or in part."""
    lookups: tuple[str, ...]
    """Lookups that were answered, as the model wrote them: `find: text`."""


@dataclass(frozen=True, slots=True)
class EditsRefused:
    """Edits of a reply cannot be applied; none of them was written."""

    messages: tuple[str, ...]
    final: bool
    """The model is not asked again."""


@dataclass(frozen=True, slots=True)
class FileEdited:
    """One file of a plan that was written."""

    path: RepoPath
    diff: str
    """Unified; empty for a binary file."""
    kind: Literal["created", "changed", "deleted", "moved"]


@dataclass(frozen=True, slots=True)
class EditsWritten:
    """A whole plan was written to disk, or with ``dry_run`` would have been."""

    files: tuple[FileEdited, ...]
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Committed:
    """A commit was made."""

    commit: str
    """The full id."""
    subject: str
    paths: tuple[RepoPath, ...]
    of_user: bool = False
    """It holds the user's own changes from before the turn."""


@dataclass(frozen=True, slots=True)
class CommandStarted:
    """A command begins to run; `CommandRan` follows, unless it is stopped."""

    command: str


@dataclass(frozen=True, slots=True)
class CommandRan:
    """A command ran: from the user's settings, or typed or allowed by the user."""

    command: str
    exit_code: int
    output: str
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should know."""

    text: str
    level: NoticeLevel = "info"


@dataclass(frozen=True, slots=True)
class GoalFollowed:
    """A goal was judged."""

    status: str
    """How it ended, or `not met` or `fresh` (not met, and a new conversation begins) where a turn follows."""
    reason: str
    turns: int
    """That it has taken."""


@dataclass(frozen=True, slots=True)
class PlanFollowed:
    """The plan of a goal was written or has changed."""

    what: Literal["written", "ticked", "revised"]
    detail: str
    """The number of the step that is done, or why the plan was revised."""
    plan: Plan
    """As it is now."""


@dataclass(frozen=True, slots=True)
class AgentBegan:
    """An agent begins a task."""

    id: str
    name: str
    task: str


@dataclass(frozen=True, slots=True)
class AgentStep:
    """What an agent is doing."""

    id: str
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class AgentEnded:
    """An agent has ended its task."""

    id: str
    name: str
    ok: bool
    text: str
    """What the main model is told of it."""
    usage: Usage


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """A turn ended, successfully or not."""

    usage: Usage
    """Of this turn."""
    session: Usage
    """Of the whole session."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer that a command was asked for; a `Notice` is only a remark."""

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
    | CommandStarted
    | CommandRan
    | Notice
    | GoalFollowed
    | PlanFollowed
    | AgentBegan
    | AgentStep
    | AgentEnded
    | TurnEnded
    | Shown
    | Copied
)

Emit = Callable[[Event], None]
