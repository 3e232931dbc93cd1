"""Reads files as they are, and makes several of them what they should be: all or none.

Touches the user's files.
"""

import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from chat.errors import ChatError
from chat.model import RepoPath
from chat.safety.running import writing_in
from chat.snapshots.own_changes import kind_of
from chat.snapshots.store import FileState, States
from repomap import escaped, open_regular

StateChange = tuple[FileState | None, FileState | None]
"""What a file is and what it is to be."""


def read_state(root: Path, path: RepoPath) -> FileState | None:
    """Return a file as it is on disk, or None where there is none, or a folder."""
    full = root / path
    try:
        mode = os.lstat(full).st_mode
        if _is_behind_link(root, path):
            return FileState(b"", "other")
        if stat.S_ISLNK(mode):
            return FileState(os.fsencode(os.readlink(full)), "link")
        if stat.S_ISREG(mode):
            descriptor, _ = open_regular(full)
            with open(descriptor, "rb") as file:
                return FileState(file.read(), executable=bool(mode & stat.S_IXUSR))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return FileState(b"", "other")
    return None if stat.S_ISDIR(mode) else FileState(b"", "other")


def _by_writer(root: Path, before: States, after: States) -> tuple[list[RepoPath], list[RepoPath]]:
    """Part the files that the writer of edits can write from the others."""
    from edits import DiskTree

    ordinary: list[RepoPath] = []
    special: list[RepoPath] = []
    tree = DiskTree(str(root))
    folders = {folder for path in after for folder in _folders_above(path)}
    for path in after:
        no_clash = path not in folders and after.keys().isdisjoint(_folders_above(path))
        kinds = {kind_of(before[path]), kind_of(after[path])}
        is_ordinary = no_clash and kinds <= {"", "file"} and not tree.forbidden(path)
        (ordinary if is_ordinary else special).append(path)
    return ordinary, special


def write_states(root: Path, before: States, after: States) -> None:
    """Make files what ``after`` says if they still are what ``before`` says.

    Ordinary files go through the writer of edits. What it cannot write (links, unusual names, files
    that take the place of folders) is written here, first, and put back if that fails. Raises
    ChatError, and then every file is as it was.
    """
    from edits import EditError, FileChange, write_changes

    ordinary, special = _by_writer(root, before, after)
    changes = [FileChange(path, _bytes_of(before[path]), _bytes_of(after[path])) for path in ordinary]
    changes = [change for change in changes if change.before != change.after]
    folders_written = [
        os.path.realpath(root),
        *(os.path.dirname(os.path.realpath(root / path)) for path in after),
    ]
    try:
        with (
            writing_in(folders_written),
            _written(root, {path: (before[path], after[path]) for path in sorted(special)}),
        ):
            write_changes(changes, str(root))
    except EditError as error:
        raise ChatError(f"{error} Nothing was restored.") from error
    except OSError as error:
        name = escaped(str(error.filename or root))
        raise ChatError(f"{name}: {error.strerror}. Nothing was restored.") from error
    for path, state in after.items():
        if state is None:
            remove_empty_folders(root, path)
        elif state.kind == "file":
            _set_executable(root / path, state.executable)


def _bytes_of(state: FileState | None) -> bytes | None:
    return state.data if state else None


def _folders_above(path: RepoPath) -> set[RepoPath]:
    return {path.rsplit("/", depth)[0] for depth in range(1, path.count("/") + 1)}


@contextmanager
def _written(root: Path, changes: Mapping[RepoPath, StateChange]) -> Iterator[None]:
    """Write special files, and put everything back if the body fails.

    All old files are moved aside before the first new one is made: a folder may take a file's place.
    """
    from edits import temporary_path

    undo_steps: list[Callable[[], object]] = []
    moved_aside: list[Path] = []
    try:
        for path, (old, _) in changes.items():
            if read_state(root, path) != old or _is_behind_link(root, path) or _is_in_git_folder(path):
                raise ChatError(f"{escaped(path)} changed just now. Nothing was restored; try again.")
            if old is not None:
                aside = Path(temporary_path(str(root)))
                (root / path).rename(aside)
                moved_aside.append(aside)
                undo_steps.append(_move_back(aside, root / path))
                remove_empty_folders(root, path)
        for path, (_, new) in changes.items():
            if new is not None:
                _create(root, path, new)
                undo_steps.append((root / path).unlink)
        yield
    except BaseException as error:
        _run_undo_steps(undo_steps, error)
        raise
    for aside in moved_aside:
        aside.unlink(missing_ok=True)


def _run_undo_steps(steps: list[Callable[[], object]], error: BaseException) -> None:
    """Run all steps, the last first, also after one that fails."""
    failed = []
    for step in reversed(steps):
        try:
            step()
        except OSError as failure:
            failed.append(escaped(f"{failure.filename} {failure.filename2 or ''}".strip()))
    if failed:
        raise ChatError(
            f"Files could be neither written nor put back ({error}): {', '.join(failed)}. "
            "Their content is in the files in the root whose names begin with .trigpoint-"
        ) from error


def _move_back(aside: Path, full: Path) -> Callable[[], object]:
    def move_back() -> None:
        full.parent.mkdir(parents=True, exist_ok=True)
        aside.rename(full)

    return move_back


def _create(root: Path, path: RepoPath, state: FileState) -> None:
    full = root / path
    with suppress(OSError):
        full.rmdir()  # an empty folder is where the file was
    full.parent.mkdir(parents=True, exist_ok=True)
    if state.kind == "link":
        os.symlink(os.fsdecode(state.data), full)
        return
    with open(full, "xb") as file:
        file.write(state.data)
        file.flush()
        os.fsync(file.fileno())


def _set_executable(full: Path, executable: bool) -> None:
    """Set the mode where the system has one."""
    mode = full.stat().st_mode
    if os.name == "nt" or bool(mode & stat.S_IXUSR) == executable:
        return
    execute_bits = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
    for_readers = (mode & (stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)) >> 2
    with suppress(PermissionError):
        full.chmod(stat.S_IMODE(mode | for_readers if executable else mode & ~execute_bits))


def remove_empty_folders(root: Path, path: RepoPath) -> None:
    """Remove the folders that a deletion leaves empty, since git knows no empty folders."""
    for folder in (root / path).parents:
        if folder == root:
            return
        try:
            folder.rmdir()
        except OSError:
            return


def _is_behind_link(root: Path, path: RepoPath) -> bool:
    """Whether a folder on the way is a link, so that the file is elsewhere."""
    return any(os.path.islink(root / folder) for folder in _folders_above(path))


def _is_in_git_folder(path: RepoPath) -> bool:
    return ".git" in path.lower().split("/")
