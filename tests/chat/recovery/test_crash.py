"""A session that is killed anywhere and resumed ends as one that was not."""

import json
import sys
from pathlib import Path

import pytest
from processes import output_of

if sys.platform == "win32":
    pytest.skip("kills with SIGKILL and copies processes with fork", allow_module_level=True)

COMMANDS = {"allowed_tools": ["Bash"], "sandbox": "none"}


def kills(base: Path, **options: object) -> list[object]:
    """What differs from the undisturbed run, by kill."""
    said = output_of("tests/support/long_session.py", str(base), json.dumps(options))
    found: list[object] = json.loads(said)["found"]
    return found


def test_a_killed_session_ends_as_an_undisturbed_one(tmp_path: Path) -> None:
    """Killed at any write, rename, journal line or start of a program: the same tree, commits and journal
    in the end, and no reply that had reached the journal was asked for again."""
    assert kills(tmp_path, tasks=3, points=[0, -1500], seed=5) == []


def test_a_killed_session_runs_no_command_again(tmp_path: Path) -> None:
    """Each turn begins with a command of the model's; what its output was is in the next prompt."""
    assert kills(tmp_path, tasks=2, points=[0, -1500], seed=8, **COMMANDS) == []


@pytest.mark.slow
def test_forty_kills_of_turns_with_commands(tmp_path: Path) -> None:
    """None is run again whose end was recorded."""
    assert kills(tmp_path, tasks=3, points=[0] * 40, seed=9, **COMMANDS) == []


@pytest.mark.slow
def test_three_hundred_kills_of_twenty_turns(tmp_path: Path) -> None:
    """Each at a random point of the whole session, then resumed to its end."""
    assert kills(tmp_path, tasks=20, points=[0] * 300, seed=1) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_session_that_is_killed_again_and_again_comes_to_its_end(tmp_path: Path, seed: int) -> None:
    """Also while it is being resumed, and while its prompt is rebuilt."""
    assert kills(tmp_path, tasks=20, points=[-1500], seed=seed, compact_at=4000) == []
