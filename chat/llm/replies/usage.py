"""Tokens of a call, as the server counted them, but never fewer than were counted here.

A server may report nothing, negative numbers or far too small ones. If these were believed, no limit on tokens
or US dollars would ever be reached.
"""

import math
from typing import Any

from chat.model import Usage
from repomap import count_tokens

_MAX_TOKENS = 10_000_000
"""No model reads or writes more in one call, so a larger number is an error."""


def usage_by_own_count(prompt_tokens: int, text: str) -> Usage:
    """Return the usage of one call, the tokens of its reply counted here; its cost is unknown."""
    return Usage(1, prompt_tokens, 0, count_tokens(text), None)


def usage_of_server(usage: Any, counted: Usage) -> Usage:
    """Return the usage that the server reported, each number at least the one counted here.

    ``usage`` is litellm's object for it, or None.
    """
    prompt = _number(usage, "prompt_tokens")
    completion = max(_number(usage, "completion_tokens"), counted.completion_tokens)
    details = getattr(usage, "prompt_tokens_details", None)
    cached = _number(details, "cached_tokens") or _number(usage, "cache_read_input_tokens")
    return Usage(1, max(prompt, counted.prompt_tokens), min(cached, prompt), completion, None)


def _number(holder: Any, name: str) -> int:
    """Return a number of tokens; 0 for one that cannot be."""
    value = getattr(holder, name, None)
    if not isinstance(value, int | float) or not math.isfinite(value):
        return 0
    return int(value) if 0 <= value <= _MAX_TOKENS else 0
