"""Walks a folder without git -> the paths of the files below it.

Without git, nothing distinguishes source from what tools have written, so besides the files that
`.gitignore` and `.ignore` exclude, the walk skips a short list of folders that only tools write.
"""

import os
import stat
from collections.abc import Callable, Iterator

from repomap.files.ignore import WALK_NAMES, IgnoreRules, RuleLayers

TOOL_FOLDERS = frozenset(
    {
        # version control's own data
        *(b".git", b".hg", b".svn", b".bzr", b".jj", b".sl", b"_darcs", b"CVS", b".pijul"),
        # packages fetched by a package manager
        *(b"node_modules", b"bower_components", b"jspm_packages", b".pnpm-store", b".yarn"),
        # virtual environments and what interpreters, test runners and checkers cache
        *(b".venv", b".tox", b".nox", b".eggs", b"__pycache__", b"__pypackages__"),
        *(b".mypy_cache", b".pytest_cache", b".ruff_cache", b".hypothesis", b".ipynb_checkpoints"),
        # build tools' caches; `build`, `dist`, `target` and `vendor` can be source, so they stay
        *(b".gradle", b".terraform", b".next", b".nuxt", b".svelte-kit", b".parcel-cache", b".turbo"),
        *(b".dart_tool", b".stack-work", b"dist-newstyle", b"elm-stuff", b".bundle", b".cache", b".direnv"),
        # editors' settings
        *(b".idea", b".vs"),
    }
)
"""Names of folders in which nobody writes source; skipped by the walk, but never in a git listing."""

_VIRTUAL_ENVIRONMENT = b"pyvenv.cfg"
_BARE_REPOSITORY = frozenset({b"HEAD", b"objects", b"refs"})
_JUNCTION = 0xA0000003  # Windows' IO_REPARSE_TAG_MOUNT_POINT: a folder that is a link


def walk(root: bytes, warn: Callable[[str], None]) -> list[bytes]:
    """Return the paths of files and links below ``root``, relative to it, with `/`, unsorted.

    Folders that are links are not entered, so there are no loops. Pipes, sockets and devices are
    left out. ``warn`` gets a message about each folder that cannot be read.
    """
    rules = IgnoreRules(root, WALK_NAMES, warn)
    files: list[bytes] = []
    pending = [b""]
    while pending:
        folder = pending.pop()
        entries = _scan(root, folder, warn)
        names = {entry.name for entry in entries}
        if folder and (_VIRTUAL_ENVIRONMENT in names or names >= _BARE_REPOSITORY):
            continue
        layers = rules.folder(folder)
        if layers is not None:
            _add_entries(entries, folder + b"/" if folder else b"", rules, layers, files, pending)
    return files


def is_real_folder(status: os.stat_result) -> bool:
    """Return whether an ``lstat`` result is of a folder, and not of a link to one (a junction on Windows)."""
    return stat.S_ISDIR(status.st_mode) and getattr(status, "st_reparse_tag", 0) != _JUNCTION


def _add_entries(
    entries: list[os.DirEntry[bytes]],
    prefix: bytes,
    rules: IgnoreRules,
    layers: RuleLayers,
    files: list[bytes],
    pending: list[bytes],
) -> None:
    """Add a folder's files to ``files``, and its subfolders to the ``pending`` ones."""
    for entry, is_folder in _kinds(entries):
        path = prefix + entry.name
        if is_folder:
            if entry.name not in TOOL_FOLDERS:
                pending.append(path)
        elif not rules.excludes(path, layers):
            files.append(path)


def _kinds(entries: list[os.DirEntry[bytes]]) -> Iterator[tuple[os.DirEntry[bytes], bool]]:
    """Yield files and links with False, real folders with True, and nothing else."""
    for entry in entries:
        try:
            if entry.is_symlink() or entry.is_file(follow_symlinks=False):
                yield entry, False
            elif entry.is_dir(follow_symlinks=False) and (
                os.name != "nt" or is_real_folder(entry.stat(follow_symlinks=False))
            ):
                yield entry, True
        except OSError:
            continue  # removed since the folder was read


def _scan(root: bytes, folder: bytes, warn: Callable[[str], None]) -> list[os.DirEntry[bytes]]:
    path = b"/".join((root, folder)) if folder else root
    try:
        with os.scandir(path) as entries:
            return list(entries)
    except FileNotFoundError:
        return []
    except OSError as error:
        warn(f"{os.fsdecode(path)}: not listed, the folder cannot be read ({error.strerror})")
        return []
