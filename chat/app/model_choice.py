"""[io] The settings → the models that calls go to, by role.

Without a setting, the environment's keys and the model servers on this machine decide. Names are resolved when
they are first asked for, because reading the table of models takes a while.
"""

import functools
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from chat.errors import NoModel
from chat.events import Emit, Notice
from chat.llm.lite_model import GUESSED_TOKENS, LiteModel
from chat.llm.models.aliases import full_name, weak_model
from chat.llm.models.catalog import LateCatalog, read_catalog
from chat.llm.models.discovery import discover
from chat.llm.options import ModelOptions
from chat.model import ModelRole, Price, Prompt, Reply, Window
from chat.ports import Model
from chat.settings.table import Settings


def open_model(settings: Settings) -> Model:
    """Open the configured models. Raises NoModel where none is configured and none is found."""
    names, api_base, api_key = choose_models(settings)
    keys = dict(settings.api_key)
    own_key = keys.pop("", "") or api_key
    return LiteModel(
        ModelOptions(
            names,
            api_base=api_base,
            api_key=own_key,
            api_keys=keys,
            timeout_s=settings.timeout,
            reasoning_effort=settings.reasoning_effort,
            thinking_tokens=settings.thinking_tokens,
            temperature=settings.temperature,
            metadata_file=Path(settings.model_metadata_file) if settings.model_metadata_file else None,
            context_tokens=settings.context_tokens,
            stream=settings.stream,
        )
    )


def without_model(error: NoModel, settings: Settings, emit: Emit) -> Model:
    """Stand in for a model that is not configured, since many commands need none; warn where one may be needed."""
    shows = settings.show_repo_map or settings.show_prompts
    if not (shows or settings.message or settings.print or settings.message_file or settings.goal):
        emit(Notice(str(error), "warning"))
    return Unconfigured(error)


class Unconfigured:
    """Stands in where no model is configured: each call says how to get one."""

    def __init__(self, error: NoModel) -> None:
        self._error = error

    def name(self, role: ModelRole) -> str:  # noqa: ARG002
        """Return no name."""
        return ""

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:  # noqa: ARG002
        """Raise NoModel."""
        raise NoModel(str(self._error))

    def window(self, role: ModelRole) -> Window:  # noqa: ARG002
        """Return a careful guess, by which the map is sized."""
        return Window(GUESSED_TOKENS, GUESSED_TOKENS // 8, known=False)

    def price(self, role: ModelRole) -> Price | None:  # noqa: ARG002
        """Return None: unknown."""
        return None

    def edit_format(self, role: ModelRole) -> str:  # noqa: ARG002
        """Return "": nothing is known."""
        return ""

    def load_in_background(self) -> None:
        """Do nothing; there is nothing to load."""


def choose_models(settings: Settings) -> tuple[Mapping[ModelRole, str], str, str]:
    """Return the full names of the models by role, and the address and key that belong to them.

    Without a configured model, one is looked for: keys in the environment, servers on this machine.
    Raises NoModel.
    """
    discovered = None if settings.model else discover(os.environ, _catalog_of(settings))
    if discovered is None:
        return ModelNames(settings, settings.model, settings.api_base), settings.api_base, ""
    api_base = discovered.api_base or settings.api_base
    return ModelNames(settings, discovered.model, api_base), api_base, discovered.api_key


class ModelNames(Mapping[ModelRole, str]):
    """The full names of the models by role, each resolved when it is first asked for."""

    def __init__(self, settings: Settings, main: str, api_base: str) -> None:
        self._settings = settings
        self._main = main
        self._api_base = api_base
        self._full = functools.cache(self._resolve)

    def __getitem__(self, role: ModelRole) -> str:
        return self._full(role)

    def __contains__(self, role: object) -> bool:
        return isinstance(role, ModelRole)

    def __iter__(self) -> Iterator[ModelRole]:
        return iter(ModelRole)

    def __len__(self) -> int:
        return len(ModelRole)

    def _resolve(self, role: ModelRole) -> str:
        settings = self._settings
        catalog, own_aliases = _catalog_of(settings), dict(settings.alias)
        name = {
            ModelRole.MAIN: self._main,
            ModelRole.WEAK: settings.weak_model,
            ModelRole.EDITOR: settings.editor_model,
            ModelRole.JUDGE: settings.judge_model,
            ModelRole.PLANNER: self._main,
        }[role]
        if name:
            return full_name(name, catalog, own_aliases)
        if role is ModelRole.JUDGE:
            return self[ModelRole.WEAK]
        main = self[ModelRole.MAIN]
        return weak_model(main, catalog, self._api_base) if role is ModelRole.WEAK else main


def _catalog_of(settings: Settings) -> LateCatalog:
    file = settings.model_metadata_file
    return LateCatalog(lambda: read_catalog(Path(file) if file else None))


def known_models(part: str) -> tuple[str, ...]:
    """Return the models that litellm knows and whose names contain this, sorted."""
    return read_catalog().search(part)


def doubt_about(name: str, api_base: str) -> str:
    """Return what speaks against a model's name, and what comes near it; "" where a provider is known for it.

    At an address of the user's own every name may be right.
    """
    catalog = read_catalog()
    if not name or api_base or catalog.provider(name):
        return ""
    return f"{name} begins with no known provider, as openai/NAME does.{catalog.similar(name)}"
