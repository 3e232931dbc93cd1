"""Turns what a provider says of a call into `Usage`; where it says nothing, counts."""

from typing import Any

from chat.model import Usage
from repomap import count_tokens


def counted(prompt_tokens: int, text: str, cost_usd: float | None) -> Usage:
    """Usage by our own count."""
    return Usage(1, prompt_tokens, 0, count_tokens(text), cost_usd)


def told(usage: Any, cost_usd: float | None) -> Usage | None:
    """Usage as the server counted it, or None where it named no numbers; ``usage`` as litellm gives it."""
    prompt, completion = _number(usage, "prompt_tokens"), _number(usage, "completion_tokens")
    if not prompt and not completion:
        return None
    details = getattr(usage, "prompt_tokens_details", None)
    cached = _number(details, "cached_tokens") or _number(usage, "cache_read_input_tokens")
    return Usage(1, prompt, min(cached, prompt), completion, cost_usd)


def _number(holder: Any, name: str) -> int:
    value = getattr(holder, name, None)
    return int(value) if isinstance(value, int | float) else 0
