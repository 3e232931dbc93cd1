"""Files that are written at once or not at all."""

import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from repomap.safety.whole_file import whole_file, write_whole


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    """Readable by its owner alone unless told otherwise; folders are made."""
    target = tmp_path / "folder" / "file"
    write_whole(target, b"old")
    write_whole(target, b"new", sync=True)

    assert target.read_bytes() == b"new"
    assert [path.name for path in target.parent.iterdir()] == ["file"]
    if os.name == "posix":
        assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_until_the_end_the_old_file_is_there(tmp_path: Path) -> None:
    """Whoever reads meanwhile sees it whole."""
    write_whole(tmp_path / "file", b"old")

    with whole_file(tmp_path / "file") as file:
        file.write(b"new")
        file.flush()
        assert (tmp_path / "file").read_bytes() == b"old"

    assert (tmp_path / "file").read_bytes() == b"new"


@pytest.mark.parametrize("error", [OSError("full"), KeyboardInterrupt()])
def test_what_fails_changes_nothing(tmp_path: Path, error: BaseException) -> None:
    """And leaves nothing beside the file."""
    write_whole(tmp_path / "file", b"old")

    with suppress(type(error)), whole_file(tmp_path / "file") as file:
        file.write(b"half")
        raise error

    assert (tmp_path / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_rename_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows, for instance, where another process has the file open."""
    write_whole(tmp_path / "file", b"old")

    def refuse(*_: object) -> None:
        raise PermissionError("in use")

    with monkeypatch.context() as patch:
        patch.setattr("os.replace", refuse)
        with pytest.raises(PermissionError):
            write_whole(tmp_path / "file", b"new")

    assert (tmp_path / "file").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_long_name_has_room_beside_it(tmp_path: Path) -> None:
    """Names have 255 bytes at most, the temporary one included."""
    write_whole(tmp_path / ("n" * 255), b"new")

    assert [path.name for path in tmp_path.iterdir()] == ["n" * 255]
