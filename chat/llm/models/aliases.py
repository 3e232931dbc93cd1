"""Short names such as `sonnet` -> full names of models, and the small model that goes with a large one.

Pure. Providers rename their models faster than a program is released, so a short name stands for a
family, and litellm's table says which of its models is the newest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chat.model import Price


class Models(Protocol):
    """The methods of `catalog.Catalog` that are needed here."""

    def newest(self, pattern: str) -> str | None:
        """Return the newest of the models that match a pattern."""
        ...

    def provider(self, model: str) -> str:
        """Return the provider of a model."""
        ...

    def price(self, model: str) -> Price | None:
        """Return the price of a model."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """Models of one maker and size that succeed each other."""

    prefix: str
    """The provider's prefix, if the table's names lack it."""
    pattern: str
    """Matches the table's names; its two groups are the version."""
    fallback: str
    """Used if the table cannot be read or has none of them."""


_DASHED = r"(\d+)(?:-(\d{1,2}))?"
_DOTTED = r"(\d+)(?:\.(\d+))?"

FAMILIES: Mapping[str, Family] = {
    "sonnet": Family("anthropic/", rf"claude-sonnet-{_DASHED}", "anthropic/claude-sonnet-4-5"),
    "opus": Family("anthropic/", rf"claude-opus-{_DASHED}", "anthropic/claude-opus-4-5"),
    "haiku": Family("anthropic/", rf"claude-haiku-{_DASHED}", "anthropic/claude-haiku-4-5"),
    "gpt": Family("openai/", rf"gpt-{_DOTTED}", "openai/gpt-5"),
    "mini": Family("openai/", rf"gpt-{_DOTTED}-mini", "openai/gpt-5-mini"),
    "nano": Family("openai/", rf"gpt-{_DOTTED}-nano", "openai/gpt-5-nano"),
    "gemini": Family("", rf"gemini/gemini-{_DOTTED}-pro(?:-preview)?", "gemini/gemini-2.5-pro"),
    "flash": Family("", rf"gemini/gemini-{_DOTTED}-flash", "gemini/gemini-2.5-flash"),
    "flash-lite": Family("", rf"gemini/gemini-{_DOTTED}-flash-lite", "gemini/gemini-2.5-flash-lite"),
    "deepseek": Family("", rf"deepseek/deepseek-v{_DOTTED}-pro", "deepseek/deepseek-chat"),
    "deepseek-flash": Family("", rf"deepseek/deepseek-v{_DOTTED}-flash", "deepseek/deepseek-chat"),
    "grok": Family("", rf"xai/grok-{_DOTTED}", "xai/grok-4"),
}
"""Short names for the newest model of a family."""

FIXED: Mapping[str, str] = {
    "mistral": "mistral/mistral-large-latest",
    "devstral": "mistral/devstral-latest",
    "openrouter-sonnet": "openrouter/anthropic/claude-sonnet-4.5",
    "openrouter-haiku": "openrouter/anthropic/claude-haiku-4.5",
}
"""Short names for models that the provider keeps current itself, or that litellm's table does not list."""

WEAK: Mapping[str, str] = {
    "anthropic": "haiku",
    "openai": "mini",
    "gemini": "flash-lite",
    "deepseek": "deepseek-flash",
}
"""The family of small models of each provider."""


def full_name(name: str, models: Models, own: Mapping[str, str] | None = None) -> str:
    """Return the model that a name stands for; a name that is not an alias stands for itself.

    The user's ``own`` aliases come first, and may stand for a built-in one.
    """
    name = (own or {}).get(name, name)
    family = FAMILIES.get(name)
    return _newest(family, models) if family else FIXED.get(name, name)


def _newest(family: Family, models: Models) -> str:
    name = models.newest(family.pattern)
    return f"{family.prefix}{name}" if name else family.fallback


def weak_model(main: str, models: Models, api_base: str = "") -> str:
    """Return the model for commit messages and summaries that goes with a main one.

    It is the main model itself if its provider's small one is unknown or not cheaper, or if the
    user's own address may not have it. ``main`` and the result are full names.
    """
    if api_base:
        return main
    family = FAMILIES.get(WEAK.get(models.provider(main), ""))
    if family is None:
        return main
    weak = _newest(family, models)
    large, small = models.price(main), models.price(weak)
    return weak if large and small and small.completion_usd < large.completion_usd else main
