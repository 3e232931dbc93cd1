"""Commits of just the given paths, in every state a repository can be in, on real git."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from work_trees import conflict, executable, git, looks, make, staged, write

from chat.errors import GitError, HookFailed
from chat.git.index_lock import lock_index
from chat.git.repository import GitRepository, open_repository
from chat.snapshots.git_snapshots import GitSnapshots
from repomap.files import git_runner
from repomap.files.git_runner import GitOutput

posix = pytest.mark.skipif(sys.platform == "win32", reason="scripts and names that Windows has not")


def opened(root: Path, *, trusted: bool = False, verify: bool = True) -> GitRepository:
    repository = open_repository(root, trusted=trusted, verify=verify)
    assert repository is not None
    return repository


@pytest.fixture(params=[False, True], ids=["untrusted", "trusted"])
def trusted(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make(tmp_path / "work")


# What a commit holds, and what it leaves alone


def test_a_commit_holds_the_paths_and_nothing_else(root: Path, trusted: bool) -> None:
    """What the user has staged, and changed, in other files is neither committed nor lost."""
    write(root, "a.txt", "two\n")
    write(root, "b.txt", "staged\n")
    git(root, "add", "b.txt")
    write(root, "b.txt", "changed after\n")
    write(root, "new.txt", "staged\n")
    git(root, "add", "new.txt")
    entries = dict(row.split("\t")[::-1] for row in git(root, "ls-files", "-s").splitlines())

    done = opened(root, trusted=trusted).commit(("a.txt",), "Say two\n\nAnd why.")

    assert done is not None
    assert (done.subject, done.paths) == ("Say two", ("a.txt",))
    assert git(root, "show", "--name-only", "--format=%H%n%B", "HEAD").split("\n", 1)[0] == done.id
    assert git(root, "status", "--porcelain") == "MM b.txt\nA  new.txt"
    after = dict(row.split("\t")[::-1] for row in git(root, "ls-files", "-s").splitlines())
    assert {path for path in after if after[path] != entries.get(path)} == {"a.txt"}


def test_new_deleted_and_renamed_files_are_committed(root: Path, trusted: bool) -> None:
    """A rename is a deletion and a new file."""
    write(root, "folder/new.txt", "new\n")
    (root / "a.txt").rename(root / "renamed.txt")

    done = opened(root, trusted=trusted).commit(("folder/new.txt", "a.txt", "renamed.txt"), "Move")

    assert done is not None
    assert done.paths == ("a.txt", "folder/new.txt", "renamed.txt")
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "ls-tree", "-r", "--name-only", "HEAD").split() == [
        "b.txt",
        "folder/new.txt",
        "renamed.txt",
    ]


def test_a_file_that_takes_the_place_of_a_folder_is_committed(root: Path, trusted: bool) -> None:
    """And a folder that takes the place of a file."""
    repository = opened(root, trusted=trusted)
    (root / "a.txt").unlink()
    write(root, "a.txt/inner", "in\n")
    assert repository.commit(("a.txt", "a.txt/inner"), "To a folder") is not None
    (root / "a.txt" / "inner").unlink()
    (root / "a.txt").rmdir()
    write(root, "a.txt", "file again\n")

    assert repository.commit(("a.txt", "a.txt/inner"), "And back") is not None

    assert git(root, "status", "--porcelain") == ""


def test_nothing_to_commit_is_no_commit(root: Path, trusted: bool) -> None:
    """None tells it; the branch stays."""
    before = looks(root)

    assert opened(root, trusted=trusted).commit(("a.txt", "never-there.txt"), "Nothing") is None

    assert looks(root) == before


def test_ignored_files_are_not_committed(root: Path, trusted: bool) -> None:
    """What the user told git to leave out may be a secret."""
    write(root, ".gitignore", "*.env\n")
    write(root, "my.env", "KEY=1\n")

    done = opened(root, trusted=trusted).commit(("my.env", ".gitignore"), "Add")

    assert done is not None
    assert done.paths == (".gitignore",)


def test_paths_are_relative_to_the_root(root: Path, trusted: bool) -> None:
    """The root may be a folder of the work tree."""
    write(root, "sub/c.txt", "one\n")
    write(root, "a.txt", "two\n")
    repository = opened(root / "sub", trusted=trusted)

    assert repository.changes() == ("c.txt",)
    assert repository.dirty(("c.txt", "a.txt")) == ("c.txt",)
    assert "b/c.txt" in repository.diff()
    assert "a.txt" not in repository.diff()
    done = repository.commit(("c.txt",), "Add")

    assert done is not None
    assert done.paths == ("c.txt",)
    assert git(root, "status", "--porcelain") == " M a.txt"


ODD_NAMES = [
    "new\nline",
    'quo"te',
    "-dash",
    "--all",
    ":(glob)**",
    ":!a.txt",
    "back\\slash",
    "caf\u00e9",
    "cafe\u0301",
    "x" * 255,
    os.fsdecode(b"\xff\xfe.bin"),
    "space ",
    " lead",
    "aux",
    "tab\there",
    "star*?[a]",
    "{a,b}",
    "~",
    "@{u}",
    "HEAD",
]


@posix
def test_odd_names_are_just_names(root: Path, trusted: bool) -> None:
    """No name is read as an option, a pattern, a quoted text or several names."""
    repository = opened(root, trusted=trusted)
    write(root, "bystander", "not asked for\n")
    for name in ODD_NAMES:
        write(root, name, "one\n")
    assert repository.dirty(ODD_NAMES) == tuple(sorted(ODD_NAMES))

    done = repository.commit(ODD_NAMES, "Odd")

    assert done is not None
    assert done.paths == tuple(sorted(ODD_NAMES))
    assert repository.changes() == ("bystander",)
    assert set(git(root, "ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")[:-1]) == {
        *ODD_NAMES,
        "a.txt",
        "b.txt",
    }


@posix
def test_one_odd_name_at_a_time(root: Path) -> None:
    """A pattern would take more than its own file."""
    repository = opened(root)
    for name in (":(glob)**", "star*?[a]"):
        write(root, name, "one\n")
    write(root, "a.txt", "two\n")

    done = repository.commit((":(glob)**",), "One")

    assert done is not None
    assert done.paths == (":(glob)**",)
    assert repository.dirty(("star*?[a]",)) == ("star*?[a]",)


@posix
def test_a_link_in_the_tree_is_followed_to_what_changed(root: Path, trusted: bool) -> None:
    """An edit through a link changes another file; that one is committed."""
    write(root, "real/file.txt", "one\n")
    (root / "linked").symlink_to("real")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "Links")
    write(root, "linked/file.txt", "two\n")
    repository = opened(root, trusted=trusted)
    assert repository.dirty(("linked/file.txt", "a.txt")) == ("linked/file.txt",)

    done = repository.commit(("linked/file.txt",), "Through")

    assert done is not None
    assert done.paths == ("real/file.txt",)


@posix
def test_modes_are_committed(root: Path, trusted: bool) -> None:
    """A script that is made executable, and a link."""
    (root / "a.txt").chmod(0o755)
    (root / "link").symlink_to("a.txt")

    done = opened(root, trusted=trusted).commit(("a.txt", "link"), "Modes")

    assert done is not None
    modes = [row.split()[0] for row in git(root, "ls-tree", "HEAD", "a.txt", "link").splitlines()]
    assert modes == ["100755", "120000"]


# Each state of a repository: it works, or it says why not and nothing has changed


def works(root: Path, trusted: bool) -> None:
    """One commit of one changed and one new file, with other changes staged."""
    write(root, "a.txt", "worked\n")
    write(root, "fresh.txt", "new\n")
    write(root, "other.txt", "staged\n")
    git(root, "add", "other.txt")
    repository = opened(root, trusted=trusted)
    assert repository.blocked() == ""

    done = repository.commit(("a.txt", "fresh.txt"), "Work")

    assert done is not None
    assert done.paths == ("a.txt", "fresh.txt")
    assert git(root, "status", "--porcelain", "a.txt", "fresh.txt") == ""
    assert git(root, "show", "HEAD:a.txt") == "worked"
    assert git(root, "diff", "--cached", "--name-only") == "other.txt"
    git(root, "fsck", "--strict")


def refuses(root: Path, trusted: bool, said: str) -> None:
    write(root, "fresh.txt", "new\n")
    before = looks(root)
    repository = opened(root, trusted=trusted)
    assert said in repository.blocked()

    with pytest.raises(GitError, match=said):
        repository.commit(("fresh.txt",), "Work")

    assert looks(root) == before


def merging(root: Path) -> None:
    conflict(root)
    git(root, "merge", "other", check=False)


def rebasing(root: Path) -> None:
    conflict(root)
    git(root, "rebase", "other", check=False)


def picking(root: Path) -> None:
    conflict(root)
    git(root, "cherry-pick", "other", check=False)


def reverting(root: Path) -> None:
    conflict(root)
    git(root, "revert", "--no-edit", "HEAD~1", check=False)
    assert (root / ".git" / "REVERT_HEAD").exists()


def bisecting(root: Path) -> None:
    git(root, "commit", "-q", "--allow-empty", "-m", "More")
    git(root, "bisect", "start", "HEAD", "HEAD~1")


def stash_conflict(root: Path) -> None:
    write(root, "a.txt", "stashed\n")
    git(root, "stash")
    write(root, "a.txt", "meanwhile\n")
    git(root, "commit", "-qam", "Meanwhile")
    git(root, "stash", "pop", check=False)


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (merging, "merge is in progress"),
        (rebasing, "rebase is in progress"),
        (picking, "cherry-pick is in progress"),
        (reverting, "revert is in progress|unresolved"),
        (bisecting, "bisection is in progress"),
        (stash_conflict, "unresolved conflicts"),
    ],
)
def test_what_is_under_way_is_not_disturbed(
    root: Path, trusted: bool, prepare: Callable[[Path], None], said: str
) -> None:
    """A commit in the middle of a merge would be taken for its result."""
    if prepare is reverting:
        write(root, "a.txt", "two\n")
        git(root, "commit", "-qam", "Two")
        write(root, "a.txt", "three\n")
        git(root, "commit", "-qam", "Three")
        git(root, "revert", "--no-edit", "HEAD~1", check=False)
        said = "A revert is in progress"
    else:
        prepare(root)

    refuses(root, trusted, said)


def test_the_first_commit_of_all(tmp_path: Path, trusted: bool) -> None:
    """A branch that is not born yet, with something staged."""
    root = tmp_path / "unborn"
    root.mkdir()
    git(root, "init", "-q")

    works(root, trusted)

    assert opened(root, trusted=trusted).subjects(5) == ("Work",)


def test_before_the_first_commit_there_is_nothing_to_tell(tmp_path: Path) -> None:
    """No branch, no subjects, and a diff in which all is new."""
    git(tmp_path, "init", "-q")
    write(tmp_path, "a.txt", "one\n")
    repository = opened(tmp_path)

    assert repository.branch() == ""
    assert repository.subjects(3) == ()
    assert repository.head() is None
    assert "+one" in repository.diff()
    assert repository.changes() == ("a.txt",)


def test_a_detached_head(root: Path, trusted: bool) -> None:
    """The commit is made where HEAD is; no branch moves."""
    branch = git(root, "symbolic-ref", "HEAD")
    before = git(root, "rev-parse", branch)
    git(root, "checkout", "-q", "--detach")

    works(root, trusted)

    assert git(root, "rev-parse", branch) == before
    assert git(root, "rev-parse", "HEAD").startswith(opened(root).branch())


def test_a_linked_work_tree(root: Path, tmp_path: Path, trusted: bool) -> None:
    """It has an index and a HEAD of its own."""
    git(root, "worktree", "add", "-qb", "beside", str(tmp_path / "beside"))
    before = looks(root)

    works(tmp_path / "beside", trusted)

    after = looks(root)
    assert {key: after[key] for key in ("head", "index", "files")} == {
        key: before[key] for key in ("head", "index", "files")
    }


def test_inside_a_submodule(root: Path, tmp_path: Path, trusted: bool) -> None:
    """It is a repository like any other; the one around it only sees that it has moved."""
    around = make(tmp_path / "around")
    git(around, "submodule", "--quiet", "add", str(root), "inner")
    git(around, "commit", "-qm", "Add inner")

    works(around / "inner", trusted)

    assert git(around, "status", "--porcelain", "--ignore-submodules=untracked") == " M inner"


def test_a_path_in_a_nested_repository_is_refused(root: Path, tmp_path: Path, trusted: bool) -> None:
    """The repository around it cannot hold it."""
    around = make(tmp_path / "around")
    git(around, "submodule", "--quiet", "add", str(root), "inner")
    git(around, "commit", "-qm", "Add inner")
    write(around, "inner/a.txt", "two\n")
    write(around, "a.txt", "two\n")
    before = looks(around)

    with pytest.raises(GitError, match="repository of its own"):
        opened(around, trusted=trusted).commit(("a.txt", "inner/a.txt"), "Both")

    assert looks(around) == before


def test_a_path_in_a_submodule_without_a_checkout_is_refused(
    root: Path, tmp_path: Path, trusted: bool
) -> None:
    """Its folder is empty, as in a new work tree; a file there would take the submodule's place in the commit."""
    around = make(tmp_path / "around")
    git(around, "submodule", "--quiet", "add", str(root), "lib/inner")
    git(around, "commit", "-qm", "Add inner")
    git(around, "worktree", "add", "-q", str(tmp_path / "beside"))
    write(tmp_path / "beside", "lib/inner/deep/new.txt", "two\n")
    write(tmp_path / "beside", "a.txt", "two\n")
    repository = opened(tmp_path / "beside", trusted=trusted)

    with pytest.raises(GitError, match=r"lib/inner, a submodule that is not checked out"):
        repository.commit(("a.txt", "lib/inner/deep/new.txt"), "Both")
    assert repository.commit(("a.txt",), "One")

    git(tmp_path / "beside", "rm", "-q", "--cached", "lib/inner")
    assert repository.commit(("lib/inner/deep/new.txt",), "In its place")


