"""The hooks that an event concerns are run together, and a bad one costs its time limit and a warning."""

import json
import os
import time
from pathlib import Path

import pytest
from hook_files import write_hooks
from processes import LIMITS_S, PATIENCE_S, has_ended, has_line

from chat.hooks.answers import Verdict
from chat.hooks.hooks import Hooks
from chat.hooks.sources import hook_sources, user_files

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the hooks of these tests are written for sh")


def fire(root: Path, *commands: str, event: str = "PreToolUse", timeout: float = PATIENCE_S) -> Verdict:
    """Run these commands of the user's own at one event."""
    write_hooks(user_files()[0], *((event, "", {"command": each, "timeout": timeout}) for each in commands))
    return Hooks(root, "s1", "/sessions/s1.jsonl").fire(event, {"tool_name": "Edit"}, "Edit")


def test_a_hook_reads_the_event_as_json_and_knows_the_project(tmp_path: Path) -> None:
    """Standard input has the common fields and the event's own; the environment has the project's folder."""
    fire(tmp_path, 'cat > in.json; echo "$CLAUDE_PROJECT_DIR|$TRIGPOINT_PROJECT_DIR|$PWD" > env.txt')
    assert json.loads((tmp_path / "in.json").read_text()) == {
        "session_id": "s1",
        "transcript_path": "/sessions/s1.jsonl",
        "cwd": str(tmp_path),
        "hook_event_name": "PreToolUse",
        "tool_name": "Edit",
    }
    assert (tmp_path / "env.txt").read_text().strip() == "|".join([str(tmp_path)] * 3)


def test_the_keys_of_models_are_not_given_to_hooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other variables are the user's."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("MINE", "1")
    fire(tmp_path, "env > env.txt")
    assert "sk-secret" not in (tmp_path / "env.txt").read_text()
    assert "MINE=1" in (tmp_path / "env.txt").read_text()


def test_hooks_that_match_run_at_the_same_time(tmp_path: Path) -> None:
    """Each waits here for what the other one does."""
    wait = "while [ ! -e {other} ]; do sleep 0.01; done"
    verdict = fire(tmp_path, f"touch a; {wait.format(other='b')}", f"touch b; {wait.format(other='a')}")
    assert verdict == Verdict()


def test_the_same_command_runs_once(tmp_path: Path) -> None:
    """Also where it is in several files, and in both of Claude Code's matchers."""
    write_hooks(user_files()[1], ("PreToolUse", "Edit", {"command": "echo x >> ran"}))
    fire(tmp_path, "echo x >> ran", "echo x >> ran")
    assert (tmp_path / "ran").read_text() == "x\n"


def test_only_hooks_that_match_run(tmp_path: Path) -> None:
    """By event and by tool."""
    write_hooks(
        user_files()[0],
        ("PreToolUse", "Bash", {"command": "touch bash"}),
        ("PostToolUse", "Edit", {"command": "touch post"}),
        ("PreToolUse", "Edit|Write", {"command": "touch edit"}),
    )
    Hooks(tmp_path).fire("PreToolUse", {}, "Edit")
    assert os.listdir(tmp_path) == ["edit"]


def test_a_hook_that_hangs_is_ended_with_all_it_started(tmp_path: Path) -> None:
    """After its own time limit, while another one decides."""
    begun = time.monotonic()
    for limit_s in LIMITS_S:
        verdict = fire(tmp_path, "sleep 600 & echo $! > child; wait", "echo no >&2; exit 2", timeout=limit_s)
        if verdict.decision and has_line(tmp_path / "child"):
            break
    assert time.monotonic() - begun < 100
    assert (verdict.decision, verdict.reason) == ("deny", "no")
    assert "time limit" in verdict.messages[0]
    assert has_ended(tmp_path / "child")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("yes", "time limit"),
        ("yes | head -c 3000000", "too much"),
        ("kill -9 $$", "exit code 137"),
        ("exec 0<&- 1>&- 2>&-; exit 1", "exit code 1"),
        ("no-such-program-here", "exit code 127"),
        ("printf '{\"decision\": '", "JSON"),
        ("printf '\\377\\376{'; exit 3", "exit code 3"),
    ],
)
def test_a_bad_hook_costs_a_warning(tmp_path: Path, command: str, said: str) -> None:
    """It decides nothing, and the warning names it."""
    verdict = fire(tmp_path, command, timeout=0.4 if said == "time limit" else PATIENCE_S)
    assert verdict.decision == ""
    (message,) = verdict.messages
    assert said in message
    assert "PreToolUse hook" in message


def test_a_hook_need_not_read_the_event(tmp_path: Path) -> None:
    """However long it is."""
    write_hooks(user_files()[0], ("PreToolUse", "", {"command": "exit 0"}))
    assert Hooks(tmp_path).fire("PreToolUse", {"tool_input": "x" * 2_000_000}, "Write") == Verdict()


def test_what_a_hook_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    """Such as the sound of a notification."""
    begun = time.monotonic()
    fire(tmp_path, "sleep 600 & echo $! > pid", timeout=PATIENCE_S)
    assert time.monotonic() - begun < PATIENCE_S
    os.kill(int((tmp_path / "pid").read_text()), 9)


def test_a_root_without_hooks_has_no_sources(tmp_path: Path) -> None:
    """And an event there costs nothing."""
    assert hook_sources(tmp_path) == ()
    assert Hooks(tmp_path).fire("Stop", {}) == Verdict()
