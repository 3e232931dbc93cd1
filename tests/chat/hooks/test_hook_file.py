"""A hook file is read as Claude Code documents it, and a part that cannot be used costs only itself."""

import json
from typing import Any

import pytest

from chat.hooks.hook_file import EVENTS, Hook, HookFile, default_timeout_s, read_hook_file


def read(content: Any) -> HookFile:
    """Read a file with this content."""
    return read_hook_file(json.dumps(content).encode(), "hooks.json")


def group(**more: Any) -> dict[str, Any]:
    """A group with one command."""
    return {"hooks": [{"type": "command", "command": "check", **more}]}


def test_a_hook_has_a_matcher_a_command_and_a_time_limit() -> None:
    """The limit is in seconds; where none is given, ten minutes."""
    found = read(
        {"hooks": {"PreToolUse": [{"matcher": "Edit|Write", **group(timeout=5)}], "Stop": [group()]}}
    )
    assert found.hooks == (
        Hook("PreToolUse", "Edit|Write", "check", 5.0, "hooks.json"),
        Hook("Stop", "", "check", 600.0, "hooks.json"),
    )
    assert found.warnings == ()
    assert (default_timeout_s("UserPromptSubmit"), default_timeout_s("SessionEnd")) == (30.0, 60.0)


def test_a_hook_may_have_arguments_a_condition_and_a_place() -> None:
    """`args` starts a program without a shell, `if` is a rule, `sandbox` wants one."""
    found = read(
        {"hooks": {"PreToolUse": [group(args=["--x", "a b"], **{"if": "Bash(rm:*)"}, sandbox=True)]}}
    )
    (hook,) = found.hooks
    assert (hook.args, hook.condition, hook.wants_sandbox) == (("--x", "a b"), "Bash(rm:*)", True)
    assert hook.described == "PreToolUse (Bash(rm:*)): check --x 'a b'"


def test_settings_without_hooks_say_nothing() -> None:
    """Claude Code keeps all its settings in the same file."""
    assert read({"permissions": {"allow": ["Bash(ls)"]}}) == HookFile()


def test_hooks_that_are_switched_off_are_not_read() -> None:
    """`disableAllHooks` is Claude Code's."""
    assert read({"disableAllHooks": True, "hooks": {"Stop": [group()]}}) == HookFile()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"type": "prompt", "prompt": "is it fine?"}, "only commands can be run"),
        ({"type": "command"}, "no command"),
        ({"type": "command", "command": "x", "timeout": "soon"}, "timeout"),
        ({"type": "command", "command": "x", "timeout": 0}, "timeout"),
        ({"type": "command", "command": "x", "args": "y"}, "not a list of texts"),
        ({"type": "command", "command": "x", "if": "Bash(rm"}, "is not a rule"),
        ({"type": "command", "command": "x", "async": True}, "`async` is not supported"),
        ("x", "not an object"),
    ],
)
def test_what_cannot_be_run_as_it_says_is_not_run(entry: Any, said: str) -> None:
    """A warning names it; the hook beside it counts."""
    found = read({"hooks": {"Stop": [{"hooks": [entry, {"type": "command", "command": "good"}]}]}})
    assert [hook.command for hook in found.hooks] == ["good"]
    (warning,) = found.warnings
    assert said in warning


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ({"PreToolUse": [{"matcher": "(", **group()}]}, "not a regular expression"),
        ({"PreToolUse": [{"matcher": 7, **group()}]}, "not a regular expression"),
        ({"PreToolUse": "x"}, "not an object"),
        ({"PreToolUse": [{"matcher": "Edit"}]}, "not an object"),
        ("x", "not an object"),
    ],
)
def test_a_part_of_the_wrong_kind_costs_a_warning(events: Any, said: str) -> None:
    """Nothing raises."""
    found = read({"hooks": events})
    assert found.hooks == ()
    assert said in found.warnings[0]


@pytest.mark.parametrize("data", [b"{", b"\xff\xfe{", b"[" * 100_000])
def test_a_file_that_is_no_json_costs_a_warning(data: bytes) -> None:
    """Its name is said."""
    found = read_hook_file(data, "hooks.json")
    assert found.hooks == ()
    assert "hooks.json is not JSON" in found.warnings[0]


@pytest.mark.parametrize(
    ("matcher", "subject", "concerns"),
    [
        ("", "Edit", True),
        ("*", "Edit", True),
        (".*", "Edit", True),
        ("Edit|MultiEdit|Write", "Write", True),
        ("Edit, Write", "Write", True),
        ("Edit", "Write", False),
        ("edit", "Edit", False),
        ("Edit", "NotebookEdit", False),
        ("Edit.*", "NotebookEdit", True),
        ("^Edit$", "NotebookEdit", False),
        ("mcp__.*", "Edit", False),
        ("Notebook.*|Ed.t", "Edit", True),
    ],
)
def test_a_matcher_lists_names_or_is_a_regular_expression(matcher: str, subject: str, concerns: bool) -> None:
    """Case counts; an expression may match anywhere in the name."""
    assert Hook("PreToolUse", matcher, "x").concerns("PreToolUse", subject) is concerns


def test_events_of_one_kind_take_no_notice_of_a_matcher() -> None:
    """As Claude Code has it for these."""
    assert Hook("Stop", "Bash", "x").concerns("Stop", "")
    assert Hook("UserPromptSubmit", "Bash", "x").concerns("UserPromptSubmit", "")


def test_events_of_other_programs_are_listed_without_a_warning() -> None:
    """They are in the same file because they work there."""
    found = read({"hooks": {"TeammateIdle": [group()], "Stop": [group()]}})
    assert (len(found.hooks), found.warnings, found.idle) == (1, (), ("TeammateIdle",))


def test_every_event_is_read() -> None:
    """Without a matcher, too, which most events have none of."""
    found = read({"hooks": {event: [group()] for event in EVENTS}})
    assert [hook.event for hook in found.hooks] == list(EVENTS)
