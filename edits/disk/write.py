"""[io] A whole plan → disk, or none of it.

Every new text is complete and synced in a temporary file beside its target before the first target
is touched; then each takes its place by a rename, while a second link keeps the old file until all
are in place. Killed at any moment, every file is its old or its new self. What a killed process
leaves are hidden files, which the next write into the folder removes, or whoever knows of the kill.

What another process writes meanwhile is not overwritten: a file is compared before it is replaced,
and what was replaced is compared once more, since a swap keeps it. On a system without a swap
(Windows, some network file systems) the moment between the first comparison and the rename remains.
"""

import contextlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field

from edits.disk.exchange import exchange
from edits.disk.folders import HeldFolders
from edits.disk.leftovers import discard, remove_leftovers_in, temporary_path
from edits.disk.tree import DiskTree
from edits.errors import NotRestored, Stale, WriteFailed
from edits.model import FileChange

_UNSYNCABLE = (22, 95, 45, 13)  # EINVAL, ENOTSUP (Linux, macOS), EACCES: folders that cannot be synced


@dataclass(slots=True)
class _Target:
    """One file on its way."""

    path: str
    full: str
    before: bytes | None
    after: bytes | None
    model: str | None
    """The file whose mode and attributes the new one takes over."""
    executable: bool = False
    temp: str = ""
    backup: str = ""
    replaced: bool = False


@dataclass(slots=True)
class _Writing:
    targets: list[_Target]
    folders: list[str] = field(default_factory=list)
    """Folders made on the way, the outermost first."""


def write_changes(changes: Sequence[FileChange], root: str, *, heeds_modes: bool = True) -> tuple[str, ...]:
    """Write all changes and return their paths; or raise WriteFailed, and nothing has changed.

    Raises Stale if a file is not as the change says it was before, and NotRestored in the one case
    where something did change: a write failed, and so did putting an earlier file back.
    ``heeds_modes`` is as in `DiskTree`.
    """
    tree = DiskTree(root, heeds_modes=heeds_modes)
    writing = _Writing([_target(change, tree) for change in changes])
    with HeldFolders(root) as held:
        return _write(writing, held)


def _write(writing: _Writing, held: HeldFolders) -> tuple[str, ...]:
    current = writing.targets[0].path if writing.targets else ""
    try:
        for target in writing.targets:
            current = target.path
            _stage(target, writing, held)
        for target in sorted(writing.targets, key=lambda each: each.after is None):
            current = target.path
            _commit(target)
        for folder in sorted({os.path.dirname(target.full) for target in writing.targets}):
            _sync_folder(folder)
        for target in writing.targets:
            current = target.path
            _check_replaced(target)
    except BaseException as error:
        _roll_back(writing, current, error)
        if isinstance(error, OSError):
            raise WriteFailed(current, error.strerror or str(error)) from error
        raise
    for target in writing.targets:
        discard(target.backup)
    return tuple(target.path for target in writing.targets)


def _target(change: FileChange, tree: DiskTree) -> _Target:
    why = tree.forbidden(change.path)
    if why:
        raise WriteFailed(change.path, why)
    full = os.path.realpath(os.path.join(tree.root, *change.path.split("/")))
    source = change.moved_from
    model = os.path.realpath(os.path.join(tree.root, *source.split("/"))) if source else full
    return _Target(change.path, full, change.before, change.after, model, change.executable)


def _stage(target: _Target, writing: _Writing, held: HeldFolders) -> None:
    """Put the new text beside its target, and a second link to the old one."""
    folder = held.hold(os.path.dirname(target.full), writing.folders)
    if target.model == target.full:
        target.model = os.path.join(folder, os.path.basename(target.full))
    target.full = os.path.join(folder, os.path.basename(target.full))
    remove_leftovers_in(folder)
    _check(target)
    if target.after is not None:
        target.temp = temporary_path(folder)
        _write_file(target.temp, target.after, target.model, executable=target.executable)
    if target.before is not None:
        target.backup = temporary_path(folder)
        try:
            os.link(target.full, target.backup, follow_symlinks=False)
        except (OSError, NotImplementedError):
            # a file system without links: the old text as a copy
            _write_file(target.backup, target.before, target.full)


