"""Which models are asked, where and how; and from that the arguments of one call to litellm."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chat.llm.payload import needs_markers, payload
from chat.model import ModelRole, Prompt
from chat.safety.secrets import secret_values

NO_KEY = "none"
"""For a server of the user's own that asks for no key: the OpenAI SDK does not start without one."""


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """The models and what is the same for all their calls. Names are as litellm has them, aliases resolved."""

    models: Mapping[ModelRole, str]
    """At least the main one; a role that is not named is played by the main model."""
    api_base: str = ""
    """The address for models of the main model's provider; empty for the provider's own."""
    api_key: str = ""
    """The key for models of the main model's provider; empty for what the environment holds."""
    api_keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by provider."""
    timeout_s: float = 600.0
    """For one reply: all tries, and all waits between them."""
    stall_s: float = 120.0
    """How long a server that has begun to answer may say nothing at all."""
    reasoning_effort: str = ""
    thinking_tokens: int | None = None
    temperature: float | None = None
    metadata_file: Path | None = None
    context_tokens: int | None = None
    """The window, over what anybody else says of it."""
    stream: bool = True

    def name(self, role: ModelRole) -> str:
        """The model of a role."""
        return self.models.get(role) or self.models[ModelRole.MAIN]

    def secrets(self) -> tuple[str, ...]:
        """Return what no message may show."""
        return secret_values(os.environ, (self.api_key, *self.api_keys.values()), min_chars=4)


@dataclass(frozen=True, slots=True)
class Route:
    """Where the calls of a role go."""

    model: str
    """As litellm is given it."""
    provider: str
    api_base: str = ""
    api_key: str = ""
    free: bool = False
    """It runs on a machine of the user's own and costs nothing."""

    @property
    def where(self) -> str:
        """The address without the credentials that it may hold, or the provider's name."""
        if not self.api_base:
            return self.provider
        parts = urlsplit(self.api_base)
        return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()

    @property
    def key_name(self) -> str:
        """The environment variable that holds the provider's key."""
        return f"{self.provider.removesuffix('_chat').removesuffix('_ai').upper() or 'OPENAI'}_API_KEY"


def arguments(
    options: ModelOptions, route: Route, prompt: Prompt, context_tokens: int | None
) -> dict[str, Any]:
    """The arguments of `litellm.completion`.

    ``context_tokens`` is the window that a server is told to open, where it must be told.
    """
    stated: dict[str, Any] = {
        "api_base": route.api_base,
        "api_key": route.api_key,
        "temperature": options.temperature,
        "reasoning_effort": options.reasoning_effort,
        "thinking": _thinking(options.thinking_tokens),
        "num_ctx": context_tokens,
        "stream_options": {"include_usage": True} if options.stream else None,
    }
    return {
        "model": route.model,
        "messages": payload(prompt, marked=needs_markers(route.model)),
        "stream": options.stream,
        "timeout": options.timeout_s,
        "max_retries": 0,
        "num_retries": 0,
        "drop_params": True,
        **{name: value for name, value in stated.items() if value not in (None, "")},
    }


def _thinking(tokens: int | None) -> dict[str, Any] | None:
    return {"type": "enabled", "budget_tokens": tokens} if tokens else None
