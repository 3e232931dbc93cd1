"""The text of a hook file → its hooks, and what of it does not count here."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chat.permissions.rule import BadRule, parse_rule

EVENTS = (
    "SessionStart",
    "UserPromptSubmit",
    "PreToolUse",
    "PostToolUse",
    "PreCompact",
    "Stop",
    "SubagentStart",
    "SubagentStop",
    "Notification",
    "SessionEnd",
)
"""What hooks can be told of."""
TOOL_EVENTS = frozenset(("PreToolUse", "PostToolUse"))
_DEFAULT_TIMEOUT_S = 600.0
_SHORTER_TIMEOUTS_S = {"UserPromptSubmit": 30.0, "SessionEnd": 60.0}
"""Of hooks that somebody waits for with nothing else to look at."""
_MAX_TIMEOUT_S = 3_600.0
_WITHOUT_MATCHER = frozenset(("UserPromptSubmit", "Stop"))
"""Events of one kind only, at which a matcher is overlooked."""
_LIST = re.compile(r"[\w\s,|-]*")
"""A matcher of these characters lists names; any other is a regular expression."""
_NOT_KNOWN = ("async", "asyncRewake")
"""Keys that change what a hook is. Running it without them would do something else than it says."""


def default_timeout_s(event: str) -> float:
    """Return the seconds that a hook of an event may take where its file says nothing."""
    return _SHORTER_TIMEOUTS_S.get(event, _DEFAULT_TIMEOUT_S)


@dataclass(frozen=True, slots=True)
class Hook:
    """One command that runs at an event."""

    event: str
    matcher: str
    """Names of tools or kinds of the event with `|` or `,` between them, or a regular expression that is searched for
    in the name; "" and "*" match all."""
    command: str
    """A line for a shell; with ``args`` the program alone."""
    timeout_s: float = _DEFAULT_TIMEOUT_S
    source: str = ""
    """The file that it is from, as a person calls it."""
    args: tuple[str, ...] | None = None
    """The arguments of a program that is started without a shell; None where a shell reads the command."""
    condition: str = ""
    """A rule, such as `Bash(git *)`: only calls that it fits are told of."""
    wants_sandbox: bool = False
    """Its file asks for the sandbox; a repository's hooks do not have to."""

    def concerns(self, event: str, subject: str) -> bool:
        """Whether it may run at this event, whose tool or kind is ``subject``; its condition is another matter.

        >>> Hook("PreToolUse", "Edit|Write", "x").concerns("PreToolUse", "Write")
        True
        >>> Hook("PreToolUse", "Edit", "x").concerns("PreToolUse", "NotebookEdit")
        False
        >>> Hook("PreToolUse", "^Note.*", "x").concerns("PreToolUse", "NotebookEdit")
        True
        """
        if self.event != event:
            return False
        if self.matcher in ("", "*") or event in _WITHOUT_MATCHER:
            return True
        if _LIST.fullmatch(self.matcher):
            return subject in map(str.strip, re.split(r"[|,]", self.matcher))
        return re.search(self.matcher, subject) is not None

    @property
    def line(self) -> str:
        """The command as a person may read it."""
        return self.command if self.args is None else shlex.join((self.command, *self.args))

    @property
    def described(self) -> str:
        """When it runs, and what."""
        when = ", ".join(filter(None, (self.matcher, self.condition)))
        return f"{self.event}{f' ({when})' if when else ''}: {self.line}"


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
    return Hook(
        event,
        _matcher(group.get("matcher")),
        command,
        _timeout(event, entry.get("timeout")),
        source,
        _args(entry.get("args")),
        _condition(entry.get("if")),
        entry.get("sandbox") is True,
    )


def _args(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(arg, str) and "\0" not in arg for arg in value):
        raise _Refused("its `args` is not a list of texts")
    return tuple(value)


def _condition(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _Refused("its `if` is not a text")
    try:
        return str(parse_rule(value))
    except BadRule as error:
        raise _Refused(f"its `if` {value!r} is not {error}") from error


def _matcher(value: Any) -> str:
    if value is None:
        return ""
    try:
        re.compile(value)
    except (re.error, TypeError, RecursionError):
        if value != "*":
            raise _Refused(f"its matcher {value!r} is not a regular expression") from None
    return str(value)


def _timeout(event: str, value: Any) -> float:
    """Return the seconds that a hook may take."""
    if value is None:
        return default_timeout_s(event)
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise _Refused(f"its timeout {value!r} is not a number of seconds")
    return min(float(value), _MAX_TIMEOUT_S)
