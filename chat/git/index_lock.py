"""Locks the index of a work tree as git locks it, and copies it without losing what it knows.

A commit and the index that belongs to it change together under git's own lock, so that another git
at work neither sees one without the other nor loses what it stages. Touches the git folder.
"""

import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chat.errors import GitError
from chat.safety.running import temporary_folder
from repomap import escaped, open_regular

LOCK_WAIT_S = 3.0
_POLL_S = 0.02
_PATIENCE = 10
"""A lock of another session is waited for this many times as long as another program's."""
_FRESH_S = 1.0
"""A lock younger than this may have its mark still to come."""
_MARK = b"trigpoint "
_MARK_BYTES = 100
_MARKED = re.compile(rb"trigpoint ([0-9a-f-]+)\n?\Z")
_LEFT = re.compile(r"index\.trigpoint-([0-9a-f-]+?)(\.\w+)?\Z")
"""Names of files on their way to the index or its lock."""


@contextmanager
def lock_index(git_dir: Path, wait_s: float = LOCK_WAIT_S) -> Iterator[None]:
    """Hold the lock that every git takes before it writes the index.

    Raises GitError where another process keeps it for ``wait_s`` seconds, or another session, which
    is sure to end soon, for ten times as long. A lock that a killed session left is taken over.
    """
    lock = git_dir / "index.lock"
    _acquire(lock, wait_s)
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            lock.unlink()


def lock_stays(git_dir: Path, wait_s: float = 1.0) -> str:
    """Return a sentence about who has held the index's lock for ``wait_s``, or "" where it is free."""
    deadline = time.monotonic() + wait_s
    while (holder := lock_holder(git_dir)) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    return holder


def lock_holder(git_dir: Path) -> str:
    """Return a sentence about who holds the index's lock, or "" where nobody does."""
    lock = git_dir / "index.lock"
    try:
        age_s = time.time() - lock.stat().st_mtime
        mark = _read_mark(lock)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{escaped(str(lock))} cannot be read ({error.strerror})."
    if _is_abandoned(mark):
        return ""
    pid = _pid_in(mark)
    holder = f"process {pid}, another session," if pid else "another git process"
    return (
        f"{holder} has held {escaped(str(lock))} for {max(age_s, 0):.0f} s. "
        "Wait for it to end; if no git is running, delete that file."
    )


@contextmanager
def index_copy(git_dir: Path) -> Iterator[Path]:
    """Give a copy of the index that is gone afterwards; where there is no index, a free name."""
    with temporary_folder() as folder:
        copy = folder / "index"
        copy_index(git_dir / "index", copy)
        yield copy


def put_index(git_dir: Path, new: Path) -> None:
    """Make ``new`` the index of the work tree, or leave it without one where there is no ``new``.

    Only under the lock.
    """
    from edits import own_mark

    temporary = git_dir / f"index.trigpoint-{own_mark()}"
    # no `whole_file`: the copy keeps the index's own times and mode
    if copy_index(new, temporary):
        with suppress(OSError):
            shutil.copymode(git_dir / "index", temporary)
        temporary.replace(git_dir / "index")
    else:
        (git_dir / "index").unlink(missing_ok=True)


def copy_index(source: Path, target: Path) -> bool:
    """Copy an index with its time; return whether there was one.

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


def clear_up(git_dir: Path) -> None:
    """Remove the index's lock, and files beside it, that a killed session has left; nobody else's."""
    _take_over(git_dir / "index.lock")
    with suppress(OSError):
        for name in os.listdir(git_dir):
            match = _LEFT.match(name)
            if match and _has_ended(match[1]):
                (git_dir / name).unlink(missing_ok=True)


def _acquire(lock: Path, wait_s: float) -> None:
    started_s = time.monotonic()
    while True:
        try:
            _create(lock)
        except FileExistsError:
            if not _take_over(lock):
                _wait(lock, started_s, wait_s)
            continue
        except OSError as error:
            raise GitError(f"{escaped(str(lock))} cannot be created ({error.strerror}).") from error
        return


def _create(lock: Path) -> None:
    """Create the lock with its mark in it at once: one without a mark, left by a kill, would stay.

    Raises FileExistsError where there is one.
    """
    from edits import own_mark  # here, since the first prompt does not need `edits`

    mark = _MARK + own_mark().encode()
    marked = lock.with_name(f"index.trigpoint-{own_mark()}.{secrets.token_hex(4)}")
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
    if waited_s > wait_s and (waited_s > _PATIENCE * wait_s or not _is_sessions(lock)):
        holder = lock_holder(lock.parent)
        if holder:
            raise GitError(f"The index is locked, so nothing was changed: {holder}")
    time.sleep(_POLL_S)


def _is_sessions(lock: Path) -> bool:
    """Whether a lock is marked as a session's, or so new that the mark may be still to come."""
    try:
        return time.time() - lock.stat().st_mtime < _FRESH_S or _name_in(_read_mark(lock)) != ""
    except OSError:
        return True


def _take_over(lock: Path) -> bool:
    """Remove the lock of a session that has died; by a rename, so that one of two processes gets it."""
    with suppress(OSError):
        if _is_abandoned(_read_mark(lock)):
            from edits import own_mark

            aside = lock.with_name(f"index.trigpoint-{own_mark()}.lock")
            lock.rename(aside)
            if not _is_abandoned(_read_mark(aside)):
                os.link(aside, lock)  # another process was quicker, and this is its lock
            aside.unlink()
            return True
    return False


def _read_mark(lock: Path) -> bytes:
    """Return the beginning of a lock, which in git's own is an index. Raises OSError."""
    descriptor, _ = open_regular(lock)
    with open(descriptor, "rb") as file:
        return file.read(_MARK_BYTES)


def _is_abandoned(mark: bytes) -> bool:
    name = _name_in(mark)
    return bool(name) and _has_ended(name)


def _has_ended(mark: str) -> bool:
    from edits import is_gone  # late, since there is rarely a mark

    return is_gone(mark)


def _name_in(mark: bytes) -> str:
    """Return the process that a session's mark names, "" for anything else."""
    match = _MARKED.match(mark)
    return match[1].decode() if match else ""


def _pid_in(mark: bytes) -> str:
    from edits import pid_of

    return pid_of(_name_in(mark))
