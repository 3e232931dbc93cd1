"""Writes a file beside its place and renames it, so that nobody ever sees half of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

_FLAGS = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)


@contextmanager
def whole_file(path: Path, *, mode: int = 0o600, sync: bool = False) -> Iterator[BinaryIO]:
    """Open a new file that takes the place of ``path`` when the body ends without an error.

    Otherwise, and where renaming fails, what was at ``path`` stays as it was and nothing is left
    beside it. With ``sync`` the bytes are on the disk before the file takes its place; without, a
    power cut may leave an empty one. Raises OSError.
    """
    temporary = path.with_name(f".{path.name[:100]}.{os.getpid()}-{os.urandom(4).hex()}.new")
    try:
        with open(os.open(temporary, _FLAGS, mode), "wb") as file:
            yield file
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes, *, mode: int = 0o600, sync: bool = False) -> None:
    """Write a file at once or not at all, as `whole_file` does; folders above it are made."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with whole_file(path, mode=mode, sync=sync) as file:
        file.write(data)
