"""Events as they could come, to try hooks on."""

from collections.abc import Mapping
from pathlib import Path


def sample(event: str, root: Path, tool: str = "") -> tuple[str, Mapping[str, object]]:
    """Return the subject and the fields of a made-up event; ``tool`` chooses the tool of those about one.

    >>> sample("PreToolUse", Path("/project"), "Bash")[1]["tool_input"]
    {'command': 'echo hello', 'timeout': 120000}
    """
    tool = tool or "Edit"
    path = str(root / "sample.py")
    call = {"tool_name": tool, "tool_input": _inputs(path).get(tool, {}), "tool_use_id": "tool_sample"}
    by_event: dict[str, tuple[str, Mapping[str, object]]] = {
        "SessionStart": ("startup", {"source": "startup"}),
        "UserPromptSubmit": ("", {"prompt": "Rename the parameter."}),
        "PreToolUse": (tool, call),
        "PostToolUse": (tool, {**call, "tool_response": _response(tool, path)}),
        "PreCompact": ("manual", {"trigger": "manual", "custom_instructions": ""}),
        "Stop": ("", {"stop_hook_active": False, "last_assistant_message": "Done."}),
        "SubagentStart": ("explorer", _AGENT),
        "SubagentStop": (
            "explorer",
            {**_AGENT, "stop_hook_active": False, "last_assistant_message": "It is in shop/cart.py."},
        ),
        "Notification": (
            "permission_prompt",
            {"message": "Run this for the model? echo hello", "notification_type": "permission_prompt"},
        ),
        "SessionEnd": ("other", {"reason": "other"}),
    }
    subject, fields = by_event[event]
    return subject, {"permission_mode": "default"} | dict(fields)


_AGENT: Mapping[str, object] = {"agent_id": "1.1", "agent_type": "explorer"}


def _inputs(path: str) -> dict[str, dict[str, object]]:
    return {
        "Edit": {
            "file_path": path,
            "old_string": "x = 1\n",
            "new_string": "x = 2\n",
            "replace_all": False,
        },
        "Write": {"file_path": path, "content": "x = 1\n"},
        "Bash": {"command": "echo hello", "timeout": 120_000},
        "Read": {"file_path": path},
        "Map": {"request": "find", "query": "parse settings"},
        "Commit": {"message": "Rename the parameter", "paths": ["sample.py"]},
    }


def _response(tool: str, path: str) -> dict[str, object]:
    if tool == "Bash":
        return {"stdout": "hello\n", "stderr": "", "exit_code": 0, "interrupted": False}
    if tool == "Map":
        return {"result": "sample.py\n 1: x = 1\n"}
    if tool == "Commit":
        return {"commit": "0" * 40, "success": True}
    return {"filePath": path, "success": True}
