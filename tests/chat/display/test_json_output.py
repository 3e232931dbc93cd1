"""The objects that scripts read: their names are a promise."""

import json
from dataclasses import replace

import jsonschema
import pytest
from fake_chat import DIFF

from chat.display.json_output import Outcome, exit_code, init, line, result, result_schema
from chat.errors import BudgetLimit, GitError, InputError, NeedsTerminal, Terminated, TurnLimit, Unreachable
from chat.events import (
    Committed,
    EditsWritten,
    Event,
    FileEdited,
    Notice,
    ReasoningChunk,
    ReplyEnded,
    ReplyStarted,
    Retrying,
    TextChunk,
    TurnEnded,
)
from chat.model import ModelRole, Plan, PlanRevision, PlanStep, Reply, Usage
from chat.ports import Ran
from chat.results import CheckOutcome, GoalSummary, TurnResult

EDITED = FileEdited("a.py", DIFF, "changed")
TURN = TurnResult(
    "Done.",
    edits=(EDITED,),
    commits=(Committed("1a2b", "Change a", ("a.py",)),),
    lint=Ran("ruff", 0, ""),
    test=Ran("pytest", 0, "2 passed"),
    scan=Ran("scan", 0, ""),
    usage=Usage(1, 1000, 800, 50, 0.01),
)


def test_the_result_has_the_fields_that_others_print() -> None:
    """Scripts made for other assistants find what they look for; ours come on top."""
    found = result(
        Outcome("s1", 0, "Done.", None, (TURN,), TURN.usage, 1500, 1200, by_model={"big": TURN.usage})
    )

    assert found == {
        "type": "result",
        "subtype": "success",
        "is_error": False,
        "result": "Done.",
        "session_id": "s1",
        "num_turns": 1,
        "duration_ms": 1500,
        "duration_api_ms": 1200,
        "total_cost_usd": 0.01,
        "usage": {"input_tokens": 200, "output_tokens": 50, "cache_read_input_tokens": 800},
        "modelUsage": {
            "big": {"inputTokens": 200, "outputTokens": 50, "cacheReadInputTokens": 800, "costUSD": 0.01}
        },
        "permission_denials": [],
        "structured_output": None,
        "edits": [{"path": "a.py", "diff": DIFF, "kind": "changed"}],
        "dry_run": False,
        "commits": [{"commit": "1a2b", "subject": "Change a", "paths": ("a.py",), "of_user": False}],
        "files_changed": ["a.py"],
        "refused": [],
        "lint": {"command": "ruff", "exit_code": 0, "output": "", "timed_out": False},
        "test": {"command": "pytest", "exit_code": 0, "output": "2 passed", "timed_out": False},
        "scan": {"command": "scan", "exit_code": 0, "output": "", "timed_out": False},
        "evidence": [],
        "goal": None,
        "checks": [],
        "plan": None,
        "error": None,
        "exit_code": 0,
    }


GOAL = GoalSummary(
    condition="it works",
    status="met",
    reason="It does.",
    evidence=("2 passed",),
    turns=1,
    seconds=1.5,
    tokens=10,
    cost_usd=None,
    limits="",
    checks=(CheckOutcome(command="pytest", exit_code=0, output="2 passed", timed_out=False),),
    plan=Plan(
        (PlanStep("Do it", "2 passed"), PlanStep("Say so")), (PlanRevision("Why", ("  Do it", "+ Say so")),)
    ),
)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("s1", 0, "Done.", None, (TURN,), TURN.usage, 1500, 1200, by_model={"big": TURN.usage}),
        Outcome("s1", 0, "Done.", None, (TURN,), goal=GOAL, structured={"n": 1}, evidence=("/r/shot.png",)),
        Outcome("", 42, error=InputError("x"), reason="x", denied=("Add big.py?",)),
        Outcome("s1", 1, turns=(replace(TURN, denied=("rm -r .",), refused=("why",)),), reason="x"),
        Outcome("s1", 143, error=Terminated(), usage=Usage(cost_usd=None), reason="x"),
    ],
)
def test_a_result_follows_its_schema(outcome: Outcome) -> None:
    """Which names every field and allows no other."""
    schema = json.loads(result_schema())
    jsonschema.Draft202012Validator.check_schema(schema)

    jsonschema.validate(json.loads(json.dumps(result(outcome))), schema)
    assert list(schema["properties"]) == schema["required"]


