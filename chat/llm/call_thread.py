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

from chat.llm.stream_end import Wire

Piece = TypeVar("Piece")

POLL_S = 0.05
"""How long Ctrl-C may wait where it does not wake a waiting thread, as on Windows."""


class Silent(Exception):
    """Nothing came for too long."""

    def __init__(self, phase: Literal["connect", "stall", "deadline"]) -> None:
        self.phase = phase
        super().__init__(phase)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a call may take, in seconds; the deadline on the clock of `time.monotonic`."""

    deadline: float
    connect_s: float
    stall_s: float
    """Between the bytes of a reply; for the first of them a model may think until the deadline."""


@dataclass(frozen=True, slots=True)
class _Ended:
    error: BaseException | None


class Attempt(Generic[Piece]):
    """The pieces that a function produces in its own thread, as they come.

    Raises what the function raised, and Silent at a limit, however slowly pieces trickle in.
    """

    def __init__(self, produce: Callable[[], Iterator[Piece]], wire: Wire, limits: Limits) -> None:
        self._produce = produce
        self._wire = wire
        self._limits = limits
        self._items: queue.SimpleQueue[Piece | _Ended] = queue.SimpleQueue()

    def __iter__(self) -> Generator[Piece, None, None]:
        """Closing it, as leaving it by an exception does, breaks the call off."""
        threading.Thread(target=self._run, name="trigpoint-call", daemon=True).start()
        try:
            yield from self._until_the_end()
        except BaseException:
            self._wire.abandon()
            raise

    def _until_the_end(self) -> Iterator[Piece]:
        heard, heard_bytes, sent = 0.0, 0, 0.0
        while True:
            try:
                item = self._items.get(timeout=POLL_S)
            except queue.Empty:
                pass
            else:
                if isinstance(item, _Ended):
                    if item.error is not None:
                        raise item.error
                    return
                yield item
            if self._wire.bytes_read != heard_bytes:
                heard, heard_bytes = time.monotonic(), self._wire.bytes_read
            sent = sent or (time.monotonic() if self._wire.sent else 0.0)
            self._check(heard, sent)

    def _check(self, heard: float, sent: float) -> None:
        now = time.monotonic()
        if now > self._limits.deadline:
            raise Silent("deadline")
        if sent and not self._wire.connected and now - sent > self._limits.connect_s:
            raise Silent("connect")
        if heard and now - heard > self._limits.stall_s:
            raise Silent("stall")

    def _run(self) -> None:
        try:
            for piece in self._produce():
                self._items.put(piece)
                if self._wire.abandoned:
                    return
        except BaseException as error:  # handed to the caller's thread, whatever it is
            self._items.put(_Ended(error))
        else:
            self._items.put(_Ended(None))
