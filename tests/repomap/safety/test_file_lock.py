"""Locks between processes that need no cleaning up."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from repomap.safety.file_lock import try_lock

HOLDER = """
import os, sys
from repomap.safety.file_lock import try_lock
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
print(try_lock(file), flush=True)
sys.stdin.read()
"""


def holder(path: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_one_process_has_a_lock_until_it_ends(tmp_path: Path) -> None:
    """Also one that is killed; the file's content stays readable and as it was."""
    (tmp_path / "file").write_text("content")
    file = os.open(tmp_path / "file", os.O_RDWR)
    with holder(tmp_path / "file") as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "True\n"
        assert not try_lock(file)
        assert (tmp_path / "file").read_text() == "content"
        first.kill()

    assert try_lock(file)
    os.close(file)


def test_a_closed_file_is_free(tmp_path: Path) -> None:
    """Within one process, too: two chats of it do not write to one session."""
    first, second = (os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT) for _ in range(2))

    assert try_lock(first)
    assert not try_lock(second)
    os.close(first)
    assert try_lock(second)
    os.close(second)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no flock")
@pytest.mark.parametrize(
    ("code", "locked"),
    [(errno.EACCES, False), (errno.EAGAIN, False), (errno.ENOLCK, True), (errno.ENOSYS, True)],
)
def test_a_file_system_without_locks_stops_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, locked: bool
) -> None:
    """Some say EACCES for a file that another process has locked; other errors mean that there are no locks."""

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("fcntl.flock", refuse)
    file = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)

    assert try_lock(file) == locked
    os.close(file)
