"""What trust is bound to, and when it ends: real repositories, real hooks, real configurations."""

import json
import os
import shutil
import stat
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from repositories import git, write_files

from chat.errors import ChatError
from chat.trust import user_file
from chat.trust.claims import find_root, settings_claims
from chat.trust.git_claim import git_claim
from chat.trust.grants import (
    Grant,
    agreed,
    git_notice,
    grant_for,
    grants,
    is_git_trusted,
    set_grant,
    store_path,
)
from chat.trust.user_file import UserFile

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="modes and owners are POSIX")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository as `git init` makes it."""
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    return root


def agree(root: Path, folder: Path | None = None) -> None:
    """What `trigpoint trust --yes` does."""
    set_grant(root, agreed(settings_claims(root, folder or root), git_claim(root), grant_for(root)))


def add_hook(
    root: Path, name: str = "pre-commit", text: str = "#!/bin/sh\n", folder: str = ".git/hooks"
) -> None:
    write_files(root, {f"{folder}/{name}": text})


def configure(root: Path, *arguments: str) -> None:
    git(root, "config", *arguments)


# what needs trust ---------------------------------------------------------------------------------


def test_a_new_repository_needs_no_trust(root: Path) -> None:
    """Nor one with remotes and branches: git has nothing to run there, samples of hooks aside."""
    assert is_git_trusted(root)
    add_hook(root, "pre-push.sample")
    configure(root, "remote.origin.url", "https://example.org/x.git")
    configure(root, "branch.main.merge", "refs/heads/main")
    assert is_git_trusted(root)
    assert git_notice(root) == ""


def test_a_folder_without_git_needs_none(tmp_path: Path) -> None:
    """There is nothing that git would run."""
    assert is_git_trusted(tmp_path)
    assert find_root(tmp_path) is None


CLAIMS: dict[str, Callable[[Path], None]] = {
    "a hook": add_hook,
    "hooks elsewhere": lambda root: configure(root, "core.hooksPath", ".githooks"),
    "a file monitor": lambda root: configure(root, "core.fsmonitor", "/tmp/evil"),
    "a filter": lambda root: configure(root, "filter.x.clean", "evil"),
    "signing": lambda root: configure(root, "commit.gpgSign", "true"),
    "an include": lambda root: configure(root, "include.path", "../included.config"),
    "a setting of the work tree": lambda root: write_files(
        root, {".git/config.worktree": "[core]\n\teditor = evil\n"}
    ),
}


@pytest.mark.parametrize("what", CLAIMS)
def test_what_git_would_run_needs_trust(root: Path, what: str) -> None:
    """Until the user has agreed to it."""
    CLAIMS[what](root)
    assert not is_git_trusted(root)
    agree(root)
    assert is_git_trusted(root)


CHANGES: dict[str, Callable[[Path], None]] = {
    "a hook": lambda root: add_hook(root, text="#!/bin/sh\nevil\n"),
    "another hook": lambda root: add_hook(root, "post-commit"),
    "a hook elsewhere": lambda root: add_hook(root, "pre-commit", "evil\n", ".githooks"),
    "what a file of settings includes": lambda root: write_files(
        root, {".git/shared": "[core]\n\teditor = evil\n"}
    ),
    "a setting": lambda root: configure(root, "core.editor", "evil"),
    "husky's scripts": lambda root: add_hook(root, "commit-msg", "evil\n", ".husky"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_trust_ends_with_a_change(root: Path, what: str) -> None:
    """Also of what `.git/config` only points to."""
    add_hook(root)
    add_hook(root, folder=".githooks")
    add_hook(root, folder=".husky/_")
    add_hook(root, "commit-msg", folder=".husky")
    configure(root, "core.hooksPath", ".githooks")
    configure(root, "--add", "core.hooksPath", ".husky/_")
    configure(root, "include.path", "shared")
    agree(root)
    assert is_git_trusted(root)
    CHANGES[what](root)
    assert not is_git_trusted(root)


def test_what_is_harmless_does_not_end_trust(root: Path) -> None:
    """A push with `-u` writes into `.git/config`; it must not ask again."""
    add_hook(root)
    agree(root)
    configure(root, "branch.topic.remote", "origin")
    configure(root, "user.name", "Another")
    add_hook(root, "pre-push.sample", "x")
    assert is_git_trusted(root)


def linked(root: Path, folder: Path) -> Path:
    git(root, "commit", "-q", "--allow-empty", "-m", "x")
    git(root, "worktree", "add", "-q", str(folder))
    return folder


@pytest.mark.parametrize("hooks", ["", ".githooks", ".husky"])
def test_a_work_tree_has_the_trust_of_its_repository(root: Path, tmp_path: Path, hooks: str) -> None:
    """Where its hooks are the same, in the git folder as well as in the tree; nobody is asked again."""
    if hooks:
        write_files(root, {f"{hooks}/pre-commit": "#!/bin/sh\n"})
        git(root, "add", "--all")
        configure(root, "core.hooksPath", hooks)
    other = linked(root, tmp_path / "other")
    add_hook(root)
    assert not is_git_trusted(other)
    agree(root)
    assert is_git_trusted(root)
    assert is_git_trusted(other)
    assert find_root(other) == Path(os.path.realpath(other))
    assert list(grants()) == [os.path.normcase(os.path.realpath(root))]


def test_a_work_tree_with_other_hooks_is_not_trusted(root: Path, tmp_path: Path) -> None:
    """Trust is bound to the content, and the tree has that of another commit."""
    write_files(root, {".githooks/pre-commit": "#!/bin/sh\n"})
    git(root, "add", "--all")
    configure(root, "core.hooksPath", ".githooks")
    other = linked(root, tmp_path / "other")
    agree(root)
    write_files(other, {".githooks/pre-commit": "#!/bin/sh\nevil\n"})
    assert not is_git_trusted(other)
    assert is_git_trusted(root)


@pytest.mark.parametrize("gone", [".", ".git", ".git/worktrees"])
def test_a_work_tree_whose_repository_is_gone_shares_nothing(root: Path, tmp_path: Path, gone: str) -> None:
    """Who removes a repository leaves its linked work trees, in which everything else works as in any folder."""
    other = linked(root, tmp_path / "other")
    agree(root)
    shutil.rmtree(root / gone)
    assert grant_for(other) == Grant()


def test_a_folder_that_claims_to_be_a_work_tree_has_no_trust(root: Path, tmp_path: Path) -> None:
    """An archive may bring a `.git` that leads to one of the user's repositories; that does not list it."""
    other = linked(root, tmp_path / "other")
    write_files(root, {".trigpoint.toml": 'test-cmd = "make"\n'})
    add_hook(root)
    agree(root)
    claimed = tmp_path / "claimed"
    claimed.mkdir()
    shutil.copy(other / ".git", claimed / ".git")
    shutil.copy(root / ".trigpoint.toml", claimed)
    assert grant_for(other) == grant_for(root)
    assert grant_for(claimed) == Grant()
    assert not is_git_trusted(claimed)


