"""The executor behind a URL, where files are parsed: a dask cluster, whose workers need this package alone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from repomap.errors import BadRequest, WorkersFailed
from repomap.index.options import IN_FLIGHT

if TYPE_CHECKING:
    from concurrent.futures import Executor

SCHEMES = {"dask": "tcp", "dask+tls": "tls"}
"""By the scheme of the URL: that of dask's own address."""
CONNECT_S = 10
BATCHES_PER_THREAD = 3
"""So that the next one has arrived when a batch is done."""


@dataclass(frozen=True, slots=True)
class OpenedExecutor:
    """An executor, and how many batches it is given at once."""

    executor: "Executor | None" = None
    in_flight: int = IN_FLIGHT


@contextmanager
def opened_executor(url: str | None) -> Iterator[OpenedExecutor]:
    """Connect to a cluster, and disconnect at the end; without a URL, files are parsed by this process's workers.

    Raises BadRequest for a URL of another kind or where dask is not installed, WorkersFailed where nobody answers.
    """
    if url is None:
        yield OpenedExecutor()
        return
    scheme, _, address = url.partition("://")
    if scheme not in SCHEMES or not address:
        raise BadRequest(
            f"--executor {url} is not understood; write dask://HOST:PORT or dask+tls://HOST:PORT."
        )
    try:
        from distributed import Client
    except ImportError:
        raise BadRequest(
            "--executor needs dask, which is not installed. Install it with: pip install 'trigpoint[cluster]'"
        ) from None
    try:
        client = Client(f"{SCHEMES[scheme]}://{address}", timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise WorkersFailed(
            f"The scheduler at {address} cannot be reached, so nothing was indexed: {error}. Check that it runs there."
        ) from error
    with client:
        threads = sum(client.nthreads().values())
        yield OpenedExecutor(client.get_executor(pure=False), max(IN_FLIGHT, BATCHES_PER_THREAD * threads))
