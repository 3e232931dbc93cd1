"""The records of a session → the conversation as it was, and what an interrupted turn had got to.

Pure. A session is resumed from its journal alone: each message, each file that was shown, each paid
reply stands there.
"""

from calendar import timegm
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from time import strptime
from typing import Any, Literal

from chat.model import Message, Mode, ModelRole, Reply, Usage
from chat.records import Record
from chat.talk import Entry, Exploration, Seen, Talk


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
    talk_before: Talk
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
    talk: Talk
    """The conversation as it was with the turn."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A turn that was cut off."""

    request: str
    talk_before: Talk
    replies: Mapping[str, tuple[Reply, ...]]
    """Those that had been paid for, by the digest of their prompt."""
    before: str = ""
    """The snapshot before its first write; empty where it wrote nothing."""
    paths: tuple[str, ...] = ()
    """What it was about to write, or wrote."""
    after: Mapping[str, str] = field(default_factory=dict)
    """The digest that each of them was to have; "" where it was to go."""
    commit: str = ""
    """The commit that it had made."""
    committing: Mapping[str, Any] = field(default_factory=dict)
    """The commit that it was about to make."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a journal holds."""

    talk: Talk = field(default_factory=Talk)
    spent: Mapping[ModelRole, Usage] = field(default_factory=dict)
    turns: tuple[TurnDone, ...] = ()
    """Oldest first; undone ones are not among them."""
    undone: tuple[UndoneTurn, ...] = ()
    """What redo would bring back, the next last."""
    unfinished: Unfinished | None = None
    compacted: Talk | None = None
    """The conversation before the last rebuild of its prompt."""
    requests: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def restore(records: Iterable[Record]) -> Restored:
    """The session that these records make."""
    state = _Reader()
    for record in records:
        state.take(record)
    return state.done()


class RecordedReplies:
    """Replies that were paid for, given once each to the call that asks the same again."""

    def __init__(self, replies: Mapping[str, tuple[Reply, ...]]) -> None:
        self._replies = {digest: list(each) for digest, each in replies.items()}

    def take(self, digest: str, role: ModelRole) -> Reply | None:  # noqa: ARG002
        """The reply to this very prompt, or None."""
        waiting = self._replies.get(digest)
        return waiting.pop(0) if waiting else None


class _Reader:
    """Follows the records."""

    def __init__(self) -> None:
        self.talk = Talk()
        self.spent: dict[ModelRole, Usage] = {}
        self.turns: list[TurnDone] = []
        self.undone: list[UndoneTurn] = []
        self.requests: list[str] = []
        self.tags: list[str] = []
        self.open: Unfinished | None = None
        self.compacted: Talk | None = None
        self.time_s = 0.0

    def take(self, record: Record) -> None:
        self.time_s = seconds_of(record.time)
        step = getattr(self, f"_{record.kind.replace('.', '_')}", None)
        if step is not None:
            step(record.fields, record.number)

    def done(self) -> Restored:
        talk = self.open.talk_before if self.open and not self.open.commit else self.talk
        return Restored(
            talk,
            self.spent,
            tuple(self.turns),
            tuple(self.undone),
            self.open,
            self.compacted,
            tuple(self.requests),
            tuple(self.tags),
        )

    def _talk(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        self.talk = apply_changes(self.talk, fields)

    def _turn_begin(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        replies = self.open.replies if self.open and self.open.request == fields["request"] else {}
        self.open = Unfinished(fields["request"], self.talk, replies)
        self.requests.append(fields["request"])

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
        if self.open is not None:
            digest = fields["prompt_digest"]
            replies = {**self.open.replies, digest: (*self.open.replies.get(digest, ()), reply)}
            self.open = replace(self.open, replies=replies)

    def _checkpoint(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.open is not None and not self.open.before:
            self.open = replace(self.open, before=fields["before"])

    def _edit_intent(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.open is not None:
            after = {**self.open.after, **fields.get("after", {})}
            self.open = replace(self.open, paths=tuple(sorted(after)), after=after)

    def _commit_intent(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.open is not None and not fields.get("of_user"):
            self.open = replace(self.open, committing=fields)

    def _commit_done(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.open is not None and not fields.get("of_user"):
            self.open = replace(self.open, commit=fields["commit"], committing={})

    def _turn_done(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.open is not None and fields["paths"]:
            self.turns.append(
                TurnDone(
                    fields["turn"],
                    self.open.request,
                    tuple(fields["paths"]),
                    tuple(fields["commits"]),
                    self.open.before,
                    fields["checkpoint"],
                    self.open.talk_before,
                    self.time_s,
                    fields.get("base"),
                    fields.get("staged", False),
                )
            )
            self.undone.clear()
        self.open = None

    def _turn_failed(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        self.open = None

    def _undo(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.turns:
            reverts = tuple(fields["reverts"])
            self.undone.append(UndoneTurn(self.turns.pop(), fields["way"], reverts, self.talk))

    def _redo(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        if self.undone:
            done = self.undone.pop().turn
            self.turns.append(replace(done, commits=tuple(fields.get("commits", done.commits))))

    def _rebuild(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        self.compacted = self.talk if fields["step"] == "begin" else self.compacted

    def _tag(self, fields: Mapping[str, Any], number: int) -> None:  # noqa: ARG002
        self.tags.append(fields["tag"])


def seconds_of(time: str) -> float:
    """A record's time in seconds since 1970; 0 where it cannot be read."""
    try:
        return float(timegm(strptime(time, "%Y-%m-%dT%H:%M:%SZ")))
    except ValueError:
        return 0.0


def apply_changes(talk: Talk, fields: Mapping[str, Any]) -> Talk:
    """The conversation after a `talk` record."""
    entries = (*talk.entries, *map(_entry, fields.get("entries", ())))
    if "all_entries" in fields:
        entries = tuple(map(_entry, fields["all_entries"]))
    base = tuple(Message(**each) for each in fields["base"]) if "base" in fields else talk.base
    seen = tuple(map(_seen, fields["seen"])) if "seen" in fields else talk.seen
    notes = tuple(fields["notes"]) if "notes" in fields else talk.notes
    exploring = talk.exploring
    if "exploring" in fields:
        exploring = Exploration(**fields["exploring"]) if fields["exploring"] else None
    return Talk(base, entries, seen, notes, fields["turn"], Mode(fields["mode"]), exploring)


def _entry(fields: Mapping[str, Any]) -> Entry:
    return Entry(Message(**fields["message"]), fields["kind"], fields["turn"])


def _seen(fields: Mapping[str, Any]) -> Seen:
    return Seen(**{**fields, "spans": tuple((first, last) for first, last in fields["spans"])})
