"""`trigpoint apply` on a file system that really is full, at every level of how full it is."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from chat.cli.apply import apply

TEXT = "".join(f"line {number:6}\n" for number in range(34_000))  # about 400 KB
MADE = "".join(f"made {number:6}\n" for number in range(17_000))  # about 200 KB
REPLY = (
    f"a.txt\n<<<<<<< SEARCH\n{TEXT[:12]}=======\nchanged\n>>>>>>> REPLACE\n\n"
    f"new/b.txt\n<<<<<<< SEARCH\n=======\n{MADE}>>>>>>> REPLACE\n"
)
LEVELS = 50
STEP = 16 * 1024


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB; taken away again whatever happens."""
    if sys.platform != "linux":
        pytest.skip("mounts a tmpfs, which Linux has")
    folder = tmp_path / "small"
    folder.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except OSError as error:
        pytest.skip(f"mount cannot be run: {error.strerror}")
    if done.returncode:
        pytest.skip(f"mounting is not permitted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path: Path, free: int) -> None:
    """Take all room there is but so many bytes."""
    with path.open("wb", buffering=0) as handle:
        with contextlib.suppress(OSError):
            while handle.write(b"x" * 4096):
                pass
        handle.truncate(max(0, handle.tell() - free))


def files(root: Path) -> dict[str, str]:
    found = [path for path in root.rglob("*") if path.is_file() and path.name != "filler"]
    return {path.relative_to(root).as_posix(): path.read_text() for path in found}


@pytest.mark.slow
def test_a_full_disk_leaves_all_or_nothing_at_every_fill_level(small: Path) -> None:
    """A clear message and exit code 1, the old text whole, no empty file and no temporary one."""
    codes = []
    for level in range(LEVELS):
        (small / "a.txt").write_text(TEXT)
        fill(small / "filler", level * STEP)
        result = CliRunner().invoke(apply, ["--root", str(small), "a.txt"], input=REPLY)
        codes.append(result.exit_code)
        if result.exit_code:
            assert "No space left on device" in result.stderr
            assert files(small) == {"a.txt": TEXT}, level
            assert not (small / "new").exists()
        else:
            assert files(small) == {"a.txt": "changed\n" + TEXT[12:], "new/b.txt": MADE}
            (small / "new" / "b.txt").unlink()
            (small / "new").rmdir()
        (small / "filler").unlink()
    assert codes == sorted(codes, reverse=True)
    assert set(codes) == {0, 1}
