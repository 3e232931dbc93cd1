"""Runs one call in a thread of its own and hands over its pieces, so that the caller can always leave.

A read from a socket cannot be interrupted on every system; a wait for a queue can. The thread is a
daemon: one that hangs keeps nothing alive, and leaving it closes its connection.
"""

import queue
import threading
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from chat.llm.options import POLL_S
from chat.llm.replies.stream_end import HttpExchange
from chat.safety.stopping import stop_if_wanted

Item = TypeVar("Item")


class TimedOut(Exception):
    """A limit passed: no connection, no bytes for too long, or the deadline."""

    def __init__(self, phase: Literal["connect", "stall", "deadline"]) -> None:
        self.phase = phase
        super().__init__(phase)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a call may take."""

    deadline: float
    """On the clock of `time.monotonic`, in seconds."""
    connect_s: float
    stall_s: float
    """Between the bytes of a reply; until the first of them, a model may think up to the deadline."""


@dataclass(frozen=True, slots=True)
class _End:
    error: BaseException | None


class CallThread(Generic[Item]):
    """The items that a function produces in its own thread, as they come.

    Raises what the function raised, and TimedOut at a limit, however slowly items trickle in.
    """

    def __init__(
        self, produce: Callable[[], Iterator[Item]], exchange: HttpExchange, timeouts: Timeouts
    ) -> None:
        self._produce = produce
        self._exchange = exchange
        self._timeouts = timeouts
        self._items: queue.SimpleQueue[Item | _End] = queue.SimpleQueue()

    def __iter__(self) -> Generator[Item, None, None]:
        """Iterate over the items; closing the iterator, or leaving it by an exception, ends the call."""
        threading.Thread(target=self._run, name="trigpoint-call", daemon=True).start()
        try:
            yield from self._until_end()
        except BaseException:
            self._exchange.abandon()
            raise

    def _until_end(self) -> Iterator[Item]:
        read_at, bytes_read, sent_at = 0.0, 0, 0.0
        while True:
            stop_if_wanted()
            try:
                item = self._items.get(timeout=POLL_S)
            except queue.Empty:
                pass
            else:
                if isinstance(item, _End):
                    if item.error is not None:
                        raise item.error
                    return
                yield item
            if self._exchange.bytes_read != bytes_read:
                read_at, bytes_read = time.monotonic(), self._exchange.bytes_read
            sent_at = sent_at or (time.monotonic() if self._exchange.sent else 0.0)
            self._check(read_at, sent_at)

    def _check(self, read_at: float, sent_at: float) -> None:
        """Raise TimedOut if a limit has passed; both times are 0 before the event."""
        now = time.monotonic()
        if now > self._timeouts.deadline:
            raise TimedOut("deadline")
        if sent_at and not self._exchange.connected and now - sent_at > self._timeouts.connect_s:
            raise TimedOut("connect")
        if read_at and now - read_at > self._timeouts.stall_s:
            raise TimedOut("stall")

    def _run(self) -> None:
        try:
            for item in self._produce():
                self._items.put(item)
                if self._exchange.abandoned:
                    return
        except BaseException as error:  # handed to the caller's thread, whatever it is
            self._items.put(_End(error))
        else:
            self._items.put(_End(None))
