"""`--scan-cmd`: nothing is committed that a scanner objects to, over the real chat, git and shell."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import git, write_files
from scripted_model import ScriptedModel
from whole_chat import Program, WholeChat, block, calls_of, last_text

from chat.errors import GitError
from chat.events import CommandRan, Notice

Whole = Callable[..., WholeChat]
Play = Callable[..., ScriptedModel]

SCAN = "git diff --cached | grep '^+.*TOKEN = .live' && exit 3; exit 0"
"""A scanner that reads git's index, as many do."""
LEAK = block("shop/session.py", "LIFETIME_S = 3600\n", 'TOKEN = "live-1"\n')
BESIDE = block("shop/cart.py", "class Cart:\n", "class Basket:\n")
MENDED = block("shop/session.py", 'TOKEN = "live-1"\n', "TOKEN = read()\n")


def commits(root: Path) -> int:
    return int(git(root, "rev-list", "--count", "HEAD"))


def warned(whole: WholeChat) -> str:
    return "\n".join(event.text for event in whole.events if isinstance(event, Notice))


def test_the_model_mends_what_the_scanner_finds(shop: Path, play: Play, trigpoint: Program) -> None:
    """Then there is one commit, in which the secret never was."""
    server = play(f"{LEAK}\n{BESIDE}", MENDED)

    done = trigpoint(server.base_url, "-m", "go", "--scan-cmd", SCAN, "--output-format", "json")

    assert done.code == 0
    assert "failed with exit code 3" in last_text(calls_of(server)[1])
    assert "live-1" not in git(shop, "log", "-p")
    assert git(shop, "show", "--name-only", "--format=").split() == ["shop/cart.py", "shop/session.py"]
    scan = json.loads(done.stdout)["scan"]
    assert (scan["command"], scan["exit_code"]) == (SCAN, 0)


def test_what_does_not_pass_is_not_committed(shop: Path, play: Play, trigpoint: Program) -> None:
    """Code 1 and the reason; the change stays in the files."""
    server = play(LEAK, "I cannot.")

    done = trigpoint(server.base_url, "-m", "go", "--scan-cmd", SCAN, "--output-format", "json")

    result = json.loads(done.stdout)
    assert (done.code, result["exit_code"], result["commits"], result["scan"]["exit_code"]) == (1, 1, [], 3)
    assert "the scan refused to commit" in result["error"]
    assert commits(shop) == 2
    assert git(shop, "status", "--porcelain") == "M shop/session.py"


def test_the_next_turn_commits_what_was_held_back(shop: Path, open_whole: Whole) -> None:
    """All of it, once it passes; the scan is over all that is committed."""
    whole = open_whole(f"{LEAK}\n{BESIDE}", "I cannot.", MENDED, scan_cmd=SCAN)

    assert whole.turn().uncommitted
    assert (commits(shop), "not committed" in warned(whole)) == (2, True)
    assert whole.turn().ok

    assert git(shop, "status", "--porcelain") == ""
    assert commits(shop) == 3
    assert whole.turn().ok  # nothing is scanned where nothing changed
    assert len([event for event in whole.events if isinstance(event, CommandRan)]) == 3


def test_the_users_own_changes_are_scanned_before_they_are_committed(shop: Path, open_whole: Whole) -> None:
    """They are not committed first, and not by /commit either."""
    (shop / "shop/session.py").write_text('LIFETIME_S = 3600\nTOKEN = "live-2"\n')
    whole = open_whole(block("shop/session.py", "LIFETIME_S = 3600\n", "LIFETIME_S = 60\n"), scan_cmd=SCAN)

    done = whole.turn()

    assert (done.commits, done.uncommitted, commits(shop)) == ((), True, 2)
    assert "does not pass --scan-cmd" in warned(whole)
    with pytest.raises(GitError, match="do not pass"):
        whole.chat.changes.commit("Mine")
    assert commits(shop) == 2


def test_a_command_may_name_the_files(shop: Path, open_whole: Whole) -> None:
    """Those that there are, quoted; without any, nothing is scanned."""
    write_files(shop, {"two words.txt": "a\n"})
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "More")
    whole = open_whole(
        block("two words.txt", "a\n", "b\n"), scan_cmd="grep -l b {files}", commit_mode="stage"
    )

    done = whole.turn()

    assert done.scan is not None
    assert (done.scan.command, done.scan.output) == ("grep -l b 'two words.txt'", "two words.txt\n")
    assert git(shop, "diff", "--cached", "--name-only") == "two words.txt"


def test_what_does_not_pass_is_not_staged(shop: Path, open_whole: Whole) -> None:
    """Nor is the user's index touched by the scan; without commits nothing is scanned."""
    whole = open_whole(LEAK, "I cannot.", scan_cmd=SCAN, commit_mode="stage")

    assert whole.turn().uncommitted
    assert git(shop, "diff", "--cached", "--name-only") == ""
    assert not list((shop / ".git").glob("index.trigpoint*"))
    assert open_whole(BESIDE, scan_cmd="exit 1", commit_mode="none").turn().ok


def test_a_goal_is_not_met_by_what_is_not_committed(shop: Path, play: Play, trigpoint: Program) -> None:
    """Its next turn is told what the scanner found."""
    server = play(LEAK, "I cannot.", MENDED)

    done = trigpoint(
        server.base_url,
        *("--goal", "checks", "--check", "grep -q TOKEN shop/session.py", "--no-plan"),
        *("--scan-cmd", SCAN, "--max-reflections", "1"),
    )

    assert done.code == 0, done.stderr
    assert "failed with exit code 3" in last_text(calls_of(server)[2])
    assert git(shop, "status", "--porcelain") == ""
    assert "live-1" not in git(shop, "log", "-p")
