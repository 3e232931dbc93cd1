"""The models and how to reach them -> the arguments of one call to litellm. Pure but for the environment."""

import os
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chat.llm.payload import needs_markers, payload
from chat.model import ModelRole, Prompt
from chat.safety.secrets import secret_values

CONNECT_S = 4.0
"""Until a connection is made. Less than `SOCKET_CONNECT_S`, so that this limit is the one that decides."""
SOCKET_CONNECT_S = 5.0
"""When the thread of a call gives up a connection that its caller has already given up."""
GRACE_S = 5.0
"""After a call's deadline, until the process that should have noticed it is taken to hang."""
POLL_S = 0.05
"""How long Ctrl-C may take where it does not wake a waiting thread, as on Windows."""

NO_KEY = "none"
"""For a local server that needs no key: the OpenAI SDK does not start without one."""
OLLAMA_PROVIDERS = frozenset({"ollama", "ollama_chat"})


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """The models, in litellm's notation without aliases, and the options for all their calls."""

    models: Mapping[ModelRole, str]
    """At least the main one, which stands in for roles that are not named."""
    _: KW_ONLY
    api_base: str = ""
    """The address for the main model's provider; empty for the provider's own."""
    api_key: str = ""
    """The key for the main model's provider; empty for the one in the environment."""
    api_keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by provider."""
    timeout_s: float = 600.0
    """For one reply, including all tries and the waits between them."""
    stall_s: float = 120.0
    """How long a server that has begun to answer may send nothing."""
    reasoning_effort: str = ""
    thinking_tokens: int | None = None
    temperature: float | None = None
    metadata_file: Path | None = None
    context_tokens: int | None = None
    """The window; overrides what the model's data says."""
    stream: bool = True

    def name(self, role: ModelRole) -> str:
        """Return the model of a role."""
        return self.models.get(role) or self.models[ModelRole.MAIN]

    def secrets(self) -> tuple[str, ...]:
        """Return the keys that no message may show."""
        return secret_values(os.environ, (self.api_key, *self.api_keys.values()), min_chars=4)


@dataclass(frozen=True, slots=True)
class Route:
    """Where the calls of a role go."""

    model: str
    """In litellm's notation."""
    provider: str
    api_base: str = ""
    api_key: str = ""
    free: bool = False
    """It runs on the user's own machine and costs nothing."""

    @property
    def where(self) -> str:
        """The address without credentials, or the provider's name."""
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
    """Return the arguments of `litellm.completion`.

    ``context_tokens`` is the window to open, for a server that must be told.
    """
    optional: dict[str, Any] = {
        "api_base": route.api_base,
        "api_key": route.api_key,
        "temperature": options.temperature,
        "reasoning_effort": options.reasoning_effort,
        "thinking": _thinking(options.thinking_tokens),
        "num_ctx": context_tokens,
        "max_tokens": _most_tokens(prompt, options.thinking_tokens),
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
        **{name: value for name, value in optional.items() if value not in (None, "")},
    }


def _most_tokens(prompt: Prompt, thinking_tokens: int | None) -> int | None:
    """Return where a reply is to end. Anthropic refuses a limit that thinking alone would reach."""
    most = prompt.most_reply_tokens
    return most if most > (thinking_tokens or 0) else None


def _thinking(tokens: int | None) -> dict[str, Any] | None:
    return {"type": "enabled", "budget_tokens": tokens} if tokens else None
