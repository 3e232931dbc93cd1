"""[io] The recent sessions of a folder, as a table for a person."""

import itertools
from collections.abc import Iterator
from pathlib import Path

from chat.safety.printable import on_one_line
from chat.sessions.journal import read_lines
from chat.sessions.locations import project_folder, sessions_of
from chat.sessions.replay import restore

_MAX_ROWS = 20
_MAX_CHARACTERS = 60


def session_table(root: Path) -> str:
    """Return id, turns and last request of the folder's sessions with a request, last written first."""
    rows = itertools.islice(_rows(root), _MAX_ROWS)
    return "\n".join(rows) or "There are no sessions of this folder."


def _rows(root: Path) -> Iterator[str]:
    for path in sessions_of(project_folder(root)):
        requests = restore(read_lines(path)).requests
        if requests:
            yield f"{path.stem}  {len(requests):>3} turns  {on_one_line(requests[-1], _MAX_CHARACTERS)}"
