"""A folder that is swapped for a link while a plan is written: nothing is written where the link leads."""

import os
from pathlib import Path

import pytest

from edits import FileChange, WriteFailed, write_changes
from edits.disk import folders, write
from edits.disk.folders import HeldFolders

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need a right there")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "sub" / "deep").mkdir(parents=True)
    (tmp_path / "outside" / "deep").mkdir(parents=True)
    for place in ("root/sub/deep/a.txt", "outside/deep/a.txt"):
        (tmp_path / place).write_bytes(b"old\n")
    return tmp_path / "root"


def swap(root: Path) -> None:
    """Put a link in the place of a folder; the folder itself is renamed."""
    if not (root / "sub").is_symlink():
        (root / "sub").rename(root / "moved")
        (root / "sub").symlink_to("../outside")


CHANGES = {
    "a new text": FileChange("sub/deep/a.txt", b"old\n", b"new\n"),
    "a new file": FileChange("sub/deep/b.txt", None, b"new\n"),
    "a new folder": FileChange("sub/deep/c/b.txt", None, b"new\n"),
    "a deletion": FileChange("sub/deep/a.txt", b"old\n", None),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("where", ["before the folder is opened", "once it is", "while files are swapped"])
def test_what_a_link_leads_to_is_left_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch, change: str, where: str
) -> None:
    """At whatever moment the link appears: the write fails, or reaches the folder that was meant."""
    if where == "while files are swapped" and not folders._can_hold():
        pytest.skip("this moment remains where open folders have no names")
    owner, name = {
        "before the folder is opened": (HeldFolders, "hold"),
        "once it is": (write, "remove_leftovers_in"),
        "while files are swapped": (write, "_commit"),
    }[where]
    real = getattr(owner, name)

    def late(*arguments: object) -> object:
        swap(root)
        return real(*arguments)

    monkeypatch.setattr(owner, name, late)
    before = {path: path.read_bytes() for path in root.parent.glob("outside/**/*") if path.is_file()}

    try:
        write_changes([CHANGES[change]], str(root))
    except WriteFailed:
        assert (root / "moved/deep/a.txt").read_bytes() == b"old\n"
        assert os.listdir(root / "moved/deep") == ["a.txt"]

    after = {path: path.read_bytes() for path in root.parent.glob("outside/**/*") if path.is_file()}
    assert after == before


def test_without_names_of_open_folders_the_path_is_compared(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link that is there when the folder is used ends the write."""
    monkeypatch.setattr(folders, "_can_hold", lambda: False)
    write_changes([CHANGES["a new folder"]], str(root))
    assert (root / "sub/deep/c/b.txt").read_bytes() == b"new\n"
    swap(root)

    with HeldFolders(str(root)) as held, pytest.raises(OSError, match="has become a link"):
        held.hold(str(root / "sub" / "deep"), [])


def test_no_folder_stays_open(root: Path) -> None:
    """However many there were."""
    if not folders._can_hold():
        pytest.skip("nothing is opened here")
    before = len(os.listdir("/proc/self/fd"))
    many = [FileChange(f"many/{number}/x.txt", None, b"x") for number in range(folders._MOST + 20)]
    write_changes([*CHANGES.values()][:3] + many, str(root))
    assert len(os.listdir("/proc/self/fd")) == before
    assert (root / f"many/{folders._MOST + 19}/x.txt").read_bytes() == b"x"
