"""Asks a model server of the user's own what it has and how much it reads, at its own address alone.

No proxy and no redirect is followed, and an answer that is late or odd is no answer.
"""

import json
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

OLLAMA = "http://127.0.0.1:11434"
OLLAMA_TOKENS = 16_384
"""The window that is opened for a model whose author names none: what it was trained on may not fit memory."""
ANSWER_BYTES = 8 << 20


def get_json(url: str, body: Mapping[str, Any] | None = None, timeout_s: float = 1.0) -> Any:
    """What an address answers to GET, or to POST with a body; None where that is no JSON with status 200."""
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    parts = urlsplit(url)
    with suppress(OSError, HTTPException, ValueError):
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
        try:
            sent = None if body is None else json.dumps(body)
            connection.request(
                "GET" if body is None else "POST", parts.path or "/", sent, {"Accept": "application/json"}
            )
            answer = connection.getresponse()
            return json.loads(answer.read(ANSWER_BYTES)) if answer.status == 200 else None
        finally:
            connection.close()
    return None


def why_unreachable(url: str, timeout_s: float) -> str:
    """Why no connection is made to an address; "" where one is, or where a proxy stands between."""
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or (parts.scheme in getproxies() and not proxy_bypass(host)):
        return ""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((host, port), timeout_s).close()
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def ask_window(provider: str, model: str, api_base: str) -> int | None:
    """How many tokens a model's server lets it read, or None where it does not say.

    ``model`` is the name that the server has for it. Only what has an address of its own is asked.
    """
    if provider in ("ollama", "ollama_chat"):
        return _ollama_window(model, api_base or OLLAMA)
    if not api_base:
        return None
    root = api_base.rstrip("/").removesuffix("/v1")
    for path, read in _QUESTIONS:
        answer = get_json(root + path.format(model=quote(model)))
        if tokens := read(answer, model):
            return tokens
    return None


def _ollama_window(model: str, api_base: str) -> int | None:
    """The author's own `num_ctx`, else what the model was trained on, up to what memory can be expected to hold."""
    shown = get_json(f"{api_base.rstrip('/')}/api/show", {"model": model})
    if not isinstance(shown, dict):
        return None
    for line in str(shown.get("parameters", "")).splitlines():
        name, _, value = line.partition(" ")
        if name == "num_ctx" and value.strip().isdecimal():
            return int(value)
    trained = [
        value
        for name, value in (shown.get("model_info") or {}).items()
        if name.endswith(".context_length") and isinstance(value, int)
    ]
    return min(trained[0], OLLAMA_TOKENS) if trained else None


def _from_models(answer: Any, model: str) -> int | None:
    """vLLM's and llama.cpp's list of models."""
    listed = answer.get("data") if isinstance(answer, dict) else None
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and (entry.get("id") == model or len(listed or ()) == 1):
            return _positive(entry.get("max_model_len"))
    return None


def _from_props(answer: Any, model: str) -> int | None:  # noqa: ARG001 - one model a server
    """llama.cpp's settings."""
    settings = answer.get("default_generation_settings") if isinstance(answer, dict) else None
    return _positive(settings.get("n_ctx")) if isinstance(settings, dict) else None


def _from_lm_studio(answer: Any, model: str) -> int | None:  # noqa: ARG001 - asked for by name
    """LM Studio's own list: the window it opened, and not the one that it could."""
    return _positive(answer.get("loaded_context_length")) if isinstance(answer, dict) else None


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


_QUESTIONS: tuple[tuple[str, Callable[[Any, str], int | None]], ...] = (
    ("/v1/models", _from_models),
    ("/props", _from_props),
    ("/api/v0/models/{model}", _from_lm_studio),
)
