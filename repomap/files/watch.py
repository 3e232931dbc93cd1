"""Watches folders -> which paths in them may have changed since the last call, or that it is unknown.

An index that stays open need not look at every file again if the system reports which were
touched. Events arrive later than the changes, so each call first creates a file in a folder of its
own, a cookie, and waits for its event: the events of one inotify queue arrive in the order of the
changes, so that everything touched before the call has been reported by then. Only Linux
guarantees that order, and only file systems that no other machine writes report every change;
elsewhere nothing is watched.

No event reports changes through a memory map, or through another name of the same file. Callers
must therefore look at everything now and then.
"""

import contextlib
import os
import re
import shutil
import sys
import tempfile
import time
import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

MAX_WAIT_MS = 100
"""A cookie takes two or three; a longer wait costs more than looking at the files."""
MAX_CHANGES = 10_000
"""More may mean an overflow: Linux drops events beyond 16,384, and watchfiles does not report it."""
LOCAL_FILE_SYSTEMS = frozenset(
    "bcachefs btrfs ext2 ext3 ext4 f2fs jfs nilfs2 overlay ramfs reiserfs tmpfs xfs zfs".split()
)
"""File systems that no other machine writes."""

_MOUNTS = Path("/proc/self/mountinfo")
_WATCH_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
_OCTAL = re.compile(rb"\\([0-7]{3})")


class Unwatchable(Exception):
    """These folders cannot be watched: too many, on a network, gone, or on an unsuitable system."""


class Watch:
    """Watches the entries of some folders, not those of their subfolders, in a thread of watchfiles'."""

    def __init__(self, folders: Iterable[bytes]) -> None:
        """Start to watch these absolute paths. Raises Unwatchable."""
        self._cookies = Path(tempfile.mkdtemp(prefix="trigpoint-watch-"))
        self._cookie_count = 0
        self._interrupted = False
        clean = weakref.finalize(self, shutil.rmtree, self._cookies, ignore_errors=True)
        try:
            self._notify = _start([str(self._cookies), *(folder.decode() for folder in folders)])
        except BaseException as error:
            clean()
            if isinstance(error, ImportError | OSError | RuntimeError | UnicodeDecodeError):
                raise Unwatchable(str(error)) from error
            raise
        self._clean = clean

    def close(self) -> None:
        """End the thread and remove the folder of cookies."""
        self._notify.close()
        self._clean()

    def changed(self) -> set[bytes] | None:
        """Return the absolute paths that were created, written, moved or removed since the last call.

        None if that is unknown, for example because the last call was interrupted; the next call
        then counts from this one.
        """
        interrupted, self._interrupted = self._interrupted, True
        paths = self._paths_until_now()
        self._interrupted = False
        return None if interrupted or paths is None or len(paths) > MAX_CHANGES else paths

    def _paths_until_now(self) -> set[bytes] | None:
        self._cookie_count += 1
        cookie = self._cookies / str(self._cookie_count)
        paths: set[str] = set()
        deadline_s = time.monotonic() + MAX_WAIT_MS / 1000
        try:
            cookie.touch()
            while str(cookie) not in paths:
                # on a timeout, watchfiles drops the events that arrive at that moment
                events = self._notify.watch(0, 1, MAX_WAIT_MS, None)
                if events == "signal":
                    raise KeyboardInterrupt
                if isinstance(events, str) or time.monotonic() > deadline_s:
                    return None
                paths.update(path for _, path in events)
            cookie.unlink()
        except (OSError, RuntimeError):  # no room for the cookie, or a changed name is not UTF-8
            return None
        own_prefix = f"{self._cookies}{os.sep}"
        return {path.encode() for path in paths if not path.startswith(own_prefix)}


def _start(folders: list[str]) -> "RustNotify":
    # watchfiles documents this class for direct use. Its generator `watch` starts only with the
    # first wait, which then lasts for the whole timeout, and ends at the first Ctrl-C.
    from watchfiles._rust_notify import RustNotify

    an_hour_ms = 3_600_000  # if watchfiles can only poll, no cookie must arrive in time
    return RustNotify(folders, False, False, an_hour_ms, False, False)


def can_watch(root: bytes, folder_count: int) -> bool:
    """Return whether the system reports all changes below ``root`` in order, for that many folders.

    False if `WATCHFILES_FORCE_POLLING` is set, with which users state that events do not arrive.
    """
    if sys.platform != "linux" or os.environ.get("WATCHFILES_FORCE_POLLING"):
        return False
    try:
        has_room = folder_count <= int(_WATCH_LIMIT.read_bytes()) // 2
        return has_room and _file_systems(root) <= LOCAL_FILE_SYSTEMS
    except (OSError, ValueError, IndexError):
        return False


def _file_systems(root: bytes) -> set[str]:
    """Return the types of the file system that ``root`` is on, and of all that are mounted below it."""
    real = os.path.realpath(root)
    mounts = list(_mounts(_MOUNTS.read_bytes()))
    above = [(len(point), kind) for point, kind in mounts if _is_below(real, point)]
    longest = max(length for length, _ in above)
    # of several at one mount point, the last one is visible
    return {[kind for length, kind in above if length == longest][-1]} | {
        kind for point, kind in mounts if _is_below(point, real) and point != real
    }


def _mounts(table: bytes) -> Iterator[tuple[bytes, str]]:
    """Yield mount point and type of each file system, from `proc_pid_mountinfo(5)`."""
    for line in table.splitlines():
        mount, _, rest = line.partition(b" - ")
        point = _OCTAL.sub(lambda code: bytes([int(code[1], 8)]), mount.split(b" ")[4])
        with contextlib.suppress(IndexError):
            yield point, rest.split(b" ")[0].decode("ascii", "replace")


def _is_below(path: bytes, folder: bytes) -> bool:
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")
