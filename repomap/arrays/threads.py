"""Runs large numpy calls in threads.

numpy releases the interpreter while it sorts, gathers and adds, so two threads process two large
arrays in nearly the time of one. Results are the same as with one thread.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar, cast

Item = TypeVar("Item")
Result = TypeVar("Result")
First = TypeVar("First")
Second = TypeVar("Second")

MAX_THREADS = 4
"""More would need too much memory: each holds its items and their results."""


def usable_cores() -> int:
    """Return the number of cores that this process may use."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def parallel_map(function: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """Return `list(map(function, items))`, computed in threads if there are several items.

    ``function`` must not change anything shared. If it raises for an item, that is raised here,
    and no further item is started.

    >>> parallel_map(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    item_list = list(items)
    threads = min(usable_cores(), MAX_THREADS, len(item_list))
    if threads < 2:
        return list(map(function, item_list))
    from concurrent.futures import ThreadPoolExecutor  # a small repository never needs it

    pool = ThreadPoolExecutor(threads)
    try:
        return list(pool.map(function, item_list))
    finally:
        pool.shutdown(cancel_futures=True)


def run_both(
    first: Callable[[], First], second: Callable[[], Second], *, in_threads: bool
) -> tuple[First, Second]:
    """Return the results of both calls; ``in_threads`` runs them at the same time.

    Threads pay off only for calls that take long. Raises what the first raises, else what the
    second raises.
    """
    if not in_threads:
        return first(), second()
    calls: tuple[Callable[[], Any], ...] = (first, second)
    return cast("tuple[First, Second]", tuple(parallel_map(lambda call: call(), calls)))
