"""The text of an agent's file → what the agent is: its tools, model and limits, and the prompt below them. Pure.

The files are those of Claude Code: a head of YAML between two lines `---`, and the system prompt. Keys that mean
nothing here are kept and named, so that nobody takes them for being obeyed.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from chat.permissions.rule import BadRule, PermissionMode, Rule, parse_rules, split_rules

MAX_DESCRIPTION_CHARS = 1_024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_HEAD = re.compile(
    r"\A\ufeff?---[ \t]*\n(?P<head>.*?)^---[ \t]*(?:\n|\Z)(?P<body>.*)\Z", re.DOTALL | re.MULTILINE
)
_KEY = re.compile(r"(?P<key>[A-Za-z][\w-]*):[ \t]*(?P<value>.*)")
_SPELLINGS = {
    "allowed_tools": "tools",
    "allowed-tools": "tools",
    "disallowed_tools": "disallowedTools",
    "disallowed-tools": "disallowedTools",
    "permission-mode": "permissionMode",
    "max-turns": "maxTurns",
    "jsonSchema": "json-schema",
}
_KEYS = frozenset(
    "name description tools disallowedTools model permissionMode maxTurns isolation json-schema".split()
)
_MODELS = {
    "inherit": "",
    "default": "",
    "sonnet": "",
    "opus": "",
    "main": "",
    "haiku": "weak",
    "weak": "weak",
}
"""What the names of tiers stand for: the main model, or the weak one."""
_TOOLS: Mapping[str, str] = {
    **dict.fromkeys(("Read", "Grep", "Glob", "LS", "NotebookRead"), "Read"),
    **dict.fromkeys(("Edit", "MultiEdit", "NotebookEdit"), "Edit"),
    **dict.fromkeys(("Write", "Bash"), ""),
}
"""Tools of Claude Code's by what stands for them here; "" for themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentDefinition:
    """What an agent is."""

    name: str
    description: str = ""
    """When to use it, for the main model and for the user."""
    prompt: str = ""
    """What its file says to it."""
    tools: tuple[Rule, ...] | None = None
    """What it may do at most; None for all that the chat may."""
    disallowed: tuple[Rule, ...] = ()
    model: str = ""
    """"" for the main model, `weak` for the weak one, or a model's name."""
    mode: PermissionMode | None = None
    max_turns: int = 0
    """Replies that it may take; 0 for as many as the settings say."""
    isolated: bool = False
    """It works in a work tree of its own."""
    schema: str = ""
    """The JSON Schema that its result has to fit, as JSON; "" for none."""
    unused: tuple[str, ...] = ()
    """Keys and tools of its file that mean nothing here."""

    @property
    def edits(self) -> bool:
        """Whether it may change files."""
        return self._has("Edit", "Write") and not self._never("Edit")

    @property
    def runs(self) -> bool:
        """Whether it may run commands, as far as the chat's own rules go."""
        return self._has("Bash") and not self._never("Bash")

    @property
    def writes(self) -> bool:
        """Whether it gets a work tree of its own, whose changes are merged."""
        return self.edits or (self.isolated and self.runs)

    @property
    def narrows_reading(self) -> bool:
        """Whether it may read less than the chat."""
        rules = (*(self.tools or ()), *self.disallowed)
        return any(rule.tool == "Read" and rule.pattern for rule in rules) or self._never("Read")

    def _has(self, *tools: str) -> bool:
        return self.tools is None or any(rule.tool in tools for rule in self.tools)

    def _never(self, tool: str) -> bool:
        return any(rule.tool == tool and not rule.pattern for rule in self.disallowed)


class BadDefinition(ValueError):
    """A text that defines no agent; the message says what is wrong with it, as a clause."""


