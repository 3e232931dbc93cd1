"""A prompt -> the messages that litellm takes: roles alternate, request map and cache markers in place. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from chat.model import Message, Prompt

MARKED_PROVIDERS = frozenset(
    "anthropic bedrock vertex_ai vertex_ai_beta azure_ai openrouter databricks".split()
)
"""Providers of Claude, which cache a prompt only up to a marker."""

CACHE_MARKER: Mapping[str, str] = {"type": "ephemeral"}


def needs_markers(model: str) -> bool:
    """Return whether the model's provider caches only what is marked; ``model`` in litellm's notation.

    >>> needs_markers("anthropic/claude-sonnet-4-5"), needs_markers("openai/gpt-5")
    (True, False)
    """
    provider, slash, _ = model.partition("/")
    return "claude" in model.lower() and (not slash or provider in MARKED_PROVIDERS)


def payload(prompt: Prompt, *, marked: bool) -> list[dict[str, Any]]:
    """Return the messages of a call.

    Consecutive messages of one role are joined by a blank line, and a system message that is not
    first becomes the user's. With ``marked``, the system message and the last message carry a cache
    marker, and the request map is a block of its own after it, so that it is never cached. Otherwise
    the request map follows the last message's text after a blank line.
    """
    messages = _joined(_led_by_system([_encodable(m) for m in prompt.messages]))
    if not marked:
        return [{"role": m.role, "content": m.text} for m in _joined([*messages, *_request_map(prompt)])]
    sent = _marked(messages)
    for m in _request_map(prompt):
        if messages and messages[-1].role == m.role:
            sent[-1]["content"] = [_block(messages[-1].text, cached=True), _block(m.text)]
        else:
            sent.append({"role": m.role, "content": m.text})
    return sent


def _marked(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Return the messages, the system message and the last one with a cache marker."""
    last = len(messages) - 1
    return [
        {
            "role": m.role,
            "content": [_block(m.text, cached=True)] if m.role == "system" or n == last else m.text,
        }
        for n, m in enumerate(messages)
    ]


def _request_map(prompt: Prompt) -> list[Message]:
    return [_encodable(Message("user", prompt.request_map))] if prompt.request_map else []


def _encodable(message: Message) -> Message:
    """The message without lone surrogates, which come from undecodable names and which no server accepts."""
    text = message.text.encode("utf-8", "replace").decode("utf-8")
    return message if text == message.text else replace(message, text=text)


def _block(text: str, *, cached: bool = False) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"cache_control": dict(CACHE_MARKER)} if cached else {})}


def _led_by_system(messages: Sequence[Message]) -> list[Message]:
    leading = next((n for n, m in enumerate(messages) if m.role != "system"), len(messages))
    return [
        replace(m, role="user") if m.role == "system" and n >= leading else m for n, m in enumerate(messages)
    ]


def _joined(messages: Sequence[Message]) -> list[Message]:
    """Join consecutive messages of one role, and leave out empty ones, which some servers refuse."""
    joined: list[Message] = []
    for message in messages:
        if not message.text.strip():
            continue
        if joined and joined[-1].role == message.role:
            joined[-1] = replace(message, text=f"{joined[-1].text}\n\n{message.text}")
        else:
            joined.append(message)
    return joined
