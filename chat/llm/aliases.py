"""Turns a short name such as `sonnet` into a model's full name, and finds the small model beside a large one.

Providers rename their models faster than a program is released, so a short name stands for a family,
and litellm's table says which of it is the newest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from chat.model import Price


class Models(Protocol):
    """What is asked of `chat.catalog.Catalog`."""

    def newest(self, pattern: str) -> str | None:
        """The newest of the models that fit a pattern."""
        ...

    def provider(self, model: str) -> str:
        """Who serves a model."""
        ...

    def price(self, model: str) -> Price | None:
        """What it costs."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """Models that follow each other."""

    prefix: str
    """What the full name begins with where the table's does not."""
    pattern: str
    """Of the table's names; its two groups are the version."""
    otherwise: str
    """Where the table cannot be read or knows none."""


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
"""Short names that follow their family."""

FIXED: Mapping[str, str] = {
    "mistral": "mistral/mistral-large-latest",
    "devstral": "mistral/devstral-latest",
    "openrouter-sonnet": "openrouter/anthropic/claude-sonnet-4.5",
    "openrouter-haiku": "openrouter/anthropic/claude-haiku-4.5",
}
"""Short names whose models the provider itself keeps current, or litellm's table does not list."""

WEAK: Mapping[str, str] = {
    "anthropic": "haiku",
    "openai": "mini",
    "gemini": "flash-lite",
    "deepseek": "deepseek-flash",
}
"""The small family beside a provider's large models."""


def full_name(name: str, models: Models, own: Mapping[str, str] | None = None) -> str:
    """The model that a name stands for; a name that is no alias stands for itself.

    The user's ``own`` aliases go first, and may stand for a built-in one.
    """
    name = (own or {}).get(name, name)
    family = FAMILIES.get(name)
    return _newest(family, models) if family else FIXED.get(name, name)


def _newest(family: Family, models: Models) -> str:
    found = models.newest(family.pattern)
    return f"{family.prefix}{found}" if found else family.otherwise


def weak_model(main: str, models: Models, api_base: str = "") -> str:
    """The model for commit messages and summaries beside a main one, given by its full name.

    The main model itself where its provider's small one is not known, is not cheaper, or where an
    address of the user's own may not have it.
    """
    if api_base:
        return main
    family = FAMILIES.get(WEAK.get(models.provider(main), ""))
    if family is None:
        return main
    weak = _newest(family, models)
    large, small = models.price(main), models.price(weak)
    return weak if large and small and small.completion_usd < large.completion_usd else main
