"""[io] What files were, should be and are → the files as they should be, all of them or none.

A file that is not as it was left has been changed by the user. What they did is merged with what is
put back, or the whole step is refused; it is never overwritten.
"""

import os
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from chat.errors import ChatError, NothingToUndo
from chat.git.links import real_paths
from chat.git.merge_file import merge_texts
from chat.model import RepoPath
from repomap import escaped

Merge = Callable[[bytes, bytes, bytes], bytes | None]
"""(base, ours, theirs) → the text with both sides' changes, or None where they clash."""
MOST_FILE_B = 20_000_000
"""A larger file is left out of snapshots."""
MOST_NEW_B = 400_000_000
"""What one snapshot reads at most of files that it has not seen."""
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot of a session."""

    number: int
    """From 1, in the order taken; pruning leaves gaps."""
    id: str
    label: str
    time_s: float
    """Since the epoch."""


@dataclass(frozen=True, slots=True)
class FileState:
    """One file as it is or was."""

    data: bytes
    """Its bytes; of a link, where it leads."""
    kind: Literal["file", "link", "other"] = "file"
    executable: bool = False


States = Mapping[RepoPath, FileState | None]
"""None: not there."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    paths: tuple[RepoPath, ...]
    """The files that changed on disk, sorted."""
    merged: tuple[RepoPath, ...] = ()
    """Those of them in which the user's later changes stay."""
    left_out: tuple[RepoPath, ...] = ()
    """Files that no snapshot holds: too large, or ignored."""


