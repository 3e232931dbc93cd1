"""Loads litellm in the background and makes it quiet, local and watched.

Importing it takes seconds, reads a `.env` above its own folder and asks the network for prices,
unless it is told not to. The import itself is `chat.llm`'s; this module never names the package.
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

from chat.llm import gc_pause as collector
from chat.llm.http_watch import watch

POLL_S = 0.05

IMPORT_ENVIRONMENT = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it asks the network for prices
    "LITELLM_MODE": "PRODUCTION",  # else it loads a .env, which may be the repository's
    "LITELLM_LOCAL_ANTHROPIC_BETA_HEADERS": "True",
    "LITELLM_LOCAL_BLOG_POSTS": "True",
    "LITELLM_LOCAL_POLICY_TEMPLATES": "True",
}
"""Set while it is imported, and put back: the user's own commands run in this environment too."""

LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "httpx", "httpcore", "openai", "botocore")


class Library:
    """A module that is loaded once, in a thread; whoever needs it waits for it."""

    def __init__(self, load: Callable[[], Any]) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._ready = threading.Event()
        self._module: Any = None
        self._error: BaseException | None = None

    def start(self) -> None:
        """Begins to load it, once."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="trigpoint-litellm", daemon=True)
                self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether nobody has to wait for it."""
        return self._ready.is_set()

    def get(self, deadline: float | None = None) -> Any:
        """The module. Raises what its import raised, and TimeoutError at a deadline of `time.monotonic`."""
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
        except BaseException as error:  # handed to whoever asks for it
            self._error = error
        finally:
            self._ready.set()


def load_quietly(import_it: Callable[[], tuple[Any, type[Any]]]) -> Any:
    """The module, set up; ``import_it`` gives it with the class that makes its HTTP clients."""
    with _environment(IMPORT_ENVIRONMENT), warnings.catch_warnings(), collector.paused():
        warnings.simplefilter("ignore")
        module, client_maker = import_it()
    gc.freeze()  # a million objects that stay: each search through them, as at the end, takes half a second
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    module.suppress_debug_info = True
    module.disable_streaming_logging = True
    module.disable_hf_tokenizer_download = True
    module.disable_token_counter = True  # loads a vocabulary to count nothing; `chat.tally` counts
    module.telemetry = False
    module.callbacks, module.success_callback, module.failure_callback = [], [], []
    _watch_clients(module, client_maker)
    return module


def _watch_clients(module: Any, client_maker: type[Any]) -> None:
    """Every HTTP client that the module makes from now on is watched.

    Those of the OpenAI SDK are one that it can be given; for all others it has no such place, so
    the method that makes them is wrapped. The given one is made the same way as theirs.
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
