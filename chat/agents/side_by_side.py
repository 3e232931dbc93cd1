"""Work done in threads side by side, of which one thread does all that must not be done by two at once."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from chat.safety.stopping import POLL_S, stop_if_wanted, stopping_with

T = TypeVar("T")
_GOODBYE_S = 2.0
"""How long those are waited for that were told to stop; what they started may need a moment to end."""


@dataclass(slots=True)
class _Job:
    """Something that one thread wants another one to do."""

    do: Callable[[], Any]
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self.do()
        except Exception as error:  # raised again where it was asked for
            self.error = error
        finally:
            self.done.set()


class Desk:
    """Where threads have done what only the thread may do that waits for them: ask, show, write, count."""

    def __init__(self) -> None:
        self._jobs: queue.SimpleQueue[_Job] = queue.SimpleQueue()
        self.stop = threading.Event()

    def do(self, what: Callable[[], T]) -> T:
        """Have it done, and return what came of it or raise that. Raises KeyboardInterrupt where all is to stop."""
        job = _Job(what)
        self._jobs.put(job)
        while not job.done.wait(POLL_S):
            if self.stop.is_set():
                raise KeyboardInterrupt
        if job.error is not None:
            raise job.error
        result: T = job.result
        return result

    def wake(self) -> None:
        """Have the thread that waits look whether all are over."""
        self._jobs.put(_Job(lambda: None))

    def serve(self, are_over: Callable[[], bool]) -> None:
        """Do what is asked until all are over."""
        while not are_over():
            stop_if_wanted()
            try:
                job = self._jobs.get(timeout=POLL_S)
            except queue.Empty:
                continue
            job.run()


@dataclass(slots=True)
class _Thread(Generic[T]):
    """One piece of work, and what came of it."""

    work: Callable[[], T]
    desk: Desk
    results: list[T] = field(default_factory=list)
    error: BaseException | None = None
    is_over: bool = False

    def run(self) -> None:
        try:
            with stopping_with(self.desk.stop):
                self.results.append(self.work())
        except BaseException as error:  # raised again by the thread that waits
            self.error = error
        finally:
            self.is_over = True
            self.desk.wake()


def side_by_side(desk: Desk, works: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it, each in a thread, and return what came of it, in order.

    Raises what the first of them raised, once all have ended; Ctrl-C stops all.
    """
    jobs = [_Thread(work, desk) for work in works]
    threads = [threading.Thread(target=job.run, name="agent", daemon=True) for job in jobs]
    try:
        for thread in threads:
            thread.start()
        desk.serve(lambda: all(job.is_over for job in jobs))
    except BaseException:
        desk.stop.set()
        for thread in threads:
            thread.join(_GOODBYE_S)
        raise
    errors = [job.error for job in jobs if job.error is not None]
    if errors:
        raise errors[0]
    return [result for job in jobs for result in job.results]
