"""A line of a journal, and the record that it holds.

The kinds and the names of the fields are the file format: a field may be added with a default, none
may be renamed. An *intent* is written before what cannot be repeated, a *done* after it.
"""

from calendar import timegm
from collections.abc import Mapping
from dataclasses import dataclass
from time import strptime
from typing import Any, get_args

from chat.sessions.conversation_change import ConversationChange
from chat.sessions.records.changes import (
    CommitDone,
    CommitIntent,
    EditAdopted,
    EditDone,
    EditIntent,
    EditRefused,
    Redo,
    RestoreFailed,
    RestoreIntent,
    Rollback,
    SnapshotTaken,
    Undo,
)
from chat.sessions.records.goal import (
    GoalCheck,
    GoalEnd,
    GoalPause,
    GoalPlanned,
    GoalSet,
    GoalStep,
    PlanRevised,
    PlanTicked,
)
from chat.sessions.records.session import Resume, SessionBegin, SessionEnd, SessionTag
from chat.sessions.records.turn import (
    AgentBegin,
    AgentDone,
    CallDone,
    CallIntent,
    CommandDone,
    CommandIntent,
    OutputKept,
    Rebuild,
    TakeBack,
    TurnBegin,
    TurnDone,
    TurnFailed,
)


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
