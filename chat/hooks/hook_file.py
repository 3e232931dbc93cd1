"""The text of a hook file → its hooks, and what of it does not count here."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

EVENTS = (
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PreCompact",
    "Stop",
    "Notification",
    "SessionEnd",
)
"""What hooks can be told of."""
DEFAULT_TIMEOUT_S = 60.0
_MAX_TIMEOUT_S = 3_600.0
_NOT_KNOWN = ("args", "if", "async", "asyncRewake")
"""Keys that change what a hook is. Running it without them would do something else than it says."""


@dataclass(frozen=True, slots=True)
class Hook:
    """One command that runs at an event."""

    event: str
    matcher: str
    """A regular expression for the whole of the tool's name or the event's kind; "" and "*" match all."""
    command: str
    timeout_s: float = DEFAULT_TIMEOUT_S
    source: str = ""
    """The file that it is from, as a person calls it."""

    def concerns(self, event: str, subject: str) -> bool:
        """Whether it runs at this event, whose tool or kind is ``subject``.

        >>> Hook("PreToolUse", "Edit|Write", "x").concerns("PreToolUse", "Write")
        True
        >>> Hook("PreToolUse", "Edit", "x").concerns("PreToolUse", "Editor")
        False
        """
        if self.event != event:
            return False
        return self.matcher in ("", "*") or re.fullmatch(self.matcher, subject) is not None


@dataclass(frozen=True, slots=True)
class HookFile:
    """What a hook file says."""

    hooks: tuple[Hook, ...] = ()
    warnings: tuple[str, ...] = ()
    """What is not run although it should be, and why."""
    idle: tuple[str, ...] = ()
    """Events that never come here, which other programs have."""


class _Refused(Exception):
    """A part of the file cannot be used."""


def read_hook_file(data: bytes, source: str) -> HookFile:
    """Read `{"hooks": {EVENT: [{"matcher": …, "hooks": [{"type": "command", "command": …}]}]}}`.

    Other keys are left alone: Claude Code keeps all its settings in the same file. A part that cannot be used costs
    a warning and leaves the others.
    """
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return HookFile(warnings=(f"{source} is not JSON ({error}), so its hooks are not run.",))
    events = content.get("hooks") if isinstance(content, dict) else None
    if events is None or content.get("disableAllHooks") is True:
        return HookFile()
    if not isinstance(events, dict):
        return HookFile(warnings=(f"{source}: `hooks` is not an object, so none is run.",))
    idle = tuple(event for event in events if event not in EVENTS)
    hooks: list[Hook] = []
    warnings: list[str] = []
    for event, group, entry in _entries({event: events[event] for event in EVENTS if event in events}):
        try:
            hooks.append(_hook(event, group, entry, source))
        except _Refused as refused:
            warnings.append(f"{source}: a hook of {event} is not run: {refused}.")
    return HookFile(tuple(hooks), tuple(warnings), idle)


def _entries(events: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield (event, group, entry); a group or entry of the wrong kind is yielded as it is."""
    for event, groups in events.items():
        for group in groups if isinstance(groups, list) else [groups]:
            entries = group.get("hooks") if isinstance(group, dict) else None
            for entry in entries if isinstance(entries, list) else [entries]:
                yield event, group, entry


def _hook(event: str, group: Any, entry: Any, source: str) -> Hook:
    if not isinstance(entry, dict):
        raise _Refused("it is not an object in a list `hooks`")
    if entry.get("type", "command") != "command":
        raise _Refused(f"its type is {entry['type']!r}, and only commands can be run")
    if unknown := [key for key in _NOT_KNOWN if entry.get(key)]:
        raise _Refused(f"`{unknown[0]}` is not supported")
    command = entry.get("command")
    if not isinstance(command, str) or not command.strip() or "\0" in command:
        raise _Refused("it has no command")
    return Hook(event, _matcher(group.get("matcher")), command, _timeout(entry.get("timeout")), source)


def _matcher(value: Any) -> str:
    if value is None:
        return ""
    try:
        re.compile(value)
    except (re.error, TypeError, RecursionError):
        if value != "*":
            raise _Refused(f"its matcher {value!r} is not a regular expression") from None
    return str(value)


def _timeout(value: Any) -> float:
    """Return the seconds that a hook may take."""
    if value is None:
        return DEFAULT_TIMEOUT_S
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise _Refused(f"its timeout {value!r} is not a number of seconds")
    return min(float(value), _MAX_TIMEOUT_S)
