"""[io] Windows, prices and names of models, from the table in litellm's package.

The table is one JSON file, read when it is first needed. litellm itself is not imported for it, since
that takes seconds.
"""

import difflib
import functools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, get_args

from chat.errors import InputError
from chat.llm.models.aliases import FAMILIES, FIXED
from chat.model import Price, Window
from chat.settings.rows.changes import EditFormat

FILE = "model_prices_and_context_window_backup.json"

ModelEntry = Mapping[str, Any]

OTHER_PROVIDERS = frozenset(
    """ollama ollama_chat lm_studio llamafile hosted_vllm vllm litellm_proxy custom_openai openai_like
    aiohttp_openai xinference docker_model_runner oobabooga triton openrouter vertex_ai vertex_ai_beta
    huggingface github helicone poe nano-gpt synthetic chutes parasail modelscope compactifai datarobot
    galadriel infinity petals clarifai watsonx_text sagemaker_chat sagemaker_nova sap cometapi""".split()
)
"""Providers that litellm knows, but whose models its table does not list under this prefix."""

_FAMILY_FORMATS = (("gemini", "diff-fenced"),)
"""Families of models that are known to write another format more reliably than the usual one."""
_LEAST_SIMILARITY = 0.7
MODES = frozenset({"chat", "responses", "completion"})


@dataclass(frozen=True)
class Catalog:
    """The known models, by litellm's names."""

    entries: Mapping[str, ModelEntry]

    def find(self, model: str) -> ModelEntry | None:
        """Return the entry of a model, named with or without its provider; None if it is unknown."""
        if model in self.entries:
            return self.entries[model]
        provider, slash, name = model.partition("/")
        entry = self.entries.get(name) if slash else None
        if entry is None or not str(entry.get("litellm_provider", "")).startswith(provider):
            return None
        return entry

    def provider(self, model: str) -> str:
        """Return the provider of a model in litellm's notation, "" if its name does not tell."""
        prefix, slash, _ = model.partition("/")
        if slash and (prefix in OTHER_PROVIDERS or prefix in self._providers):
            return prefix
        return str(self.entries.get(model, {}).get("litellm_provider", ""))

    @functools.cached_property
    def _providers(self) -> frozenset[str]:
        return frozenset(str(entry.get("litellm_provider", "")) for entry in self.entries.values())

    def routed(self, model: str, api_base: str) -> str:
        """Return the name to give litellm; a model without a known provider, at an address, speaks OpenAI's API."""
        if model.startswith("ollama/"):
            return f"ollama_chat/{model.removeprefix('ollama/')}"  # the other API has no roles
        return f"openai/{model}" if api_base and not self.provider(model) else model

    def window(self, model: str) -> Window | None:
        """Return the window of a model, or None if the table does not say."""
        entry = self.find(model) or {}
        input_tokens = _count(entry, "max_input_tokens") or _count(entry, "max_tokens")
        output_tokens = _count(entry, "max_output_tokens") or _count(entry, "max_tokens")
        return (
            Window(input_tokens, min(output_tokens or input_tokens, input_tokens)) if input_tokens else None
        )

    def price(self, model: str) -> Price | None:
        """Return the price of a model, without the surcharges that some have for long prompts."""
        entry = self.find(model) or {}
        prompt, completion = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
        if prompt is None or completion is None:
            return None
        return Price(float(prompt), float(completion))

    def thinks(self, model: str) -> bool | None:
        """Return whether a model takes a budget or an effort for thinking; None where the table does not know it."""
        entry = self.find(model)
        return None if entry is None else bool(entry.get("supports_reasoning"))

    def edit_format(self, model: str) -> str:
        """Return the format in which a model writes edits best: as the user's own data say, else by its family."""
        entry = self.find(model) or {}
        named = entry.get("edit_format")
        if isinstance(named, str) and named in get_args(EditFormat):
            return "" if named == "auto" else named
        return next((form for part, form in _FAMILY_FORMATS if part in model.lower()), "")

    def search(self, pattern: str) -> tuple[str, ...]:
        """Return the sorted names of chat models that contain every word of a pattern."""
        words = pattern.lower().split()
        return tuple(
            name for name in sorted(self.chat_models()) if all(word in name.lower() for word in words)
        )

    def similar(self, name: str) -> str:
        """Return a sentence, after a blank, with the models that a misspelt name may mean; "" if none is near."""
        names = [*FAMILIES, *FIXED, *self.chat_models()]
        near = difflib.get_close_matches(name.lower(), names, 3, _LEAST_SIMILARITY)
        return f" Similar: {', '.join(near)}." if near else ""

    def newest(self, pattern: str) -> str | None:
        """Return the matching chat model of the highest version, or None.

        The two groups of the pattern are the major and the minor number. They are read as a decimal
        fraction, as the makers count: 4.20 is older than 4.7.
        """
        versions = [
            (float(f"{match[1]}.{match[2] or 0}"), name)
            for name, entry in self.entries.items()
            if entry.get("mode") == "chat" and (match := re.fullmatch(pattern, name))
        ]
        return max(versions)[1] if versions else None

    def chat_models(self) -> Iterator[str]:
        """Yield the names of the models that answer messages."""
        return (name for name, entry in self.entries.items() if entry.get("mode") in MODES)


class LateCatalog:
    """A catalog that is read when it is first used."""

    def __init__(self, read: Callable[[], Catalog]) -> None:
        self._read = functools.cache(read)

    def provider(self, model: str) -> str:
        """See `Catalog`."""
        return self._read().provider(model)

    def newest(self, pattern: str) -> str | None:
        """See `Catalog`."""
        return self._read().newest(pattern)

    def price(self, model: str) -> Price | None:
        """See `Catalog`."""
        return self._read().price(model)


def _count(entry: ModelEntry, name: str) -> int:
    value = entry.get(name)
    return int(value) if isinstance(value, int | float) else 0


def read_catalog(user_file: Path | None = None) -> Catalog:
    """Read litellm's table, overridden by the entries of the user's own file. Raises InputError."""
    entries = dict(_shipped())
    for name, entry in (read_metadata(user_file) if user_file else {}).items():
        entries[name] = {**entries.get(name, {}), **entry}
    return Catalog(entries)


def read_metadata(path: Path) -> dict[str, dict[str, Any]]:
    """Read a user's own model data, a JSON object of objects like litellm's table. Raises InputError."""
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path}: cannot read the model data ({error}); none of it is used. "
            "Name a JSON file with --model-metadata-file, or leave the setting out."
        ) from error
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise InputError(
            f"{path}: expected a JSON object with model names as keys and objects as values; none of it is used. "
            'Write it as {"openai/my-model": {"max_input_tokens": 32768}}.'
        )
    return entries


@functools.cache
def _shipped() -> Mapping[str, ModelEntry]:
    """The table in litellm's package; empty if it cannot be read, and then every model is unknown."""
    spec = find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        try:
            entries = json.loads(Path(folder, FILE).read_bytes())
        except (OSError, ValueError):
            continue
        return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}
    return {}
