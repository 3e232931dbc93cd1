"""[io] The sessions on disk, as an editor lists them."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from chat.errors import SessionError
from chat.safety.printable import on_one_line
from chat.sessions.journal import read_lines
from chat.sessions.locations import all_sessions, project_folder, sessions_of
from chat.sessions.replay import restore

_TITLE_CHARS = 80


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session that can be loaded."""

    session_id: str
    root: str
    title: str
    """The first request, on one line."""
    updated_at: str
    """ISO 8601."""


def stored_session(root: Path, session_id: str) -> Path | None:
    """Return the journal of a session of a project, or None."""
    return next((path for path in sessions_of(project_folder(root)) if path.stem == session_id), None)


def stored_sessions(root: Path | None) -> Iterator[StoredSession]:
    """Yield the sessions of a project, or of all, that hold a request, last written first, without damaged ones."""
    for path in sessions_of(project_folder(root)) if root else all_sessions():
        with suppress(SessionError, OSError):
            if stored := _stored(path):
                yield stored


def _stored(path: Path) -> StoredSession | None:
    lines = read_lines(path)
    first = next(lines, None)
    if first is None:
        return None
    requests = restore(chain((first,), lines)).requests
    if not requests:
        return None
    title = on_one_line(requests[0], _TITLE_CHARS)
    updated = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat()
    return StoredSession(path.stem, str(first.fields.get("root", "")), title, updated)
