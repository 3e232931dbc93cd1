"""Whether the thread that runs is to stop, as Ctrl-C stops the main one.

Python gives Ctrl-C to the main thread alone. Work that is done in others is begun inside `stopping_with`, and
whatever waits there for long asks in between.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

POLL_S = 0.1
"""How often those who wait ask."""
_STOP: ContextVar[threading.Event | None] = ContextVar("stop", default=None)


@contextmanager
def stopping_with(event: threading.Event) -> Iterator[None]:
    """Have the waits of the body, in this thread, end with KeyboardInterrupt once the event is set."""
    token = _STOP.set(event)
    try:
        yield
    finally:
        _STOP.reset(token)


def may_be_stopped() -> bool:
    """Whether this thread has to ask in between."""
    return _STOP.get() is not None


def stop_if_wanted() -> None:
    """Raise KeyboardInterrupt where this thread is to stop."""
    event = _STOP.get()
    if event is not None and event.is_set():
        raise KeyboardInterrupt


def sleep(seconds: float) -> None:
    """Sleep, unless this thread is to stop: then raise KeyboardInterrupt."""
    event = _STOP.get()
    if event is None:
        time.sleep(seconds)
    elif event.wait(seconds):
        raise KeyboardInterrupt
