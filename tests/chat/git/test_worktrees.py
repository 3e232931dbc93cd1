"""Work trees beside the user's own: they are made at a commit, seen through, and never left behind."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from work_trees import git, make, write

from chat.errors import GitError
from chat.git import worktrees
from chat.git.repository import GitRepository, open_repository
from chat.git.worktrees import add_worktree, at_head, changed_in, passing_worktree, remove_worktree
from chat.safety.running import clear_up


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make(tmp_path / "work")


def opened(root: Path) -> GitRepository:
    repository = open_repository(root, trusted=False)
    assert repository is not None
    return repository


def test_a_work_tree_is_of_head_and_gone_after_its_block(root: Path) -> None:
    """It holds what HEAD holds, whatever the user has changed since, and what is done there touches nothing else."""
    write(root, "a.txt", "changed by the user\n")
    before = git(root, "status", "--porcelain")

    with passing_worktree(opened(root).work_tree) as other:
        assert (other.folder / "a.txt").read_text() == git(root, "show", "HEAD:a.txt") + "\n"
        write(other.folder, "a.txt", "changed there\n")
        write(other.folder, "new/ü.txt", "new\n")
        assert changed_in(other) == ("a.txt", "new/ü.txt")
        assert changed_in(other, "new/") == ("ü.txt",)
        assert at_head(other, "a.txt") == git(root, "show", "HEAD:a.txt").encode() + b"\n"
        assert at_head(other, "new/ü.txt") is None

    assert not other.folder.exists()
    assert git(root, "worktree", "list").count("\n") == 0
    assert git(root, "status", "--porcelain") == before


def test_a_work_tree_may_have_a_branch_of_its_own(root: Path, tmp_path: Path) -> None:
    """The branch stays when the work tree is removed; removing it again is no error."""
    repository, path = opened(root), tmp_path / "elsewhere" / "tree"

    other = add_worktree(repository.work_tree.git, path, "HEAD", "topic/one")

    assert other.line("symbolic-ref", "--short", "HEAD") == "topic/one"
    remove_worktree(repository.work_tree.git, path)
    remove_worktree(repository.work_tree.git, path)
    assert not path.exists()
    assert git(root, "rev-parse", "topic/one") == git(root, "rev-parse", "HEAD")


def test_a_folder_that_is_there_is_not_taken(root: Path, tmp_path: Path) -> None:
    """A path that is not free is refused, and what is in it stays."""
    (tmp_path / "mine").mkdir()
    write(tmp_path, "mine/kept.txt", "kept\n")

    with pytest.raises(GitError, match="there already"):
        add_worktree(opened(root).work_tree.git, tmp_path / "mine", "HEAD")

    assert (tmp_path / "mine" / "kept.txt").read_text() == "kept\n"


def test_a_commit_that_is_not_there_leaves_nothing(root: Path, tmp_path: Path) -> None:
    """Where no work tree can be made, neither a folder nor a note of git's is left."""
    with pytest.raises(GitError):
        add_worktree(opened(root).work_tree.git, tmp_path / "tree", "0" * 40)

    assert not (tmp_path / "tree").exists()
    assert git(root, "worktree", "list").count("\n") == 0


_KILLED = """
import os, signal, sys
from chat.git.repository import open_repository
from chat.git.worktrees import passing_worktree
repository = open_repository(__import__("pathlib").Path(sys.argv[1]), trusted=False)
with passing_worktree(repository.work_tree) as other:
    print(other.folder, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX does")
def test_what_a_killed_process_left_is_removed_at_the_next_start(root: Path, tmp_path: Path) -> None:
    """Its folder and git's note of it are gone; a work tree of the user's stays, also one that is not there now."""
    git(root, "worktree", "add", "-q", str(tmp_path / "users"))
    git(root, "worktree", "add", "-q", str(tmp_path / "away"))
    (tmp_path / "away").rename(tmp_path / "unplugged")
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, str(root)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    left = Path(done.stdout.strip())
    assert left.is_dir()
    assert str(left) in git(root, "worktree", "list")

    clear_up()
    opened(root).clear_up()

    assert not left.exists()
    listed = git(root, "worktree", "list")
    assert str(left) not in listed
    assert str(tmp_path / "users") in listed
    assert str(tmp_path / "away") in listed


def test_another_one_that_is_just_being_made_is_waited_for(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git reads the notes of all work trees, and fails at one that another process has not written whole."""
    half = half_made(root)
    monkeypatch.setattr(worktrees, "sleep", lambda _: shutil.rmtree(half, ignore_errors=True))
    repository = opened(root)
    assert repository.work_tree.git.answer("worktree", "list", accept=(0, 128)).code == 128

    other = add_worktree(repository.work_tree.git, tmp_path / "tree", "HEAD", "topic/one")

    assert other.line("symbolic-ref", "--short", "HEAD") == "topic/one"


def test_one_that_stays_half_made_is_an_error(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nothing was made, and git says which it is."""
    half_made(root)
    monkeypatch.setattr(worktrees, "sleep", lambda _: None)

    with pytest.raises(GitError, match="worktrees/half"):
        add_worktree(opened(root).work_tree.git, tmp_path / "tree", "HEAD")

    assert not (tmp_path / "tree").exists()


def half_made(root: Path) -> Path:
    """The notes of a work tree as they are for a moment, while git makes it."""
    notes = root / ".git" / "worktrees" / "half"
    notes.mkdir(parents=True)
    (notes / "gitdir").write_text(f"{root.parent / 'half' / '.git'}\n")
    (notes / "HEAD").write_text(f"{git(root, 'rev-parse', 'HEAD')}\n")
    (notes / "commondir").write_bytes(b"")
    return notes
