"""Loads litellm in the background, and makes it quiet, local and watched; its only importer.

Importing it takes seconds, reads a `.env` above its own folder and asks the network for prices, unless
it is told not to.
"""

import gc
import logging
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from chat.llm.options import POLL_S
from chat.llm.replies.http_watch import watch

IMPORT_ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it asks the network for prices
    "LITELLM_MODE": "PRODUCTION",  # else it loads a .env, which may be the repository's
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
}
"""Set during the import and put back, since the user's own commands run in this environment too."""

LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx", "httpcore", "openai", "botocore")


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause Python's garbage collector while many lasting objects are made: it takes up to a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Library:
    """A module that is imported once, in a thread; whoever needs it waits for it."""

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._module: Any = None
        self._error: BaseException | None = None

    def start(self) -> None:
        """Start importing it, once."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="trigpoint-litellm", daemon=True)
                self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether `get` returns at once."""
        return self._ready.is_set()

    def get(self, deadline: float | None = None) -> Any:
        """Return the module. Raises what its import raised, and TimeoutError at a `time.monotonic` deadline."""
        self.start()
        while not self._ready.wait(POLL_S):
            if deadline is not None and time.monotonic() > deadline:
                raise TimeoutError("litellm is not loaded yet")
        if self._error is not None:
            raise self._error
        return self._module

    def _run(self) -> None:
        try:
            self._module = self._load()
        except BaseException as error:  # raised by `get`
            self._error = error
        finally:
            self._ready.set()


def _load() -> Any:
    """Import litellm and set it up."""
    with _environment(IMPORT_ENVIRONMENT), warnings.catch_warnings(), collector_paused():
        warnings.simplefilter("ignore")
        import litellm as module
        from litellm.llms.custom_httpx.http_handler import HTTPHandler
    gc.freeze()  # a million objects that stay: each collection, as at exit, would take half a second
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    module.suppress_debug_info = True
    module.disable_streaming_logging = True
    module.disable_hf_tokenizer_download = True
    module.disable_token_counter = True  # would load a vocabulary to count nothing; `usage` counts
    module.telemetry = False
    module.callbacks, module.success_callback, module.failure_callback = [], [], []
    _watch_clients(module, HTTPHandler)
    return module


def _watch_clients(module: Any, client_maker: type[Any]) -> None:
    """Watch every HTTP client that the module makes from now on.

    The OpenAI SDK can be given its client. There is no such option for all others, so the method that
    makes them is wrapped; it makes the client for the SDK as well.
    """
    create = client_maker.create_client

    def create_watched(self: Any) -> Any:
        return watch(create(self))

    client_maker.create_client = create_watched
    module.client_session = client_maker(timeout=None).client


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


LITELLM = Library(_load)
"""One for the whole process, since a module is imported once."""
