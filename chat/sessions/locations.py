"""[io] Where sessions are kept: one file per session, one folder per project, in the user's state folder."""

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from chat.errors import SessionError

SUFFIX = ".jsonl"
_MAX_NAMES = 5
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}\Z")


def sessions_folder() -> Path:
    """Return the folder of all sessions."""
    from platformdirs import user_state_path

    return user_state_path("trigpoint") / "sessions"


def project_folder(root: Path) -> Path:
    """Return the folder for a project's sessions, named for its real path with a readable part first."""
    real = os.path.normcase(os.path.realpath(root))
    name = re.sub(r"[^\w.-]+", "-", os.path.basename(real))[:40] or "root"
    return sessions_folder() / f"{name}-{hashlib.sha256(os.fsencode(real)).hexdigest()[:12]}"


def place_of(root: Path) -> str | None:
    """Return what a folder keeps when it is renamed: the numbers of its device and of itself; None for no folder."""
    try:
        status = os.stat(root)
    except OSError:
        return None
    return f"{status.st_dev}:{status.st_ino}"


def has_turns(session: Path) -> bool:
    """Whether a request was sent in a session, or in the one that it is a fork of."""
    with suppress(OSError), session.open("rb") as lines:
        return any(b'"kind":"turn.begin"' in line or b'"fork_of":"' in line[:1000] for line in lines)
    return False


def new_id() -> str:
    """Return an id for a session; ids sort by time."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{secrets.token_hex(3)}"


def session_matching(folder: Path, prefix: str) -> Path:
    """Find the one session whose id begins with a prefix, in a project's folder or else in any. Raises SessionError."""
    found = _beginning_with(prefix, sessions_of(folder)) or _beginning_with(prefix, all_sessions())
    if not found:
        raise SessionError(f"No session matches {prefix}. `trigpoint sessions --all` lists them.")
    if len(found) > 1:
        names = ", ".join(path.stem for path in found[:_MAX_NAMES])
        more = ", …" if len(found) > _MAX_NAMES else ""
        raise SessionError(f"{len(found)} sessions match {prefix} ({names}{more}). Give more of the id.")
    return found[0]


def _beginning_with(prefix: str, sessions: Iterable[Path]) -> list[Path]:
    return [path for path in sessions if re.fullmatch(r"[\w-]+", prefix) and path.stem.startswith(prefix)]


def all_sessions() -> list[Path]:
    """Return the sessions of every project, last written first."""
    with suppress(OSError):
        folders = [path for path in sessions_folder().iterdir() if path.is_dir()]
        return _last_written_first(path for folder in folders for path in sessions_of(folder))
    return []


def sessions_of(folder: Path) -> tuple[Path, ...]:
    """Return the sessions in a folder, last written first."""
    try:
        paths = [path for path in folder.iterdir() if path.suffix == SUFFIX and _ID.match(path.stem)]
    except OSError:
        return ()
    return tuple(_last_written_first(paths))


def _last_written_first(paths: Iterable[Path]) -> list[Path]:
    return sorted(paths, key=lambda path: (-path.stat().st_mtime_ns, path.name))
