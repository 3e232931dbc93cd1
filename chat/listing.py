"""The sessions of a folder → a table for a person."""

from pathlib import Path

from chat.journal import project_folder, read_records, sessions_of
from chat.session import restore

_MOST = 20
_LONGEST = 60


def listed(root: Path) -> str:
    """The sessions of a folder, the one written last first: id, turns, last request."""
    rows = []
    for path in sessions_of(project_folder(root))[:_MOST]:
        found = restore(read_records(path))
        last = " ".join(found.requests[-1].split()) if found.requests else ""
        rows.append(f"{path.stem}  {len(found.requests):>3} turns  {last[:_LONGEST]}")
    return "\n".join(rows) or "No session of this folder is kept."
