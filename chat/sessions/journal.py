"""[io] The append-only record of a session: one JSON object a line, on the disk before the next step.

Kept in the user's state folder, one file for each session, in a folder for each project. A process
that writes to a session holds a lock on it. A last line that a killed process left torn is cut off
by the next one that writes.
"""

import hashlib
import json
import os
import re
import secrets as random_source
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from chat.errors import SessionError
from chat.ports import JournalRecord
from chat.safety.secrets import masked
from chat.sessions.conversation_change import ConversationChange
from chat.sessions.records import EditRefused, Line, OutputKept, SnapshotTaken, TurnBegin
from repomap import try_lock

VERSION = 1
SUFFIX = ".jsonl"
_NOT_AWAITED = frozenset(
    record.kind for record in (ConversationChange, TurnBegin, EditRefused, OutputKept, SnapshotTaken)
)
"""Records that reach the disk with the next one: they follow from it, or nothing is done because of them alone."""
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{6}\Z")


class NoJournal:
    """For chats that are not to be kept."""

    def __init__(self) -> None:
        self._written = 0

    @property
    def session_id(self) -> str:
        """No session can be resumed by it."""
        return ""

    def write(self, record: JournalRecord) -> int:  # noqa: ARG002
        """Numbers the record and forgets it."""
        self._written += 1
        return self._written

    def close(self) -> None:
        """Nothing is open."""


class FileJournal:
    """A session's file, open for writing. Raises SessionError where another process writes to it."""

    def __init__(self, path: Path, secrets: tuple[str, ...] = ()) -> None:
        self.path = path
        self._secrets = secrets
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        if not try_lock(self._file):
            os.close(self._file)
            raise SessionError(
                f"session {path.stem} is open in another process; nothing was changed. "
                "Close it there, or go on in a copy with --fork-session."
            )
        self._number = _cut_torn_end(self._file, path)

    @property
    def session_id(self) -> str:
        """The id that `--resume` takes."""
        return self.path.stem

    def write(self, record: JournalRecord) -> int:
        """Appends one record; gives its number. It is on the disk before anything is done because of it.

        What was said follows from a reply, whose record is on the disk, or goes before a call, whose
        record takes it along: such records do not wait for the disk themselves. Raises SessionError.
        """
        self._number += 1
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + "Z"
        row = {"v": VERSION, "n": self._number, "t": now, "kind": record.kind, **record.fields()}
        line = masked(json.dumps(row, ensure_ascii=True, separators=(",", ":")), self._masks()) + "\n"
        try:
            _write_all(self._file, line.encode("ascii"))
            if record.kind not in _NOT_AWAITED:
                os.fsync(self._file)
        except OSError as error:
            raise SessionError(
                f"{self.path}: {error.strerror}; the session cannot be written down, so the step was not taken. "
                "Make room, or go on without a record with --no-session-persistence."
            ) from error
        return self._number

    def _masks(self) -> tuple[str, ...]:
        """The secrets as JSON writes them."""
        return tuple(json.dumps(secret)[1:-1] for secret in self._secrets)

    def close(self) -> None:
        """Lets other processes write."""
        with suppress(OSError):
            os.close(self._file)


def _write_all(file: int, line: bytes) -> None:
    while line:
        line = line[os.write(file, line) :]


def _cut_torn_end(file: int, path: Path) -> int:
    """Cuts what a killed process left of a line; gives the number of the last record."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole < len(content):
        os.ftruncate(file, whole)
    os.lseek(file, whole, os.SEEK_SET)
    last = content[:whole].rstrip(b"\n").rpartition(b"\n")[2]
    with suppress(ValueError, KeyError, TypeError):
        return int(json.loads(last)["n"])
    return content[:whole].count(b"\n")


def read_lines(path: Path) -> Iterator[Line]:
    """The records of a session in order; lines that cannot be read are left out. Raises SessionError."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise SessionError(f"{path}: {error.strerror}; the session cannot be read.") from error
    for line in lines:
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            row = json.loads(line)
            if row["v"] > VERSION:
                raise SessionError(
                    f"{path.stem} was written by a newer version of trigpoint; nothing was changed. Upgrade, or "
                    "start another session."
                )
            fields = {name: value for name, value in row.items() if name not in ("v", "n", "t", "kind")}
            yield Line(int(row["n"]), str(row["kind"]), str(row["t"]), fields)


def read_history(path: Path) -> Iterator[Line]:
    """The records of a session, and before them those of the session that it was forked from."""
    records = read_lines(path)
    first = next(records, None)
    if first is None:
        return
    origin = path.with_name(f"{first.fields.get('fork_of', '')}{SUFFIX}")
    if first.fields.get("fork_of") and origin.is_file():
        last = first.fields.get("fork_at", 0)
        yield from (line for line in read_history(origin) if line.number <= last)
    yield first
    yield from records


def sessions_folder() -> Path:
    """Where all sessions are kept."""
    from platformdirs import user_state_path

    return user_state_path("trigpoint") / "sessions"


def project_folder(root: Path) -> Path:
    """Where the sessions of one project are kept: by its real path, which a readable part precedes."""
    real = os.path.normcase(os.path.realpath(root))
    name = re.sub(r"[^\w.-]+", "-", os.path.basename(real))[:40] or "root"
    return sessions_folder() / f"{name}-{hashlib.sha256(os.fsencode(real)).hexdigest()[:12]}"


def new_id() -> str:
    """An id for a session; ids sort by time."""
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{random_source.token_hex(3)}"


def matching_sessions(sessions: Iterable[Path], prefix: str) -> list[Path]:
    """Those whose id begins so."""
    return [path for path in sessions if re.fullmatch(r"[\w-]+", prefix) and path.stem.startswith(prefix)]


def all_sessions() -> list[Path]:
    """The sessions of every folder, the one written last first."""
    with suppress(OSError):
        folders = [each for each in sessions_folder().iterdir() if each.is_dir()]
        found = [path for folder in folders for path in sessions_of(folder)]
        return sorted(found, key=lambda path: (-path.stat().st_mtime_ns, path.name))
    return []


def sessions_of(folder: Path) -> tuple[Path, ...]:
    """The sessions in a folder, the one written last first."""
    try:
        found = [path for path in folder.iterdir() if path.suffix == SUFFIX and _ID.match(path.stem)]
    except OSError:
        return ()
    return tuple(sorted(found, key=lambda path: (-path.stat().st_mtime_ns, path.name)))
