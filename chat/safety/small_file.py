"""[io] Small files that others wrote: bytes of a regular file, or nothing.

A repository can hold a FIFO, a device or a link to a private key under any name. What is read without
being asked for is read here.
"""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from chat.errors import InputError
from chat.model import RepoPath

MOST_BYTES = 1_000_000


def read_regular(path: Path, most_bytes: int = MOST_BYTES) -> bytes | None:
    """The bytes of a file; None where there is no regular file that may be read.

    Raises InputError where the file is longer than ``most_bytes``.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except (OSError, ValueError):
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            data = file.read(most_bytes + 1)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    if len(data) > most_bytes:
        raise InputError(f"{path}: longer than {most_bytes:,} bytes; it was not read.")
    return data


def reader_below(root: Path) -> Callable[[RepoPath], str | None]:
    """Reads texts below a folder; what stands elsewhere, also by a link, is as if it were not there."""
    real = os.path.realpath(root)

    def read(path: RepoPath) -> str | None:
        found = os.path.realpath(os.path.join(real, path))
        data = read_regular(Path(found)) if is_below(found, real) else None
        return None if data is None else data.decode("utf-8-sig", "replace")

    return read


def is_below(path: str, folder: str) -> bool:
    """Whether a real path is a folder or stands in it."""
    try:
        return os.path.commonpath((path, folder)) == os.path.commonpath((folder,))
    except ValueError:  # on another drive
        return False
