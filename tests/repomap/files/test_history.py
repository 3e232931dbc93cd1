"""The last commits are read as subjects and paths, whatever the repository does."""

import os
import subprocess
from pathlib import Path

import pytest

from repomap.files.git import Git
from repomap.files.history import Commit, read_history
from repomap.files.listing import list_files

DAY = 86_400
NOW = 1_700_000_000


def git(folder: Path, *args: str, at: int = NOW, given: bytes | None = None) -> str:
    dates = {"GIT_COMMITTER_DATE": f"{at} +0200", "GIT_AUTHOR_DATE": "1000000000 +0000"}
    identity = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "protocol.file.allow=always")
    done = subprocess.run(
        ["git", *identity, *args],
        cwd=folder,
        env=os.environ | dates,
        input=given,
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def commit(root: Path, subject: str, *paths: str, at: int = NOW) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        with (root / path).open("a") as file:
            file.write(subject + "\n")
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "--allow-empty-message", "-m", subject, at=at)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def history_of(root: Path, **options: int) -> tuple[Commit, ...]:
    repository = Git.find(root)
    assert repository is not None
    return read_history(repository, **options)


def test_commits_come_newest_first_with_subject_and_paths(root: Path) -> None:
    """The committer's date counts: it is when the change entered this branch."""
    commit(root, "first: add a", "a.py", at=NOW - DAY)
    commit(root, "then: use it", "a.py", "pkg/b.py", at=NOW)

    assert history_of(root) == (
        Commit("then: use it", ("a.py", "pkg/b.py")),
        Commit("first: add a", ("a.py",)),
    )


def test_paths_below_a_subfolder_are_relative_to_it(root: Path) -> None:
    """They match the listing of the same root; commits elsewhere are irrelevant."""
    commit(root, "both", "top.py", "sub/a.py")
    commit(root, "elsewhere", "top.py")

    history = history_of(root / "sub")

    assert [(commit.subject, commit.paths) for commit in history] == [("both", ("a.py",))]


def test_merges_are_left_out(root: Path) -> None:
    """A merge repeats its commits."""
    commit(root, "base", "a.py", at=NOW - 3 * DAY)
    git(root, "checkout", "-q", "-b", "side")
    commit(root, "side", "b.py", at=NOW - 2 * DAY)
    git(root, "checkout", "-q", "main")
    commit(root, "main", "c.py", at=NOW - DAY)
    git(root, "merge", "-q", "--no-ff", "-m", "merge", "side", at=NOW)

    assert [commit.subject for commit in history_of(root)] == ["main", "side", "base"]


def test_the_number_of_commits_is_bounded(root: Path) -> None:
    """A repository of a million commits must not cost more than one of thousands."""
    for number in range(5):
        commit(root, f"change {number}", "a.py")

    assert [commit.subject for commit in history_of(root, max_commits=2)] == ["change 4", "change 3"]


def test_empty_and_huge_commits_are_left_out(root: Path) -> None:
    """One says nothing about any file, the other nothing about particular files."""
    commit(root, "import", *(f"f{i}.py" for i in range(301)))
    commit(root, "empty")
    commit(root, "", "a.py")

    assert [(commit.subject, commit.paths) for commit in history_of(root)] == [("", ("a.py",))]


@pytest.mark.skipif(os.name != "posix", reason="such names are not allowed")
def test_odd_names_and_subjects_are_read_as_they_are(root: Path) -> None:
    """A listing spells them the same way."""
    names = [b"\nnewline\n.py", b'"quoted".py', b"-dash.py", b"\xff.py", b"1700000000", "é.py".encode(), b" "]
    for name in names:
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).touch()
    git(root, "add", "-A")
    git(root, "commit", "-q", "-F", "-", given=b"odd \x01 subject\n\nbody\n")

    (only,) = history_of(root)

    assert sorted(only.paths) == list_files(root).paths
    assert only.subject == "odd \x01 subject"


def test_the_users_settings_do_not_change_what_is_read(root: Path, tmp_path: Path) -> None:
    """Two people with one commit get one map."""
    commit(root, "first", "z.py", "a.py", "pkg/b.py")
    git(root, "mv", "a.py", "moved.py")
    git(root, "commit", "-qm", "rename")
    plain = history_of(root)
    (tmp_path / "order").write_text("z.py\n")
    for setting in (
        "log.showRoot=false",
        "log.date=relative",
        "log.decorate=full",
        "log.follow=true",
        "diff.renames=copies",
        "diff.noprefix=true",
        "diff.relative=false",
        f"diff.orderFile={tmp_path / 'order'}",
        "core.quotePath=true",
        "i18n.logOutputEncoding=latin1",
        "color.ui=always",
        "format.pretty=fuller",
    ):
        git(root, "config", *setting.split("=", 1))

    assert history_of(root) == plain
    assert plain[0].paths == ("a.py", "moved.py")


def test_without_commits_there_is_no_history(root: Path) -> None:
    """An unborn branch is not an error."""
    assert history_of(root) == ()


def test_a_shallow_clone_has_a_short_history(root: Path, tmp_path: Path) -> None:
    """Only the commits that are there are read; none is fetched."""
    for number in range(4):
        commit(root, f"change {number}", "a.py", f"b{number}.py")
    git(tmp_path, "clone", "-q", "--depth=2", root.as_uri(), "clone")

    assert [commit.subject for commit in history_of(tmp_path / "clone")] == ["change 3", "change 2"]


def test_a_clone_without_blobs_has_its_whole_history(root: Path, tmp_path: Path) -> None:
    """Names are in the trees, so that no content is needed, not even for renamed files."""
    git(root, "config", "uploadpack.allowFilter", "true")
    commit(root, "first", "a.py")
    git(root, "mv", "a.py", "b.py")
    commit(root, "second", "b.py")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", root.as_uri(), "clone")

    assert [commit.subject for commit in history_of(tmp_path / "clone")] == ["second", "first"]


def test_a_clone_without_trees_has_none(root: Path, tmp_path: Path) -> None:
    """Better a map without history than no map, or one that waits for the network."""
    git(root, "config", "uploadpack.allowFilter", "true")
    commit(root, "first", "a.py")
    commit(root, "second", "pkg/b.py")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=tree:0", root.as_uri(), "clone")

    assert history_of(tmp_path / "clone") == ()