class Snapshots(Protocol):
    """What a restore reads from."""

    def states(self, snapshot: str, paths: Sequence[RepoPath]) -> States:
        """The paths as they were."""
        ...

    def changed(self, before: str, after: str) -> tuple[RepoPath, ...]:
        """The paths in which two snapshots differ."""
        ...

    def left_out(self, snapshot: str) -> frozenset[RepoPath]:
        """Files that were there and are not in the snapshot."""
        ...


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What would be written, before anything is."""

    before: States
    after: States
    merged: tuple[RepoPath, ...]
    left_out: tuple[RepoPath, ...]


def plan_restore(
    source: Snapshots, root: Path, snapshot: str, paths: Sequence[RepoPath] | None, expected: str
) -> RestorePlan:
    """How to make files as they were in a snapshot, None being all that differ.

    A file that is not as in the snapshot ``expected`` has been changed since: its text is merged.
    Raises NothingToUndo, naming the files, where that cannot be done.
    """
    if paths is None:
        wanted = source.changed(snapshot, expected)
    else:  # an edit through a link has changed another file
        wanted = tuple(dict.fromkeys(each for path in paths for each in (path, *real_paths(root, path))))
    missing = source.left_out(snapshot) | source.left_out(expected)
    left_out = tuple(path for path in wanted if path in missing)
    wanted = tuple(path for path in wanted if path not in missing)
    now = {path: read_state(root, path) for path in wanted}
    then, left = source.states(snapshot, wanted), source.states(expected, wanted)
    unseen = tuple(path for path in wanted if not (then.get(path) or left.get(path)))
    after, merged, refused = decide(then, left, now, merge_texts)
    if refused:
        raise NothingToUndo(
            f"{_named(refused)} changed since, in the same places; no file was changed. "
            "Put your changes elsewhere, or edit by hand."
        )
    return RestorePlan({path: now[path] for path in after}, after, merged, (*left_out, *unseen))


def decide(
    want: States, expected: States, now: States, merge: Merge
) -> tuple[dict[RepoPath, FileState | None], tuple[RepoPath, ...], tuple[RepoPath, ...]]:
    """(what is to be written, which of it is merged, which paths are refused)."""
    after: dict[RepoPath, FileState | None] = {}
    merged, refused = [], []
    for path, here in now.items():
        there, left = want.get(path), expected.get(path)
        if _same(here, there) or _same(left, there):
            continue
        if _same(here, left) and "other" not in (_kind(here), _kind(there)):
            after[path] = there
            continue
        both = _merged(there, left, here, merge)
        if both is None:
            refused.append(path)
        elif not _same(both, here):
            after[path] = both
            merged.append(path)
    return after, tuple(merged), tuple(refused)


def write_restored(root: Path, plan: RestorePlan) -> Restored:
    """Writes a whole plan, or raises ChatError and nothing has changed."""
    write_states(root, plan.before, plan.after)
    return Restored(tuple(sorted(plan.after)), plan.merged, plan.left_out)


def read_state(root: Path, path: RepoPath) -> FileState | None:
    """A file as it is on disk, a folder being none; ``other`` for what is no file, or cannot be read."""
    full = root / path
    try:
        mode = os.lstat(full).st_mode
        if _behind_link(root, path):
            return FileState(b"", "other")
        if stat.S_ISLNK(mode):
            return FileState(os.fsencode(os.readlink(full)), "link")
        if stat.S_ISREG(mode):
            return FileState(full.read_bytes(), executable=bool(mode & stat.S_IXUSR))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return FileState(b"", "other")
    return None if stat.S_ISDIR(mode) else FileState(b"", "other")


def write_states(root: Path, before: States, after: States) -> None:
    """Makes files as ``after`` says if they still are as ``before`` says; all or none.

    Ordinary files go through the writer of edits; what it cannot write, as links, odd names and files
    in the place of folders, is written here, first, and put back if that fails. Raises ChatError, and
    then every file is as it was.
    """
    from edits import DiskTree, EditError, FileChange, write_changes

    plain: list[RepoPath] = []
    odd: list[RepoPath] = []
    tree = DiskTree(str(root))
    folders = {folder for path in after for folder in _folders(path)}
    for path in after:
        clear = path not in folders and after.keys().isdisjoint(_folders(path))
        kinds = {_kind(before[path]), _kind(after[path])}
        (plain if clear and kinds <= {"", "file"} and not tree.forbidden(path) else odd).append(path)
    changes = [FileChange(path, _bytes(before[path]), _bytes(after[path])) for path in plain]
    changes = [change for change in changes if change.before != change.after]
    try:
        with _written(root, {path: (before[path], after[path]) for path in sorted(odd)}):
            write_changes(changes, str(root))
    except EditError as error:
        raise ChatError(f"{error} Nothing was put back.") from error
    except OSError as error:
        name = escaped(str(error.filename or root))
        raise ChatError(f"{name}: {error.strerror}; nothing was put back.") from error
    for path, state in after.items():
        if state is None:
            _remove_empty(root, path)
        elif state.kind == "file":
            _set_executable(root / path, state.executable)


def _folders(path: RepoPath) -> set[RepoPath]:
    return {path.rsplit("/", depth)[0] for depth in range(1, path.count("/") + 1)}


@contextmanager
def _written(
    root: Path, changes: Mapping[RepoPath, tuple[FileState | None, FileState | None]]
) -> Iterator[None]:
    """Writes what is no ordinary file; everything is put back if the body fails."""
    put_back: list[Callable[[], object]] = []
    aside: list[Path] = []
    try:
        for path, (old, _) in changes.items():
            if read_state(root, path) != old or _behind_link(root, path) or ".git" in path.lower().split("/"):
                raise ChatError(
                    f"{escaped(path)} is not as it was a moment ago; nothing was put back. Try again."
                )
            if old is not None:
                spare = root / f".trigpoint-{os.getpid()}-{secrets.token_hex(8)}.tmp"
                (root / path).rename(spare)
                aside.append(spare)
                put_back.append(_renamer(spare, root / path))
                _remove_empty(root, path)
        for path, (_, new) in changes.items():
            if new is not None:
                _make(root, path, new)
                put_back.append((root / path).unlink)
        yield
    except BaseException as error:
        _put_back(put_back, error)
        raise
    for spare in aside:
        spare.unlink(missing_ok=True)


def _put_back(steps: list[Callable[[], object]], error: BaseException) -> None:
    """Takes all steps, the last first, also after one that fails."""
    failed = []
    for step in reversed(steps):
        try:
            step()
        except OSError as why:
            failed.append(escaped(f"{why.filename} {why.filename2 or ''}".strip()))
    if failed:
        raise ChatError(
            f"Files could be neither written nor put back ({error}): {', '.join(failed)}. "
            "What they held is in the files in the root that begin with .trigpoint-"
        ) from error


def _renamer(spare: Path, full: Path) -> Callable[[], object]:
    def back() -> None:
        full.parent.mkdir(parents=True, exist_ok=True)
        spare.rename(full)

    return back


def _make(root: Path, path: RepoPath, state: FileState) -> None:
    full = root / path
    with suppress(OSError):
        full.rmdir()  # an empty folder stands where the file was
    full.parent.mkdir(parents=True, exist_ok=True)
    if state.kind == "link":
        os.symlink(os.fsdecode(state.data), full)
        return
    with open(full, "xb") as handle:
        handle.write(state.data)
        handle.flush()
        os.fsync(handle.fileno())


def _set_executable(full: Path, executable: bool) -> None:
    """Where the system knows the mode at all."""
    mode = full.stat().st_mode
    if os.name == "nt" or bool(mode & stat.S_IXUSR) == executable:
        return
    bits = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH
    readers = (mode & (stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)) >> 2
    with suppress(PermissionError):
        full.chmod(stat.S_IMODE(mode | readers if executable else mode & ~bits))


def _remove_empty(root: Path, path: RepoPath) -> None:
    """Git knows no empty folders, so one that a deletion empties goes too."""
    for folder in (root / path).parents:
        if folder == root:
            return
        try:
            folder.rmdir()
        except OSError:
            return


def _behind_link(root: Path, path: RepoPath) -> bool:
    """Whether a folder on the way is a link, so that the file is elsewhere."""
    folder = path.rpartition("/")[0]
    while folder:
        if os.path.islink(root / folder):
            return True
        folder = folder.rpartition("/")[0]
    return False


def _merged(
    want: FileState | None, base: FileState | None, here: FileState | None, merge: Merge
) -> FileState | None:
    if want is None or base is None or here is None or {want.kind, base.kind, here.kind} != {"file"}:
        return None
    data = merge(base.data, here.data, want.data)
    executable = want.executable if here.executable == base.executable else here.executable
    return None if data is None else FileState(data, "file", executable)


def _same(one: FileState | None, other: FileState | None) -> bool:
    if one is None or other is None:
        return one is other
    modes = os.name == "nt" or one.executable == other.executable
    return (one.kind, one.data) == (other.kind, other.data) and modes


def _kind(state: FileState | None) -> str:
    return state.kind if state else ""


def _bytes(state: FileState | None) -> bytes | None:
    return state.data if state else None


def _named(paths: Sequence[RepoPath]) -> str:
    more = f" and {len(paths) - _MOST_NAMED} more" if len(paths) > _MOST_NAMED else ""
    return ", ".join(escaped(path) for path in paths[:_MOST_NAMED]) + more
