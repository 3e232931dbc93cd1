"""Token counts of texts and prompts, as the map's budget counts them."""

import functools
from collections.abc import Iterable

from chat.conversation.conversation import LogEntry
from chat.model import Prompt

_MESSAGE_TOKENS = 4
"""What a message costs beside its text."""
_LONGEST_KEPT = 400_000
"""In characters; counts of longer texts are not remembered, or the texts would fill the memory."""


def count(text: str) -> int:
    """Return the tokens of a text; remembered, since the same messages are counted again with each call."""
    return _counted(text) if len(text) <= _LONGEST_KEPT else count_once(text)


def count_once(text: str) -> int:
    """Return the tokens of a text that will not be counted again, such as one line among many."""
    from repomap import count_tokens

    return count_tokens(text)


@functools.lru_cache(maxsize=2048)
def _counted(text: str) -> int:
    return count_once(text)


def tokens_of_entries(entries: Iterable[LogEntry]) -> int:
    """Return the tokens of the texts of some entries."""
    return sum(count(entry.message.text) for entry in entries)


def prompt_tokens(prompt: Prompt) -> int:
    """Return the tokens of a whole prompt, its request map included."""
    texts = [*(message.text for message in prompt.messages), prompt.request_map]
    return sum(count(text) + _MESSAGE_TOKENS for text in texts)
