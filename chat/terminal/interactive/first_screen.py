"""[io] What a chat says when it opens: what it works with, and what could be continued.

Reads the trust store and the newest session; the model's table is not read, since the first prompt must not wait.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from chat.agents.sources import agent_claims
from chat.display.amounts import counted
from chat.display.program import program_version
from chat.errors import ChatError
from chat.hooks.sources import hook_claims
from chat.llm.models.discovery import KEYS
from chat.model import ModelRole
from chat.prompt.budget import MAX_MAP_TOKENS
from chat.safety.printable import on_one_line
from chat.sessions.recent import is_first_session, newest_session
from chat.settings.table import Settings
from chat.trust.asked import trust_state

if TYPE_CHECKING:
    from chat.app.chat import Chat

HINT = "Type a request. /help lists the commands, Ctrl-D leaves."
_FIRST_TIME = "New here? Say in your own words what is to change, or ask: /ask How does this work?"
_NAME_CHARACTERS = 60
_COLUMNS = 79


def first_screen(chat: "Chat", folder: Path) -> str:
    """Return what the user sees before the first prompt: three lines, and a fourth for a newcomer or an old session."""
    lines = [
        f"Trigpoint {program_version()} · {_model(chat)}",
        " · ".join(filter(None, _place(chat, folder))),
        _session(chat),
    ]
    if is_first_session(chat.session_id):
        lines.append(_FIRST_TIME)
    return "\n".join(lines)


def _model(chat: "Chat") -> str:
    name = chat.settings.model or chat.model.name(ModelRole.MAIN)
    if not name:
        return "no model yet"
    return f"{on_one_line(name, _NAME_CHARACTERS)} ({why_this_model(chat.settings)})"


def why_this_model(settings: Settings) -> str:
    """Return where the name of the model comes from.

    >>> why_this_model(Settings(model="gpt", sources=(("model", "--model"),)))
    'by --model'
    """
    if settings.model:
        return f"by {on_one_line(dict(settings.sources).get('model', 'a setting'), _NAME_CHARACTERS)}"
    key = next((name for name, _ in KEYS if os.environ.get(name)), "")
    return f"since {key} is set" if key else "found on this machine"


def _place(chat: "Chat", folder: Path) -> Iterator[str]:
    """Yield repository and branch, the files in the chat, the map's budget, and trust."""
    branch = on_one_line(chat.branch(), 40)
    root = on_one_line(chat.root.name or str(chat.root), _NAME_CHARACTERS)
    yield f"{root} on {branch}" if branch else root
    count = len(chat.files.listed())
    yield f"{counted(count, 'file') if count else 'no files'} in the chat"
    tokens = chat.settings.map_tokens
    budget = MAX_MAP_TOKENS if tokens is None else tokens
    yield f"map of up to {budget:,} tokens" if budget else "no map"
    try:
        claims = (*hook_claims(chat.root, folder), *agent_claims(chat.root, folder))
        yield trust_state(chat.root, folder, claims, bare=chat.settings.bare)
    except ChatError:
        yield "not trusted"


def _session(chat: "Chat") -> str:
    """The session that could be continued, unless this one is; otherwise what to do."""
    settings = chat.settings
    if settings.continue_session or settings.resume:
        current = newest_session(chat.root, "")
        is_new = current is None or current.session_id != chat.session_id
        return (
            "There was no session here to continue; this is a new one. /help lists the commands."
            if is_new
            else HINT
        )
    earlier = newest_session(chat.root, chat.session_id)
    if earlier is None:
        return HINT
    return f"{continuing(earlier.last, _ago(time.time() - earlier.used_s))}\n{HINT}"


def continuing(last: str, when: str) -> str:
    """Say which session could be continued, by its last request, in a line that fits a narrow terminal.

    >>> continuing("count the carts", "just now")
    'trigpoint -c continues the session from just now: “count the carts”'
    """
    said = f"trigpoint -c continues the session from {when}"
    return f"{said}: “{on_one_line(last, _COLUMNS - len(said) - 4)}”" if last else f"{said}."


def _ago(seconds: float) -> str:
    """Say how long ago something was.

    >>> _ago(40), _ago(3_700), _ago(200_000)
    ('just now', '1 hour ago', '2 days ago')
    """
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= length:
            count = int(seconds // length)
            return f"{counted(count, unit)} ago"
    return "just now"
