"""The work tree of a job: made and removed without a trace in the user's repository."""

import os
import shutil
from pathlib import Path

import pytest
from job_cases import ended, left_in_state, looks, made, tree_of, view_of, worked
from repositories import commit, git, make_repository, write_files

from chat.errors import GitError, InputError, UsageError
from chat.job_commands.worker import work
from chat.jobs.artifacts import artifacts, copy_to
from chat.jobs.launch import take_up
from chat.jobs.merging import merge
from chat.jobs.removing import is_disposable, remove
from chat.jobs.state import JobState
from chat.jobs.tree import tip_of, uncommitted


def test_a_job_that_is_removed_leaves_nothing(shop: Path) -> None:
    """The repository and the state folder are as before, dangling objects aside."""
    git(shop, "config", "branch.mine.remote", "origin")
    before = looks(shop)
    folder = worked(shop, {"new.py": "x = 1\n"})
    assert looks(shop)["status"] == before["status"]
    assert git(tree_of(folder), "log", "-1", "--format=%s") == "Work"
    git(shop, "config", f"branch.{folder.record().branch}.remote", "origin")  # as `git push -u` leaves it

    remove(folder)

    assert looks(shop) == before
    assert [path for path in left_in_state() if not path.startswith("trust")] == []


def test_a_job_begins_on_the_commit_that_is_named(shop: Path) -> None:
    """HEAD is the default; what is no commit is refused before anything is made."""
    folder = made(shop, base="HEAD~1")
    assert git(tree_of(folder), "rev-parse", "HEAD") == git(shop, "rev-parse", "HEAD~1")
    for base in ("nope", "--all", "HEAD:README.md"):
        with pytest.raises(UsageError, match="git knows no commit"):
            made(shop, base=base)
    with pytest.raises(UsageError, match="does not go with --base"):
        made(shop, base="HEAD", with_changes=True)


def test_changes_are_taken_along_on_request(shop: Path) -> None:
    """Staged, changed, new and deleted ones as one commit; index and work tree of the user's stay as they are."""
    write_files(shop, {".gitignore": "*.log\n"})
    commit(shop, "Ignore logs")
    write_files(shop, {"new.py": "x = 1\n", "x.log": "x\n", "README.md": "# Other\n"})
    git(shop, "add", "README.md")
    (shop / "shop/cart.py").unlink()
    before = looks(shop)

    tree = tree_of(made(shop, with_changes=True))

    assert git(tree, "status", "--porcelain") == ""
    changes = git(tree, "show", "--format=%s", "--name-status", "HEAD").split("\n")
    assert changes == [
        "Take along what was not committed",
        "",
        "M\tREADME.md",
        "A\tnew.py",
        "D\tshop/cart.py",
    ]
    assert looks(shop)["status"] == before["status"]
    assert git(tree_of(made(shop)), "rev-parse", "HEAD") == git(shop, "rev-parse", "HEAD")


def test_what_is_outside_of_a_sparse_checkout_is_taken_along(shop: Path) -> None:
    """New files there as well, and nothing of what is not checked out is lost."""
    git(shop, "sparse-checkout", "set", "--cone", "nowhere")
    write_files(shop, {"shop/new.py": "x = 1\n"})
    record = made(shop, with_changes=True).record()
    assert git(shop, "diff", "--name-status", record.base, f"{record.base}^") == "D\tshop/new.py"


def test_a_user_whom_git_does_not_know_is_told_what_to_do(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the changes are to be taken along, and where a merge needs a commit."""
    folder = worked(shop, {"new.py": "x = 1\n"})
    write_files(shop, {"other.py": "y = 1\n"})
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    git(shop, "config", "user.useConfigOnly", "true")
    for attempt in (lambda: made(shop, with_changes=True), lambda: merge(view_of(folder), shop, "no-ff")):
        with pytest.raises(GitError, match=r"git config --global user\.email"):
            attempt()


def test_a_job_begun_below_the_top_works_there(shop: Path) -> None:
    """Files are those of its own work tree; what is not in it is read where it is."""
    write_files(shop, {"local.json": "{}\n"})
    values = {"read": ("session.py", "../local.json"), "model-metadata-file": "../local.json"}
    record = made(shop / "shop", paths=("cart.py", str(shop / "README.md")), values=values).record()
    tree = shop.parent / "x"
    tree = Path(record.paths[0]).parent.parent
    assert record.folder == "shop"
    assert record.paths == (str(tree / "shop/cart.py"), str(tree / "README.md"))
    assert record.values["read"] == (str(tree / "shop/session.py"), str(shop / "local.json"))
    assert record.values["model-metadata-file"] == str(shop / "local.json")


@pytest.mark.parametrize(
    ("path", "says"),
    [("new.py", "--with-changes"), ("../elsewhere.py", "outside of the repository")],
)
def test_a_job_is_not_begun_with_a_file_that_it_cannot_edit(shop: Path, path: str, says: str) -> None:
    """One that is not committed, or not in the repository; one that is not there yet is made."""
    write_files(shop.parent, {"shop/new.py": "x = 1\n", "elsewhere.py": "x = 1\n"})
    with pytest.raises(InputError, match=says):
        made(shop, paths=("shop/cart.py", path))
    assert left_in_state() == []
    made(shop, paths=("new.py", "shop/later.py"), with_changes=True)


@pytest.mark.parametrize(
    ("what", "says"),
    [("no repository", "git init"), ("no commit", "Commit something"), ("bare", "bare"), ("no git", "PATH")],
)
def test_a_job_needs_a_commit_to_begin_on(
    tmp_path: Path, what: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise nothing is made, and the message says what to do."""
    if what in ("no commit", "bare"):
        git(tmp_path, "init", "-q", *(["--bare"] if what == "bare" else []))
    if what == "no git":
        monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match=says):
        made(tmp_path)
    assert left_in_state() == []