def test_a_folder_below_is_trusted_as_the_repository_is(root: Path) -> None:
    """git finds the configuration from there as well."""
    write_files(root, {"sub/deep/x": ""})
    assert is_git_trusted(root / "sub" / "deep")
    add_hook(root)
    assert not is_git_trusted(root / "sub" / "deep")
    agree(root / "sub")
    assert is_git_trusted(root / "sub" / "deep")
    assert is_git_trusted(root)


@pytest.mark.parametrize(
    "files",
    [
        {".git/x": ""},
        {".git/HEAD": "none\n", ".git/objects/x": "", ".git/refs/x": ""},
        {".git/HEAD": "ref: refs/heads/main\n", ".git/config": "", ".git/refs/x": ""},
    ],
)
def test_a_git_folder_that_git_passes_by_hides_nothing(root: Path, files: dict[str, str]) -> None:
    """git looks further up from what is no git folder; so does trust, for the root as well."""
    configure(root, "core.fsmonitor", "true; echo x")
    write_files(root / "sub", files)
    assert git(root / "sub", "config", "core.fsmonitor") == "true; echo x"
    assert not is_git_trusted(root / "sub")
    assert find_root(root / "sub") == Path(os.path.realpath(root))


def test_a_shared_folder_that_git_is_sent_to_counts(root: Path, tmp_path: Path) -> None:
    """`.git/commondir` moves configuration and hooks; a trusted one elsewhere does not vouch for it."""
    config = "[core]\n\tfsmonitor = evil\n"
    write_files(tmp_path, {"evil/config": config, "evil/objects/x": "", "evil/refs/x": ""})
    write_files(root, {".git/commondir": "../../evil\n"})
    claim = git_claim(root)
    assert claim.lines == ("core.fsmonitor = evil",)
    assert "commondir in its .git leads to" in claim.doubts[0]
    assert not is_git_trusted(root)


