"""The messages that are sent for a prompt."""

import pytest

from chat.llm.payload import needs_markers, payload
from chat.model import Message, Prompt

TALK = (
    Message("system", "Rules."),
    Message("system", "More rules."),
    Message("user", "Map."),
    Message("user", "Request."),
    Message("assistant", "Reply."),
    Message("user", ""),
    Message("system", "Late rule."),
    Message("user", "Next."),
)


def test_roles_alternate() -> None:
    """Neighbours are joined, the empty left out, and only the first system message is one."""
    assert payload(Prompt(TALK), marked=False) == [
        {"role": "system", "content": "Rules.\n\nMore rules."},
        {"role": "user", "content": "Map.\n\nRequest."},
        {"role": "assistant", "content": "Reply."},
        {"role": "user", "content": "Late rule.\n\nNext."},
    ]


def test_what_was_sent_is_a_beginning_of_what_is_sent_next() -> None:
    """The request map of one call apart, the provider finds its cache again."""
    before = payload(Prompt(TALK[:4], request_map="Focus."), marked=False)
    after = payload(Prompt(TALK), marked=False)

    assert before[0] == after[0]
    assert before[1]["content"] == f"{after[1]['content']}\n\nFocus."


def test_a_tail_behind_the_models_own_words_is_the_users() -> None:
    """With markers and without."""
    prompt = Prompt(TALK[:5], request_map="Focus.")

    assert payload(prompt, marked=False)[-1] == {"role": "user", "content": "Focus."}
    assert payload(prompt, marked=True)[-1] == {"role": "user", "content": "Focus."}


def test_markers_stand_on_the_system_and_on_the_last_message() -> None:
    """Nowhere else: a provider takes four at most."""
    sent = payload(Prompt(TALK, request_map="Focus."), marked=True)
    blocks = [
        block for message in sent if isinstance(message["content"], list) for block in message["content"]
    ]

    assert [block["text"] for block in blocks if "cache_control" in block] == [
        "Rules.\n\nMore rules.",
        "Late rule.\n\nNext.",
    ]
    assert blocks[-1] == {"type": "text", "text": "Focus."}


@pytest.mark.parametrize(
    ("model", "needs"),
    [
        ("claude-sonnet-4-5", True),
        ("anthropic/claude-sonnet-4-5", True),
        ("openrouter/anthropic/claude-sonnet-4.5", True),
        ("bedrock/us.anthropic.claude-sonnet-4-5-v1:0", True),
        ("vertex_ai/claude-sonnet-4-5", True),
        ("openai/claude-at-my-proxy", False),
        ("openai/gpt-5", False),
        ("gemini/gemini-2.5-pro", False),
    ],
)
def test_who_needs_markers(model: str, needs: bool) -> None:
    """Claude, where it is served by those who know the marker."""
    assert needs_markers(model) is needs
