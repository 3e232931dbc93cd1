"""Caches the tags of files by their content, so that nothing is parsed twice.

The key includes the content, the language and everything else that decides what parsing returns, so no
entry is ever stale, and branch switches, worktrees and clones find what was parsed before. Whatever is
wrong with the cache (broken, locked, read-only, full, another user's, hostile) is a miss.

By default, diskcache unpickles what it finds (CVE-2025-69872) and opens files that its database names;
`_disk_class` makes a `Disk` that handles bytes and nothing else.
"""

import contextlib
import functools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from repomap.index.entries import CacheEntry, Poisoned, read_entries, write_entry
from repomap.index.locations import own_folder, user_folder
from repomap.safety.file_lock import try_lock

if TYPE_CHECKING:
    from diskcache import Cache

SIZE_LIMIT = 2 << 30
"""Bytes on disk; beyond this, the oldest entries are removed."""
BUSY_S = 0.5
"""How long another process may lock the database before this one goes on without it."""
RETRY_S = 30.0
"""How long a process then goes without the cache before it tries again."""

_METADATA = {"count", "size", "hits", "misses"}

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """The size and state of the cache."""

    folder: Path
    entries: int
    size: int
    """Bytes on disk."""
    limit: int
    trouble: str
    """Why it cannot be used; empty if it can."""


