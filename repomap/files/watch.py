"""Folders → which paths in them may have changed since the last question, or that nobody can tell.

An index that stays open need not look at every file again where the system says which were touched. It
says so later than it happens, so a question first makes a file in a folder of its own, a cookie, and waits
for that event: the events of one inotify queue come in the order of the changes, so what was touched before
the question has been told by then. Only Linux promises that order, and only file systems whose every change
goes through this machine's kernel tell all of them; elsewhere nothing is watched.

What no event tells: changes through a memory map, or through another name of the same file. What asks must
therefore look at everything now and then.
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

LONGEST_WAIT_MS = 100
"""A cookie takes two or three; what takes longer costs more than looking at the files."""
MOST_CHANGES = 10_000
"""More than these may be more than the queue held: Linux drops events beyond 16,384, and watchfiles says nothing."""
LOCAL = frozenset(
    "bcachefs btrfs ext2 ext3 ext4 f2fs jfs nilfs2 overlay ramfs reiserfs tmpfs xfs zfs".split()
)
"""File systems that no other machine writes."""

_MOUNTS = Path("/proc/self/mountinfo")
_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
_OCTAL = re.compile(rb"\\([0-7]{3})")


class Unwatchable(Exception):
    """These folders cannot be watched: too many, on a network, gone, or by a system that does not tell."""


class Watch:
    """Watches the entries of some folders, not those of their subfolders, in a thread of watchfiles' own."""

    def __init__(self, folders: Iterable[bytes]) -> None:
        """``folders`` are absolute. Raises Unwatchable."""
        self._cookies = Path(tempfile.mkdtemp(prefix="trigpoint-watch-"))
        self._number = 0
        self._lost = False
        clean = weakref.finalize(self, shutil.rmtree, self._cookies, ignore_errors=True)
        try:
            self._notify = _begin([str(self._cookies), *(folder.decode() for folder in folders)])
        except BaseException as error:
            clean()
            if isinstance(error, ImportError | OSError | RuntimeError | UnicodeDecodeError):
                raise Unwatchable(str(error)) from error
            raise
        self._clean = clean

    def close(self) -> None:
        """Ends the thread and removes the folder of cookies."""
        self._notify.close()
        self._clean()

    def changed(self) -> set[bytes] | None:
        """The absolute paths that were made, written, moved or removed since the last question.

        None where that cannot be told, as when the last question was interrupted; the next answer counts
        from this question on.
        """
        lost, self._lost = self._lost, True
        found = self._until_now()
        self._lost = False
        return None if lost or found is None or len(found) > MOST_CHANGES else found

    def _until_now(self) -> set[bytes] | None:
        self._number += 1
        cookie = self._cookies / str(self._number)
        found: set[str] = set()
        end = time.monotonic() + LONGEST_WAIT_MS / 1000
        try:
            cookie.touch()
            while str(cookie) not in found:
                # When it has waited in vain it drops what may have come at that moment.
                told = self._notify.watch(0, 1, LONGEST_WAIT_MS, None)
                if told == "signal":
                    raise KeyboardInterrupt
                if isinstance(told, str) or time.monotonic() > end:
                    return None
                found.update(path for _, path in told)
            cookie.unlink()
        except (OSError, RuntimeError):  # no room for the cookie; a changed name that is no UTF-8
            return None
        own = f"{self._cookies}{os.sep}"
        return {path.encode() for path in found if not path.startswith(own)}


def _begin(folders: list[str]) -> "RustNotify":
    # watchfiles documents this class for direct use. Its generator `watch` drops events that come as
    # a wait ends, and does not say so.
    from watchfiles._rust_notify import RustNotify

    an_hour_ms = 3_600_000  # where there is nothing but polling no cookie shall come in time
    return RustNotify(folders, False, False, an_hour_ms, False, False)


def can_watch(root: bytes, folders: int) -> bool:
    """Whether the system tells of every change below ``root``, in order, and would watch so many folders.

    Not where ``WATCHFILES_FORCE_POLLING`` is set: a user's word that events do not come.
    """
    if sys.platform != "linux" or os.environ.get("WATCHFILES_FORCE_POLLING"):
        return False
    try:
        return folders <= int(_LIMIT.read_bytes()) // 2 and _kinds_of_mounts(root) <= LOCAL
    except (OSError, ValueError, IndexError):
        return False


def _kinds_of_mounts(root: bytes) -> set[str]:
    """The types of the file system that ``root`` is on, and of all that are mounted below it."""
    real = os.path.realpath(root)
    mounts = list(_mounts(_MOUNTS.read_bytes()))
    above = [(len(place), kind) for place, kind in mounts if _is_below(real, place)]
    longest = max(length for length, _ in above)
    # of several at one place the last one is seen
    return {[kind for length, kind in above if length == longest][-1]} | {
        kind for place, kind in mounts if _is_below(place, real) and place != real
    }


def _mounts(table: bytes) -> Iterator[tuple[bytes, str]]:
    """Where each file system is mounted, and its type, as `proc_pid_mountinfo(5)` says it."""
    for line in table.splitlines():
        mount, _, rest = line.partition(b" - ")
        place = _OCTAL.sub(lambda code: bytes([int(code[1], 8)]), mount.split(b" ")[4])
        with contextlib.suppress(IndexError):
            yield place, rest.split(b" ")[0].decode("ascii", "replace")


def _is_below(path: bytes, folder: bytes) -> bool:
    return path == folder or path.startswith(folder.rstrip(b"/") + b"/")
