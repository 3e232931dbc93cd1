"""How git is started: what it is told in every call, and what it wrote."""

import os
import time
from pathlib import Path

import pytest
from processes import STARTED, InterruptedStart, is_running, until
from work_trees import git, make

from repomap.errors import GitFailed
from repomap.files.git_runner import HARDENED_GIT, GitRunner, find_git

posix = pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")


def runner(folder: Path, program: str | None = None) -> GitRunner:
    return GitRunner(program=program or find_git() or "", folder=folder)


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make(tmp_path / "root")


@posix
def test_ctrl_c_as_git_starts_ends_it(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would go on alone otherwise, with the index locked."""
    slow = script(tmp_path / "git", "sleep 600 & wait")
    monkeypatch.setattr("subprocess.Popen", InterruptedStart)

    with pytest.raises(KeyboardInterrupt):
        runner(root, slow).run("status")

    until(lambda: not is_running(STARTED[-1]))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("commit.gpgSign", "false"),
        ("core.fsmonitor", "false"),
        ("core.hooksPath", os.devnull),
        ("core.pager", "cat"),
        ("diff.external", ""),
        ("diff.orderFile", os.devnull),
        ("gpg.program", os.devnull),
        ("gpg.ssh.program", os.devnull),
        ("log.showSignature", "false"),
        ("protocol.allow", "never"),
        ("submodule.recurse", "false"),
    ],
)
def test_what_would_run_a_program_is_off_by_default(root: Path, key: str, value: str) -> None:
    """Whatever the repository's own configuration says."""
    git(root, "config", key, "canary" if value != "false" else "true")

    assert runner(root).run("config", "--get", key).stdout == f"{value}\n".encode()


def test_the_callers_variables_do_not_count_but_for_identity(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GIT_DIR and its kin lead elsewhere; who the author is does not."""
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("Git_Work_Tree", "/nowhere")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "s@example.org")

    author = runner(root).run("var", "GIT_AUTHOR_IDENT").stdout

    assert author.startswith(b"Somebody Else <s@example.org>")


def test_an_override_beats_every_file_whatever_its_key_holds(root: Path) -> None:
    """`-c` would split a driver's name at its first `=`."""
    git(root, "config", "filter.a=b.clean", "canary")
    shielded = GitRunner(program=find_git() or "", folder=root, overrides={"filter.a=b.clean": ""})

    programs = [each for each in runner(root).settings() if each.names_program]
    assert [(each.key, each.value) for each in programs] == [("filter.a=b.clean", "canary")]
    assert shielded.run("config", "--get", "filter.a=b.clean").stdout == b"\n"


def test_settings_name_the_scope_they_come_from(root: Path) -> None:
    """The user's own filters may run where the repository's may not."""
    git(root, "config", "--global", "filter.lfs.clean", "git-lfs clean")
    git(root, "config", "--global", "filter.lfs.required", "true")
    git(root, "config", "diff.evil.textconv", "canary\n--option")

    programs = [each for each in runner(root).settings() if each.names_program]
    assert {(each.scope, each.key, each.value, each.off) for each in programs} == {
        ("global", "filter.lfs.clean", "git-lfs clean", ""),
        ("global", "filter.lfs.required", "true", "false"),
        ("local", "diff.evil.textconv", "canary\n--option", ""),
    }


def test_a_failure_says_where_and_what(root: Path) -> None:
    """A code that is expected is an answer, any other an error with git's own words."""
    assert runner(root).run("config", "--get", "no.such", accept=(0, 1)).code == 1
    with pytest.raises(GitFailed, match=r"git rev-parse in .*root: fatal: Needed a single revision"):
        runner(root).run("rev-parse", "--verify", "no-such-name")
    with pytest.raises(GitFailed, match=r"git status in .*could not be started"):
        runner(root, str(root / "no-such-program")).run("status")


@posix
def test_a_git_that_hangs_is_asked_to_end_before_it_is_killed(root: Path, tmp_path: Path) -> None:
    """It removes its lock files then, which nobody else would."""
    slow = script(
        tmp_path / "git", f"trap 'rm {tmp_path}/lock; exit' TERM; touch {tmp_path}/lock; sleep 60 & wait"
    )

    began = time.monotonic()
    with pytest.raises(GitFailed, match=r"no answer within 0\.3 s, so it was stopped"):
        runner(root, slow).run("status", timeout_s=0.3)

    assert time.monotonic() - began < 10
    assert not (tmp_path / "lock").exists()


@posix
def test_every_call_gets_the_same_switches(root: Path, tmp_path: Path) -> None:
    """They stand before the command; `check-ignore` alone refuses one of them."""
    shown = script(tmp_path / "git", 'printf "%s\\n" "$@"')

    listed = runner(root, shown).run("ls-files", "a.txt").stdout.decode().splitlines()
    checked = runner(root, shown).run("check-ignore", "a.txt").stdout.decode().splitlines()

    settings = (*HARDENED_GIT.settings, *HARDENED_GIT.programs_off)
    assert listed[-2:] == ["ls-files", "a.txt"]
    assert listed[:3] == ["--no-pager", "--no-optional-locks", "--literal-pathspecs"]
    assert [line for line in listed if "=" in line] == list(settings)
    assert checked[:2] == ["--no-pager", "--no-optional-locks"]
    assert checked[2:-2] == listed[3:-2]
