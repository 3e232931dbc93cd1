"""Calls models through litellm: a prompt in, a complete reply or an error with advice out.

The only importer of litellm, which takes seconds: it is loaded in a process of its own (`chat.calls`),
and the first call waits for it. What is added to it is what it does not do: a reply counts only when
its end was seen (`chat.call` says what that means for which provider), all tries share one deadline,
Ctrl-C is answered at once, and nothing but the model's address is asked.
"""

import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chat.errors import NoModel
from chat.events import Emit, ReplyEnded, ReplyStarted, Retrying
from chat.llm import failures as advices
from chat.llm.call import Call, Failed
from chat.llm.callers import Calls, CallsElsewhere, CallsHere
from chat.llm.catalog import Catalog, read_catalog, read_metadata
from chat.llm.failures import wait_s
from chat.llm.litellm_loader import Library, load_quietly
from chat.llm.local_servers import ask_window
from chat.llm.options import NO_KEY, ModelOptions, Route, arguments
from chat.model import ModelRole, Price, Prompt, Reply, Window
from repomap import count_tokens

GUESSED_TOKENS = 32_768
GUESSED_OLLAMA_TOKENS = 8_192
"""Sent to the server as well, so that nothing is cut off silently."""
OLLAMA = frozenset({"ollama", "ollama_chat"})


@dataclass(frozen=True, slots=True)
class Waiting:
    """How waits between tries are made; tests put their own in."""

    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


class LiteModel:
    """The configured models behind the `Model` port. Raises NoModel where no main model is named."""

    def __init__(
        self, options: ModelOptions, waiting: Waiting | None = None, calls: Calls | None = None
    ) -> None:
        if ModelRole.MAIN not in options.models:
            raise NoModel("no model is configured, so nothing can be asked. Name one with --model.")
        self._options = options
        self._waiting = waiting or Waiting()
        self._calls = calls or CALLS
        self._catalog: Catalog | None = None
        self._windows: dict[str, Window] = {}

    def load_in_background(self) -> None:
        """Starts to import litellm; the first call waits for what is left of it."""
        self._calls.load()

    def name(self, role: ModelRole) -> str:
        """The model that calls of this role go to."""
        return self._options.name(role)

    def window(self, role: ModelRole) -> Window:
        """How much the model reads and writes. A server of the user's own may be asked, once."""
        name = self.name(role)
        if name not in self._windows:
            self._windows[name] = self._find_window(self.route(role))
        return self._windows[name]

    def price(self, role: ModelRole) -> Price | None:
        """What the model costs, or None where nobody knows."""
        route = self.route(role)
        return Price(0, 0) if route.free else self._known().price(route.model)

    def route(self, role: ModelRole) -> Route:
        """Where calls of this role go. The address and the key are for the main model's provider."""
        options, known = self._options, self._known()
        main = known.routed(options.name(ModelRole.MAIN), options.api_base)
        model = known.routed(options.name(role), options.api_base)
        provider = known.provider(model)
        if provider != known.provider(main):
            model = known.routed(options.name(role), "")
            return Route(model, provider, "", options.api_keys.get(provider, ""), provider in OLLAMA)
        key = options.api_keys.get(provider) or options.api_key
        if options.api_base and not key and provider == "openai" and not os.environ.get("OPENAI_API_KEY"):
            key = NO_KEY
        return Route(model, provider, options.api_base, key, provider in OLLAMA)

    def reply(self, prompt: Prompt, role: ModelRole, emit: Emit) -> Reply:
        """The complete reply to a prompt. Raises ModelError."""
        call = self._call(prompt, role)
        emit(ReplyStarted(self.name(role), role, call.prompt_tokens))
        attempt = 1
        while True:
            try:
                reply = self._calls.once(call, emit)
            except Failed as failed:
                wait = self._wait_s(call, failed, attempt)
                emit(Retrying(failed.words or failed.advice.what, wait, attempt))
                self._waiting.sleep(wait)
                attempt += 1
            else:
                emit(ReplyEnded(reply, role))
                return reply

    def _call(self, prompt: Prompt, role: ModelRole) -> Call:
        options, route = self._options, self.route(role)
        opened = self.window(role).input_tokens if route.provider in OLLAMA else None
        return Call(
            route=route,
            arguments=arguments(options, route, prompt, opened),
            prompt_tokens=sum(count_tokens(m.text) for m in prompt.messages)
            + count_tokens(prompt.request_map),
            own_entries=self._own_entries(),
            priced=self.price(role) is not None,
            deadline=time.monotonic() + options.timeout_s,
            stall_s=options.stall_s,
            secrets=options.secrets(),
        )

    def _wait_s(self, call: Call, failed: Failed, attempt: int) -> float:
        """How long until the next try. Raises what there is to say where none is made."""
        wait = wait_s(failed.advice, attempt, failed.retry_after, self._waiting.chance())
        if wait is None:
            raise call.error(failed, attempt) from failed.__cause__
        if time.monotonic() + wait >= call.deadline:
            late = Failed(advices.OUT_OF_TIME, failed.words or failed.advice.what)
            raise call.error(late, attempt) from failed
        return wait

    def _own_entries(self) -> dict[str, dict[str, Any]]:
        file = self._options.metadata_file
        return read_metadata(file) if file else {}

    def _known(self) -> Catalog:
        if self._catalog is None:
            self._catalog = read_catalog(self._options.metadata_file)
        return self._catalog

    def _find_window(self, route: Route) -> Window:
        """What the user says, else litellm's table, else what the user's own server says, else a guess."""
        if self._options.context_tokens:
            return _shared(self._options.context_tokens, known=True)
        if not route.free and (found := self._known().window(route.model)):
            return found
        asked = ask_window(route.provider, route.model.partition("/")[2], route.api_base)
        guess = GUESSED_OLLAMA_TOKENS if route.free else GUESSED_TOKENS
        return _shared(asked or guess, known=asked is not None)


def _shared(tokens: int, *, known: bool) -> Window:
    """A window that prompt and reply share."""
    return Window(tokens, max(1, tokens // 4), known)


def _load() -> Any:
    return load_quietly(_import)


def _import() -> tuple[Any, type[Any]]:
    import litellm
    from litellm.llms.custom_httpx.http_handler import HTTPHandler

    return litellm, HTTPHandler


LITELLM = Library(_load)
"""One for the process: an import is made once."""
CALLS: Calls = CallsElsewhere(CallsHere(LITELLM))
"""One for the process, too."""
