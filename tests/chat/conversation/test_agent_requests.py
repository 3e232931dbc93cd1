"""Tasks that a reply hands over: which lines count, and which are words."""

import pytest

from chat.conversation.agent_requests import agent_requests, without_agent_requests


@pytest.mark.parametrize(
    "reply",
    [
        "agent: code-reader — Find x - fast",
        "agent: code-reader – Find x - fast",
        "agent: code-reader - Find x - fast",
        "agent: code-reader: Find x - fast",
        "Agent:  code-reader -- Find x - fast",
        "**agent:** code-reader — Find x - fast",
        "agent: `code-reader` — Find x - fast",
        "I ask.\n\nagent: code-reader — Find x - fast\n\nThen I go on.",
        "agent: code-reader\n```\nFind x - fast\n```",
        "agent: code-reader —\n\n~~~text\nFind x - fast\n~~~\n",
    ],
)
def test_a_line_hands_over_a_task(reply: str) -> None:
    """With a dash or a colon between, or the task in a fence below."""
    assert agent_requests(reply) == (("code-reader", "Find x - fast"),)
    assert "Find x" not in without_agent_requests(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "agent: explorer",
        "The agent: explorer — finds it",
        "  agent: explorer — Find x",
        "- agent: explorer — Find x",
        "```\nagent: explorer — Find x\n```",
        "agents: explorer — Find x",
        "agent: — Find x",
        "agent: the user - says so",
        "user-agent: curl — 8.0",
    ],
)
def test_other_lines_are_words(reply: str) -> None:
    """A line in a fence is part of a file, and one that is indented or in a list an example."""
    assert agent_requests(reply) == ()


def test_several_tasks_come_in_their_order_and_each_once() -> None:
    """Whichever form they have."""
    reply = "agent: b — 1\nagent: a\n```\n2\nlines\n```\nagent: b — 1\nagent: b — 3"
    assert agent_requests(reply) == (("b", "1"), ("a", "2\nlines"), ("b", "3"))
