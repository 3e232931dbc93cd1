"""[io] Signals that ask the program to end: it stops like after Ctrl-C, and says how far it came."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from chat.errors import Terminated

_ENDING = ("SIGTERM", "SIGHUP")
"""By name, since Windows lacks the second."""


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Raise Terminated in the block when such a signal arrives; a later one ends the program at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [getattr(signal, name) for name in _ENDING if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        for other in numbers:
            signal.signal(other, signal.SIG_DFL)
        raise Terminated

    for number in numbers:
        if before[number] is not signal.SIG_IGN:  # nohup
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
