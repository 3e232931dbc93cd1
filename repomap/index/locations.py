"""Where what is kept between runs stands."""

import os
import stat
import sys
from hashlib import blake2b
from pathlib import Path


def user_folder(name: str) -> Path:
    """The folder of this name in the user's cache folder."""
    from platformdirs import user_cache_path

    return user_cache_path("trigpoint", appauthor=False) / name


def index_name(root: Path, settings: str) -> str:
    """The name of the file that a folder's index is kept in, as it is read with these settings."""
    name = f"{os.path.realpath(root)}\0{settings}".encode("utf-8", "surrogateescape")
    return blake2b(name, digest_size=16).hexdigest() + ".index"


def index_settings(*, submodules: bool) -> str:
    """What an index depends on beside the files, in a word."""
    return f"submodules={submodules}"


def index_written_ns(root: Path, *, submodules: bool) -> int | None:
    """When the index of this folder was kept, be it of use or not; None where none is."""
    name = index_name(root, index_settings(submodules=submodules))
    try:
        status = (user_folder("indexes") / name).stat()
    except OSError:
        return None
    return status.st_mtime_ns if stat.S_ISREG(status.st_mode) else None


def own_folder(folder: Path, *, create: bool = True) -> None:
    """Makes the folder for this user alone. Raises PermissionError where it is another user's.

    Where it is not to be made, raises FileNotFoundError if it is not there.
    """
    if create:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform == "win32":
        return  # the folder lies in the user's profile, which others cannot write
    for place in (folder.lstat(), folder.stat()):
        if place.st_uid != os.geteuid():
            raise PermissionError(f"{folder} belongs to another user")
    if stat.S_IMODE(folder.stat().st_mode) & 0o077:
        folder.chmod(0o700)