def test_a_dirty_submodule_beside_is_left_alone(root: Path, tmp_path: Path, trusted: bool) -> None:
    """Its new commit is the user's to record."""
    around = make(tmp_path / "around")
    git(around, "submodule", "--quiet", "add", str(root), "inner")
    git(around, "commit", "-qm", "Add inner")
    git(around / "inner", "commit", "-q", "--allow-empty", "-m", "Moved on")

    works(around, trusted)

    assert git(around, "status", "--porcelain", "inner") == " M inner"


@pytest.mark.parametrize("index", ["", "--sparse-index"])
def test_a_sparse_checkout(root: Path, trusted: bool, index: str) -> None:
    """What is not checked out stays in the commit, and out of the work tree."""
    write(root, "far/away.txt", "far\n")
    write(root, "near/here.txt", "near\n")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "Folders")
    git(root, "sparse-checkout", "init", "--cone", *([index] if index else []))
    git(root, "sparse-checkout", "set", "near")
    assert not (root / "far").exists()

    works(root, trusted)

    assert git(root, "show", "HEAD:far/away.txt") == "far"
    assert not (root / "far").exists()
    assert git(root, "status", "--porcelain", "far") == ""


def test_a_file_outside_of_a_sparse_checkout(root: Path, trusted: bool) -> None:
    """It was edited, so it is committed as it is on disk."""
    write(root, "far/away.txt", "far\n")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "Folders")
    git(root, "sparse-checkout", "set", "--cone", "nowhere")
    write(root, "far/away.txt", "near now\n")
    write(root, "far/new.txt", "new\n")
    repository = opened(root, trusted=trusted)

    assert "+new" in repository.diff(("far/away.txt", "far/new.txt"))
    assert repository.commit(("far/away.txt", "far/new.txt"), "Edit") is not None

    assert git(root, "show", "HEAD:far/away.txt") == "near now"
    assert git(root, "show", "HEAD:far/new.txt") == "new"


