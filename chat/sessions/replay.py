"""The records of a session → the conversation as it was, and what an interrupted turn had got to.

Pure. A session is resumed from its journal alone: each message, each file that was shown, each paid
reply stands there.
"""

from calendar import timegm
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from time import strptime
from typing import Any, Literal

from chat.conversation.conversation import Conversation
from chat.model import ModelRole, Reply, Usage
from chat.sessions.delta import apply_changes
from chat.sessions.record import Record

KEPT_TURNS = 200
"""So many turns can be undone or gone back to; each holds the conversation before it."""


@dataclass(frozen=True, slots=True)
class TurnDone:
    """A turn that changed files, as undo and rollback need it."""

    turn: int
    request: str
    paths: tuple[str, ...]
    commits: tuple[str, ...]
    before: str
    """The snapshot before its first write."""
    after: str
    conversation_before: Conversation
    time_s: float = 0.0
    """When, in seconds since 1970."""
    base: str | None = None
    """Where the branch was, where that is not the parent of the first commit: it was amended."""
    staged: bool = False
    """Its files were put into the index instead of a commit."""


Way = Literal["files", "gone", "taken off", "reverted"]
"""What became of the commits of a turn that was undone."""


@dataclass(frozen=True, slots=True)
class UndoneTurn:
    """A turn that was taken back, with what it takes to do it again."""

    turn: TurnDone
    way: Way
    reverts: tuple[str, ...]
    conversation: Conversation
    """The conversation as it was with the turn."""


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A check that had run: what it ended with, and what the model was told of it."""

    command: str
    exit_code: int
    told: str


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A turn that was cut off."""

    request: str
    turn: int
    conversation_before: Conversation
    conversation: Conversation
    """The conversation as far as the turn had got."""
    before: str = ""
    """The snapshot before its first write; empty where it wrote nothing."""
    paths: tuple[str, ...] = ()
    """What it was about to write, or wrote."""
    after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The digests that it gave each of them, the last last; "" where it was to go."""
    commit: str = ""
    """The commit that it had made."""
    committing: Mapping[str, Any] = field(default_factory=dict)
    """The commit that it was about to make."""
    taken_up: bool = False
    """A process has begun to take it again."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a journal holds."""

    conversation: Conversation = field(default_factory=Conversation)
    spent: Mapping[ModelRole, Usage] = field(default_factory=dict)
    turns: tuple[TurnDone, ...] = ()
    """Oldest first; undone ones are not among them."""
    undone: tuple[UndoneTurn, ...] = ()
    """What redo would bring back, the next last."""
    unfinished: Unfinished | None = None
    replies: Mapping[str, tuple[Reply, ...]] = field(default_factory=dict)
    """Those that had been paid for by what was cut off, by the digest of their prompt."""
    runs: tuple[RecordedRun, ...] = ()
    """The checks of the turn that was cut off."""
    compacted: Conversation | None = None
    """The conversation before the last rebuild of its prompt."""
    requests: tuple[str, ...] = ()
    """Of every turn; one that was taken again stands there once."""
    tags: tuple[str, ...] = ()


def restore(records: Iterable[Record]) -> Restored:
    """The session that these records make."""
    state = _Reader()
    for record in records:
        state.take(record)
    return state.done()


class Recording:
    """What was paid for and is used again: replies, once each by the call that asks the same, and checks."""

    def __init__(self, replies: Mapping[str, tuple[Reply, ...]], runs: Sequence[RecordedRun] = ()) -> None:
        self._replies = {digest: list(each) for digest, each in replies.items()}
        self._runs = list(runs)

    def take(self, digest: str) -> Reply | None:
        """The reply to this very prompt, or None."""
        waiting = self._replies.get(digest)
        return waiting.pop(0) if waiting else None

    def take_run(self, command: str) -> RecordedRun | None:
        """What the next check ended with, as long as a reply is left that was given to it; else None.

        Run anew it may say something else, a time for one, and the reply would be of no use.
        """
        left = any(self._replies.values()) and bool(self._runs)
        return self._runs.pop(0) if left and self._runs[0].command == command else None


