"""Files that somebody else put there: read if they are regular, never waited for."""

import os
import sys
from pathlib import Path

import pytest

from repomap.safety.regular_file import NotRegular, TooLarge, open_regular, read_if_regular, read_regular

posix = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege, and there are no FIFOs")


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    """One byte more is an error and not a text that is cut."""
    (tmp_path / "file").write_bytes(b"words")

    assert read_regular(tmp_path / "file", 5) == b"words"
    assert read_regular(os.fsencode(tmp_path / "file"), 100) == b"words"
    with pytest.raises(TooLarge):
        read_regular(tmp_path / "file", 4)
    assert read_if_regular(tmp_path / "file", 4) is None


@posix
def test_nothing_else_is_opened(tmp_path: Path) -> None:
    """A FIFO does not block, a device does not end, a link leads elsewhere."""
    (tmp_path / "file").write_bytes(b"words")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("gone")
    (tmp_path / "device").symlink_to("/dev/zero")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "fifo")

    for name in ("link", "dangling", "device", "folder", "fifo"):
        with pytest.raises(NotRegular):
            open_regular(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "missing")
    for name in ("link", "dangling", "device", "folder", "fifo", "missing", "nul\0"):
        assert read_if_regular(tmp_path / name, 100) is None


@posix
def test_a_link_is_followed_where_that_is_asked_for(tmp_path: Path) -> None:
    """The user may keep settings elsewhere; where a link leads has to be a regular file all the same."""
    (tmp_path / "file").write_bytes(b"words")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "device").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "to-fifo").symlink_to("fifo")

    assert read_regular(tmp_path / "link", 5, follow_links=True) == b"words"
    for name in ("device", "to-fifo"):
        with pytest.raises(NotRegular):
            read_regular(tmp_path / name, 5, follow_links=True)


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_file_without_a_size_is_read_to_its_end() -> None:
    """As those of /proc are; a limit holds for them, too."""
    assert read_regular(Path("/proc/self/status"), 100_000).startswith(b"Name:")
    with pytest.raises(TooLarge):
        read_regular(Path("/proc/self/status"), 10)
