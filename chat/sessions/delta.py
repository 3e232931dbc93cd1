"""What changed between two conversations, as the journal's `talk` records hold it.

The names of the fields are those of the file format; they do not follow the names of the classes.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from chat.conversation.conversation import Conversation, Exploration, LogEntry, ShownFile
from chat.model import Message, Mode


def changes(before: Conversation, after: Conversation) -> Mapping[str, object]:
    """Return the fields that make ``after`` out of ``before``: only the new messages where it grew."""
    fields: dict[str, object] = {}
    grew = after.base == before.base and after.entries[: len(before.entries)] == before.entries
    if grew:
        fields["entries"] = [asdict(entry) for entry in after.entries[len(before.entries) :]]
    else:
        fields["base"] = [asdict(message) for message in after.base]
        fields["all_entries"] = [asdict(entry) for entry in after.entries]
    if after.files != before.files:
        fields["seen"] = [_file_fields(file) for file in after.files]
    if after.notes != before.notes:
        fields["notes"] = list(after.notes)
    if after.exploration != before.exploration:
        fields["exploring"] = _exploration_fields(after.exploration)
    return {**fields, "turn": after.turn, "mode": after.mode.value}


def apply_changes(before: Conversation, fields: Mapping[str, Any]) -> Conversation:
    """Return the conversation after a `talk` record."""
    entries = (*before.entries, *map(_entry, fields.get("entries", ())))
    exploration = before.exploration
    if "exploring" in fields:
        exploration = _exploration(fields["exploring"])
    return Conversation(
        base=tuple(Message(**message) for message in fields["base"]) if "base" in fields else before.base,
        entries=tuple(map(_entry, fields["all_entries"])) if "all_entries" in fields else entries,
        files=tuple(map(_file, fields["seen"])) if "seen" in fields else before.files,
        notes=tuple(fields["notes"]) if "notes" in fields else before.notes,
        turn=fields["turn"],
        mode=Mode(fields["mode"]),
        exploration=exploration,
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
