"""Notices that nobody has typed for a while."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

IDLE_S = 60.0
"""As Claude Code documents for the notification `idle_prompt`."""


@contextmanager
def told_when_idle(tell: Callable[[], None], after_s: float = IDLE_S) -> Iterator[None]:
    """Call ``tell`` in a thread of its own, once, if the body takes longer than that."""
    timer = threading.Timer(after_s, tell)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
