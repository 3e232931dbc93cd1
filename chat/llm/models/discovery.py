"""[io] Finds a model if none is configured: by a key in the environment, else on a server of this machine."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chat.errors import NoModel
from chat.llm.models.aliases import Models, full_name
from chat.llm.models.local_servers import get_json, ollama_address
from chat.llm.options import NO_KEY


@dataclass(frozen=True, slots=True)
class DiscoveredModel:
    """A model that can be used."""

    model: str
    """The full name."""
    why: str
    """How it was found, for the user."""
    api_base: str = ""
    api_key: str = ""


KEYS: tuple[tuple[str, str], ...] = (
    ("ANTHROPIC_API_KEY", "sonnet"),
    ("OPENAI_API_KEY", "gpt"),
    ("GEMINI_API_KEY", "gemini"),
    ("GOOGLE_API_KEY", "gemini"),
    ("DEEPSEEK_API_KEY", "deepseek"),
    ("OPENROUTER_API_KEY", "openrouter-sonnet"),
    ("XAI_API_KEY", "grok"),
    ("MISTRAL_API_KEY", "devstral"),
    ("GROQ_API_KEY", "groq/openai/gpt-oss-120b"),
)
"""The model for each key; the first key that is set decides."""

FOR_CODE = ("coder", "devstral", "codestral", "code")
"""Parts of names that tell a model for code."""

NOTHING_FOUND = """No model is configured, and none was found. Do one of these:
  export ANTHROPIC_API_KEY=…   (or OPENAI_API_KEY, GEMINI_API_KEY, DEEPSEEK_API_KEY, OPENROUTER_API_KEY)
  ollama pull qwen3-coder      (and leave Ollama, LM Studio or llama.cpp's server running)
  trigpoint --model openai/NAME --api-base http://HOST:PORT/v1 --api-key KEY"""


def discover(
    environment: Mapping[str, str], models: Models, servers: "tuple[LocalServer, ...] | None" = None
) -> DiscoveredModel:
    """Return the model to use. Only this machine is asked, and only if no key is set. Raises NoModel."""
    for key, name in KEYS:
        if environment.get(key):
            return DiscoveredModel(full_name(name, models), f"{key} is set")
    servers = SERVERS if servers is None else servers
    with ThreadPoolExecutor(len(servers) or 1) as pool:
        answers = pool.map(lambda server: server.ask(environment), servers)
    model: DiscoveredModel | None = next((answer for answer in answers if answer), None)
    if model is None:
        raise NoModel(NOTHING_FOUND)
    return model


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalServer:
    """A kind of model server that people run on their own machines."""

    name: str
    address: Callable[[Mapping[str, str]], str]
    list_path: str
    names: Callable[[Any], list[str]]
    """Reads the models from its answer, the best guess first."""
    model_prefix: str
    api_path: str

    def ask(self, environment: Mapping[str, str]) -> DiscoveredModel | None:
        """Return the model that it offers; None if it does not run or has none."""
        address = self.address(environment)
        names = [
            name
            for name in self.names(get_json(address + self.list_path, timeout_s=0.5))
            if "embed" not in name
        ]
        if not names:
            return None
        name = next((name for name in names if any(part in name.lower() for part in FOR_CODE)), names[0])
        key = NO_KEY if self.model_prefix == "openai/" else ""
        return DiscoveredModel(
            f"{self.model_prefix}{name}", f"{self.name} runs at {address}", address + self.api_path, key
        )


def _names_in(answer: Any, field: str, name: str) -> list[str]:
    entries = answer.get(field) if isinstance(answer, dict) else None
    entries = entries if isinstance(entries, list) else []
    return [str(entry[name]) for entry in entries if isinstance(entry, dict) and entry.get(name)]


def _fixed(address: str) -> Callable[[Mapping[str, str]], str]:
    return lambda _: address


def _tags(answer: Any) -> list[str]:
    return _names_in(answer, "models", "name")


def _ids(answer: Any) -> list[str]:
    return _names_in(answer, "data", "id")


SERVERS: tuple[LocalServer, ...] = (
    LocalServer(
        name="Ollama",
        address=ollama_address,
        list_path="/api/tags",
        names=_tags,
        model_prefix="ollama_chat/",
        api_path="",
    ),
    LocalServer(
        name="LM Studio",
        address=_fixed("http://127.0.0.1:1234"),
        list_path="/v1/models",
        names=_ids,
        model_prefix="openai/",
        api_path="/v1",
    ),
    LocalServer(
        name="llama.cpp",
        address=_fixed("http://127.0.0.1:8080"),
        list_path="/v1/models",
        names=_ids,
        model_prefix="openai/",
        api_path="/v1",
    ),
)
"""Asked in parallel; the first in this order that has a model is used."""