def _commit(target: _Target) -> None:
    """Put one file in place, if it still is what the plan was made for."""
    _check(target)
    if target.before is None:
        _place_new(target)
    elif target.after is None:
        _take_away(target)
    else:
        _swap_in(target)


def _swap_in(target: _Target) -> None:
    target.replaced = True  # a call that reports an error may have happened
    try:
        swapped = exchange(target.temp, target.full)
    except FileNotFoundError:
        target.replaced = False
        raise Stale(target.path) from None
    if swapped:
        _look_at_taken(target)
    else:
        os.replace(target.temp, target.full)
        target.temp = ""


def _take_away(target: _Target) -> None:
    target.temp = temporary_path(os.path.dirname(target.full))
    target.replaced = True
    os.rename(target.full, target.temp)
    _look_at_taken(target)


def _look_at_taken(target: _Target) -> None:
    """Keep what was taken out of its place, to be put back where somebody else wrote it."""
    discard(target.backup)
    target.backup, target.temp = target.temp, ""
    _check_replaced(target)


def _check_replaced(target: _Target) -> None:
    """Raise Stale where the old file is not what the plan was made for, or not any more."""
    if target.backup and _read(target.backup) != target.before:
        raise Stale(target.path)


def _place_new(target: _Target) -> None:
    """A file that nobody has made in the meantime."""
    try:
        os.link(target.temp, target.full, follow_symlinks=False)
    except FileExistsError:
        raise Stale(target.path) from None
    except (OSError, NotImplementedError):
        if os.path.lexists(target.full):
            raise Stale(target.path) from None
        target.replaced = True
        os.replace(target.temp, target.full)
        target.temp = ""
        return
    target.replaced = True
    discard(target.temp)
    target.temp = ""


def _check(target: _Target) -> None:
    if _read(target.full) != target.before:
        raise Stale(target.path)


def _read(path: str) -> bytes | None:
    try:
        with open(path, "rb") as handle:
            return handle.read()
    except FileNotFoundError:
        return None


def _write_file(path: str, data: bytes, model: str | None, *, executable: bool = False) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags, 0o666)
    try:
        if model is not None and os.path.exists(model):
            _copy_attributes(model, handle if os.name == "posix" else path)
        elif executable and os.name == "posix":
            mode = os.fstat(handle).st_mode
            os.fchmod(handle, stat.S_IMODE(mode | (mode & 0o444) >> 2))
        view = memoryview(data)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def _copy_attributes(model: str, path: str | int) -> None:
    """Take over the owner as far as allowed, mode, extended attributes (access lists are among them)."""
    wanted = os.stat(model)
    if hasattr(os, "chown"):
        mine = os.stat(path)
        if (mine.st_uid, mine.st_gid) != (wanted.st_uid, wanted.st_gid):
            with contextlib.suppress(PermissionError):
                os.chown(path, wanted.st_uid, wanted.st_gid)
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):
            for name in os.listxattr(model):
                with contextlib.suppress(OSError):
                    os.setxattr(path, name, os.getxattr(model, name))
    os.chmod(path, stat.S_IMODE(wanted.st_mode))


def _roll_back(writing: _Writing, current: str, error: BaseException) -> None:
    """Put everything back; raises NotRestored where that fails."""
    left = []
    for target in reversed(writing.targets):
        discard(target.temp)
        if target.replaced and not _restored(target):
            left.append(target.path)
        elif target.backup:
            discard(target.backup)
    for folder in reversed(writing.folders):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    if left:
        raise NotRestored(current, str(error), tuple(left)) from error


def _restored(target: _Target) -> bool:
    """Put one file back; a call that fails once is tried again."""
    for _ in range(3):
        try:
            if target.backup:
                os.replace(target.backup, target.full)
                # renaming one link of a file over another does nothing: the first one is still there
                discard(target.backup)
                target.backup = ""
            elif target.before is None and os.path.lexists(target.full):
                os.unlink(target.full)
        except OSError:
            continue
        return True
    return False


def _sync_folder(folder: str) -> None:
    """Make renames last; Windows has no such call, and some file systems refuse it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _UNSYNCABLE:
            raise
    finally:
        os.close(handle)
