"""[io] The recent sessions of a folder, as a table for a person."""

import itertools
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chat.errors import SessionError
from chat.safety.printable import on_one_line
from chat.sessions.journal import read_lines
from chat.sessions.locations import all_sessions, project_folder, sessions_of
from chat.sessions.replay import restore

_MAX_ROWS = 20
_MAX_CHARACTERS = 60
_MAX_READ_BYTES = 1_000_000
"""Of a session that is only to be named; a longer one takes too long to read at every start."""


@dataclass(frozen=True, slots=True)
class RecentSession:
    """A session that could be continued."""

    session_id: str
    turns: int
    last: str
    """The last request, on one line."""
    used_s: float
    """When it was written last, as `time.time` counts."""


def session_table(root: Path) -> str:
    """Return id, turns and last request of the folder's sessions with a request, last written first."""
    rows = itertools.islice(recent_sessions(root), _MAX_ROWS)
    return "\n".join(map(_table_line, rows)) or "There are no sessions of this folder."


def _table_line(row: RecentSession) -> str:
    """Word a session for people.

    >>> _table_line(RecentSession("20261130-1", 1, "Add a test", 0.0))
    '20261130-1    1 turn   Add a test'
    """
    turns = f"{row.turns:>3} {'turn' if row.turns == 1 else 'turns':<5}"
    return f"{row.session_id}  {turns}  {row.last}"


def newest_session(root: Path, besides: str) -> RecentSession | None:
    """Return the session of a folder that was used last, other than the one with this id; None if there is none.

    Of a long one the requests are not read.
    """
    for path in sessions_of(project_folder(root)):
        if path.stem == besides:
            continue
        with suppress(SessionError, OSError):
            stat = path.stat()
            is_long = stat.st_size > _MAX_READ_BYTES
            requests = () if is_long else restore(read_lines(path)).requests
            if requests or is_long:
                last = on_one_line(requests[-1], _MAX_CHARACTERS) if requests else ""
                return RecentSession(path.stem, len(requests), last, stat.st_mtime)
    return None


def is_first_session(session_id: str) -> bool:
    """Return whether there is no session but this one, in no folder."""
    return all(path.stem == session_id for path in all_sessions())


def recent_sessions(root: Path) -> Iterator[RecentSession]:
    """Yield the sessions of a folder that hold a request, last written first; damaged ones are passed over."""
    for path in sessions_of(project_folder(root)):
        with suppress(SessionError, OSError):
            requests = restore(read_lines(path)).requests
            if requests:
                last = on_one_line(requests[-1], _MAX_CHARACTERS)
                yield RecentSession(path.stem, len(requests), last, path.stat().st_mtime)