class _Reader:
    """Follows the records."""

    def __init__(self) -> None:
        self.conversation = Conversation()
        self.spent: dict[ModelRole, Usage] = {}
        self.turns: list[TurnDone] = []
        self.undone: list[UndoneTurn] = []
        self.requests: list[str] = []
        self.tags: list[str] = []
        self.open: Unfinished | None = None
        self.replies: dict[str, tuple[Reply, ...]] = {}
        self.runs: list[RecordedRun] = []
        self.commands: dict[int, str] = {}
        self.compacted: Conversation | None = None
        self.time_s = 0.0

    def take(self, record: Record) -> None:
        self.time_s = seconds_of(record.time)
        step = getattr(self, f"_{record.kind.replace('.', '_')}", None)
        if step is not None:
            step(record.fields, record.number)

    def done(self) -> Restored:
        cut = replace(self.open, conversation=self.conversation) if self.open else None
        return Restored(
            cut.conversation_before if cut else self.conversation,
            self.spent,
            tuple(self.turns),
            tuple(self.undone),
            cut,
            self.replies,
            tuple(self.runs),
            self.compacted,
            tuple(self.requests),
            tuple(self.tags),
        )

    def _talk(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        self.conversation = apply_changes(self.conversation, fields)

    def _turn_begin(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        self.open = Unfinished(fields["request"], fields["turn"], self.conversation, self.conversation)
        self.requests.append(fields["request"])

    def _resume(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        """From here on the records go on from before the turn that is taken again."""
        if fields.get("again") and self.open is not None:
            self.conversation = self.open.conversation_before
            self.requests = self.requests[: -1 if not self.open.taken_up else None]
            self.open = replace(self.open, taken_up=True)

    def _call_done(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        role = ModelRole(fields["role"])
        reply = Reply(
            fields["text"],
            fields["finish"],
            Usage(**fields["usage"]),
            fields["model"],
            fields.get("reasoning", ""),
        )
        self.spent[role] = self.spent.get(role, Usage()) + reply.usage
        digest = fields["prompt_digest"]
        self.replies[digest] = (*self.replies.get(digest, ()), reply)

    def _command_intent(self, fields: Mapping[str, Any], number: int) -> None:
        self.commands = {number: fields["command"]}

    def _command_done(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        command = self.commands.get(fields["intent"])
        if self.open is not None and command is not None and "told" in fields:
            self.runs.append(RecordedRun(command, fields["exit_code"], fields["told"]))

    def _settled(self) -> None:
        """Nothing of what came before will be done again."""
        self.open = None
        self.replies = {}
        self.runs = []

    def _checkpoint(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.open is not None and not self.open.before:
            self.open = replace(self.open, before=fields["before"])

    def _edit_intent(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.open is not None:
            new = fields.get("after", {})
            after = {**self.open.after, **{path: (*self.open.after.get(path, ()), new[path]) for path in new}}
            self.open = replace(self.open, paths=tuple(sorted(after)), after=after)

    def _commit_intent(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.open is not None and not fields.get("of_user"):
            self.open = replace(self.open, committing=fields)

    def _commit_done(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.open is not None and not fields.get("of_user"):
            kept = self.open.committing if fields["commit"] else {}
            self.open = replace(self.open, commit=fields["commit"], committing=kept)

    def _turn_done(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.open is not None and fields["paths"] and fields["checkpoint"]:
            self.turns = self.turns[1 - KEPT_TURNS :]
            self.turns.append(
                TurnDone(
                    fields["turn"],
                    self.open.request,
                    tuple(fields["paths"]),
                    tuple(fields["commits"]),
                    self.open.before,
                    fields["checkpoint"],
                    self.open.conversation_before,
                    self.time_s,
                    fields.get("base"),
                    fields.get("staged", False),
                )
            )
            self.undone.clear()
        self._settled()

    def _turn_failed(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        self._settled()

    def _rollback(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        self.turns.append(
            TurnDone(
                fields["turn"],
                fields["request"],
                tuple(fields["paths"]),
                (),
                fields["before"],
                fields["after"],
                self.conversation,
                self.time_s,
            )
        )
        self.undone.clear()

    def _undo(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.turns:
            reverts = tuple(fields["reverts"])
            self.undone.append(UndoneTurn(self.turns.pop(), fields["way"], reverts, self.conversation))

    def _redo(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.undone:
            done = self.undone.pop().turn
            self.turns.append(replace(done, commits=tuple(fields.get("commits", done.commits))))

    def _rebuild(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if fields["step"] == "begin":
            self.compacted = self.conversation
        elif self.open is None:
            self._settled()

    def _tag(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        self.tags.append(fields["tag"])


def seconds_of(time: str) -> float:
    """A record's time in seconds since 1970; 0 where it cannot be read."""
    try:
        return float(timegm(strptime(time, "%Y-%m-%dT%H:%M:%SZ")))
    except ValueError:
        return 0.0
