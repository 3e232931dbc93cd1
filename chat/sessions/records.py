"""The records of a journal, one class for each kind, and how they are written as JSON.

The kinds and the names of the fields are the file format: a field may be added with a default, none
may be renamed. An *intent* is written before what cannot be repeated, a *done* after it.
"""

from calendar import timegm
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from time import strptime
from typing import Any, ClassVar, Literal, get_args

from chat.model import ModelRole, Purpose, Reply, Usage
from chat.sessions.conversation_change import ConversationChange
from chat.sessions.goal_records import (
    GoalCheck,
    GoalEnd,
    GoalPause,
    GoalPlanned,
    GoalSet,
    GoalStep,
    PlanRevised,
    PlanTicked,
)
from chat.sessions.record_fields import Fields
from chat.snapshots.turn_record import UndoneCommits


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One line of a journal, its record not read yet."""

    number: int
    kind: str
    time: str
    """UTC, as `2026-01-31T12:00:00Z`."""
    fields: Mapping[str, Any]
    masked: bool = False
    """Written by an earlier version, which put `[secret]` in the place of secrets."""


@dataclass(frozen=True, slots=True)
class SessionBegin(Fields):
    """The first record of a session."""

    kind: ClassVar[str] = "session"
    root: str
    model: str = ""
    fork_of: str | None = None
    """The session that this one continues under an id of its own."""
    fork_at: int | None = None
    """The last record of that session that belongs to this one."""
    place: str | None = None
    """What `locations.place_of` says of the root, by which it is known under another name."""


@dataclass(frozen=True, slots=True)
class SessionEnd(Fields):
    """The chat was closed."""

    kind: ClassVar[str] = "end"


@dataclass(frozen=True, slots=True)
class SessionTag(Fields):
    """A tag that the user gave the session, or took from it."""

    kind: ClassVar[str] = "tag"
    tag: str
    removed: bool = False

    def follow(self, tags: Sequence[str]) -> list[str]:
        """Return the tags after this record, each once.

        >>> SessionTag("b").follow(["a", "b"]), SessionTag("a", removed=True).follow(["a", "b"])
        (['a', 'b'], ['b'])
        """
        others = [tag for tag in tags if tag != self.tag]
        if self.removed:
            return others
        return list(tags) if self.tag in tags else [*tags, self.tag]


@dataclass(frozen=True, slots=True)
class Resume(Fields):
    """A process continues the session."""

    kind: ClassVar[str] = "resume"
    unfinished: bool = False
    """A turn had been cut off."""
    again: bool = False
    """It is taken again: the records continue from before it."""


@dataclass(frozen=True, slots=True)
class TurnBegin(Fields):
    """A request was taken up."""

    kind: ClassVar[str] = "turn.begin"
    request: str
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnDone(Fields):
    """A turn is over."""

    kind: ClassVar[str] = "turn.done"
    turn: int
    paths: tuple[str, ...]
    """The files that it changed, sorted."""
    commits: tuple[str, ...]
    checkpoint: str = ""
    """The snapshot after it, where an earlier version has no record of its writes."""
    base: str | None = None
    """Where the branch was, if that is not the parent of the first commit."""
    staged: bool = False
    incomplete: bool = False
    """Something ended it before it was through, its edits were refused, or a request of the model's stayed unanswered;
    what it had written by then is kept."""


@dataclass(frozen=True, slots=True)
class TurnFailed(Fields):
    """A turn ended with an error before it changed a file; the conversation is as before it."""

    kind: ClassVar[str] = "turn.failed"


@dataclass(frozen=True, slots=True)
class CallIntent(Fields):
    """A prompt is about to be sent."""

    kind: ClassVar[str] = "call.intent"
    role: str
    model: str
    prompt_digest: str
    prompt_tokens: int
    agent: str | None = None
    """The id of the agent that makes the call; None for the chat itself."""


@dataclass(frozen=True, slots=True)
class CallDone:
    """A reply arrived complete."""

    kind: ClassVar[str] = "call.done"
    intent: int
    """The number of the record before the call."""
    prompt_digest: str
    seconds: float
    role: ModelRole
    reply: Reply
    agent: str | None = None
    """As in the record before the call."""

    def fields(self) -> Mapping[str, object]:
        """Return the record's fields in the journal; the reply's are among them."""
        own = {"intent": self.intent, "prompt_digest": self.prompt_digest, "seconds": self.seconds}
        agent = {} if self.agent is None else {"agent": self.agent}
        return {**own, "role": self.role.value, **agent, **asdict(self.reply)}

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> "CallDone":
        """Read a record's fields. Raises KeyError, TypeError or ValueError if they are malformed."""
        reply = Reply(
            fields["text"],
            fields["finish"],
            Usage(**fields["usage"]),
            fields["model"],
            fields.get("reasoning", ""),
        )
        seconds = float(fields.get("seconds", 0.0))
        role, agent = ModelRole(fields["role"]), fields.get("agent")
        return cls(fields.get("intent", 0), fields["prompt_digest"], seconds, role, reply, agent)