@pytest.mark.parametrize("gone", ["tree", "admin", "half"])
def test_what_a_kill_left_half_made_is_made_anew(shop: Path, gone: str) -> None:
    """The work tree, what the repository keeps of it, or both are gone; commits on the branch stay."""
    folder = worked(shop, {"new.py": "x = 1\n"}, code=1)
    tip = git(tree_of(folder), "rev-parse", "HEAD")
    (admin,) = (shop / ".git/worktrees").iterdir()
    if gone == "tree":
        shutil.rmtree(tree_of(folder))
    if gone == "half":
        (tree_of(folder) / ".git").unlink()
    if gone == "admin":
        shutil.rmtree(admin)
        shutil.rmtree(tree_of(folder), ignore_errors=True)

    take_up(folder)

    assert git(tree_of(folder), "rev-parse", "HEAD") == tip
    assert uncommitted(folder, folder.record()) == ()
    remove(folder)
    assert not (shop / ".git/worktrees").exists()


def test_the_users_own_work_trees_stay(shop: Path, tmp_path: Path) -> None:
    """Also one that is on a disk that is not there just now."""
    git(shop, "worktree", "add", "-q", "-b", "own", str(tmp_path / "own"))
    shutil.rmtree(tmp_path / "own")
    before = looks(shop)
    remove(made(shop))
    assert looks(shop) == before


def test_a_job_of_a_repository_that_is_gone_can_be_removed(tmp_path: Path) -> None:
    """There is nothing left but what the state folder has of it."""
    root = make_repository(tmp_path / "gone")
    folder = made(root)
    shutil.rmtree(root)
    remove(folder)
    assert not folder.path.exists()


@pytest.mark.parametrize("gone", ["all of it", ".git", "moved"])
def test_a_job_whose_repository_is_gone_holds_up_nothing(shop: Path, gone: str) -> None:
    """It says what is missing, is kept by `prune`, and can be discarded."""
    folder = worked(shop, {"new.py": "x = 1\n"}, code=1)
    if gone == "moved":
        shop.rename(shop.with_name("moved"))
    else:
        shutil.rmtree(shop if gone == "all of it" else shop / ".git")
    for attempt in (lambda: take_up(folder), lambda: artifacts(view_of(folder))):
        with pytest.raises(GitError, match=f"repository of job {folder.id} is no longer at"):
            attempt()
    assert tip_of(folder.record()) == ""
    assert not is_disposable(view_of(folder))
    remove(folder)
    assert not folder.path.exists()


def test_a_job_outlives_the_linked_work_tree_that_it_was_begun_in(shop: Path, tmp_path: Path) -> None:
    """Its branch is the repository's, and goes with the job."""
    git(shop, "worktree", "add", "-q", str(tmp_path / "side"))
    folder = worked(tmp_path / "side", {"new.py": "x = 1\n"})
    git(shop, "worktree", "remove", str(tmp_path / "side"))
    assert merge(view_of(folder), shop).way == "ff"
    remove(folder)
    assert git(shop, "branch", "--list", "trigpoint*") == ""


def test_a_branch_called_as_the_jobs_are_is_no_obstacle(shop: Path) -> None:
    """git has no branch `trigpoint/x` beside a branch `trigpoint`."""
    git(shop, "branch", "trigpoint")
    record = made(shop, "Fix it").record()
    assert record.branch == f"trigpoint-{record.id}-fix-it"


