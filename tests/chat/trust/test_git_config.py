"""Which lines of a git configuration matter, told as git itself reads it."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples
from repositories import git

from chat.trust.git_config import dangerous_settings, named_paths

FRESH = """\
[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
[remote "origin"]
\turl = git@example.org:a/b.git
\tfetch = +refs/heads/*:refs/remotes/origin/*
[branch "main"]
\tremote = origin
\tmerge = refs/heads/main
[user]
\tname = A
\temail = a@example.org
"""


def test_a_usual_configuration_needs_no_trust() -> None:
    """Else everybody would be asked in every clone, and soon say yes to anything."""
    assert dangerous_settings(FRESH) == ()
    assert dangerous_settings(FRESH.replace("\n", "\r\n")) == ()
    assert dangerous_settings("") == ()


def test_what_git_writes_for_a_new_repository_is_harmless(tmp_path: Path) -> None:
    """With the git that is here."""
    git(tmp_path, "init", "-q")
    assert dangerous_settings((tmp_path / ".git" / "config").read_text()) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("[core]\n\tfsmonitor = /tmp/x\n", "core.fsmonitor = /tmp/x"),
        ("[core]\n\thooksPath = .husky/_\n", "core.hookspath = .husky/_"),
        ("[CORE]\n\tsshCommand = x\n", "core.sshcommand = x"),
        ('[diff "x"]\n\ttextconv = x\n', "diff.x.textconv = x"),
        ('[filter "a.b"]\n\tclean = x\n', "filter.a.b.clean = x"),
        ("[commit]\n\tgpgSign\n", "commit.gpgsign = "),
        ("[alias]\n\tstatus = !x\n", "alias.status = !x"),
        ("[include]\n\tpath = ../x\n", "include.path = ../x"),
        ("[core]\n\tworktree = /\n", "core.worktree = /"),
    ],
)
def test_what_runs_or_redirects_matters(text: str, found: str) -> None:
    """With its section, as `git config --list` names it."""
    assert dangerous_settings(FRESH + text) == (found,)


def test_gits_own_file_monitor_is_harmless() -> None:
    """The same key names a program or switches git's daemon on."""
    assert dangerous_settings("[core]\n\tfsmonitor = true\n\tuntrackedCache = true\n") == ()


@pytest.mark.parametrize(
    "text",
    [
        '[branch "x"] merge = a\n[core]\n\tfsmonitor = x\n',
        '[core]\n\tabbrev = 7 \\\n[branch "x"]\n\tfsmonitor = x\n',
        '[branch "x\\"]\n[core]\n"]\n\tfsmonitor = x\n',
        "[core.x]\n\tfsmonitor = x\n",
        "\tfsmonitor = x\n",
        "[core]\n\tfsmonitor =\\\nx\n",
        "[core]\x0b\n\tfsmonitor = x\n",
    ],
)
def test_what_is_not_understood_matters(text: str) -> None:
    """From there on every line is kept, so that nothing hides behind odd writing."""
    assert any("fsmonitor" in line for line in dangerous_settings(FRESH + text))


def test_paths_are_found_in_every_writing() -> None:
    """Of hooks and of included files."""
    lines = dangerous_settings(
        '[include]\n path = a\n path = "b c" # d\n[includeIf "x"]\n PATH = "c:\\\\d"\n'
    )
    assert named_paths(lines, "path") == ("a", "b c", r"c:\d")
    assert named_paths(dangerous_settings("[core] hooksPath = x ; y\n"), "hookspath") == ("x",)
    assert named_paths(dangerous_settings("[core]\n hooksPath =\\\n x\n"), "hookspath") == ("x",)


LINES = (
    "[core]|[core] |[CORE]|[core] abbrev = 7|[core]\t# x|[core] fsmonitor = x|[branch]|"
    '[branch "a"]|[branch "a"] [core]|[branch "a]"]|[branch "a\\"]|[core "a"]|[core.a]|[core'
    "|abbrev = 7 \\|abbrev = \"7|merge|merge = a\\\\|merge = a \\|merge = \"a\\\"|# x \\|; [branch]"
    "| fsmonitor = x|fsmonitor=x\\|fsmonitor = x # y| fsmonitor = x|fsmonitor  =x|\r|\x0b|"
).split("|")  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=6), st.lists(st.sampled_from(LINES), max_size=2))
@examples(100)
def test_what_git_heeds_is_never_missed(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str]
) -> None:
    """If git reads a program for `core.fsmonitor` out of a text, in whatever writing, it is among the claims."""
    text = "\n".join((*before, "[core]", *after, " fsmonitor = x", ""))
    path = tmp_path_factory.getbasetemp() / "config"
    path.write_bytes(text.encode())
    command = ["git", "config", "--file", str(path), "--get", "core.fsmonitor"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout.strip():
        assert any("fsmonitor" in line for line in dangerous_settings(text))