@dataclass(frozen=True, slots=True)
class CommandIntent(Fields):
    """A command is about to be run."""

    kind: ClassVar[str] = "command.intent"
    command: str
    purpose: Purpose = "run"
    agent: str | None = None
    """The id of the agent that runs it; None for the chat itself."""


@dataclass(frozen=True, slots=True)
class CommandDone(Fields):
    """A command ended."""

    kind: ClassVar[str] = "command.done"
    intent: int
    exit_code: int
    told: str | None = None
    """What the model was shown of a check; None for a command that the user ran."""
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class AgentBegin(Fields):
    """An agent is about to begin a task."""

    kind: ClassVar[str] = "agent.begin"
    id: str
    """Tells it from the others of its turn, and is the same where the turn is taken again."""
    name: str
    task: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDone(Fields):
    """An agent has ended, and this is what the prompt gets of it."""

    kind: ClassVar[str] = "agent.done"
    id: str
    told: str
    ok: bool = True
    answer: str = ""
    """The JSON that fits the schema of the task, in full."""
    kept: str = ""
    """The record of what it made of files, in the session's `KeptChanges`; not merged yet."""


@dataclass(frozen=True, slots=True)
class OutputKept(Fields):
    """A long output was kept in a file of the session."""

    kind: ClassVar[str] = "output"
    name: str
    characters: int


@dataclass(frozen=True, slots=True)
class SnapshotTaken(Fields):
    """The files were kept before a turn's first write."""

    kind: ClassVar[str] = "checkpoint"
    before: str
    """The id of the snapshot."""


@dataclass(frozen=True, slots=True)
class EditIntent(Fields):
    """Files are about to be written."""

    kind: ClassVar[str] = "edit.intent"
    after: Mapping[str, str] = field(default_factory=dict)
    """Path to the digest of its new content; empty for a file that is to be deleted."""
    kept: str = ""
    """The record of what the files hold and of what is written, in the session's `KeptChanges`."""


@dataclass(frozen=True, slots=True)
class EditDone(Fields):
    """The files were written."""

    kind: ClassVar[str] = "edit.done"
    intent: int


@dataclass(frozen=True, slots=True)
class EditAdopted(Fields):
    """A linter or a hook has rewritten what the turn had just written; that is the turn's, too."""

    kind: ClassVar[str] = "edit.adopted"
    kept: str
    """The record of the change."""


@dataclass(frozen=True, slots=True)
class EditRefused(Fields):
    """Edits of a reply could not be applied."""

    kind: ClassVar[str] = "edit.refused"
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitIntent(Fields):
    """A commit is about to be made."""

    kind: ClassVar[str] = "commit.intent"
    paths: tuple[str, ...]
    message: str
    head: str
    """Where the branch is before it; empty before the first commit."""
    of_user: bool = False
    """It holds the user's own changes."""
    holds: Mapping[str, str] = field(default_factory=dict)
    """Path to mode and id of what it will hold there; empty for a file that it removes."""


@dataclass(frozen=True, slots=True)
class CommitDone(Fields):
    """A commit was made, or there was nothing to commit."""

    kind: ClassVar[str] = "commit.done"
    commit: str
    """The full id; empty for none."""
    of_user: bool = False
    intent: int | None = None
    """None where a resumed session found the commit of a killed one."""


