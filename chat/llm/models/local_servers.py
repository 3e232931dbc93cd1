"""[io] Asks a local model server for its models and windows, at its own address only.

No proxy is used and no redirect is followed. An answer that is late or malformed counts as none.
"""

import json
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, urlsplit

from chat.llm.options import OLLAMA_PROVIDERS

OLLAMA = "http://127.0.0.1:11434"
OLLAMA_TOKENS = 16_384
"""The largest window to open if the model's author names none: the one it was trained on may not fit memory."""
ANSWER_BYTES = 8 << 20


def ollama_address(environment: Mapping[str, str]) -> str:
    """Return the address in `OLLAMA_HOST` as Ollama's own client reads it; "every address" means this machine."""
    host = environment.get("OLLAMA_HOST", "").rstrip("/")
    if not host:
        return OLLAMA
    address = host if "://" in host else f"http://{host}"
    address = address.replace("//0.0.0.0", "//127.0.0.1")
    return address if ":" in address.partition("://")[2] else f"{address}:11434"


def get_json(url: str, body: Mapping[str, Any] | None = None, timeout_s: float = 1.0) -> Any:
    """GET an address, or POST a body to it; returns the JSON of an answer with status 200, else None."""
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    parts = urlsplit(url)
    with suppress(OSError, HTTPException, ValueError):
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(
                "GET" if body is None else "POST", parts.path or "/", data, {"Accept": "application/json"}
            )
            answer = connection.getresponse()
            return json.loads(answer.read(ANSWER_BYTES)) if answer.status == 200 else None
        finally:
            connection.close()
    return None


def why_unreachable(url: str, timeout_s: float) -> str:
    """Return why no connection to an address can be made; "" if one can, or if a proxy is in between."""
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
    """Return the window of a model in tokens, as its local server says; None if it does not.

    ``model`` is the server's own name for it. A provider without ``api_base`` is not asked, except Ollama.
    """
    if provider in OLLAMA_PROVIDERS:
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
    """The author's own `num_ctx`, else the window that the model was trained on, up to `OLLAMA_TOKENS`."""
    description = get_json(f"{api_base.rstrip('/')}/api/show", {"model": model})
    if not isinstance(description, dict):
        return None
    for line in str(description.get("parameters", "")).splitlines():
        name, _, value = line.partition(" ")
        if name == "num_ctx" and value.strip().isdecimal():
            return int(value)
    trained = [
        value
        for name, value in (description.get("model_info") or {}).items()
        if name.endswith(".context_length") and isinstance(value, int)
    ]
    return min(trained[0], OLLAMA_TOKENS) if trained else None


def _from_models(answer: Any, model: str) -> int | None:
    """From the list of models of vLLM and llama.cpp."""
    data = answer.get("data") if isinstance(answer, dict) else None
    entries = data if isinstance(data, list) else []
    for entry in entries:
        if isinstance(entry, dict) and (entry.get("id") == model or len(entries) == 1):
            return _positive(entry.get("max_model_len"))
    return None


def _from_props(answer: Any, model: str) -> int | None:  # noqa: ARG001 - a server has one model
    """From the settings of llama.cpp."""
    settings = answer.get("default_generation_settings") if isinstance(answer, dict) else None
    return _positive(settings.get("n_ctx")) if isinstance(settings, dict) else None


def _from_lm_studio(answer: Any, model: str) -> int | None:  # noqa: ARG001 - the address names it
    """From LM Studio's own list: the window that it opened, not the largest possible one."""
    return _positive(answer.get("loaded_context_length")) if isinstance(answer, dict) else None


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


_QUESTIONS: tuple[tuple[str, Callable[[Any, str], int | None]], ...] = (
    ("/v1/models", _from_models),
    ("/props", _from_props),
    ("/api/v0/models/{model}", _from_lm_studio),
)
