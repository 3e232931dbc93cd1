"""Reads small files that others wrote, such as settings and instructions, without following them anywhere.

Touches the disk. `repomap` has what opens a file safely; here are the limits and the folders that
the chat stays in.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from chat.errors import InputError
from chat.model import RepoPath
from repomap import TooLarge, read_regular

MAX_BYTES = 1_000_000
MAX_SETTINGS_BYTES = 64_000


def read_small(path: Path, max_bytes: int = MAX_BYTES, *, follow_links: bool = True) -> bytes | None:
    """Return the bytes of a regular file, or None where there is none that may be read.

    Raises InputError where the file is longer than ``max_bytes``.
    """
    try:
        return read_regular(path, max_bytes, follow_links=follow_links)
    except TooLarge as error:
        raise InputError(f"{path}: longer than {max_bytes:,} bytes, so it was not read.") from error
    except (OSError, ValueError):
        return None


def read_named(
    path: Path,
    name: str,
    undone: str,
    *,
    advice: str = "name a file that can be read",
    max_bytes: int = MAX_BYTES,
) -> bytes:
    """Return the bytes of a regular file that the user named, as ``name`` shows it.

    Raises InputError: which file and why, what was ``undone`` (a sentence without its full stop), and the advice.
    """
    try:
        return read_regular(path, max_bytes, follow_links=True)
    except TooLarge as error:
        raise InputError(
            f"{name} is longer than {max_bytes:,} bytes. {undone}; name a shorter file."
        ) from error
    except (OSError, ValueError) as error:
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise InputError(f"{name}: {reason[:1].upper()}{reason[1:]}. {undone}; {advice}.") from error


def read_settings_file(path: Path) -> bytes | None:
    """Return the bytes of a file of settings, or None where there is none that may be read.

    Raises InputError where it is longer than any that a person writes.
    """
    try:
        return read_small(path, MAX_SETTINGS_BYTES)
    except InputError as error:
        raise InputError(
            f"{path} is longer than {MAX_SETTINGS_BYTES:,} bytes. Nothing was started; "
            "shorten it, or ignore all settings files with --bare."
        ) from error


def reader_below(root: Path) -> Callable[[RepoPath], str | None]:
    """Return a reader of texts below a folder; what is elsewhere, also by a link, does not exist for it.

    Nor does what a link calls by the suffix of something else: `AGENTS.md` may lead to `CLAUDE.md`, not to `.env`.
    """
    real_root = os.path.realpath(root)

    def read(path: RepoPath) -> str | None:
        real_path = os.path.realpath(os.path.join(real_root, path))
        is_alike = os.path.splitext(real_path)[1].lower() == os.path.splitext(path)[1].lower()
        if not is_alike or not is_below(real_path, real_root):
            return None
        data = read_small(Path(real_path), follow_links=False)
        return None if data is None else data.decode("utf-8-sig", "replace")

    return read


def is_below(path: str, folder: str) -> bool:
    """Whether a real path is a folder or in it.

    >>> is_below("/home/me/project/a.py", "/home/me"), is_below("/home/meg", "/home/me")
    (True, False)
    """
    with suppress(ValueError):  # raised where they are on different drives
        return os.path.commonpath((path, folder)) == os.path.commonpath((folder,))
    return False
