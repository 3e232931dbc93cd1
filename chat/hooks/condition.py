"""Whether a call of a tool is one that the `if` of a hook means: a rule, read as those that forbid are.

So a rule fits wherever its command may be in a line, and a line that cannot be read is told of.
"""

import os
from collections.abc import Mapping
from typing import Any

from chat.hooks.hook_file import TOOL_EVENTS, Hook
from chat.permissions.decide import decide_command, decide_edit, decide_read
from chat.permissions.ground import Ground
from chat.permissions.rule import Rule, Rules, parse_rule


def meets(hook: Hook, fields: Mapping[str, object], root: str) -> bool:
    """Whether an event with these fields meets a hook's condition; one about no tool never does.

    >>> hook = Hook("PreToolUse", "", "x", condition="Bash(rm *)")
    >>> meets(hook, {"tool_name": "Bash", "tool_input": {"command": "make && rm -r build"}}, "/project")
    True
    """
    if not hook.condition:
        return True
    tool, call = str(fields.get("tool_name", "")), fields.get("tool_input")
    if hook.event not in TOOL_EVENTS or not isinstance(call, Mapping):
        return False
    return _fits(parse_rule(hook.condition), tool, call, Ground(_real(root), _real))


def _fits(rule: Rule, tool: str, call: Mapping[str, Any], ground: Ground) -> bool:
    rules = Rules(deny=(rule,))
    if tool == "Bash":
        return (
            decide_command(str(call.get("command")), rules, "bypassPermissions", ground).behavior != "allow"
        )
    path = str(call.get("file_path")).replace(os.sep, "/")
    if tool in ("Edit", "Write"):
        decision = decide_edit(path, rules, "default", ground, is_new=tool == "Write")
        return decision.behavior == "deny"
    if tool == "Read":
        return decide_read(path, rules, ground).behavior == "deny"
    return rule.tool == tool and not rule.pattern


def _real(path: str) -> str:
    return os.path.realpath(path).replace(os.sep, "/")
