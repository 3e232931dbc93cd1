"""[io] The bytes of every file that a session is about to change, and of what it makes of them.

One file for each write, on the disk before the first target is touched. Neither git nor its ignore files have
a say: what nobody else keeps is kept here. The files are beside the session's journal, readable by the user
alone, and are deleted with it. A chat that is not kept has them in memory.
"""

import json
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from chat.errors import ChatError
from chat.snapshots.own_changes import OwnChange
from chat.snapshots.store import FileState
from repomap import escaped, write_whole

_LEVEL = 1
"""Of zlib: a write waits for it."""


class KeptChanges:
    """The changes of one session's writes, by name."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._held: dict[str, tuple[OwnChange, ...]] = {}
        self._last = 0

    def keep(self, changes: Sequence[OwnChange]) -> str:
        """Keep the changes of one write and return their name. Raises ChatError; then nothing must be written."""
        if not self._last:  # the session is locked, so that nobody else writes here
            self._last = max(map(int, self._names()), default=0)
        self._last += 1
        name = f"{self._last:04}"
        if self._folder is None:
            self._held[name] = tuple(changes)
            return name
        try:
            write_whole(self._folder / name, zlib.compress(_encoded(changes), _LEVEL), sync=True)
        except OSError as error:
            raise ChatError(
                f"{escaped(str(error.filename or self._folder))}: {error.strerror}. What the files hold cannot be "
                "kept, so nothing was written. Make room, or run without a record with --no-session-persistence."
            ) from error
        return name

    def read(self, names: Sequence[str]) -> tuple[OwnChange, ...]:
        """Return the changes of these writes, in order. Raises ChatError where one is missing or damaged."""
        return tuple(change for name in names for change in self._read(name))

    def prune(self, number: int) -> None:
        """Drop all but the newest ``number`` writes, and what killed processes left half written."""
        if self._folder is None:
            return
        kept = frozenset(sorted(self._names(), key=int)[-number:])
        with suppress(OSError):
            for path in self._folder.iterdir():
                if path.name not in kept:
                    path.unlink(missing_ok=True)

    def _names(self) -> list[str]:
        if self._folder is None:
            return list(self._held)
        with suppress(OSError):
            return [path.name for path in self._folder.iterdir() if path.name.isdigit()]
        return []

    def _read(self, name: str) -> tuple[OwnChange, ...]:
        if self._folder is None:
            if name not in self._held:
                raise ChatError(f"The record {escaped(name)} of what was written is not there.")
            return self._held[name]
        try:
            if not name.isdigit():
                raise ValueError("no such record")
            return tuple(_decoded(zlib.decompress((self._folder / name).read_bytes())))
        except (OSError, ValueError, KeyError, TypeError, zlib.error) as error:
            raise ChatError(
                f"The record {escaped(name)} of what was written cannot be read: {error}."
            ) from error


def _encoded(changes: Sequence[OwnChange]) -> bytes:
    """One line of JSON with the sizes, then the bytes of all states in order."""
    rows = [[change.path, _head(change.before), _head(change.after)] for change in changes]
    states = [state for change in changes for state in (change.before, change.after) if state]
    header = json.dumps({"v": 1, "changes": rows}).encode()
    return b"\n".join([header, b"".join(state.data for state in states)])


def _head(state: FileState | None) -> list[object] | None:
    return [state.kind, state.executable, len(state.data)] if state else None


def _decoded(content: bytes) -> Iterator[OwnChange]:
    header, _, rest = content.partition(b"\n")
    place = 0

    def taken(head: Any) -> FileState | None:
        nonlocal place
        if head is None:
            return None
        kind, executable, size = head
        data = rest[place : place + size]
        place += size
        if len(data) != size:
            raise ValueError("its end is missing")
        return FileState(data, kind, executable)

    for path, before, after in json.loads(header)["changes"]:
        yield OwnChange(path, taken(before), taken(after))
