"""Opens files that somebody else put there, if they are regular files.

Under any name a repository can hold a FIFO, which hangs whoever opens it, a device without end, or a
link to a private key. Whatever is read without the user having named it is read here.
"""

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # or a FIFO without a writer would block
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_IS_LINK = (errno.ELOOP, errno.EMLINK)
"""What Linux and macOS, and what FreeBSD say to O_NOFOLLOW."""


class NotRegular(OSError):
    """A folder, pipe, device or socket; or a link, where links are not followed."""


class TooLarge(OSError):
    """A file of more bytes than asked for."""


def open_regular(path: Path | bytes, *, follow_links: bool = False) -> tuple[int, os.stat_result]:
    """Open a file for reading and return its descriptor and status. Never blocks.

    Raises NotRegular where the path is anything but a regular file, another OSError where it cannot
    be opened, ValueError for a name that no file can have.
    """
    if not follow_links and os.path.islink(path):  # for systems without O_NOFOLLOW
        raise NotRegular(errno.ELOOP, "is a link", path)
    try:
        descriptor = os.open(path, _FLAGS if follow_links else _FLAGS | _NO_FOLLOW)
    except OSError as error:
        if not follow_links and error.errno in _IS_LINK:
            raise NotRegular(errno.ELOOP, "is a link", path) from None
        raise
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NotRegular(errno.EINVAL, "is not a regular file", path)
    return descriptor, status


def read_regular(path: Path | bytes, max_bytes: int, *, follow_links: bool = False) -> bytes:
    """Read a regular file of at most ``max_bytes`` bytes.

    Raises TooLarge for a longer one, else as `open_regular`.
    """
    descriptor, status = open_regular(path, follow_links=follow_links)
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(min(status.st_size, max_bytes) + 1)
        if status.st_size < len(data) <= max_bytes:  # it grows, or has no size, as in /proc
            data += file.read(max_bytes + 1 - len(data))
    if len(data) > max_bytes:
        raise TooLarge(errno.EFBIG, f"longer than {max_bytes:,} bytes", path)
    return data


def read_if_regular(path: Path | bytes, max_bytes: int, *, follow_links: bool = False) -> bytes | None:
    """Read a regular file of at most ``max_bytes`` bytes; None for anything else."""
    with suppress(OSError, ValueError):
        return read_regular(path, max_bytes, follow_links=follow_links)
    return None