@pytest.mark.parametrize(
    ("error", "subtype"),
    [
        (TurnLimit("x"), "error_max_turns"),
        (BudgetLimit("x"), "error_max_budget_usd"),
        (Unreachable("x"), "error_during_execution"),
        (None, "error_during_execution"),
    ],
)
def test_a_failure_says_of_which_kind(error: Exception | None, subtype: str) -> None:
    """And why, even where the failure is no error of the program, such as refused edits."""
    found = result(Outcome("s1", 1, error=error, reason="x"))

    assert (found["subtype"], found["is_error"]) == (subtype, True)
    assert found["error"] == "x"


def test_questions_that_nobody_answered_are_told() -> None:
    """So that a script knows what --yes would have changed."""
    found = result(Outcome("s1", 2, error=NeedsTerminal("x"), denied=("Add big.py?",)))

    assert found["permission_denials"] == [{"question": "Add big.py?"}]


def test_what_rules_denied_is_told() -> None:
    """Commands and files, by the tool and its input, as other assistants tell it."""
    turn = TurnResult("x", denied=("rm -r .",), denied_files=(("Read", "key.py"), ("Edit", "a.py")))

    assert result(Outcome("s1", 0, turns=(turn,)))["permission_denials"] == [
        {"tool_name": "Bash", "tool_input": {"command": "rm -r ."}},
        {"tool_name": "Read", "tool_input": {"file_path": "key.py"}},
        {"tool_name": "Edit", "tool_input": {"file_path": "a.py"}},
    ]


@pytest.mark.parametrize(
    ("error", "turns", "code"),
    [
        (None, [TURN], 0),
        (None, [], 0),
        (None, [TurnResult("x", refused=("why",))], 1),
        (None, [TurnResult("x", unanswered="a.py")], 1),
        (None, [TurnResult("x", test=Ran("pytest", 1, ""))], 1),
        (GitError("x"), [TURN], 1),
        (InputError("x"), [], 42),
        (TurnLimit("x"), [TURN], 53),
        (BudgetLimit("x"), [], 54),
        (KeyboardInterrupt(), [], 130),
        (ValueError("x"), [TURN], 1),
    ],
)
def test_the_code_says_what_became_of_it(
    error: BaseException | None, turns: list[TurnResult], code: int
) -> None:
    """Zero only where all that was asked for was done."""
    assert exit_code(error, turns, failed=False, require_changes=False) == code


def test_changes_can_be_required() -> None:
    """An answer in words alone is a failure for a script that wants an edit."""
    assert exit_code(None, [TurnResult("No need.")], failed=False, require_changes=True) == 1
    assert exit_code(None, [TURN], failed=False, require_changes=True) == 0
    assert exit_code(None, [], failed=True, require_changes=False) == 1


EVENTS: list[tuple[Event, dict[str, object]]] = [
    (TextChunk("hi"), {"type": "stream_event"}),
    (ReasoningChunk("hm"), {"type": "stream_event"}),
    (ReplyEnded(Reply("hi", "stop", Usage(), "m"), ModelRole.MAIN), {"type": "assistant", "role": "main"}),
    (Retrying("429", 1.0, 1), {"type": "system", "subtype": "retrying", "reason": "429"}),
    (EditsWritten((EDITED,)), {"type": "system", "subtype": "edits_written", "dry_run": False}),
    (Notice("hm", "warning"), {"type": "system", "subtype": "notice", "level": "warning"}),
]


@pytest.mark.parametrize(("event", "fields"), EVENTS, ids=lambda value: type(value).__name__)
def test_events_are_lines(event: Event, fields: dict[str, object]) -> None:
    """Each names its kind and its session, and is JSON."""
    found = line(event, "s1")

    assert found is not None
    assert found.items() >= {**fields, "session_id": "s1"}.items()
    assert "\n" not in json.dumps(found)


@pytest.mark.parametrize("event", [ReplyStarted("m", ModelRole.MAIN, 10), TurnEnded(Usage(), Usage())])
def test_what_others_tell_as_well_has_no_line(event: Event) -> None:
    """The reply and the result say it."""
    assert line(event, "s1") is None


def test_the_first_line_says_who_answers() -> None:
    """As other assistants begin."""
    assert (
        init("s1", "/repo", "m", "code").items()
        >= {"type": "system", "subtype": "init", "session_id": "s1"}.items()
    )
