"""What litellm's own table says of models: windows, prices, names. litellm is not imported for it.

Importing it takes seconds, the table is one JSON file in its package. Read when first asked for.
"""

import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chat.errors import InputError
from chat.model import Price, Window

FILE = "model_prices_and_context_window_backup.json"

Entry = Mapping[str, Any]

OTHER_PROVIDERS = frozenset(
    """ollama ollama_chat lm_studio llamafile hosted_vllm vllm litellm_proxy custom_openai openai_like
    aiohttp_openai xinference docker_model_runner oobabooga triton openrouter vertex_ai vertex_ai_beta
    huggingface github helicone poe nano-gpt synthetic chutes parasail modelscope compactifai datarobot
    galadriel infinity petals clarifai watsonx_text sagemaker_chat sagemaker_nova sap cometapi""".split()
)
"""Providers that litellm knows and whose models its table does not name under this prefix."""

MODES = frozenset({"chat", "responses", "completion"})


@dataclass(frozen=True)
class Catalog:
    """Models by the name that litellm gives them."""

    entries: Mapping[str, Entry]

    def find(self, model: str) -> Entry | None:
        """What is known of a model, by its name with or without its provider."""
        if model in self.entries:
            return self.entries[model]
        provider, slash, name = model.partition("/")
        entry = self.entries.get(name) if slash else None
        if entry is None or not str(entry.get("litellm_provider", "")).startswith(provider):
            return None
        return entry

    def provider(self, model: str) -> str:
        """Who serves a model, as litellm names them; "" where its name does not tell."""
        prefix, slash, _ = model.partition("/")
        if slash and (prefix in OTHER_PROVIDERS or prefix in self._providers):
            return prefix
        return str(self.entries.get(model, {}).get("litellm_provider", ""))

    @functools.cached_property
    def _providers(self) -> frozenset[str]:
        return frozenset(str(entry.get("litellm_provider", "")) for entry in self.entries.values())

    def routed(self, model: str, api_base: str) -> str:
        """The name that litellm is given: what no provider is named for and has an address speaks OpenAI's API."""
        if model.startswith("ollama/"):
            return f"ollama_chat/{model.removeprefix('ollama/')}"  # the other way has no roles
        return f"openai/{model}" if api_base and not self.provider(model) else model

    def window(self, model: str) -> Window | None:
        """How much a model reads and writes, or None where the table does not say."""
        entry = self.find(model) or {}
        reads = _count(entry, "max_input_tokens") or _count(entry, "max_tokens")
        writes = _count(entry, "max_output_tokens") or _count(entry, "max_tokens")
        return Window(reads, min(writes or reads, reads)) if reads else None

    def price(self, model: str) -> Price | None:
        """What a model's tokens cost, without the surcharges that some have for long prompts."""
        entry = self.find(model) or {}
        prompt, completion = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
        if prompt is None or completion is None:
            return None
        return Price(float(prompt), float(completion))

    def search(self, pattern: str) -> tuple[str, ...]:
        """Names of models for chat that hold every word of a pattern, in order."""
        words = pattern.lower().split()
        return tuple(
            name for name in sorted(self.chat_models()) if all(word in name.lower() for word in words)
        )

    def newest(self, pattern: str) -> str | None:
        """The chat model of the highest version; the pattern's groups are its major and minor number.

        Read as a decimal fraction, as their makers count: 4.20 is older than 4.7.
        """
        found = [
            (float(f"{match[1]}.{match[2] or 0}"), name)
            for name, entry in self.entries.items()
            if entry.get("mode") == "chat" and (match := re.fullmatch(pattern, name))
        ]
        return max(found)[1] if found else None

    def chat_models(self) -> Iterator[str]:
        """Names of the models that answer messages."""
        return (name for name, entry in self.entries.items() if entry.get("mode") in MODES)


class LateCatalog:
    """A catalog that is read when something is first asked of it."""

    def __init__(self, read: Callable[[], Catalog]) -> None:
        self._read = functools.cache(read)

    def provider(self, model: str) -> str:
        """As of `Catalog`."""
        return self._read().provider(model)

    def newest(self, pattern: str) -> str | None:
        """As of `Catalog`."""
        return self._read().newest(pattern)

    def price(self, model: str) -> Price | None:
        """As of `Catalog`."""
        return self._read().price(model)


def _count(entry: Entry, name: str) -> int:
    value = entry.get(name)
    return int(value) if isinstance(value, int | float) else 0


def read_catalog(user_file: Path | None = None) -> Catalog:
    """litellm's table, with the entries of the user's own file over it. Raises InputError."""
    entries = dict(_shipped())
    for name, entry in (read_metadata(user_file) if user_file else {}).items():
        entries[name] = {**entries.get(name, {}), **entry}
    return Catalog(entries)


def read_metadata(path: Path) -> dict[str, dict[str, Any]]:
    """A user's own model data: a JSON object of objects, as litellm's table has them. Raises InputError."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: the model data cannot be read ({error}), so none of it is used. "
            "Name a JSON file with --model-metadata-file, or leave the setting out."
        ) from error
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise InputError(
            f"{path}: expected a JSON object whose keys are model names and whose values are objects, so "
            'none of it is used. Write it as {"openai/my-model": {"max_input_tokens": 32768}}.'
        )
    return entries


@functools.cache
def _shipped() -> Mapping[str, Entry]:
    """The table in litellm's package; empty where it cannot be read, and every model is unknown then."""
    found = find_spec("litellm")
    for folder in (found.submodule_search_locations or ()) if found else ():
        try:
            entries = json.loads(Path(folder, FILE).read_bytes())
        except (OSError, ValueError):
            continue
        return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}
    return {}
