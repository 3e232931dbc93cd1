"""A job's branch comes into the user's, or there are reasons why not, and nothing has changed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from job_cases import ended, looks, made, tree_of, view_of, worked
from repositories import commit, git, write_files

from chat.errors import GitError
from chat.jobs.merging import Way, merge
from chat.jobs.record import Merged
from chat.jobs.store import JobFolder


def merged(folder: JobFolder, root: Path, way: Way = "") -> Merged:
    return merge(view_of(folder), root, way)


def test_a_branch_that_is_behind_is_forwarded(shop: Path) -> None:
    """What the user has changed elsewhere, staged or not, stays as it is."""
    folder = worked(shop, {"new.py": "x = 1\n", "README.md": "# New\n"})
    write_files(shop, {"shop/cart.py": "mine = 1\n", "mine.txt": "x\n"})
    git(shop, "add", "mine.txt")
    before = git(shop, "status", "--porcelain")

    assert merged(folder, shop).way == "ff"

    assert git(shop, "status", "--porcelain") == before
    assert (shop / "new.py").read_text() == "x = 1\n"
    assert git(shop, "rev-parse", "HEAD") == git(tree_of(folder), "rev-parse", "HEAD")
    with pytest.raises(GitError, match="merged already"):
        merged(folder, shop)


@pytest.mark.parametrize(
    ("way", "parents", "subject"),
    [("", 2, "Merge branch 'trigpoint/"), ("no-ff", 2, "Merge branch 'trigpoint/"), ("squash", 1, "Work")],
)
def test_branches_that_went_apart_are_merged(shop: Path, way: Way, parents: int, subject: str) -> None:
    """As a merge or as one commit; the files of both are there."""
    folder = worked(shop, {"new.py": "x = 1\n"})
    write_files(shop, {"mine.py": "y = 1\n"})
    commit(shop, "Mine")

    merged(folder, shop, way)

    assert len(git(shop, "log", "-1", "--format=%P").split()) == parents
    assert git(shop, "log", "-1", "--format=%s").startswith(subject)
    assert (shop / "new.py").exists()
    assert (shop / "mine.py").exists()
    assert git(shop, "status", "--porcelain") == ""


def test_a_squash_names_the_task_and_each_commit(shop: Path) -> None:
    """Where there is more than one."""
    folder = worked(shop, {"a.py": "1\n"})
    write_files(tree_of(folder), {"b.py": "2\n"})
    commit(tree_of(folder), "More")
    merged(folder, shop, "squash")
    assert git(shop, "log", "-1", "--format=%B") == "Do it\n\n* Work\n* More"


def conflicting(shop: Path) -> JobFolder:
    folder = worked(shop, {"README.md": "# Theirs\n"})
    write_files(shop, {"README.md": "# Mine\n"})
    commit(shop, "Mine")
    return folder


def behind(shop: Path) -> JobFolder:
    folder = worked(shop, {"new.py": "1\n"})
    commit(shop, "Mine")
    return folder


def in_the_way(path: str, ignored: bool = False) -> Callable[[Path], JobFolder]:
    def prepare(shop: Path) -> JobFolder:
        if ignored:
            write_files(shop, {".git/info/exclude": "new.py\n"})
        folder = worked(shop, {"README.md": "# Theirs\n"})
        write_files(tree_of(folder), {"new.py": "1\n"})
        git(tree_of(folder), "add", "-f", "new.py")
        git(tree_of(folder), "commit", "-qm", "More")
        write_files(shop, {path: "mine\n"})
        return folder

    return prepare


def left_open(shop: Path) -> JobFolder:
    folder = worked(shop, {"a.py": "1\n"})
    write_files(tree_of(folder), {"b.py": "2\n"})
    return folder


def detached(shop: Path) -> JobFolder:
    folder = worked(shop, {"a.py": "1\n"})
    git(shop, "checkout", "-q", "--detach")
    return folder


def mid_merge(shop: Path) -> JobFolder:
    folder = worked(shop, {"a.py": "1\n"})
    write_files(shop, {".git/MERGE_HEAD": git(shop, "rev-parse", "HEAD") + "\n"})
    return folder


REFUSED: dict[str, tuple[Callable[[Path], JobFolder], Way, str]] = {
    "not committed": (left_open, "", r"holds what is not committed \(b\.py\)"),
    "conflict": (conflicting, "", r"conflicts with main in README\.md"),
    "no fast-forward": (behind, "ff-only", "cannot be fast-forwarded"),
    "a changed file": (in_the_way("README.md"), "", r"changes in the same files \(README\.md\)"),
    "an untracked file": (in_the_way("new.py"), "squash", r"changes in the same files \(new\.py\)"),
    "an ignored file": (in_the_way("new.py", ignored=True), "", r"changes in the same files \(new\.py\)"),
    "no branch": (detached, "", "HEAD is on no branch"),
    "a merge": (mid_merge, "", "A merge is in progress"),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_merge_is_refused_with_its_reason(shop: Path, reason: str) -> None:
    """Neither branch nor index nor files have changed then."""
    prepare, way, message = REFUSED[reason]
    folder = prepare(shop)
    before = looks(shop), git(shop, "diff", "HEAD")
    with pytest.raises(GitError, match=message):
        merged(folder, shop, way)
    assert (looks(shop), git(shop, "diff", "HEAD")) == before


def test_a_job_that_is_not_through_is_not_merged(shop: Path) -> None:
    """Nor one that failed, or has made no commit."""
    folder = made(shop)
    with pytest.raises(GitError, match="it has not begun yet"):
        merged(folder, shop)
    for code, reason in ((0, "it has made no commit"), (143, "it was stopped"), (1, "it failed: No answer")):
        ended(folder, code, "No answer.")
        with pytest.raises(GitError, match=reason):
            merged(folder, shop)


def test_every_reason_is_named(shop: Path) -> None:
    """Not only the first."""
    folder = left_open(shop)
    git(shop, "checkout", "-q", "--detach")
    with pytest.raises(GitError, match=r"not committed.*no branch"):
        merged(folder, shop)


def test_another_repository_takes_no_branch(shop: Path, tmp_path: Path) -> None:
    """Not even a clone."""
    folder = worked(shop, {"a.py": "1\n"})
    git(tmp_path, "clone", "-q", str(shop), "clone")
    with pytest.raises(GitError, match="this is another one"):
        merged(folder, tmp_path / "clone")
