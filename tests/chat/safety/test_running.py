"""What a killed process was in the middle of is cleared up by the next one, and nothing else is."""

import json
import os
import sys
from pathlib import Path

import pytest
from platformdirs import user_state_path
from processes import mark_of_the_dead
from repositories import git, make_repository

from chat.git.index_lock import clear_up as clear_up_git
from chat.git.repository import open_repository
from chat.safety.running import clear_up, temporary_folder, writing_in
from edits import own_mark

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not say which processes run")


def running() -> Path:
    return user_state_path("trigpoint") / "running"


@pytest.fixture
def dead() -> str:
    """The mark of a process that has ended."""
    return mark_of_the_dead()


def test_what_a_killed_write_left_is_removed_from_its_folders(tmp_path: Path, dead: str) -> None:
    """Wherever it was; the files of a write that goes on stay."""
    (tmp_path / "src").mkdir()
    left = tmp_path / "src" / f".trigpoint-{dead}-0123456789abcdef.tmp"
    mine = tmp_path / "src" / f".trigpoint-{own_mark()}-0123456789abcdef.tmp"
    left.write_text("half")
    mine.write_text("half")
    with writing_in([str(tmp_path / "src")]):
        (note,) = running().iterdir()
        note.rename(note.with_name(note.name.replace(own_mark(), dead)))

    clear_up()

    assert (left.exists(), mine.exists()) == (False, True)
    assert list(running().iterdir()) == []


def test_a_note_is_gone_with_the_write(tmp_path: Path) -> None:
    """It names the folders as long as files are being replaced there."""
    with writing_in([str(tmp_path)]):
        (note,) = running().iterdir()
        assert json.loads(note.read_text()) == [str(tmp_path)]
        clear_up()
        assert note.exists()
    assert list(running().iterdir()) == []


def test_temporary_folders_of_killed_processes_are_removed(dead: str) -> None:
    """With what is in them."""
    with temporary_folder() as folder:
        (folder / "index").write_text("x")
        left = folder.with_name(folder.name.replace(own_mark(), dead))
        folder.rename(left)

    clear_up()

    assert not left.exists()


def test_a_state_folder_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write is done without a note, and the temporary folder is elsewhere."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))

    with writing_in([str(tmp_path)]), temporary_folder() as folder:
        assert folder.is_dir()
    clear_up()


def test_the_lock_of_a_killed_session_goes_and_gits_own_stays(tmp_path: Path, dead: str) -> None:
    """The user's git works again at once; a lock that is not ours is somebody else's business."""
    root = make_repository(tmp_path / "work", {"a.txt": "a\n"}, ["one"])
    lock, beside = root / ".git/index.lock", root / f".git/index.trigpoint-{dead}"
    lock.write_text(f"trigpoint {dead}")
    beside.write_text("x")

    open_git = open_repository(root, trusted=False)
    assert open_git is not None
    open_git.clear_up()

    assert (lock.exists(), beside.exists()) == (False, False)
    git(root, "add", "a.txt")
    for content in ("", "DIRC", f"trigpoint {own_mark()}", f"trigpoint {os.getpid()}", "trigpoint ?"):
        lock.write_text(content)
        clear_up_git(root / ".git")
        assert lock.read_text() == content


def test_temporary_files_are_neither_shown_nor_kept_nor_committed(tmp_path: Path) -> None:
    """Those of a write that goes on, or of another machine that has died."""
    from chat.snapshots.git_snapshots import GitSnapshots
    from chat.state.workspace import Workspace
    from edits import DiskTree

    root = make_repository(tmp_path / "work", {"a.txt": "a\n"}, ["one"])
    name = ".trigpoint-01234567-89abcdef-1-1-0123456789abcdef.tmp"
    (root / name).write_text("half")
    repository = open_repository(root, trusted=False)
    assert repository is not None
    store = GitSnapshots(repository, "s", tmp_path / "state")

    assert Workspace(root).paths() == ("a.txt",)
    assert DiskTree(str(root)).paths() == ("a.txt",)
    assert repository.changes() == ()
    assert name not in repository.diff()
    assert store.read(store.take("now"), name) is None
