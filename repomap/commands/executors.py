"""The executor behind a URL, where files are parsed: a dask cluster, whose workers need this package alone."""

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from repomap.errors import BadRequest, WorkersFailed
from repomap.index.options import IN_FLIGHT

if TYPE_CHECKING:
    from distributed import Client

SCHEMES = {"dask": "tcp", "dask+tls": "tls"}
"""By the scheme of the URL: that of dask's own address."""
CONNECT_S = 10
LOOK_S = 1.0
"""How often to look whether the scheduler is still there."""
BATCHES_PER_THREAD = 3
"""So that the next one has arrived when a batch is done."""


@dataclass(frozen=True, slots=True)
class OpenedExecutor:
    """An executor, and how many batches it is given at once."""

    executor: Executor | None = None
    in_flight: int = IN_FLIGHT


class ClusterExecutor(Executor):
    """The executor of a dask client, whose futures fail when the scheduler is lost: dask's own would wait for ever."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)
        self._pending: set[Future[Any]] = set()
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="cluster", daemon=True).start()

    def submit(self, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        """Have the cluster call a function. Raises RuntimeError when the scheduler is lost."""
        if self._is_lost:
            raise RuntimeError("the scheduler is lost")
        future: Future[Any] = self._executor.submit(call, *arguments, **named)
        self._pending.add(future)
        future.add_done_callback(self._pending.discard)
        return future

    def close(self) -> None:
        """End the watch; the client stays open."""
        self._closed.set()

    @property
    def _is_lost(self) -> bool:
        return self._client.status in ("closing", "closed")

    def _watch(self) -> None:
        while not self._closed.wait(LOOK_S):
            for future in list(self._pending) if self._is_lost else ():
                with suppress(InvalidStateError):  # it has ended meanwhile
                    future.set_exception(RuntimeError("the scheduler is lost"))


@contextmanager
def opened_executor(url: str | None) -> Iterator[OpenedExecutor]:
    """Connect to a cluster, and disconnect at the end; without a URL, files are parsed by this process's workers.

    Raises BadRequest for a URL of another kind or where dask is not installed, WorkersFailed where nobody answers.
    """
    if url is None:
        yield OpenedExecutor()
        return
    with _connected(_address(url)) as client:
        executor = ClusterExecutor(client)
        try:
            threads = sum(client.nthreads().values())
            yield OpenedExecutor(executor, max(IN_FLIGHT, BATCHES_PER_THREAD * threads))
        finally:
            executor.close()


def _address(url: str) -> str:
    """Return dask's own address for a URL.

    >>> _address("dask://scheduler:8786")
    'tcp://scheduler:8786'
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme not in SCHEMES or not parts.hostname or not port or parts.path.strip("/"):
        raise BadRequest(
            f"--executor {url} is not understood; write dask://HOST:PORT or dask+tls://HOST:PORT."
        )
    return f"{SCHEMES[parts.scheme]}://{parts.netloc}"


def _connected(address: str) -> "Client":
    try:
        from distributed import Client
    except ImportError:
        raise BadRequest(
            "--executor needs dask, which is not installed. Install it, in a clone of Trigpoint: "
            "pip install '.[cluster]'"
        ) from None
    for name in ("distributed", "distributed.client"):  # what matters of it is said as a warning
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        return Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkersFailed(
            f"The scheduler at {address} cannot be reached, so nothing was indexed: {error}. Check that it runs there."
        ) from error
