"""Hook files of the user's, written for a test."""

import json
from pathlib import Path
from typing import Any

from chat.hooks.sources import user_files


def write_hooks(path: Path, *hooks: tuple[str, str, dict[str, Any]]) -> None:
    """Write a hook file of (event, matcher, entry)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    events: dict[str, list[Any]] = {}
    for event, matcher, entry in hooks:
        events.setdefault(event, []).append({"matcher": matcher, "hooks": [{"type": "command", **entry}]})
    path.write_text(json.dumps({"hooks": events}))


def own_hooks(*hooks: tuple[str, str, str]) -> None:
    """Write the user's own hooks of (event, matcher, command)."""
    write_hooks(
        user_files()[0], *((event, matcher, {"command": command}) for event, matcher, command in hooks)
    )
