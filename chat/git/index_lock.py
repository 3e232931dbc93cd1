"""[io] The index of a work tree: locked as git locks it, and copied without losing what it knows.

A commit and the index that belongs to it change together under git's own lock, so that another git
beside us neither sees one without the other nor loses what it stages.
"""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chat.errors import GitError
from repomap import escaped, open_regular

LOCK_WAIT_S = 3.0
_MARK = b"trigpoint "
_LOOK_AGAIN_S = 0.02
_PATIENCE = 10


@contextmanager
def lock_index(git_dir: Path, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
    """Holds the lock that every git takes before it writes the index.

    Raises GitError where another process keeps it for ``wait_s`` seconds, or another session of ours,
    which will be done with it, for ten times as long. A lock that a killed session left is taken over.
    """
    lock = git_dir / "index.lock"
    _acquire(lock, wait_s)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            lock.unlink()


def lock_stays(git_dir: Path, wait_s: float = 1.0) -> str:
    """A sentence about who has held the lock of the index for so long, or "" where it is free."""
    deadline = time.monotonic() + wait_s
    while (who := lock_holder(git_dir)) and time.monotonic() < deadline:
        time.sleep(_LOOK_AGAIN_S)
    return who


def lock_holder(git_dir: Path) -> str:
    """A sentence about who holds the lock of the index, or "" where nobody does."""
    lock = git_dir / "index.lock"
    try:
        age_s = time.time() - lock.stat().st_mtime
        content = _mark_in(lock)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{escaped(str(lock))} cannot be read ({error.strerror})."
    if _abandoned(content):
        return ""
    who = f"process {_pid(content)}, another session," if _pid(content) else "another git process"
    return (
        f"{who} has held {escaped(str(lock))} for {max(age_s, 0):.0f} s. "
        "Wait for it to end; if no git is running, delete that file."
    )


@contextmanager
def index_copy(git_dir: Path) -> Iterator[Path]:
    """A copy of the index, gone afterwards; where there is no index, a free name."""
    with tempfile.TemporaryDirectory(prefix="trigpoint-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "index"
        copy_index(git_dir / "index", copy)
        yield copy


def put_index(git_dir: Path, new: Path) -> None:
    """Makes ``new`` the index of the work tree, or leaves it without where there is no ``new``.

    Only under the lock.
    """
    for leftover in git_dir.glob("index.trigpoint-*"):
        leftover.unlink(missing_ok=True)
    beside = git_dir / f"index.trigpoint-{os.getpid()}"
    if copy_index(new, beside):
        with suppress(OSError):
            shutil.copymode(git_dir / "index", beside)
        beside.replace(git_dir / "index")
    else:
        (git_dir / "index").unlink(missing_ok=True)


def copy_index(source: Path, target: Path) -> bool:
    """Copies an index with its time; whether there was one.

    By the time git knows which entries it must not believe, because their files changed in the
    moment in which the index was written.
    """
    try:
        time_ns = source.stat().st_mtime_ns  # before the copy: an older time makes git look twice, no more
        shutil.copyfile(source, target)
    except FileNotFoundError:
        return False
    os.utime(target, ns=(time_ns, time_ns))
    return True


def _acquire(lock: Path, wait_s: float) -> None:
    started_s = time.monotonic()
    while True:
        try:
            _make(lock)
        except FileExistsError:
            if not _take_over(lock):
                _wait(lock, started_s, wait_s)
            continue
        except OSError as error:
            raise GitError(f"{escaped(str(lock))} cannot be made ({error.strerror}).") from error
        return


def _make(lock: Path) -> None:
    """Makes the lock with its mark in it at once: one without, left by a kill, nobody could take over.

    Raises FileExistsError where there is one.
    """
    mark = _MARK + str(os.getpid()).encode()
    marked = lock.with_name(f"index.trigpoint-{os.getpid()}-{secrets.token_hex(4)}")
    marked.write_bytes(mark)
    try:
        os.link(marked, lock)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # a file system without links
        with os.fdopen(os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "wb") as file:
            file.write(mark)
    finally:
        marked.unlink(missing_ok=True)


def _wait(lock: Path, started_s: float, wait_s: float) -> None:
    waited_s = time.monotonic() - started_s
    if waited_s > wait_s and (waited_s > _PATIENCE * wait_s or not _ours(lock)):
        who = lock_holder(lock.parent)
        if who:
            raise GitError(f"The index is locked, so nothing was changed: {who}")
    time.sleep(_LOOK_AGAIN_S)


def _ours(lock: Path) -> bool:
    """Whether a lock is marked as a session's, or so new that the mark may be still to come."""
    try:
        return time.time() - lock.stat().st_mtime < 1 or _pid(_mark_in(lock)) != 0
    except OSError:
        return True


def _take_over(lock: Path) -> bool:
    """Removes a lock of a process of ours that is no more; by a rename, so that one of two gets it."""
    with suppress(OSError):
        if _abandoned(_mark_in(lock)):
            aside = lock.with_name(f"index.trigpoint-{os.getpid()}-lock")
            lock.rename(aside)
            if not _abandoned(_mark_in(aside)):
                os.link(aside, lock)  # another process was quicker, and this is its lock
            aside.unlink()
            return True
    return False


def _mark_in(lock: Path) -> bytes:
    """What a lock holds, as far as a mark of ours reaches. Raises OSError where there is no regular file."""
    descriptor, _ = open_regular(lock)
    with open(descriptor, "rb") as file:
        return file.read(64)


def _abandoned(content: bytes) -> bool:
    pid = _pid(content)
    return pid != 0 and pid != os.getpid() and not _alive(pid)


def _pid(content: bytes) -> int:
    number = content.removeprefix(_MARK)
    return int(number) if content.startswith(_MARK) and number.isdigit() else 0


def _alive(pid: int) -> bool:
    if os.name == "nt":
        return True  # there is no way to ask that could not end the process
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
