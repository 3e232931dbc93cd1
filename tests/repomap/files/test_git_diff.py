"""git is asked for a diff without reading the work tree, and without what the repository configures."""

import subprocess
from pathlib import Path

import pytest

from repomap.errors import BadRequest, GitFailed
from repomap.files.git import Git
from repomap.files.git_diff import diff_of_index, diff_of_states, is_range, states_of


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=A", "-c", "user.email=a@b.c")
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def diff_of_range(found: Git, text: str) -> str:
    return diff_of_states(found, states_of(found, text), "--relative").decode()


@pytest.fixture
def found(tmp_path: Path) -> Git:
    """A repository of two commits on main, one on a branch that began at the first, and a staged file."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "one.py").write_text("a = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    git(tmp_path, "checkout", "-qb", "side")
    (tmp_path / "side.py").write_text("s = 1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "side")
    git(tmp_path, "checkout", "-q", "main")
    (tmp_path / "one.py").write_text("a = 2\n")
    git(tmp_path, "commit", "-qam", "two")
    (tmp_path / "staged.py").write_text("x = 1\n")
    git(tmp_path, "add", ".")
    found = Git.find(tmp_path)
    assert found is not None
    return found


def test_a_range_is_the_difference_of_two_commits(found: Git) -> None:
    """With three dots, what the second has since it left the first."""
    assert "side.py" in diff_of_range(found, "main..side")
    assert "one.py" in diff_of_range(found, "main..side")
    assert "one.py" not in diff_of_range(found, "main...side")
    assert diff_of_range(found, "main^..") == diff_of_range(found, "main^..HEAD") != ""


def test_what_is_staged_is_compared_with_the_last_commit(found: Git, tmp_path: Path) -> None:
    """Before the first commit, with nothing."""
    assert b"staged.py" in diff_of_index(found)
    assert b"one.py" not in diff_of_index(found)
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    (empty / "new.py").write_text("x = 1\n")
    git(empty, "add", ".")
    unborn = Git.find(empty)
    assert unborn is not None
    assert b"+x = 1" in diff_of_index(unborn)


def test_settings_of_the_repository_do_not_change_the_diff(found: Git, tmp_path: Path) -> None:
    """Nor run a program of its own."""
    before = diff_of_range(found, "main^..main")
    (tmp_path / ".gitattributes").write_text("*.py diff=evil\n")
    for name, value in (
        ("diff.noprefix", "true"),
        ("diff.context", "0"),
        ("color.diff", "always"),
        ("diff.external", "touch planted"),
        ("diff.evil.textconv", "touch planted; cat"),
        ("diff.evil.command", "touch planted"),
    ):
        git(tmp_path, "config", name, value)
    again = Git.find(tmp_path)
    assert again is not None
    assert diff_of_range(again, "main^..main") == before
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize(
    "text", ["main", "..", "--output=x..y", "a..--output=x", "a:b..c", "a b..c", "../x.py"]
)
def test_other_forms_are_no_range(found: Git, text: str) -> None:
    """An option least of all."""
    assert not is_range(text)
    with pytest.raises((BadRequest, GitFailed), match=r"\w\.\.\w"):
        diff_of_range(found, text)


def test_one_commit_is_compared_with_its_parent(found: Git) -> None:
    """The first one with nothing."""
    assert is_range("main^!")
    assert diff_of_range(found, "main^!") == diff_of_range(found, "main^..main")
    assert "+a = 1" in diff_of_range(found, "main^^!")


def test_an_unknown_commit_is_an_error(found: Git, tmp_path: Path) -> None:
    """So are two that have none in common, where the question is what one has since."""
    with pytest.raises(GitFailed, match="nowhere"):
        diff_of_range(found, "main..nowhere")
    git(tmp_path, "checkout", "-q", "--orphan", "other")
    git(tmp_path, "commit", "-qm", "other")
    with pytest.raises(GitFailed, match="two dots"):
        diff_of_range(found, "main...other")
