"""A repository that means harm: nothing that it names is run before it is trusted."""

import os
import sys
from pathlib import Path

import pytest
from work_trees import executable, git, looks, make, write

from chat.errors import GitError
from chat.git.repository import open_repository
from chat.snapshots.git_snapshots import GitSnapshots
from chat.snapshots.turn_record import TurnRecord
from chat.snapshots.undo import undo

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="canaries are shell scripts")

HOOKS = """applypatch-msg commit-msg fsmonitor-watchman post-applypatch post-checkout post-commit post-index-change
    post-merge post-rewrite pre-applypatch pre-auto-gc pre-commit pre-merge-commit pre-push prepare-commit-msg
    push-to-checkout query-watchman reference-transaction sendemail-validate""".split()
PROGRAMS = """core.fsmonitor core.pager core.editor core.sshCommand core.askPass core.gitProxy filter.f.clean
    filter.f.smudge filter.f.process diff.d.textconv diff.d.command diff.external merge.m.driver gpg.program
    gpg.ssh.program gpg.openpgp.program gpg.ssh.defaultKeyCommand pager.log pager.status pager.diff
    credential.helper alias.status alias.commit alias.diff uploadpack.packObjectsHook interactive.diffFilter
    sequence.editor core.alternateRefsCommand trailer.x.command""".split()


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A program that leaves a trace beside itself when it is run."""
    program = tmp_path / "canary"
    executable(program, f'#!/bin/sh\necho "$0 $*" >> "{tmp_path}/sang"\ncat\n')
    return program


@pytest.fixture
def root(tmp_path: Path, canary: Path) -> Path:
    root = make(tmp_path / "hostile")
    write(root, ".gitattributes", "* filter=f diff=d merge=m\n")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "Attributes")
    for hook in HOOKS:
        executable(root / ".git" / "hooks" / hook, canary.read_text())
    for key in PROGRAMS:
        git(root, "config", key, str(canary))
    for key, value in (
        ("commit.gpgSign", "true"),
        ("gpg.format", "ssh"),
        ("user.signingKey", "key::x"),
        ("filter.f.required", "true"),
        ("core.hooksPath", str(root / ".git" / "hooks")),
        ("core.untrackedCache", "true"),
        ("gc.auto", "1"),
        ("log.showSignature", "true"),
        ("index.threads", "1"),
    ):
        git(root, "config", key, value)
    write(
        root,
        ".git/config",
        (root / ".git" / "config").read_text() + f'[include]\n\tpath = "{root}/.git/more"\n',
    )
    write(root, ".git/more", f'[filter "g=h"]\n\tclean = {canary}\n')
    write(root, ".git/info/attributes", "*.odd filter=g=h\n")
    return root


def test_nothing_runs_in_an_untrusted_repository(root: Path, tmp_path: Path) -> None:
    """Hooks, monitors, filters, converters, pagers, signers, helpers: through every step there is."""
    repository = open_repository(root, trusted=False)
    assert repository is not None
    store = GitSnapshots(repository, "session", tmp_path / "snapshots")
    before = store.take("before")
    write(root, "a.txt", "two\n")
    write(root, "new.txt", "new\n")
    write(root, "x.odd", "odd\n")
    repository.branch()
    repository.subjects(3)
    repository.dirty(("a.txt",))
    repository.changes()
    repository.diff()
    repository.blocked()
    with pytest.raises(GitError, match="passes the filter"):
        repository.commit(("a.txt",), "Two")
    with pytest.raises(GitError, match="passes the filter"):
        repository.stage(("a.txt",))
    write(root, ".gitattributes", "* diff=d merge=m\n")
    done = repository.commit(("a.txt", "new.txt", ".gitattributes"), "Two")
    assert done is not None
    write(root, "b.txt", "two\n")
    repository.stage(("b.txt",))
    amended = repository.amend(done.id, ("b.txt",), "Two, too")
    assert amended is not None
    after = store.take("after")
    store.diff(before, after)
    store.read(before, "a.txt")
    paths = ("a.txt", "new.txt", "b.txt", ".gitattributes")
    undo(TurnRecord(1, before, after, paths, commits=(amended.id,)), store, repository)
    repository.reverse(repository.parent("HEAD"), "HEAD", "Back")
    store.prune(0, 0)

    assert not (tmp_path / "sang").exists(), (tmp_path / "sang").read_text()


def test_the_trap_is_set(root: Path, tmp_path: Path) -> None:
    """What the test above finds silent, does sing for plain git."""
    git(root, "status", check=False)

    assert (tmp_path / "sang").exists()


def test_a_git_file_that_points_at_another_repository_is_refused(root: Path, tmp_path: Path) -> None:
    """An unpacked archive must not make us commit into a repository of the user's."""
    mine = make(tmp_path / "mine")
    before = looks(mine)
    write(tmp_path, "archive/.git", f"gitdir: {mine}/.git\n")
    write(tmp_path, "archive/a.txt", "theirs\n")

    with pytest.raises(GitError, match="does not say so"):
        open_repository(tmp_path / "archive", trusted=False)

    assert looks(mine) == before


def test_a_repository_that_borrows_anothers_history_is_refused(root: Path, tmp_path: Path) -> None:
    """`commondir` makes branches and settings come from elsewhere."""
    mine = make(tmp_path / "mine")
    archive = make(tmp_path / "archive")
    write(archive, ".git/commondir", f"{mine}/.git\n")

    with pytest.raises(GitError, match=r"commondir in its \.git leads to"):
        open_repository(archive, trusted=False)


def test_a_work_tree_that_claims_the_folder_around_it_is_refused(tmp_path: Path) -> None:
    """`core.worktree` would make a snapshot of the user's home."""
    archive = make(tmp_path / "home" / "archive")
    write(tmp_path, "home/private.txt", "mine\n")
    git(archive, "config", "core.worktree", str(tmp_path / "home"))

    with pytest.raises(GitError, match="git takes"):
        open_repository(archive, trusted=False)


def test_a_bare_repository_in_a_folder_is_not_entered(root: Path, tmp_path: Path) -> None:
    """It may be a part of a clone, and brings its own settings."""
    git(root, "init", "-q", "--bare", "inner")
    git(root / "inner", "config", "core.fsmonitor", str(tmp_path / "canary"))
    (tmp_path / "sang").unlink(missing_ok=True)

    assert open_repository(root / "inner", trusted=False) is None

    assert not (tmp_path / "sang").exists()


def test_what_git_says_drives_no_terminal(root: Path) -> None:
    """Messages hold no control sequences, whatever a file is called."""
    write(root, "\x1b]0;owned\x07.odd", "x\n")
    repository = open_repository(root, trusted=False)
    assert repository is not None

    with pytest.raises(GitError) as failed:
        repository.commit(("\x1b]0;owned\x07.odd",), "Add")

    assert "\x1b" not in str(failed.value)
    assert "\x07" not in str(failed.value)


def test_the_callers_own_redirections_do_not_count(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook that starts the chat has GIT_DIR and GIT_INDEX_FILE set."""
    mine = make(tmp_path / "mine")
    monkeypatch.setenv("GIT_DIR", str(root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", os.devnull)
    write(mine, "a.txt", "two\n")

    repository = open_repository(mine, trusted=False)

    assert repository is not None
    assert repository.changes() == ("a.txt",)
