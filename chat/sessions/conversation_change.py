"""The difference between two conversations, as the journal's `talk` records hold it.

The names of the fields are those of the file format; they do not follow the names of the classes.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from chat.conversation.conversation import Conversation, Exploration, LogEntry, ShownFile
from chat.model import Message, Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChange:
    """A change of the conversation; None means that a part stayed as it was."""

    kind: ClassVar[str] = "talk"

    turn: int
    mode: Mode
    added: tuple[LogEntry, ...] = ()
    """Appended to the log."""
    base: tuple[Message, ...] | None = None
    entries: tuple[LogEntry, ...] | None = None
    """The whole log, if it did not just grow."""
    files: tuple[ShownFile, ...] | None = None
    notes: tuple[str, ...] | None = None
    exploration: Exploration | None = None
    exploration_changed: bool = False
    """Whether ``exploration`` is new; None means that it ended only if so."""

    def fields(self) -> Mapping[str, object]:
        """Return the record's fields in the journal."""
        fields: dict[str, object] = {}
        if self.entries is None:
            fields["entries"] = [asdict(entry) for entry in self.added]
        else:
            fields["all_entries"] = [asdict(entry) for entry in self.entries]
        if self.base is not None:
            fields["base"] = [asdict(message) for message in self.base]
        if self.files is not None:
            fields["seen"] = [_file_fields(file) for file in self.files]
        if self.notes is not None:
            fields["notes"] = list(self.notes)
        if self.exploration_changed:
            fields["exploring"] = _exploration_fields(self.exploration)
        return {**fields, "turn": self.turn, "mode": self.mode.value}

    @classmethod
    def parse(cls, fields: Mapping[str, Any]) -> "ConversationChange":
        """Read a record's fields. Raises KeyError, TypeError or ValueError if they are malformed."""
        return cls(
            turn=fields["turn"],
            mode=Mode(fields["mode"]),
            added=tuple(map(_entry, fields.get("entries", ()))),
            base=tuple(Message(**message) for message in fields["base"]) if "base" in fields else None,
            entries=tuple(map(_entry, fields["all_entries"])) if "all_entries" in fields else None,
            files=tuple(map(_file, fields["seen"])) if "seen" in fields else None,
            notes=tuple(fields["notes"]) if "notes" in fields else None,
            exploration=_exploration(fields.get("exploring")),
            exploration_changed="exploring" in fields,
        )


def change_between(before: Conversation, after: Conversation) -> ConversationChange:
    """Return what makes ``after`` out of ``before``: only the new messages where the log grew."""
    grew = after.base == before.base and after.entries[: len(before.entries)] == before.entries
    return ConversationChange(
        turn=after.turn,
        mode=after.mode,
        added=after.entries[len(before.entries) :] if grew else (),
        base=None if grew else after.base,
        entries=None if grew else after.entries,
        files=after.files if after.files != before.files else None,
        notes=after.notes if after.notes != before.notes else None,
        exploration=after.exploration,
        exploration_changed=after.exploration != before.exploration,
    )


def apply_change(before: Conversation, change: ConversationChange) -> Conversation:
    """Return the conversation after a change."""
    return Conversation(
        base=before.base if change.base is None else change.base,
        entries=(*before.entries, *change.added) if change.entries is None else change.entries,
        files=before.files if change.files is None else change.files,
        notes=before.notes if change.notes is None else change.notes,
        turn=change.turn,
        mode=change.mode,
        exploration=change.exploration if change.exploration_changed else before.exploration,
    )


def _entry(fields: Mapping[str, Any]) -> LogEntry:
    return LogEntry(Message(**fields["message"]), fields["kind"], fields["turn"])


def _file_fields(file: ShownFile) -> dict[str, object]:
    fields = asdict(file)
    shown = fields.pop("shown_digest")
    return {**fields, "shown": shown}


def _file(fields: Mapping[str, Any]) -> ShownFile:
    return ShownFile(
        fields["path"],
        digest=fields["digest"],
        tokens=fields["tokens"],
        used_turn=fields["used_turn"],
        spans=tuple((first, last) for first, last in fields["spans"]),
        read_only=fields.get("read_only", False),
        by_user=fields.get("by_user", False),
        shown_digest=fields.get("shown", ""),
    )


def _exploration_fields(exploration: Exploration | None) -> dict[str, object] | None:
    return None if exploration is None else {"what": exploration.topic, "entries": exploration.start}


def _exploration(fields: Mapping[str, Any] | None) -> Exploration | None:
    return None if fields is None else Exploration(fields["what"], fields["entries"])