def read_definition(text: str, fallback_name: str = "") -> AgentDefinition:
    """Read an agent's file; one without a name is called as ``fallback_name`` says. Raises BadDefinition.

    >>> read_definition("---\\nname: look\\ntools: Read, Task\\nmodel: haiku\\n---\\nFind it.\\n").model
    'weak'
    """
    match = _HEAD.match(text.replace("\r\n", "\n"))
    if match is None:
        raise BadDefinition("it does not begin with a head between two lines `---`")
    fields = _fields(match["head"])
    name = str(fields.get("name") or fallback_name)
    if not _NAME.fullmatch(name):
        raise BadDefinition(f"its name {name!r} is not made of letters, digits, - and _")
    tools, unknown = _tools(fields, "tools")
    disallowed, _ = _tools(fields, "disallowedTools")
    return AgentDefinition(
        name=name,
        description=" ".join(str(fields.get("description") or "").split())[:MAX_DESCRIPTION_CHARS],
        prompt=match["body"].strip(),
        tools=tools,
        disallowed=disallowed or (),
        model=_model(fields.get("model")),
        mode=_mode(fields.get("permissionMode")),
        max_turns=_max_turns(fields.get("maxTurns")),
        isolated=_isolated(fields.get("isolation")),
        schema=_schema(fields.get("json-schema")),
        unused=(*(key for key in fields if key not in _KEYS), *unknown),
    )


def _fields(head: str) -> dict[str, Any]:
    """The head's fields under our spelling of their names; a head that is no YAML is read line by line."""
    import yaml

    try:
        fields = yaml.safe_load(head)
    except (yaml.YAMLError, ValueError, RecursionError):
        fields = _by_line(head)
    if not isinstance(fields, dict):
        raise BadDefinition("its head has no fields such as `name: …`")
    return {_SPELLINGS.get(str(key), str(key)): value for key, value in fields.items()}


def _by_line(head: str) -> dict[str, str]:
    """Fields as people write them into a description that holds a colon, which YAML forbids."""
    fields: dict[str, str] = {}
    last = ""
    for line in head.splitlines():
        if match := _KEY.fullmatch(line):
            last = match["key"]
            fields[last] = match["value"].strip().strip("\"'")
        elif last:
            fields[last] = f"{fields[last]} {line.strip()}".strip()
    return fields


def _tools(fields: Mapping[str, Any], key: str) -> tuple[tuple[Rule, ...] | None, tuple[str, ...]]:
    """The rules that a list of tools means, None where there is no list, and the tools that are not here."""
    value = fields.get(key)
    if value is None or value == "*":
        return None, ()
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise BadDefinition(f"its {key} are not names of tools")
    try:
        rules = parse_rules(rule for text in texts for rule in split_rules(text))
    except BadRule as error:
        raise BadDefinition(f"one of its {key} is not {error}") from None
    known = tuple(
        Rule(_TOOLS[rule.tool] or rule.tool, _pattern(rule)) for rule in rules if rule.tool in _TOOLS
    )
    return tuple(dict.fromkeys(known)), tuple(str(rule) for rule in rules if rule.tool not in _TOOLS)


def _pattern(rule: Rule) -> str:
    """A pattern of what is searched for is none of paths."""
    return "" if rule.tool in ("Grep", "Glob", "LS") else rule.pattern


def _model(value: object) -> str:
    name = str(value or "").strip()
    return _MODELS.get(name.lower(), name)


def _mode(value: object) -> PermissionMode | None:
    modes: tuple[PermissionMode, ...] = get_args(PermissionMode)
    if value is None:
        return None
    found = next((mode for mode in modes if mode == value), None)
    if found is None:
        raise BadDefinition(f"its permissionMode {value!r} is none of {', '.join(modes)}")
    return found


def _max_turns(value: object) -> int:
    if value is None:
        return 0
    text = str(value)
    if isinstance(value, bool) or not text.isdigit() or not 0 < int(text) <= 1_000:
        raise BadDefinition(f"its maxTurns {value!r} is no number from 1 to 1000")
    return int(text)


def _isolated(value: object) -> bool:
    if value not in (None, "", "none", "worktree", False):
        raise BadDefinition(f"its isolation {value!r} is not `worktree`")
    return value == "worktree"


def _schema(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def strictest(modes: Iterable[PermissionMode | None]) -> PermissionMode:
    """Return the mode that allows least; None is no opinion.

    >>> strictest(["acceptEdits", "default", None]), strictest(["bypassPermissions", "plan"])
    ('default', 'plan')
    """
    order: tuple[PermissionMode, ...] = ("plan", "dontAsk", "default", "acceptEdits", "bypassPermissions")
    return min((mode for mode in modes if mode), key=order.index)
