"""A rule never lets a command line run more than it says, however the line is written."""

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from properties import examples
from shell_tricks import CLASSICS, TWENTY_RULES, Watched, tricks

from chat.permissions.decide import decide_command
from chat.permissions.ground import Ground
from chat.permissions.rule import Rules, parse_rules

RULES = Rules(allow=parse_rules(TWENTY_RULES))
GROUND = Ground("/project")


def is_allowed(line: str) -> bool:
    """Whether the twenty rules allow a command line."""
    return decide_command(line, RULES, "dontAsk", GROUND).behavior == "allow"


def test_no_classic_is_allowed() -> None:
    """Each of them runs, or could run, what none of the rules names."""
    assert [line for line in CLASSICS if is_allowed(line)] == []


@given(tricks())
@examples(30)
def test_any_text_gets_a_decision(line: str) -> None:
    """What the readers cannot make sense of is refused, not raised."""
    assert decide_command(line, RULES, "default", GROUND).behavior in ("allow", "ask")


@pytest.mark.slow
def test_what_is_allowed_runs_nothing_beyond_the_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of over 1,000 lines, all that the rules allow are run, and strace sees only the programs of the rules."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed, so nothing was run")
    watched = Watched(tmp_path)
    lines: set[str] = set()
    allowed: set[str] = set()
    beyond: dict[str, list[str]] = {}

    @given(tricks())
    @settings(max_examples=1_100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    def try_one(line: str) -> None:
        lines.add(line)
        if line not in allowed and is_allowed(line):
            allowed.add(line)
            if ran := watched.beyond_rules(line):
                beyond[line] = ran

    try_one()

    with capsys.disabled():
        print(
            f"\n{len(lines)} different lines, {len(allowed)} allowed and run, {len(beyond)} beyond the rules"
        )
    assert len(lines) > 1_000
    assert beyond == {}
    assert len(allowed) > 50
    assert watched.beyond_rules("evil; rm list.txt") == ["evil", "rm list.txt", "list.txt is gone"]
    assert watched.beyond_rules("ls > made.txt") == ["made.txt was written"]
