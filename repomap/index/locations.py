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
    """Make sure that a folder belongs to this user and is closed to others.

    Raises PermissionError if it is another user's. Without ``create``, raises FileNotFoundError if it is
    missing.
    """
    if create:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform == "win32":
        return  # the folder is in the user's profile, where others cannot write
    for status in (folder.lstat(), folder.stat()):  # a link must be the user's own, too
        if status.st_uid != os.geteuid():
            raise PermissionError(f"{folder} belongs to another user.")
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)
