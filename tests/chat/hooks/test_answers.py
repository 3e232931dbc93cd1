"""What a hook prints and how it ends decides as Claude Code documents it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from chat.hooks.answers import Verdict, joined, read_answer
from chat.hooks.hook_file import EVENTS
from chat.safety.piped import Ended


def answer(event: str, fields: Any) -> Verdict:
    """Read JSON that a hook has printed."""
    return read_answer(event, "The hook", Ended(0, json.dumps(fields)))


@pytest.mark.parametrize("event", ["UserPromptSubmit", "PreToolUse", "PostToolUse", "PreCompact", "Stop"])
def test_exit_code_2_forbids_and_standard_error_says_why(event: str) -> None:
    """Standard output is ignored."""
    verdict = read_answer(event, "The hook", Ended(2, '{"decision": "approve"}', "not here\n"))
    assert (verdict.decision, verdict.objection, verdict.messages) == ("deny", "not here", ())


@pytest.mark.parametrize("event", ["SessionStart", "SessionEnd", "Notification"])
def test_where_nothing_can_be_forbidden_exit_code_2_is_shown(event: str) -> None:
    """To the user alone."""
    verdict = read_answer(event, "The hook", Ended(2, "", "not here"))
    assert verdict == Verdict(messages=("The hook: not here",))


def test_any_other_exit_code_is_a_warning_that_decides_nothing() -> None:
    """With what it says itself."""
    verdict = read_answer("PreToolUse", "The hook", Ended(1, '{"decision": "block"}', "no such file"))
    assert verdict.decision == ""
    assert "exit code 1" in verdict.messages[0]
    assert "no such file" in verdict.messages[0]


@pytest.mark.parametrize(
    ("event", "context"),
    [
        ("UserPromptSubmit", "It is Monday."),
        ("SessionStart", "It is Monday."),
        ("PreToolUse", ""),
        ("Stop", ""),
    ],
)
def test_plain_output_is_context_where_a_request_begins(event: str, context: str) -> None:
    """Elsewhere it is for nobody."""
    assert read_answer(event, "The hook", Ended(0, "It is Monday.\n")) == Verdict(context=context)


@pytest.mark.parametrize(
    ("event", "fields", "expected"),
    [
        ("PreToolUse", {"decision": "block", "reason": "no"}, Verdict("deny", "no")),
        ("PreToolUse", {"decision": "approve", "reason": "fine"}, Verdict("allow", "fine")),
        (
            "PreToolUse",
            {"hookSpecificOutput": {"permissionDecision": "deny", "permissionDecisionReason": "no"}},
            Verdict("deny", "no"),
        ),
        (
            "PreToolUse",
            {"decision": "block", "hookSpecificOutput": {"permissionDecision": "ask"}},
            Verdict("ask"),
        ),
        ("PostToolUse", {"decision": "block", "reason": "lint"}, Verdict("deny", "lint")),
        ("Stop", {"decision": "block", "reason": "go on"}, Verdict("deny", "go on")),
        ("Stop", {"decision": "approve"}, Verdict()),
        (
            "UserPromptSubmit",
            {"hookSpecificOutput": {"hookEventName": "UserPromptSubmit", "additionalContext": "Monday"}},
            Verdict(context="Monday"),
        ),
        ("Stop", {"continue": False, "stopReason": "late"}, Verdict(stop="late")),
        ("Stop", {"continue": True, "suppressOutput": True}, Verdict()),
        ("SessionEnd", {"systemMessage": "bye"}, Verdict(messages=("bye",))),
        ("Notification", {"decision": "block"}, Verdict()),
    ],
)
def test_json_decides(event: str, fields: Any, expected: Verdict) -> None:
    """`hookSpecificOutput` comes before the older `decision`."""
    assert answer(event, fields) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {"decision": "perhaps"},
        {"decision": 7},
        {"reason": ["x"]},
        {"hookSpecificOutput": "x"},
        {"hookSpecificOutput": {"permissionDecision": {}}},
    ],
)
def test_json_that_means_nothing_is_a_warning(fields: Any) -> None:
    """It decides nothing."""
    verdict = answer("PreToolUse", fields)
    assert verdict.decision == ""
    assert "cannot be used" in verdict.messages[0]


def test_an_input_may_be_changed_before_a_tool_is_used() -> None:
    """Nowhere else, and only by an object."""
    changed = {"hookSpecificOutput": {"updatedInput": {"command": "ls"}}}
    assert answer("PreToolUse", changed) == Verdict(updated={"command": "ls"})
    assert answer("PostToolUse", changed) == Verdict()
    assert (
        "cannot be used" in answer("PreToolUse", {"hookSpecificOutput": {"updatedInput": "ls"}}).messages[0]
    )


def test_the_strictest_of_several_decides_with_its_own_reason() -> None:
    """Contexts and messages are kept of all."""
    verdict = joined(
        [Verdict("allow", "a", "one"), Verdict("deny", "b"), Verdict("ask", "c", "two", None, ("m",))]
    )
    assert verdict == Verdict("deny", "b", "one\ntwo", None, ("m",))


@given(
    event=st.sampled_from(EVENTS),
    code=st.integers(0, 255),
    stdout=st.text() | st.text().map(lambda text: "{" + text),
    stderr=st.text(),
)
@examples(60)
def test_no_output_raises(event: str, code: int, stdout: str, stderr: str) -> None:
    """Whatever a hook prints, there is a verdict; only exit codes 0 and 2 decide."""
    verdict = read_answer(event, "The hook", Ended(code, stdout, stderr))
    assert code in (0, 2) or verdict.decision == ""
