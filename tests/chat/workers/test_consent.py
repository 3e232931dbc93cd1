"""Which commands of a plan may be run: what a model has written needs a rule, or somebody who agrees."""

import pytest

from chat.permissions.ground import Ground
from chat.settings.table import Settings, changed
from chat.workers.consent import Checks, checks_of, sorted_checks
from chat.workers.plan import Piece, WorkPlan
from chat.workers.table import plan_table

COMMAND = "pytest -q tests/test_a.py"
ESCAPE = "\x1b]0;x\x07\u202e"


def plan(check: str = COMMAND, **fields: object) -> WorkPlan:
    values = {"id": "a", "goal": "Do it", "files": ("a.py",), "check": check, **fields}
    return WorkPlan((Piece(**values),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "behavior"),
    [
        ({}, "asked"),
        ({"yes": True}, "asked"),
        ({"allowed-tools": ("Bash(pytest *)",)}, "allowed"),
        ({"allowed-tools": ("Bash(pytest *)",), "disallowed-tools": ("Bash(pytest *)",)}, "denied"),
        ({"permission-mode": "dontAsk"}, "denied"),
        ({"permission-mode": "bypassPermissions"}, "allowed"),
        ({"permission-mode": "bypassPermissions", "disallowed-tools": ("Bash(pytest *)",)}, "denied"),
    ],
)
def test_rules_and_mode_decide_as_on_commands_of_the_model(values: dict[str, object], behavior: str) -> None:
    """--yes answers for none."""
    settings = changed(Settings(), values, "test")  # type: ignore[arg-type]
    checks = sorted_checks(plan(), settings, (), Ground())
    assert getattr(checks, behavior) == (COMMAND,)
    assert sum(map(len, (checks.allowed, checks.asked, checks.denied))) == 1


@pytest.mark.parametrize("command", ["pytest; rm -rf x", "pytest $(rm x)", "pytest > ../x"])
def test_a_rule_allows_no_more_than_it_says(command: str) -> None:
    """A check is read as strictly as any other command."""
    settings = changed(Settings(), {"allowed-tools": ("Bash(pytest *)",)}, "test")
    assert sorted_checks(plan(command), settings, (), Ground()).asked == (command,)


def test_the_whole_check_is_the_users_own() -> None:
    """A plan may name it; and it decides where a piece's own check may not be run."""
    assert sorted_checks(plan("make test"), Settings(), ("make test",), Ground()).allowed == ("make test",)
    assert checks_of(plan(), "a", (), ("make test",)) == ("make test",)
    assert checks_of(plan(), "a", (COMMAND,), ("make test",)) == (COMMAND,)


def test_nothing_is_hidden_from_whoever_agrees() -> None:
    """Control characters are written out, and a long command stands there whole."""
    command = f"{'x' * 200}; rm -rf /"
    shown = plan_table(
        plan(command, goal=f"Do it{ESCAPE}", files=(f"a{ESCAPE}.py",)), Checks((), (command,), ()), None
    )
    assert command in shown
    assert not set(ESCAPE) & set(shown) - set("]0;x")
    assert shown.count(r"\x1b") >= 3
