"""A process that is killed at any moment loses nothing of the user's, does nothing twice, and leaves nothing behind."""

import json
import sys
from pathlib import Path

import pytest
from processes import output_of

if sys.platform == "win32":
    pytest.skip("kills with SIGKILL and copies processes with fork", allow_module_level=True)

KILLS = 300


def differences(base: Path, **options: object) -> list[object]:
    """What differs from the undisturbed runs, by kill."""
    said = output_of("tests/support/kill_cases.py", str(base), json.dumps(options))
    found: list[object] = json.loads(said)["found"]
    return found


def test_killed_in_a_turn_behind_a_commit_that_a_hook_has_changed_and_in_a_goal(tmp_path: Path) -> None:
    """Tracked, ignored and new files at once; a commit with another text than it was given; the checks of a goal."""
    names = ["mixed, undo", "hook formats", "goal"]
    assert differences(tmp_path / "base", names=names, given=[0.6]) == []


@pytest.mark.slow
def test_three_hundred_kills(tmp_path: Path) -> None:
    """Each at a random point of one of more than eighty sessions: edits, new, deleted and renamed files, ignored and
    linked ones, hooks, undo, redo, rollback, commits, compaction, with and without git, and a user who types."""
    assert differences(tmp_path / "base", names=[], kills=KILLS, seed=1) == []
