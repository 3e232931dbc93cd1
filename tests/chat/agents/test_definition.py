"""The files of agents: what is read of them, what is refused, and what is kept and named."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from chat.agents.built_in import BUILT_IN, TEMPLATE
from chat.agents.definition import AgentDefinition, BadDefinition, read_definition, strictest
from chat.conversation.prompt_texts import system_text
from chat.model import Mode
from chat.permissions.rule import Rule
from chat.state.tokens import count_once


def read(head: str, body: str = "Do it.") -> AgentDefinition:
    return read_definition(f"---\n{head}\n---\n{body}\n", "stem")


def test_a_file_of_claude_code_is_read_as_it_is() -> None:
    """Tools by their names, a tier of models, and keys that mean nothing here are named."""
    found = read(
        "name: code-reviewer\ndescription: Reviews.\ntools: Read, Grep, Glob, Bash(git diff:*), WebFetch\n"
        "model: haiku\ncolor: red\nmemory: user\nmaxTurns: 7\nisolation: worktree\npermissionMode: plan",
        "You review.\n\n---\n\nMore.",
    )

    assert (found.name, found.description, found.model) == ("code-reviewer", "Reviews.", "weak")
    assert found.tools == (Rule("Read"), Rule("Bash", "git diff:*"))
    assert (found.edits, found.runs, found.writes) == (False, True, True)
    assert (found.max_turns, found.mode) == (7, "plan")
    assert found.unused == ("color", "memory", "WebFetch")
    assert found.prompt == "You review.\n\n---\n\nMore."


def test_a_description_may_hold_what_yaml_forbids() -> None:
    """As in many files that Claude Code has written itself."""
    found = read(
        "name: helper\ndescription: Use this agent when: you need help. Examples: <example>Context: none\n"
        "user: 'Help'</example>\ntools: Read\nmodel: sonnet"
    )

    assert found.description.startswith("Use this agent when: you need help.")
    assert (found.tools, found.model) == ((Rule("Read"),), "")


@pytest.mark.parametrize(
    ("head", "may"),
    [
        ("description: x", "edits runs"),
        ("tools: '*'", "edits runs"),
        ("tools: Read", ""),
        ("tools: []", ""),
        ("tools: [Read, Write]", "edits"),
        ("allowed_tools: Read, Bash", "runs"),
        ("tools: WebSearch, Task", ""),
        ("disallowedTools: Edit", "runs"),
        ("disallowedTools: Edit, Bash", ""),
        ("disallowedTools: Bash(rm *)", "edits runs"),
    ],
)
def test_tools_say_what_an_agent_may_do_at_most(head: str, may: str) -> None:
    """Without the key it may do all; a tool that is not here gives it nothing."""
    found = read(head)
    assert " ".join(name for name in ("edits", "runs") if getattr(found, name)) == may
    assert found.name == "stem"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("You review.", "does not begin with a head"),
        ("---\nname: x\n", "does not begin with a head"),
        ("---\n- a\n- b\n---\n", "has no fields"),
        ("---\nname: ../x\n---\n", "not made of letters"),
        ("---\nname: x\ntools: 'Bash(echo \"'\n---\n", "one of its tools is not"),
        ("---\nname: x\ntools: {a: b}\n---\n", "not names of tools"),
        ("---\nname: x\nmaxTurns: many\n---\n", "no number from 1"),
        ("---\nname: x\nmaxTurns: 0\n---\n", "no number from 1"),
        ("---\nname: x\npermissionMode: yolo\n---\n", "none of default"),
        ("---\nname: x\nisolation: container\n---\n", "not `worktree`"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(text: str, why: str) -> None:
    """It must not be used as if the part that is wrong were not there."""
    with pytest.raises(BadDefinition, match=why):
        read_definition(text)


@examples(60)
@given(
    st.one_of(
        st.text(),
        st.text().map(lambda head: f"---\n{head}\n---\nx"),
        st.from_regex(r"---\n(name|tools): .*\n---\n"),
    )
)
def test_any_text_is_an_agent_or_says_why_not(text: str) -> None:
    """A repository may bring anything."""
    with suppress(BadDefinition):
        assert read_definition(text, "stem").name


def test_a_new_file_is_an_agent_that_only_reads() -> None:
    """The template is ready to be used."""
    found = read_definition(TEMPLATE.format(name="mover"))
    assert (found.name, found.edits, found.runs, found.unused) == ("mover", False, False, ())


def test_the_stricter_mode_counts() -> None:
    """A file cannot widen what the session allows."""
    assert strictest(["plan", "bypassPermissions"]) == "plan"
    assert strictest(["default", None]) == "default"


def test_agents_cost_the_rules_sixty_tokens_and_a_line_each() -> None:
    """However long their descriptions are, and however many they are."""
    plain = count_once(system_text("diff", Mode.CODE))
    built_in = [(each.name, each.description) for each in BUILT_IN]
    many = [(f"agent-{number}", "word " * 300) for number in range(40)]

    with_three = count_once(system_text("diff", Mode.CODE, agents=built_in)) - plain

    assert with_three - sum(count_once(f"  {name}: {text}\n") for name, text in built_in) <= 60
    assert count_once(system_text("diff", Mode.CODE, agents=many)) - plain <= 60 + 12 * 30
