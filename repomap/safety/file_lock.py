"""Locks an open file for this process; the system lets go of it when the process ends, however it ends."""

import errno
import os
import time

_HELD_BY_ANOTHER = (errno.EACCES, errno.EAGAIN, errno.EWOULDBLOCK)
_POLL_S = 0.02
_FAR_BEHIND = 1 << 40
"""Windows locks bytes, not files, and nobody else can read those; no file reaches this one."""


def try_lock(descriptor: int) -> bool:
    """Lock an open file until it is closed; False where another process has it. Never waits.

    True, too, on a file system that knows no locks. On Windows the file's position moves.
    """
    try:
        import fcntl
    except ImportError:
        return _try_lock_on_windows(descriptor)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _HELD_BY_ANOTHER
    return True


def lock_within(descriptor: int, wait_s: float) -> bool:
    """Lock an open file until it is closed, within so many seconds; False where another process has it for longer."""
    deadline = time.monotonic() + wait_s
    while not try_lock(descriptor):
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_S)
    return True


def _try_lock_on_windows(descriptor: int) -> bool:
    import importlib

    msvcrt = importlib.import_module("msvcrt")  # by name, since type checkers on other systems have none
    try:
        os.lseek(descriptor, _FAR_BEHIND, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    except OSError:
        return False
    return True
