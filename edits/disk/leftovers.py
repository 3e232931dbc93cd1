"""Names of temporary files, and what a killed process leaves of them.

A name holds the mark of its process, so that another one can tell a leftover from a file in use.
"""

import contextlib
import os
import re
import secrets
from collections.abc import Iterable

from edits.disk.process_mark import PATTERN, is_gone, own_mark
from edits.disk.tree import DiskTree

_TEMPORARY = re.compile(rf"\.trigpoint-({PATTERN})-[0-9a-f]{{16}}\.tmp\Z")


def temporary_path(folder: str) -> str:
    """Return a fresh path for a temporary file of this process."""
    return os.path.join(folder, f".trigpoint-{own_mark()}-{secrets.token_hex(8)}.tmp")


def is_temporary(path: str) -> bool:
    """Whether a path is that of a temporary file of ours, in use or left over.

    >>> is_temporary("src/.trigpoint-4711-0123456789abcdef.tmp"), is_temporary("src/app.tmp")
    (True, False)
    """
    return _TEMPORARY.match(path.rpartition("/")[2]) is not None


def remove_leftovers(paths: Iterable[str], root: str) -> None:
    """Remove what killed processes left beside these files, as the next write of one of them would."""
    tree = DiskTree(root)
    fulls = [os.path.join(tree.root, *path.split("/")) for path in paths if not tree.forbidden(path)]
    for folder in sorted({os.path.dirname(os.path.realpath(full)) for full in fulls}):
        remove_leftovers_in(folder)


def remove_leftovers_in(folder: str) -> None:
    """Remove what killed processes left in a folder; what a living one is using stays."""
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            match = _TEMPORARY.match(name)
            if match and is_gone(match.group(1)):
                discard(os.path.join(folder, name))


def discard(path: str) -> None:
    """Remove a file, "" being none; a failure is tried once more and then left."""
    for _ in range(2 if path else 0):
        try:
            os.unlink(path)
        except FileNotFoundError:
            return
        except OSError:
            continue
        return
