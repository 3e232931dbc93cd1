"""Makes two calls beside each other in threads, for work that is numpy's and lets other threads go on.

Only calls that take long are worth a thread. What comes out is what comes out of one after the other.
"""

from collections.abc import Callable
from typing import Any, TypeVar

First = TypeVar("First")
Second = TypeVar("Second")


def beside(
    first: Callable[[], First], second: Callable[[], Second], *, takes_long: bool
) -> tuple[First, Second]:
    """What both calls give; where that takes long, the second runs in a thread of its own meanwhile.

    Raises what the first raises, else what the second raises, and not before both have ended.
    """
    if not takes_long:
        return first(), second()
    import threading  # which a small map does without

    done: list[Any] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(second())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        mine = first()
    finally:
        thread.join()
    if failed:
        raise failed[0]
    return mine, done[0]