@dataclass(frozen=True, slots=True)
class RestoreIntent(Fields):
    """A turn is about to be undone or redone, or files and conversation are to be as before one."""

    kind: ClassVar[str] = "restore.intent"
    action: Literal["undo", "redo", "rollback"]
    kept: str
    """The record of what the files hold and of what they will hold."""
    head: str = ""
    """Where the branch is before it."""
    way: UndoneCommits = "files"
    """What becomes of the commits, or for a redo, what had become of them."""
    number: int = 0
    """The turn to go back to."""
    what: Literal["files", "conversation", "both"] = "both"
    """What a rollback puts back."""
    before: str = ""
    """The snapshot of the files that a rollback replaces."""


@dataclass(frozen=True, slots=True)
class RestoreFailed(Fields):
    """It was not done, and nothing has changed."""

    kind: ClassVar[str] = "restore.failed"


@dataclass(frozen=True, slots=True)
class Rollback(Fields):
    """The files were put back to a snapshot; undone like a turn."""

    kind: ClassVar[str] = "rollback"
    request: str
    turn: int
    paths: tuple[str, ...]
    before: str
    after: str = ""
    kept: str = ""
    """The record of what it wrote."""


@dataclass(frozen=True, slots=True)
class Undo(Fields):
    """The last turn that changed files was undone."""

    kind: ClassVar[str] = "undo"
    way: UndoneCommits
    reverts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Redo(Fields):
    """What was undone last was done again."""

    kind: ClassVar[str] = "redo"
    commits: tuple[str, ...] | None = None
    """The commits that it has now."""


@dataclass(frozen=True, slots=True)
class Rebuild(Fields):
    """The prompt is about to be rebuilt, or was."""

    kind: ClassVar[str] = "rebuild"
    step: Literal["begin", "end"]
    tokens: int = 0
    """Of the prompt, before or after."""


@dataclass(frozen=True, slots=True)
class TakeBack(Fields):
    """Files that a killed turn had written hold again what they held before."""

    kind: ClassVar[str] = "takeback"
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A record of a kind that this version does not know, or that lacks what it must hold."""

    kind: str


Record = (
    SessionBegin
    | SessionEnd
    | SessionTag
    | Resume
    | ConversationChange
    | TurnBegin
    | TurnDone
    | TurnFailed
    | CallIntent
    | CallDone
    | CommandIntent
    | CommandDone
    | AgentBegin
    | AgentDone
    | OutputKept
    | SnapshotTaken
    | EditIntent
    | EditDone
    | EditAdopted
    | EditRefused
    | CommitIntent
    | CommitDone
    | RestoreIntent
    | RestoreFailed
    | Rollback
    | Undo
    | Redo
    | Rebuild
    | TakeBack
    | GoalSet
    | GoalPlanned
    | PlanTicked
    | PlanRevised
    | GoalCheck
    | GoalStep
    | GoalPause
    | GoalEnd
)

_BY_KIND: Mapping[str, type[Record]] = {record.kind: record for record in get_args(Record)}


def read_record(line: JournalLine) -> Record | Unknown:
    """Read the record of a line; one of a later version, or without a field that it needs, is `Unknown`.

    >>> read_record(JournalLine(7, "tag", "2026-01-31T12:00:00Z", {"tag": "release"}))
    SessionTag(tag='release', removed=False)
    >>> read_record(JournalLine(8, "dream", "2026-01-31T12:00:00Z", {"text": "faster"}))
    Unknown(kind='dream')
    """
    record = _BY_KIND.get(line.kind)
    if record is None:
        return Unknown(line.kind)
    try:
        return record.parse(line.fields)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Unknown(line.kind)


def seconds_of(time: str) -> float:
    """Return a line's time in seconds since 1970, or 0 if it cannot be read.

    >>> seconds_of("1970-01-02T00:00:00Z")
    86400.0
    >>> seconds_of("yesterday")
    0.0
    """
    try:
        return float(timegm(strptime(time, "%Y-%m-%dT%H:%M:%SZ")))
    except ValueError:
        return 0.0
