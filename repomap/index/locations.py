"""Where caches and snapshots are, and folders that only their owner may write to."""

import os
import stat
import sys
from hashlib import blake2b
from pathlib import Path


def user_folder(name: str) -> Path:
    """Return the folder of this name in the user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("trigpoint", appauthor=False) / name


def index_name(root: Path, settings: str) -> str:
    """Return the file name of the snapshot of a folder that is read with these settings."""
    name = f"{os.path.realpath(root)}\0{settings}".encode("utf-8", "surrogateescape")
    return blake2b(name, digest_size=16).hexdigest() + ".index"


def index_settings(*, submodules: bool) -> str:
    """Write the settings that an index depends on, besides the files, as a text."""
    return f"submodules={submodules}"


def own_folder(folder: Path, *, create: bool = True) -> None:
    """Make sure that a folder is this user's own and closed to others.

    A link is refused wherever it leads, so the mode of no other folder is ever changed. Raises
    PermissionError for a link or another user's folder; without ``create``, FileNotFoundError if it is
    missing.
    """
    if create:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink():
        raise PermissionError(f"{folder} is a link. Nothing is cached there; replace it by a folder.")
    if sys.platform == "win32":
        return  # the folder is in the user's profile, where others cannot write
    _close_to_others(folder)


def _close_to_others(folder: Path) -> None:
    """Make a folder's mode 0700, by descriptor: the name could be a link by the time that the mode is set."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        status = os.fstat(descriptor)
        if status.st_uid != os.geteuid():
            raise PermissionError(f"{folder} belongs to another user.")
        if stat.S_IMODE(status.st_mode) & 0o077:
            os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)