@pytest.mark.parametrize("mark", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_was_told_not_to_look_at(root: Path, trusted: bool, mark: str) -> None:
    """It was named, so it is looked at."""
    git(root, "update-index", mark, "a.txt")
    write(root, "a.txt", "two\n")

    done = opened(root, trusted=trusted).commit(("a.txt",), "Edit")

    assert done is not None
    assert git(root, "show", "HEAD:a.txt") == "two"


def test_a_shallow_clone(root: Path, tmp_path: Path, trusted: bool) -> None:
    """Its history ends early, which no commit minds."""
    git(root, "commit", "-q", "--allow-empty", "-m", "Second")
    git(tmp_path, "clone", "-q", "--depth=1", root.as_uri(), "shallow")

    works(tmp_path / "shallow", trusted)


def test_a_partial_clone_asks_the_network_for_nothing(root: Path, tmp_path: Path, trusted: bool) -> None:
    """Blobs that are not there are not needed either."""
    write(root, "far/away.txt", "far\n")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "Folders")
    git(root, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--sparse", root.as_uri(), "partial")
    root.rename(tmp_path / "gone")

    works(tmp_path / "partial", trusted)


def test_alternates(root: Path, tmp_path: Path, trusted: bool) -> None:
    """Objects that are in another repository are found there."""
    git(tmp_path, "clone", "-q", "--shared", str(root), "shared")

    works(tmp_path / "shared", trusted)


def test_sha256(tmp_path: Path, trusted: bool) -> None:
    """Ids are twice as long, those of nothing too."""
    root = tmp_path / "wide"
    root.mkdir()
    git(root, "init", "-q", "--object-format=sha256")
    works(root, trusted)
    write(root, "a.txt", "again\n")
    done = opened(root, trusted=trusted).commit(("a.txt",), "Again")
    assert done is not None
    assert len(done.id) == 64


def test_a_split_index(root: Path, trusted: bool) -> None:
    """An index in two files."""
    git(root, "config", "core.splitIndex", "true")
    git(root, "update-index", "--split-index")

    works(root, trusted)


def test_line_ends_are_converted_as_the_user_set_it(root: Path, trusted: bool) -> None:
    """The blob has LF, the file keeps its CRLF, and nothing looks changed."""
    git(root, "config", "core.autocrlf", "true")
    write(root, "a.txt", "one\r\ntwo\r\n")

    done = opened(root, trusted=trusted).commit(("a.txt",), "Two lines")

    assert done is not None
    assert git(root, "cat-file", "-s", "HEAD:a.txt") == "8"
    assert (root / "a.txt").read_bytes() == b"one\r\ntwo\r\n"
    assert git(root, "status", "--porcelain") == ""


def test_names_that_differ_in_case_alone(root: Path, trusted: bool) -> None:
    """Where the file system keeps them apart, so does the commit."""
    write(root, "A.txt", "capital\n")
    if (root / "a.txt").read_text() == "capital\n":
        pytest.skip("one file here")

    done = opened(root, trusted=trusted).commit(("A.txt",), "Capital")

    assert done is not None
    assert git(root, "show", "HEAD:a.txt") == "one"


def test_no_repository_is_none(tmp_path: Path) -> None:
    """A folder without git is worked in without git."""
    assert open_repository(tmp_path, trusted=False) is None


def test_a_bare_repository_has_no_work_tree(tmp_path: Path) -> None:
    """Neither it nor the inside of `.git` is a place to work in."""
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    root = make(tmp_path / "work")

    assert open_repository(tmp_path / "bare.git", trusted=False) is None
    assert open_repository(root / ".git", trusted=False) is None


def test_without_git_there_is_no_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chat goes on without."""
    monkeypatch.setenv("PATH", str(root))

    assert open_repository(root, trusted=False) is None


@posix
def test_a_repository_of_another_user_is_refused_with_advice(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git says no, and what to run when it is meant."""
    real = next(
        f"{folder}/git" for folder in os.environ["PATH"].split(":") if os.access(f"{folder}/git", os.X_OK)
    )
    executable(tmp_path / "bin" / "git", f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec "{real}" "$@"\n')
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")

    with pytest.raises(GitError, match=r"safe\.directory"):
        open_repository(root, trusted=False)


def test_a_lock_is_waited_for(root: Path) -> None:
    """Another git is mostly done in a moment."""
    lock = root / ".git" / "index.lock"
    write(root, "a.txt", "two\n")
    lock.touch()
    repository = opened(root)
    assert "locked" in repository.blocked()
    lock.unlink()
    release = threading.Timer(0.3, lambda: lock.unlink())
    with lock_index(root / ".git"):
        pass
    lock.touch()
    release.start()

    with lock_index(root / ".git"):
        assert lock.exists()

    assert not lock.exists()
    assert repository.commit(("a.txt",), "Two") is not None


def test_a_lock_that_stays_is_told(root: Path) -> None:
    """The message names the file; nothing has changed."""
    (root / ".git" / "index.lock").touch()
    write(root, "a.txt", "two\n")
    before = git(root, "rev-parse", "HEAD")

    with pytest.raises(GitError, match=r"index\.lock"):
        opened(root).commit(("a.txt",), "Two")

    assert git(root, "rev-parse", "HEAD") == before
    assert (root / ".git" / "index.lock").exists()


@posix
def test_a_lock_of_a_killed_session_is_taken_over(root: Path, trusted: bool) -> None:
    """It names its process, and that one is no more."""
    pid = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(pid, 0)
    write(root, "a.txt", "two\n")
    (root / ".git" / "index.lock").write_bytes(b"trigpoint %d" % pid)
    repository = opened(root, trusted=trusted)

    assert repository.blocked() == ""
    assert repository.commit(("a.txt",), "Two") is not None

    assert not list((root / ".git").glob("index.*"))


def test_no_author_is_told_with_what_to_run(
    root: Path, trusted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing is committed."""
    for role in ("AUTHOR", "COMMITTER"):
        for what in ("NAME", "EMAIL"):
            monkeypatch.delenv(f"GIT_{role}_{what}")
    git(root, "config", "user.useConfigOnly", "true")
    write(root, "a.txt", "two\n")
    before = looks(root)

    with pytest.raises(GitError, match=r"git config --global user\.name"):
        opened(root, trusted=trusted).commit(("a.txt",), "Two")

    assert looks(root) == before


# Hooks and signing, in a trusted repository


def hook(root: Path, name: str, body: str) -> None:
    executable(root / ".git" / "hooks" / name, f"#!/bin/sh\n{body}\n")


@posix
def test_a_hook_that_fails_stops_the_commit(root: Path) -> None:
    """What it said is told, and branch and index are as they were."""
    hook(root, "pre-commit", "echo 'line too long'; exit 1")
    write(root, "a.txt", "two\n")
    write(root, "b.txt", "staged\n")
    git(root, "add", "b.txt")
    before = looks(root)

    with pytest.raises(HookFailed, match="line too long") as failed:
        opened(root, trusted=True).commit(("a.txt",), "Two")

    assert failed.value.rewritten == ()
    assert looks(root) == before
    assert not (root / ".git" / "index.lock").exists()


@posix
def test_a_hook_that_rewrites_and_fails_names_the_files(root: Path) -> None:
    """As formatters do; a second try would pass."""
    hook(root, "pre-commit", "grep -q tidy a.txt || { echo tidy > a.txt; exit 1; }")
    write(root, "a.txt", "untidy\n".replace("tidy", "kempt"))
    repository = opened(root, trusted=True)

    with pytest.raises(HookFailed) as failed:
        repository.commit(("a.txt",), "Two")

    assert failed.value.rewritten == ("a.txt",)
    assert repository.commit(("a.txt",), "Two") is not None
    assert git(root, "show", "HEAD:a.txt") == "tidy"


@posix
def test_a_hook_that_rewrites_and_adds_is_in_the_commit(root: Path) -> None:
    """The commit and the user's index hold what the hook made of it."""
    hook(root, "pre-commit", "echo tidy > a.txt; echo more > made.txt; git add a.txt made.txt")
    write(root, "a.txt", "two\n")
    write(root, "b.txt", "staged\n")
    git(root, "add", "b.txt")

    done = opened(root, trusted=True).commit(("a.txt",), "Two")

    assert done is not None
    assert done.paths == ("a.txt", "made.txt")
    assert git(root, "show", "HEAD:a.txt") == "tidy"
    assert git(root, "status", "--porcelain") == "M  b.txt"


@posix
def test_a_hook_sees_only_what_is_to_be_committed(root: Path) -> None:
    """As with `git commit --only`."""
    hook(root, "pre-commit", "git diff --cached --name-only > seen")
    write(root, "a.txt", "two\n")
    write(root, "b.txt", "staged\n")
    git(root, "add", "b.txt")

    opened(root, trusted=True).commit(("a.txt",), "Two")

    assert (root / "seen").read_text() == "a.txt\n"


@posix
def test_a_hook_of_the_message_is_heard(root: Path) -> None:
    """The subject is the one that the commit really has."""
    hook(root, "commit-msg", 'echo "JIRA-1 $(cat "$1")" > "$1"')
    write(root, "a.txt", "two\n")

    done = opened(root, trusted=True).commit(("a.txt",), "Two")

    assert done is not None
    assert done.subject == "JIRA-1 Two"


@posix
def test_hooks_do_not_see_the_keys_of_models(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook has no use for them."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    hook(root, "pre-commit", "env > seen")
    write(root, "a.txt", "two\n")

    opened(root, trusted=True).commit(("a.txt",), "Two")

    assert "sk-secret" not in (root / "seen").read_text()


@posix
def test_without_verify_a_hook_cannot_refuse(root: Path) -> None:
    """As with `--no-verify`."""
    hook(root, "pre-commit", "exit 1")
    write(root, "a.txt", "two\n")

    assert opened(root, trusted=True, verify=False).commit(("a.txt",), "Two") is not None


@posix
def test_ctrl_c_ends_a_slow_hook(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is committed, and no lock is left."""
    hook(root, "pre-commit", "sleep 30; touch survived")
    write(root, "a.txt", "two\n")
    before = looks(root)
    timer = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    started = time.monotonic()

    with pytest.raises(KeyboardInterrupt):
        opened(root, trusted=True).commit(("a.txt",), "Two")

    assert time.monotonic() - started < 10
    assert looks(root) == before
    assert not list((root / ".git").glob("*.lock"))


@posix
def test_a_signature_that_fails_is_told(root: Path, tmp_path: Path) -> None:
    """As that, and not as a hook."""
    executable(tmp_path / "gpg", "#!/bin/sh\necho no secret key >&2\nexit 2\n")
    git(root, "config", "commit.gpgSign", "true")
    git(root, "config", "gpg.program", str(tmp_path / "gpg"))
    hook(root, "pre-commit", "exit 0")
    write(root, "a.txt", "two\n")
    before = looks(root)

    with pytest.raises(GitError, match="could not be signed") as failed:
        opened(root, trusted=True).commit(("a.txt",), "Two")

    assert not isinstance(failed.value, HookFailed)
    assert looks(root) == before


@posix
def test_a_trusted_commit_is_signed(root: Path, tmp_path: Path) -> None:
    """With what the user set."""
    executable(
        tmp_path / "gpg",
        "#!/bin/sh\ncat > /dev/null\n"
        "printf '\\n[GNUPG:] SIG_CREATED \\n' >&2\n"
        "echo '-----BEGIN PGP SIGNATURE-----'; echo; echo abc; echo '-----END PGP SIGNATURE-----'\n",
    )
    git(root, "config", "commit.gpgSign", "true")
    git(root, "config", "gpg.program", str(tmp_path / "gpg"))
    write(root, "a.txt", "two\n")

    assert opened(root, trusted=True).commit(("a.txt",), "Two") is not None

    assert "BEGIN PGP SIGNATURE" in git(root, "cat-file", "commit", "HEAD")


def test_a_filter_of_the_repositorys_own_is_not_run_and_not_skipped(root: Path) -> None:
    """Large file storage set up in the clone: committing the content unfiltered would be wrong."""
    write(root, ".gitattributes", "*.bin filter=lfs\n")
    git(root, "config", "filter.lfs.clean", "echo pointer")
    write(root, "big.bin", "content\n")
    write(root, "a.txt", "two\n")
    repository = opened(root)
    before = looks(root)

    with pytest.raises(GitError, match="passes the filter lfs"):
        repository.commit(("big.bin",), "Big")

    assert looks(root) == before
    assert repository.commit(("a.txt",), "Other files") is not None
    trusted = opened(root, trusted=True).commit(("big.bin",), "Big")
    assert trusted is not None
    assert git(root, "show", "HEAD:big.bin") == "pointer"


def test_a_filter_of_the_users_own_is_run(root: Path) -> None:
    """Their settings are theirs, whoever chose the attribute."""
    write(root, ".gitattributes", "*.bin filter=mine\n")
    git(root, "config", "--global", "filter.mine.clean", "echo pointer")
    git(root, "config", "filter.mine.clean", "touch canary; echo wrong")
    write(root, "big.bin", "content\n")

    assert opened(root).commit(("big.bin",), "Big") is not None

    assert git(root, "show", "HEAD:big.bin") == "pointer"
    assert not (root / "canary").exists()


# The rest of the port


def test_staging_puts_paths_into_the_index(root: Path, trusted: bool) -> None:
    """As they are on disk; new, changed and deleted ones."""
    write(root, "a.txt", "two\n")
    write(root, "new.txt", "new\n")
    (root / "b.txt").unlink()

    opened(root, trusted=trusted).stage(("a.txt", "new.txt", "b.txt"))

    assert git(root, "status", "--porcelain") == "M  a.txt\nD  b.txt\nA  new.txt"


def test_a_diff_holds_new_files(root: Path) -> None:
    """And asking for it stages nothing."""
    write(root, "new.txt", "new\n")
    write(root, "a.txt", "two\n")
    before = looks(root)
    repository = opened(root)

    assert "+++ b/new.txt" in repository.diff()
    assert "a.txt" not in repository.diff(("new.txt",))
    assert repository.diff(("b.txt",)) == ""
    assert looks(root) == before


def test_a_diff_is_written_in_one_way(root: Path) -> None:
    """Whatever the user likes to see."""
    for key, value in (("diff.noprefix", "true"), ("color.diff", "always"), ("diff.mnemonicPrefix", "true")):
        git(root, "config", key, value)
    write(root, "a.txt", "two\n")

    assert opened(root).diff().startswith("diff --git a/a.txt b/a.txt\n")


def test_branch_and_subjects(root: Path) -> None:
    """Newest first."""
    git(root, "commit", "-q", "--allow-empty", "-m", "Second")
    repository = opened(root)

    assert repository.branch() == "main"
    assert repository.subjects(5) == ("Second", "First")
    assert repository.subjects(1) == ("Second",)


def test_the_sessions_own_commit_grows(root: Path, trusted: bool) -> None:
    """While it is HEAD and has not been pushed; its author stays."""
    repository = opened(root, trusted=trusted)
    write(root, "a.txt", "two\n")
    first = repository.commit(("a.txt",), "Session")
    write(root, "b.txt", "two\n")
    write(root, "staged.txt", "staged\n")
    git(root, "add", "staged.txt")
    assert first is not None

    second = repository.amend(first.id, ("b.txt",), "Session, longer")

    assert second is not None
    assert second.paths == ("a.txt", "b.txt")
    assert repository.subjects(9) == ("Session, longer", "First")
    assert git(root, "status", "--porcelain") == "A  staged.txt"


def test_what_was_pushed_does_not_grow(root: Path, tmp_path: Path, trusted: bool) -> None:
    """A new commit follows instead."""
    git(tmp_path, "init", "-q", "--bare", "there.git")
    git(root, "remote", "add", "origin", str(tmp_path / "there.git"))
    write(root, "a.txt", "two\n")
    repository = opened(root, trusted=trusted)
    first = repository.commit(("a.txt",), "Session")
    assert first is not None
    git(root, "push", "-q", "origin", "HEAD")
    write(root, "b.txt", "two\n")

    assert repository.pushed(first.id)
    assert repository.amend(first.id, ("b.txt",), "More") is not None
    assert repository.subjects(9) == ("More", "Session", "First")


def test_a_branch_moves_only_from_where_it_was_seen(root: Path) -> None:
    """Another process may have committed."""
    first = git(root, "rev-parse", "HEAD")
    write(root, "a.txt", "two\n")
    repository = opened(root)
    done = repository.commit(("a.txt",), "Two")
    assert done is not None
    git(root, "commit", "-q", "--allow-empty", "-m", "By the user")
    before = looks(root)

    with pytest.raises(GitError, match="moved on"):
        repository.move(done.id, first, "undo")

    assert looks(root) == before


def test_moving_the_branch_leaves_what_the_user_staged_since(root: Path) -> None:
    """Only entries that are as the commit left them follow."""
    repository = opened(root)
    first = repository.head()
    write(root, "a.txt", "two\n")
    write(root, "b.txt", "two\n")
    done = repository.commit(("a.txt", "b.txt"), "Two")
    assert done is not None
    write(root, "b.txt", "three\n")
    git(root, "add", "b.txt")

    repository.move(done.id, first, "undo")

    assert git(root, "diff", "--cached", "--name-only") == "b.txt"
    assert git(root, "show", ":b.txt") == "three"
    assert git(root, "show", ":a.txt") == "one"


@pytest.mark.parametrize(
    ("sessions", "turns"), [(2, 5), pytest.param(4, 50, marks=pytest.mark.slow)], ids=["few", "many"]
)
def test_sessions_and_a_user_lose_no_commit(root: Path, tmp_path: Path, sessions: int, turns: int) -> None:
    """Each commits files of its own at the same time; all commits are there, in one line."""
    errors: list[Exception] = []
    names = [f"session{number}" for number in range(sessions)]

    def session(name: str) -> None:
        try:
            repository = opened(root)
            store = GitSnapshots(repository, name, tmp_path / name)
            for turn in range(turns):
                store.take(f"before {turn}")
                write(root, f"{name}.txt", f"{turn}\n")
                assert repository.commit((f"{name}.txt",), f"{name} {turn}") is not None
            assert len(store.snapshots()) == turns
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=session, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for turn in range(turns):
        write(root, "user.txt", f"{turn}\n")
        while not git(root, "log", "--format=%H", f"--grep=^user {turn}$"):
            git(root, "add", "user.txt", check=False)
            git(root, "commit", "-qm", f"user {turn}", "user.txt", check=False)
    for thread in threads:
        thread.join()

    assert errors == []
    subjects = sorted(git(root, "log", "--format=%s").splitlines())
    assert subjects == sorted(
        ["First", *(f"{name} {turn}" for name in (*names, "user") for turn in range(turns))]
    )
    assert git(root, "log", "--merges") == ""
    git(root, "fsck", "--strict")
    assert git(root, "status", "--porcelain") == ""
    assert not list((root / ".git").glob("*.lock"))


def test_what_is_staged_is_the_same_to_the_bit_after_commit_and_back(root: Path, trusted: bool) -> None:
    """An index with all that it can hold: staged, half staged, deleted, intended, marked."""
    for name in ("c.txt", "d.txt", "e.txt", "f.txt"):
        write(root, name, "one\n")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "More")
    write(root, "b.txt", "staged\n")
    git(root, "add", "b.txt")
    write(root, "b.txt", "and changed\n")
    git(root, "rm", "-q", "--cached", "c.txt")
    write(root, "intended.txt", "soon\n")
    git(root, "add", "-N", "intended.txt")
    git(root, "update-index", "--assume-unchanged", "d.txt")
    git(root, "update-index", "--skip-worktree", "e.txt")
    (root / "f.txt").unlink()
    index, shown = staged(root), looks(root)
    repository = opened(root, trusted=trusted)
    head = repository.head()
    write(root, "a.txt", "two\n")
    write(root, "fresh.txt", "new\n")

    done = repository.commit(("a.txt", "fresh.txt"), "Turn")
    assert done is not None
    repository.move(done.id, head, "undo")
    write(root, "a.txt", "one\n")
    (root / "fresh.txt").unlink()

    assert staged(root) == index
    assert looks(root) == shown


def commit_and_die(root: Path, trusted: bool, step: int) -> bool:
    """Commits in a process that is killed before its call to git of this number; whether it came to its end."""
    pid = os.fork()
    if pid:
        return os.waitpid(pid, 0)[1] == 0
    try:
        repository = opened(root, trusted=trusted)
        execute, left = git_runner._execute, [step]

        def counted(*given: Any) -> GitOutput:
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            left[0] -= 1
            return execute(*given)

        git_runner._execute = counted
        repository.commit(("a.txt", "fresh.txt"), "Turn")
    except BaseException:
        os._exit(1)
    os._exit(0)


@posix
def test_killed_at_any_point_a_commit_is_made_or_can_be(root: Path, trusted: bool) -> None:
    """Branch and index never tell of different things, and the lock is taken over."""
    write(root, "b.txt", "staged\n")
    git(root, "add", "b.txt")
    head = git(root, "rev-parse", "HEAD")
    for step in range(40):
        write(root, "a.txt", "two\n")
        write(root, "fresh.txt", "new\n")

        ended = commit_and_die(root, trusted, step)

        shown = git(root, "status", "--porcelain")
        if ended:
            assert shown == "M  b.txt"
            break
        assert shown in (
            " M a.txt\nM  b.txt\n?? fresh.txt",
            "M  a.txt\nM  b.txt\nA  fresh.txt",
            "M  b.txt",
        ), step
        repository = opened(root, trusted=trusted)
        again = repository.commit(("a.txt", "fresh.txt"), "Turn")
        assert (again is None) == (shown == "M  b.txt")
        assert repository.subjects(3) == ("Turn", "First")
        assert git(root, "status", "--porcelain") == "M  b.txt"
        assert not list((root / ".git").glob("index.*"))
        git(root, "reset", "-q", "--soft", head)
        git(root, "reset", "-q", "a.txt", "fresh.txt")
    else:
        raise AssertionError("it never came to its end")


# What git keeps off the disk


@pytest.mark.parametrize("index", ["--no-sparse-index", "--sparse-index"])
def test_a_file_outside_a_sparse_checkout_is_known_to_be_left_out(root: Path, index: str) -> None:
    """It looks like one that does not exist, and an empty file in its place would be a change of it."""
    write(root, "kept/a.txt", "a\n")
    write(root, "away/b.txt", "b\n")
    git(root, "add", ".")
    git(root, "commit", "-qm", "Two folders")
    git(root, "sparse-checkout", "set", "--cone", index, "kept")
    repository = opened(root)

    assert not (root / "away/b.txt").exists()
    assert repository.is_left_out("away/b.txt")
    assert not repository.is_left_out("kept/a.txt")
    assert not repository.is_left_out("away/new.txt")
    assert not repository.is_left_out("../elsewhere.txt")