class TagsCache:
    """The user's cache of tags. It is opened on first use; no method raises."""

    def __init__(self, folder: Path | None = None, size_limit: int = SIZE_LIMIT) -> None:
        self.folder = folder or user_folder("tags")
        self.size_limit = size_limit
        self.trouble = ""
        self._closed_until = 0.0
        self._cache: Cache | None = None
        self._opened_file: tuple[int, int] | None = None

    def __enter__(self) -> "TagsCache":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, CacheEntry]:
        """Return the entries of these keys, without those that are missing or unreadable."""
        return read_entries(self.get_rows(keys))

    def get_rows(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the entries of these keys as they were put; they may be unreadable."""
        if not keys or not self._database.is_file():
            return {}

        def read(cache: "Cache") -> dict[bytes, bytes]:
            rows = {}
            for key in keys:
                with contextlib.suppress(ValueError):
                    row = cache.get(key)
                    # a damaged database may return another key's row, so a row starts with its key
                    if row is not None and row.startswith(key):
                        rows[key] = row.removeprefix(key)
            return rows

        return self._attempt(read, {})

    def put_many(self, rows: Iterable[tuple[bytes, bytes | Poisoned]]) -> None:
        """Store encoded tags, or the fact that a content is poisoned, in one transaction."""
        packed = [(key, key + write_entry(entry)) for key, entry in rows]
        if not packed:
            return

        def write(cache: "Cache") -> None:
            with cache.transact():
                for key, data in packed:
                    cache.set(key, data)
            cache.cull()

        self._attempt(write, None)

    def exists(self) -> bool:
        """Return whether there is a database; without one, no file needs to be read for its key."""
        return self._database.is_file()

    def info(self) -> CacheInfo:
        """Return how much is stored, and what is wrong with it."""
        entries, size = 0, 0
        if self._database.is_file():
            entries, size = self._attempt(lambda cache: (len(cache), int(cache.volume())), (0, 0))
        return CacheInfo(self.folder, entries, size, self.size_limit, self.trouble)

    def clear(self) -> None:
        """Remove everything, whatever its state."""
        self.close()
        self.trouble, self._closed_until = "", 0.0
        with contextlib.suppress(OSError):
            own_folder(self.folder, create=False)
            with self._lock():
                self._remove_database()

    def close(self) -> None:
        """Close the database; it is opened again on the next use."""
        cache, self._cache = self._cache, None
        if cache is not None:
            import sqlite3

            with contextlib.suppress(sqlite3.Error, OSError):
                cache.close()

    @property
    def _database(self) -> Path:
        return self.folder / "cache.db"

    def _attempt(self, act: Callable[["Cache"], Result], default: Result) -> Result:
        """Call `act` with the open cache; return the default if the cache cannot be used.

        A broken database is removed and created again, once.
        """
        if time.monotonic() < self._closed_until:
            return default
        import sqlite3

        from diskcache import Timeout

        troubles = (sqlite3.Error, Timeout, OSError, ValueError, TypeError)
        try:
            try:
                return act(self._open())
            except troubles as error:
                if not self._is_broken(error):
                    raise
                self._rebuild()
                return act(self._open())
        except troubles as error:
            self.close()
            self.trouble = str(error) or type(error).__name__
            self._closed_until = time.monotonic() + RETRY_S
            return default

    def _open(self) -> "Cache":
        if self._cache is None:
            from diskcache import Cache

            own_folder(self.folder)
            self._opened_file = self._identity()
            settings = _settings(self.size_limit)
            if self._opened_file:
                _check_database(self._database, {*settings, *_METADATA})
            self._cache = Cache(str(self.folder), timeout=BUSY_S, disk=_disk_class(), **settings)
            self.trouble = ""
        return self._cache

    def _is_broken(self, error: Exception) -> bool:
        """Return whether the file itself is bad, not just locked, read-only, full or unreachable."""
        import sqlite3

        from diskcache import Timeout

        if isinstance(error, sqlite3.OperationalError):
            text = str(error)
            if "readonly" in text:  # a broken header may claim it, too
                return os.access(self._database, os.W_OK) and os.access(self.folder, os.W_OK)
            return not any(word in text for word in ("locked", "full", "unable to open", "disk I/O"))
        return not isinstance(error, (OSError, Timeout))

    def _rebuild(self) -> None:
        """Remove a broken database, unless another process has replaced it since it was opened."""
        self.close()
        with self._lock():
            if self._identity() == self._opened_file:
                self._remove_database()

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = self._database.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _remove_database(self) -> None:
        for name in ("cache.db", "cache.db-wal", "cache.db-shm", "cache.db-journal"):
            (self.folder / name).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        """Keep other processes from removing the database. Raises OSError if one is doing so."""
        path = self.folder / "rebuild.lock"
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            # A lock file without a name was just released by another process.
            if not try_lock(descriptor) or not os.fstat(descriptor).st_nlink:
                raise BlockingIOError("Another process is removing the cache.")
            yield
            with contextlib.suppress(PermissionError):  # Windows does not remove open files
                path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def _settings(size_limit: int) -> dict[str, Any]:
    """Return every setting that diskcache knows, so that none is taken from the database."""
    from diskcache import DEFAULT_SETTINGS

    ours = {
        "size_limit": size_limit,
        "sqlite_synchronous": 0,  # rows are checked when read; rows lost in a power cut are parsed again
        "disk_min_file_size": 1 << 30,
        "cull_limit": 0,  # `put_many` culls once for all its rows, which halves its time
    }
    return {**DEFAULT_SETTINGS, **ours}


def _check_database(database: Path, settings: set[str]) -> None:
    """Raise sqlite3.Error if the database cannot be opened for writing within `BUSY_S`.

    diskcache itself would try for a minute, and it would obey settings in the database that are unknown.
    """
    import sqlite3

    connection = sqlite3.connect(database, timeout=BUSY_S, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        tables = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        keys = {key for (key,) in connection.execute("SELECT key FROM Settings")} if tables else set()
        connection.execute("ROLLBACK")
    finally:
        connection.close()
    if not keys <= settings:
        raise sqlite3.DatabaseError("The database has unknown settings.")


@functools.cache
def _disk_class() -> type[Any]:
    from diskcache import Disk

    class BytesDisk(Disk):  # type: ignore[misc]
        """Keys and values are bytes inside the database: no pickles, no text, no files besides it."""

        def put(self, key: object) -> tuple[bytes, bool]:
            if type(key) is not bytes:
                raise TypeError(f"a key of type {type(key).__name__}")
            return key, True

        def get(self, key: object, raw: object) -> bytes:
            if type(key) is not bytes or not raw:
                raise ValueError("a key that is not bytes")
            return key

        def store(self, value: object, read: object, **_: object) -> tuple[int, int, None, bytes]:
            if type(value) is not bytes or read:
                raise TypeError(f"a value of type {type(value).__name__}")
            return 0, 1, None, value

        def fetch(self, mode: object, filename: object, value: object, read: object) -> bytes:
            if mode != 1 or filename is not None or type(value) is not bytes or read:
                raise ValueError("a value that is not bytes")
            return value

        def filename(self, *_: object) -> tuple[str, str]:
            raise ValueError("nothing is stored besides the database")

        def remove(self, *_: object) -> None:
            """Remove nothing: we store no files, so one that the database names is not ours."""

    return BytesDisk
