"""[io] The user's own files outside the folder of the chat, such as conventions kept in the home folder.

They can be shown to the model and never edited. Only what the user names gets here: a flag, a command, the
user's own settings file. A repository's settings file may name files below its root alone (`chat.settings.load`).
"""

import glob
import os
from pathlib import Path

from chat.errors import InputError
from chat.model import RepoPath
from chat.safety.small_file import is_below
from repomap import TooLarge, read_regular

MAX_FILES = 100
"""How many files one folder or pattern may name."""
_MAX_BYTES = 4_000_000


def outside_name(name: str, root: Path, folder: RepoPath = "") -> str:
    """Return the absolute path or pattern that a name means, "" where it leads below the root.

    ``name`` is relative to ``folder``, which is relative to the root; `~` is the user's home.
    """
    full = os.path.abspath(os.path.join(root, folder, os.path.expanduser(name)))
    is_inside = is_below(full, os.path.abspath(root)) or is_below(
        os.path.realpath(full), os.path.realpath(root)
    )
    return "" if is_inside else full


def files_outside(full: str) -> tuple[RepoPath, ...]:
    """Return the files that an absolute path, folder or glob means, sorted, with `/`.

    Hidden files are left out unless they are named. Raises InputError where there are none, or too many.
    """
    if os.path.isfile(full):
        return (_posix(full),)
    pattern = os.path.join(glob.escape(full), "**") if os.path.isdir(full) else full
    paths: list[str] = []
    for path in glob.iglob(pattern, recursive=True):
        if os.path.isfile(path):
            paths.append(_posix(path))
        if len(paths) > MAX_FILES:
            raise InputError(f"{full} names more than {MAX_FILES} files. None of them was added; name fewer.")
    if not paths:
        raise InputError(f"There is no file {full}. Nothing was added.")
    return tuple(sorted(paths))


def read_outside(path: RepoPath) -> bytes | None:
    """Return the bytes of a regular file, or None where there is none that can be read."""
    try:
        return read_regular(Path(path), _MAX_BYTES)
    except (OSError, ValueError, TooLarge):
        return None


def _posix(path: str) -> RepoPath:
    return path.replace(os.sep, "/")
