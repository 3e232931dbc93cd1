"""[io] Calls models through litellm: a prompt in, a complete reply or an error with advice out.

litellm takes seconds to import: it is loaded in a process of its own, and the first call waits for it. Added
is what litellm does not do: a reply counts only if its end was seen (see `completeness`), all tries share
one deadline, Ctrl-C works at once, and no address but the model's is contacted.
"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chat.errors import ModelError, NoModel, UnknownModel
from chat.events import Emit, Notice, ReplyEnded, ReplyStarted, Retrying
from chat.llm.call import Call, CallFailed
from chat.llm.failures import OUT_OF_TIME, reason_of, retry_wait_s
from chat.llm.models.catalog import Catalog, read_catalog, read_metadata
from chat.llm.models.local_servers import ask_window, ollama_address
from chat.llm.options import NO_KEY, OLLAMA_PROVIDERS, ModelOptions, Route, arguments
from chat.llm.processes.callers import Caller, LocalCaller, ProcessCaller
from chat.llm.processes.litellm_loader import LITELLM
from chat.model import ModelRole, Price, Prompt, Reply, Window
from chat.safety.stopping import sleep
from repomap import count_tokens

GUESSED_TOKENS = 32_768
GUESSED_OLLAMA_TOKENS = 8_192
"""Sent to the server as well, so that it does not cut anything off silently."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """How to wait between tries; tests use their own."""

    sleep: Callable[[float], None] = sleep
    chance: Callable[[], float] = random.random


class LiteModel:
    """The configured models, as the `Model` port. Raises NoModel if no main model is named."""

    def __init__(
        self, options: ModelOptions, waiting: Waiting | None = None, caller: Caller | None = None
    ) -> None:
        if ModelRole.MAIN not in options.models:
            raise NoModel("No model is configured. Name one with --model.")
        self._options = options
        self._waiting = waiting or Waiting()
        self._caller = caller or CALLER
        self._catalog: Catalog | None = None
        self._windows: dict[str, Window] = {}
        self._warned: set[str] = set()

    def load_in_background(self) -> None:
        """Start importing litellm; the first call waits for the rest of it."""
        self._caller.load()

    def name(self, role: ModelRole) -> str:
        """Return the model for calls of this role, in litellm's notation."""
        return self._options.name(role)

    def window(self, role: ModelRole) -> Window:
        """Return the model's window. A local server may be asked for it, once."""
        name = self.name(role)
        if name not in self._windows:
            self._windows[name] = self._find_window(self.route(role))
        return self._windows[name]

    def price(self, role: ModelRole) -> Price | None:
        """Return the price of the model, or None if it is unknown."""
        route = self.route(role)
        return Price(0, 0) if route.free else self._models().price(route.model)

    def edit_format(self, role: ModelRole) -> str:
        """Return the format that the model's data name for its edits, "" for none."""
        return self._models().edit_format(self.route(role).model)

    def route(self, role: ModelRole) -> Route:
        """Return where calls of this role go; the address and the key are for the main model's provider."""
        options, catalog = self._options, self._models()
        main = catalog.routed(options.name(ModelRole.MAIN), options.api_base)
        model = catalog.routed(options.name(role), options.api_base)
        provider = catalog.provider(model)
        if provider != catalog.provider(main):
            model = catalog.routed(options.name(role), "")
            key = options.api_keys.get(provider, "")
            return Route(model, provider, _own_address(provider), key, provider in OLLAMA_PROVIDERS)
        key = options.api_keys.get(provider) or options.api_key
        if options.api_base and not key and provider == "openai" and not os.environ.get("OPENAI_API_KEY"):
            key = NO_KEY
        api_base = options.api_base or _own_address(provider)
        return Route(model, provider, api_base, key, provider in OLLAMA_PROVIDERS)

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
        """Return the complete reply to a prompt. Raises ModelError."""
        call = self._call(prompt, role)
        self._warn_of_dropped(call.route.model, emit)
        emit(ReplyStarted(self.name(role), role, call.prompt_tokens))
        attempt = 1
        while True:
            try:
                reply = self._caller.attempt(call, emit)
            except CallFailed as failure:
                wait_s = self._wait_s(call, failure, attempt)
                emit(Retrying(reason_of(failure.advice, failure.detail), wait_s, attempt))
                self._waiting.sleep(wait_s)
                attempt += 1
            else:
                emit(ReplyEnded(reply, role))
                return reply

    def _call(self, prompt: Prompt, role: ModelRole) -> Call:
        options, route = self._options, self.route(role)
        window_tokens = self.window(role).input_tokens if route.provider in OLLAMA_PROVIDERS else None
        return Call(
            route=route,
            arguments=arguments(options, route, prompt, window_tokens),
            prompt_tokens=sum(count_tokens(m.text) for m in prompt.messages)
            + count_tokens(prompt.request_map),
            own_entries=self._own_entries(),
            priced=self.price(role) is not None,
            deadline=time.monotonic() + options.timeout_s,
            stall_s=options.stall_s,
            secrets=options.secrets(),
        )

    def _warn_of_dropped(self, model: str, emit: Emit) -> None:
        """Say once for each model which settings it does not take; litellm drops them without a word."""
        given = {
            "--thinking-tokens": self._options.thinking_tokens,
            "--reasoning-effort": self._options.reasoning_effort,
        }
        names = [name for name, value in given.items() if value]
        if names and model not in self._warned and self._models().thinks(model) is False:
            self._warned.add(model)
            emit(
                Notice(
                    f"{model} does not think on request, so {' and '.join(names)} has no effect.", "warning"
                )
            )

    def _wait_s(self, call: Call, failure: CallFailed, attempt: int) -> float:
        """How long to wait for the next attempt. Raises ModelError if there is none."""
        wait_s = retry_wait_s(failure.advice, attempt, failure.retry_after, self._waiting.chance())
        if wait_s is None:
            raise self._with_similar(call.error(failure, attempt), call) from failure.__cause__
        if time.monotonic() + wait_s >= call.deadline:
            late = CallFailed(OUT_OF_TIME, failure.detail or failure.advice.problem)
            raise call.error(late, attempt) from failure
        return wait_s

    def _with_similar(self, error: ModelError, call: Call) -> ModelError:
        """Return the error, for a model that no provider knows with the names that come near."""
        is_unknown = isinstance(error, UnknownModel) and not self._options.api_base
        return UnknownModel(f"{error}{self._models().similar(call.route.model)}") if is_unknown else error

    def _own_entries(self) -> dict[str, dict[str, Any]]:
        file = self._options.metadata_file
        return read_metadata(file) if file else {}

    def _models(self) -> Catalog:
        if self._catalog is None:
            self._catalog = read_catalog(self._options.metadata_file)
        return self._catalog

    def _find_window(self, route: Route) -> Window:
        """The window from the settings, else litellm's table, else the local server, else a guess."""
        if self._options.context_tokens:
            return _shared(self._options.context_tokens, known=True)
        if not route.free and (window := self._models().window(route.model)):
            return window
        tokens = ask_window(route.provider, route.model.partition("/")[2], route.api_base)
        guess = GUESSED_OLLAMA_TOKENS if route.free else GUESSED_TOKENS
        return _shared(tokens or guess, known=tokens is not None)


def _own_address(provider: str) -> str:
    """The address that the environment names for a provider; "" for one that litellm finds by itself."""
    is_named = provider in OLLAMA_PROVIDERS and os.environ.get("OLLAMA_HOST")
    return ollama_address(os.environ) if is_named and not os.environ.get("OLLAMA_API_BASE") else ""


def _shared(tokens: int, *, known: bool) -> Window:
    """The window of a model whose prompt and reply share it."""
    return Window(tokens, max(1, tokens // 4), known)


CALLER: Caller = ProcessCaller(LocalCaller(LITELLM))
"""One for the whole process: all models share the second one."""
