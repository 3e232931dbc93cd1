"""[io] Runs the checks of a plan's branch in a thread, so that pieces end and begin meanwhile."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from chat.ports import Ran
from chat.safety.stopping import stopping_with


class Checking:
    """The checks of one branch, of which one run is at work at most."""

    def __init__(self, run: Callable[[str], Ran]) -> None:
        self._run = run
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="check")
        self._stop = threading.Event()
        self._future: Future[list[Ran]] | None = None

    def begin(self, commands: Sequence[str]) -> None:
        """Begin to run these commands one after the other, all of them."""
        self._future = self._pool.submit(self._red, commands)

    @property
    def is_over(self) -> bool:
        """Whether the last run has ended."""
        return self._future is None or self._future.done()

    def red(self) -> list[Ran]:
        """Wait for the end of the last run, and return what failed. Raises ChatError where one cannot be started."""
        return self._future.result() if self._future else []

    def close(self) -> None:
        """End what is still running, with all that it has started."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _red(self, commands: Sequence[str]) -> list[Ran]:
        with stopping_with(self._stop):
            ran = [self._run(command) for command in commands]
        return [each for each in ran if each.exit_code]