def test_a_work_tree_that_cannot_be_made_says_so_briefly(shop: Path) -> None:
    """git names each file that it cannot write; a pipe in the place of the objects stands for a full disk."""
    write_files(shop, {f"file{number}.txt": f"{number}\n" for number in range(9)})
    commit(shop, "Files")
    for number in range(9):
        name = git(shop, "rev-parse", f"HEAD:file{number}.txt")
        (shop / ".git/objects" / name[:2] / name[2:]).unlink()
    with pytest.raises(GitError, match=r"more lines …\n.*\n.*\nThe work tree of the job could not be made"):
        made(shop)
    assert left_in_state() == []
    assert git(shop, "branch", "--list", "trigpoint*") == ""


def test_only_that_is_disposable_with_which_nothing_is_lost(shop: Path) -> None:
    """No work, no answer, nothing to go on with."""
    assert not is_disposable(view_of(worked(shop, {"a.py": "1\n"}, code=1)))
    assert not is_disposable(view_of(worked(shop, {})))
    failed = worked(shop, {}, code=1)
    assert is_disposable(view_of(failed))
    write_files(tree_of(failed), {"left.txt": "x\n"})
    assert not is_disposable(view_of(failed))


def test_a_job_that_is_removed_twice_at_once_is_gone(shop: Path) -> None:
    """Who comes second is told."""
    folder = made(shop)
    remove(folder)
    with pytest.raises(InputError, match="was removed meanwhile"):
        remove(folder)


def test_a_job_that_git_itself_has_merged_is_disposable(shop: Path) -> None:
    """Its commits are in a branch of the user's; that another job began on them does not count."""
    folder = worked(shop, {"new.py": "x = 1\n"})
    made(shop, base=folder.record().branch)
    assert not is_disposable(view_of(folder))
    git(shop, "merge", "-q", folder.record().branch)
    with pytest.raises(GitError, match=r"holds all of it already \(`trigpoint jobs prune` removes the job\)"):
        merge(view_of(folder), shop)
    assert is_disposable(view_of(folder))


def test_artifacts_are_what_a_job_leaves(shop: Path, tmp_path: Path) -> None:
    """The patch has what is not committed, too, binary files included; links are not followed."""
    folder = worked(shop, {"new.py": "x = 1\n"})
    tree = tree_of(folder)
    (tree / "image.bin").write_bytes(bytes(range(256)))
    (tree / "link").symlink_to("/etc/hostname")
    folder.report.write_text("# Report\n")

    found = artifacts(view_of(folder))

    assert {each.name for each in found} >= {"changes.patch", "map.txt", "report.md", "files/image.bin"}
    assert "files/link" not in {each.name for each in found}
    copy_to(found, tmp_path / "out")
    git(shop, "apply", str(tmp_path / "out/changes.patch"))
    assert (shop / "image.bin").read_bytes() == bytes(range(256))
    assert (tmp_path / "out/files/image.bin").is_file()


def test_a_worker_that_cannot_begin_says_why(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end is written down like any other."""
    folder = made(shop, values={"config": "absent.toml", "message": "Do it"})
    monkeypatch.chdir(shop)
    assert work(folder.id) == 42
    view = view_of(folder)
    assert (view.state, view.exit_code) == (JobState.FAILED, 42)
    assert "absent.toml" in view.reason
    ended(folder)
    assert view_of(folder).state is JobState.DONE


@pytest.mark.skipif(os.name == "nt", reason="the planted programs are scripts of a POSIX shell")
def test_a_hostile_repository_runs_nothing(shop: Path, tmp_path: Path) -> None:
    """Neither when a job is made, nor when it is looked at, merged and removed."""
    canary = tmp_path / "canary"
    for name in ("post-checkout", "reference-transaction", "post-index-change", "post-merge", "pre-commit"):
        hook = shop / ".git/hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {canary}\n")
        hook.chmod(0o755)
    write_files(shop, {".gitattributes": "*.md filter=evil diff=evil\n"})
    for key in ("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "core.fsmonitor"):
        git(shop, "-c", "core.hooksPath=/dev/null", "config", key, f"touch {canary}; cat")
    changed = made(shop, with_changes=True)
    folder = made(shop)
    assert not canary.exists()
    tree = tree_of(folder)
    (tree / "README.md").write_text("# Theirs\n")
    git(
        tree,
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "filter.evil.clean=cat",
        "add",
        ".",
    )
    git(tree, "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "commit", "-qm", "x")
    canary.unlink(missing_ok=True)

    ended(folder)
    artifacts(view_of(folder))
    merge(view_of(folder), shop, "squash")
    remove(folder)
    remove(changed)
    again = made(shop, with_changes=True)
    remove(again)

    assert not canary.exists()
    git(shop, "status")
    assert canary.exists()  # it was armed
