"""The sessions of a folder → a table for a person."""

import itertools
from collections.abc import Iterator
from pathlib import Path

from chat.safety.printable import on_one_line
from chat.sessions.journal import project_folder, read_lines, sessions_of
from chat.sessions.replay import restore

_MOST = 20
_LONGEST = 60


def listed(root: Path) -> str:
    """The sessions of a folder in which something was asked, the one written last first: id, turns, last request."""
    rows = itertools.islice(_rows(root), _MOST)
    return "\n".join(rows) or "No session of this folder is kept."


def _rows(root: Path) -> Iterator[str]:
    for path in sessions_of(project_folder(root)):
        requests = restore(read_lines(path)).requests
        if requests:
            yield f"{path.stem}  {len(requests):>3} turns  {on_one_line(requests[-1], _LONGEST)}"
