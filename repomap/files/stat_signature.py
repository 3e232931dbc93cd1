"""What stat data say of a file: whether it is as it was, as far as the clock of its file system can tell."""

import os
from pathlib import Path

COARSE_TICK_NS, FINE_TICK_NS = 2_000_000_000, 20_000_000
"""How far apart two changes can be and still get the same time: FAT counts in steps of two seconds,
and kernels that store nanoseconds advance their clock every few milliseconds."""


def stat_signature(path: Path | bytes, since_ns: int) -> object:
    """Return a value that equals an earlier one only if a file or folder has not changed; None without one.

    ``since_ns`` is when reading it began, or now: one that has changed since then, or just before, equals nothing, not
    even itself, for it may have changed after it was read, or may change again and keep its times.
    """
    try:
        status = os.stat(path)
    except OSError:
        return None
    if max(status.st_ctime_ns, status.st_mtime_ns) > since_ns - FINE_TICK_NS:
        return object()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