@pytest.mark.parametrize("where", [".gitconfig", ".config/git/config"])
def test_the_users_own_hooks_need_no_trust_unless_they_are_the_repositorys(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    """`core.hooksPath = .githooks` in the user's own configuration makes any clone bring hooks."""
    monkeypatch.delenv("XDG_CONFIG_HOME")
    add_hook(root, folder=".githooks")
    write_files(tmp_path, {"mine/pre-commit": "#!/bin/sh\n"})
    assert is_git_trusted(root)
    write_files(Path.home(), {where: f"[core]\n\thooksPath = {(tmp_path / 'mine').as_posix()}\n"})
    assert is_git_trusted(root)
    write_files(Path.home(), {where: "[core]\n\thooksPath = .githooks\n"})
    assert git_claim(root).hooks == (".githooks/pre-commit",)
    assert not is_git_trusted(root)


def test_more_hooks_than_can_be_looked_at_are_never_trusted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hooks folder of `/` must not be walked for ever."""
    monkeypatch.setattr("chat.trust.git_claim._MAX_HOOK_FILES", 3)
    for number in range(4):
        add_hook(root, f"hook-{number}")
    assert "cannot be trusted" in git_claim(root).never
    agree(root)
    assert not is_git_trusted(root)


def test_files_that_include_each_other_end(root: Path) -> None:
    """Git itself gives up at ten levels."""
    configure(root, "include.path", "config")
    assert git_claim(root).lines == ("include.path = config",)


def test_a_notice_is_given_once(root: Path) -> None:
    """And again when there is something else to tell."""
    add_hook(root)
    first = git_notice(root)
    assert "hooks and git settings (pre-commit) are not trusted yet, so git runs without them" in first
    assert git_notice(root) == ""
    add_hook(root, "commit-msg")
    assert "commit-msg" in git_notice(root)
    agree(root)
    assert git_notice(root) == ""
    add_hook(root, "pre-push")
    assert "changed since you trusted them" in git_notice(root)


# the record ---------------------------------------------------------------------------------------


def test_agreeing_twice_keeps_what_was_agreed_for_other_folders(root: Path) -> None:
    """A repository may have several files of settings."""
    write_files(root, {".trigpoint.toml": "a", "sub/.trigpoint.toml": "b"})
    agree(root)
    agree(root, root / "sub")
    assert set(grant_for(root).settings) == {".trigpoint.toml", "sub/.trigpoint.toml"}


def test_a_file_above_or_beside_the_repository_is_none_of_its(root: Path, tmp_path: Path) -> None:
    """Only what lies in it counts."""
    write_files(tmp_path, {".trigpoint.toml": "x", "beside/.trigpoint.toml": "x"})
    assert settings_claims(root, tmp_path / "beside") == ()
    assert settings_claims(root, tmp_path) == ()


def test_taking_trust_back_forgets_it(root: Path) -> None:
    """For this repository alone."""
    set_grant(root, Grant({"a": "b"}, "c", "d", "e"))
    set_grant(root.parent, Grant(git="x"))
    set_grant(root, None)
    assert grant_for(root) == Grant()
    assert grant_for(root.parent) == Grant(git="x")


def test_what_is_agreed_to_at_the_same_time_is_all_kept(tmp_path: Path) -> None:
    """Whoever changes the record waits for whoever has read it to do so."""
    folders = [tmp_path / str(number) for number in range(12)]
    with ThreadPoolExecutor(len(folders)) as threads:
        list(threads.map(lambda folder: set_grant(folder, Grant(git=folder.name)), folders))
    assert [grant_for(folder).git for folder in folders] == [folder.name for folder in folders]


def test_a_record_that_is_being_changed_for_too_long_stays_as_it_is(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a process that was stopped in the middle, say."""
    monkeypatch.setattr(user_file, "_WAIT_S", 0.0)
    with (
        UserFile("trust.json", 1, str, "").held(""),
        pytest.raises(ChatError, match=r"another process .* Trust was not changed\. Try again"),
    ):
        set_grant(root, Grant(git="x"))
    assert grant_for(root) == Grant()


@POSIX
def test_the_record_is_the_users_alone(root: Path) -> None:
    """In a folder of theirs, with nothing left beside it but its lock."""
    agree(root)
    assert stat.S_IMODE(store_path().stat().st_mode) == 0o600
    assert stat.S_IMODE(store_path().parent.stat().st_mode) == 0o700
    assert sorted(os.listdir(store_path().parent)) == ["trust.json", "trust.lock"]


@POSIX
def test_a_record_that_others_may_write_is_not_believed(root: Path) -> None:
    """It says so, and trusts nothing."""
    add_hook(root)
    agree(root)
    store_path().chmod(0o666)
    with pytest.raises(ChatError, match="others may write to it"):
        grants()
    assert not is_git_trusted(root)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"repositories": {"/": 1}}', '{"repositories": {"/": {"x": 1}}}']
)
def test_a_damaged_record_trusts_nothing(root: Path, text: str) -> None:
    """And is not overwritten: it may be repaired."""
    add_hook(root)
    agree(root)
    store_path().write_text(text)
    assert not is_git_trusted(root)
    assert "damaged" in git_notice(root)
    with pytest.raises(ChatError, match="damaged"):
        agree(root)
    assert store_path().read_text() == text


def test_the_record_says_when(root: Path) -> None:
    """For `trigpoint trust --list`."""
    agree(root)
    (each,) = json.loads(store_path().read_text())["repositories"].values()
    assert each["when"].endswith("+00:00")
