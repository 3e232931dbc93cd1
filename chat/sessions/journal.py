"""[io] The append-only journal of a session: one JSON object per line, on the disk before the next step.

A process that writes to a session holds a lock on its file. If a killed process left an incomplete
last line, the next one that writes cuts it off. Whatever is needed again is in it as it is, secrets too:
only the user can read it, and whoever shows or sends something of it hides them (`chat.safety.masks`).
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from chat.errors import SessionError
from chat.ports import JournalRecord
from chat.sessions.conversation_change import ConversationChange
from chat.sessions.locations import SUFFIX
from chat.sessions.records.changes import EditRefused, SnapshotTaken
from chat.sessions.records.journal_line import JournalLine
from chat.sessions.records.turn import OutputKept, TurnBegin
from repomap import try_lock

VERSION = 2
_UNMASKED = 2
"""The first version that does not mask secrets."""
_UNSYNCED = frozenset(
    record.kind for record in (ConversationChange, TurnBegin, EditRefused, OutputKept, SnapshotTaken)
)
"""Kinds that need not be on the disk at once.

They follow from a reply that is, or they precede a call whose record flushes them along with it.
"""


class NoJournal:
    """The journal of a chat that is not kept."""

    def __init__(self) -> None:
        self._number = 0

    @property
    def session_id(self) -> str:
        """Empty: the session cannot be resumed."""
        return ""

    def write(self, record: JournalRecord) -> int:  # noqa: ARG002
        """Number the record and forget it."""
        self._number += 1
        return self._number

    def close(self) -> None:
        """Do nothing: no file is open."""


class FileJournal:
    """A session's file, open for writing.

    Raises SessionError if another process has it open, or its folder cannot be written to.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise SessionError(
                f"{error.filename}: {error.strerror}. The session cannot be recorded, so nothing was started. "
                "Make the folder writable, or run without a record with --no-session-persistence."
            ) from error
        _make_private(self._file)
        if not try_lock(self._file):
            os.close(self._file)
            raise SessionError(
                f"Session {path.stem} is open in another process; nothing was changed. "
                "Close it there, or continue in a copy with --fork-session."
            )
        self._number = _cut_torn_end(self._file, path)

    @property
    def session_id(self) -> str:
        """The id that `--resume` takes."""
        return self.path.stem

    def write(self, record: JournalRecord) -> int:
        """Append a record and return its number; it is on the disk before anything is done because of it.

        Raises SessionError if it cannot be written.
        """
        self._number += 1
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + "Z"
        row = {"v": VERSION, "n": self._number, "t": now, "kind": record.kind, **record.fields()}
        line = json.dumps(row, ensure_ascii=True, separators=(",", ":")) + "\n"
        try:
            _write_all(self._file, line.encode("ascii"))
            if record.kind not in _UNSYNCED:
                os.fsync(self._file)
        except OSError as error:
            raise SessionError(
                f"{self.path}: {error.strerror}. The session cannot be recorded, so the step was not taken. "
                "Make room, or run without a record with --no-session-persistence."
            ) from error
        return self._number

    def close(self) -> None:
        """Let other processes write."""
        with suppress(OSError):
            os.close(self._file)


def _make_private(file: int) -> None:
    """Take a file from others to whom an earlier version, or a copy, may have left it."""
    if os.name != "nt" and os.fstat(file).st_mode & 0o077:
        with suppress(OSError):
            os.fchmod(file, 0o600)


def _write_all(file: int, line: bytes) -> None:
    while line:
        line = line[os.write(file, line) :]


def _cut_torn_end(file: int, path: Path) -> int:
    """Cut off an incomplete last line and return the number of the last record."""
    content = path.read_bytes()
    end = content.rfind(b"\n") + 1
    if end < len(content):
        os.ftruncate(file, end)
    os.lseek(file, end, os.SEEK_SET)
    last = content[:end].rstrip(b"\n").rpartition(b"\n")[2]
    with suppress(ValueError, KeyError, TypeError):
        return int(json.loads(last)["n"])
    return content[:end].count(b"\n")


def read_lines(path: Path) -> Iterator[JournalLine]:
    """Read the lines of a session in order, skipping those that are not valid. Raises SessionError."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError as error:
        raise SessionError(f"{path}: {error.strerror}. The session cannot be read.") from error
    for line in lines:
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            row = json.loads(line)
            if row["v"] > VERSION:
                raise SessionError(
                    f"Session {path.stem} was written by a newer version of trigpoint; nothing was changed. "
                    "Upgrade, or start another session."
                )
            fields = {name: value for name, value in row.items() if name not in ("v", "n", "t", "kind")}
            is_masked = row["v"] < _UNMASKED
            yield JournalLine(int(row["n"]), str(row["kind"]), str(row["t"]), fields, is_masked)


def read_history(path: Path) -> Iterator[JournalLine]:
    """Read the lines of a session, preceded by those of the session that it was forked from."""
    lines = read_lines(path)
    first = next(lines, None)
    if first is None:
        return
    origin = path.with_name(f"{first.fields.get('fork_of', '')}{SUFFIX}")
    if first.fields.get("fork_of") and origin.is_file():
        last = first.fields.get("fork_at", 0)
        yield from (line for line in read_history(origin) if line.number <= last)
    yield first
    yield from lines
