"""Tokens and cost of a call, as the server counted them or else by our own count."""

from typing import Any

from chat.model import Usage
from repomap import count_tokens


def usage_by_own_count(prompt_tokens: int, text: str, cost_usd: float | None) -> Usage:
    """Return the usage of one call, the tokens of its reply counted here."""
    return Usage(1, prompt_tokens, 0, count_tokens(text), cost_usd)


def usage_of_server(usage: Any, cost_usd: float | None) -> Usage | None:
    """Return the usage that the server reported, or None if it named no numbers.

    ``usage`` is litellm's object for it, or None.
    """
    prompt, completion = _number(usage, "prompt_tokens"), _number(usage, "completion_tokens")
    if not prompt and not completion:
        return None
    details = getattr(usage, "prompt_tokens_details", None)
    cached = _number(details, "cached_tokens") or _number(usage, "cache_read_input_tokens")
    return Usage(1, prompt, min(cached, prompt), completion, cost_usd)


def _number(holder: Any, name: str) -> int:
    value = getattr(holder, name, None)
    return int(value) if isinstance(value, int | float) else 0
