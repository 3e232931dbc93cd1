"""A change of a plan → how a person reads it: its kind and its unified diff."""

import difflib

from chat.events import FileEdited
from edits import FileChange

_BINARY_PROBE = 8_000


def edited(change: FileChange) -> FileEdited:
    """A change as the terminal shows it."""
    if change.before is None:
        kind = "moved" if change.moved_from else "created"
    else:
        kind = "deleted" if change.after is None else "changed"
    return FileEdited(change.path, unified_diff(change), kind)  # type: ignore[arg-type]


def unified_diff(change: FileChange) -> str:
    """The unified diff of a change; empty for what is no text."""
    if any(b"\0" in (side or b"")[:_BINARY_PROBE] for side in (change.before, change.after)):
        return ""
    old = "/dev/null" if change.before is None else f"a/{change.path}"
    new = "/dev/null" if change.after is None else f"b/{change.path}"
    rows = difflib.unified_diff(_lines(change.before), _lines(change.after), old, new)
    return "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows)


def _lines(content: bytes | None) -> list[str]:
    text = (content or b"").decode("utf-8", "replace")
    lines = text.split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
