"""How many cores there are, and work on large arrays beside other such work.

numpy lets go of the interpreter while it sorts, gathers and adds, so two threads make of two large
parts what one makes of one, in nearly the same time. The result is that of one thread.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

Item = TypeVar("Item")
Result = TypeVar("Result")
First = TypeVar("First")
Second = TypeVar("Second")

MOST_THREADS = 4
"""Each holds a part and what becomes of it."""


def usable_cores() -> int:
    """The cores that this process may use."""
    allowed: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


def side_by_side(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """`list(map(work, items))`, some items at a time where there are several.

    ``work`` must change nothing that it shares. What one item raises is raised here, and then no
    further one is begun.
    """
    parts = list(items)
    threads = min(usable_cores(), MOST_THREADS, len(parts))
    if threads < 2:
        return list(map(work, parts))
    from concurrent.futures import ThreadPoolExecutor  # which a small repository does without

    pool = ThreadPoolExecutor(threads)
    try:
        return list(pool.map(work, parts))
    finally:
        pool.shutdown(cancel_futures=True)


def beside(
    first: Callable[[], First], second: Callable[[], Second], *, takes_long: bool
) -> tuple[First, Second]:
    """What both calls give; at the same time where that takes so long that threads are worth it.

    Raises what the first raises, else what the second raises.
    """
    if not takes_long:
        return first(), second()
    calls: tuple[Callable[[], Any], ...] = (first, second)
    return cast("tuple[First, Second]", tuple(side_by_side(lambda call: call(), calls)))
