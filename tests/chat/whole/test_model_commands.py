"""Commands of the model's, through the real command line: rules, the sandbox, what a script gets to know."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import git
from scripted_model import ScriptedModel
from whole_chat import Program, block, calls_of, last_text

pytestmark = [
    pytest.mark.usefixtures("lasting_workers"),
    pytest.mark.skipif(sys.platform == "win32", reason="commands of the model's are not run there"),
]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap is for Linux")

Play = Callable[..., ScriptedModel]
SHORTER = block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n")


def test_a_script_says_what_may_run_and_hears_what_may_not(
    shop: Path, play: Play, trigpoint: Program
) -> None:
    """Several rules behind one flag; the result lists what was not run as other agents do."""
    server = play(f"{SHORTER}\nrun: grep -c LIFETIME_S shop/session.py\nrun: touch made.txt", "Shorter now.")

    done = trigpoint(
        server.base_url,
        *("-m", "shorter", "--allowedTools", "Bash(grep *)", "Edit", "--permission-mode", "dontAsk"),
        *("--output-format", "json"),
    )
    result = json.loads(done.stdout)

    assert (done.code, result["result"]) == (0, "Shorter now.")
    assert result["files_changed"] == ["shop/session.py"]
    assert result["permission_denials"] == [
        {"tool_name": "Bash", "tool_input": {"command": "touch made.txt"}}
    ]
    assert "`grep -c LIFETIME_S shop/session.py`: exit code 0" in last_text(calls_of(server)[1])
    assert not (shop / "made.txt").exists()


@LINUX
@pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed, so nothing was tried")
def test_the_models_commands_and_with_bwrap_the_checks_run_in_the_sandbox(
    shop: Path, play: Play, trigpoint: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they write outside of the work tree is written nowhere; the setup command runs before both."""
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "private.txt").write_text("mine")
    command = "cat ~/private.txt ~/prepared; touch ~/made .git/made"
    server = play(f"{SHORTER}\nrun: {command}", "Done.")

    done = trigpoint(
        server.base_url,
        *(
            "-m",
            "shorter",
            "--allowedTools",
            "Bash",
            "--sandbox",
            "bwrap",
            "--setup-cmd",
            "echo ready > ~/prepared",
        ),
        *("--test-cmd", "cat ~/prepared; test ! -e ~/private.txt", "--auto-test"),
    )

    answer = last_text(calls_of(server)[1])
    assert done.code == 0, done.stderr
    assert "private.txt: No such file" in answer
    assert "ready" in answer
    assert not (tmp_path / "made").exists()
    assert not (tmp_path / "prepared").exists()
    assert not (shop / ".git" / "made").exists()
    assert git(shop, "log", "-1", "--format=%s").strip() == "Do what was asked"


@LINUX
def test_a_sandbox_that_cannot_be_had_starts_nothing(
    shop: Path, play: Play, trigpoint: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2, and no model is called."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "git").symlink_to(shutil.which("git") or "/usr/bin/git")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    server = play("Done.")

    done = trigpoint(server.base_url, "-m", "shorter", "--sandbox", "bwrap")

    assert done.code == 2
    assert "--sandbox bwrap: bwrap is not installed. Nothing was started." in done.stderr
    assert calls_of(server) == []


def test_a_plan_is_made_without_a_write(shop: Path, play: Play, trigpoint: Program) -> None:
    """The model looks, and what it writes down is the answer."""
    server = play("run: git log --oneline\nrun: touch made.txt", f"1. Shorten it.\n\n{SHORTER}")

    done = trigpoint(server.base_url, "-m", "shorter", "--permission-mode", "plan")

    assert done.code == 0
    assert "1. Shorten it." in done.stdout
    assert "exit code 0" in last_text(calls_of(server)[1])
    assert "`touch made.txt` was not run" in last_text(calls_of(server)[1])
    assert git(shop, "status", "--porcelain") == ""
