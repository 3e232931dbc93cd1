"""Work in threads gives the same results as work in sequence."""

import threading

import pytest

from repomap.arrays import threads
from repomap.arrays.threads import parallel_map, run_both


def test_results_are_in_the_order_of_the_items(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever is done first; here the first item waits for the second."""
    monkeypatch.setattr(threads, "usable_cores", lambda: 2)
    second_done = threading.Event()

    def work(item: int) -> int:
        if item == 0:
            assert second_done.wait(10)
        elif item == 1:
            second_done.set()
        return item * item

    assert parallel_map(work, range(5)) == [0, 1, 4, 9, 16]


@pytest.mark.parametrize("cores", [1, 2])
def test_what_one_item_raises_is_raised(monkeypatch: pytest.MonkeyPatch, cores: int) -> None:
    """With one core and with two."""
    monkeypatch.setattr(threads, "usable_cores", lambda: cores)
    with pytest.raises(ZeroDivisionError):
        parallel_map(lambda item: 1 // item, [1, 0, 1])


def test_one_item_needs_no_thread() -> None:
    """And neither does an empty list."""
    here = threading.get_ident()

    assert parallel_map(lambda _: threading.get_ident(), [0]) == [here]
    assert parallel_map(lambda _: threading.get_ident(), []) == []


@pytest.mark.parametrize("in_threads", [False, True])
def test_both_results_are_returned(in_threads: bool) -> None:
    """In the order of the arguments."""
    assert run_both(lambda: 1, lambda: "two", in_threads=in_threads) == (1, "two")


def test_calls_in_threads_run_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits until the other has started."""
    monkeypatch.setattr(threads, "usable_cores", lambda: 2)
    both = threading.Barrier(2, timeout=10)
    assert sorted(run_both(both.wait, both.wait, in_threads=True)) == [0, 1]


def test_calls_without_threads_run_in_the_calling_one() -> None:
    """Starting a thread would take longer than a short call."""
    here = threading.current_thread()
    threads_used = run_both(threading.current_thread, threading.current_thread, in_threads=False)
    assert threads_used == (here, here)


@pytest.mark.parametrize("in_threads", [False, True])
@pytest.mark.parametrize("failing", ["first", "second"])
def test_an_error_of_either_call_is_raised(failing: str, in_threads: bool) -> None:
    """Whichever of the two fails."""

    def fail() -> None:
        raise LookupError(failing)

    calls = (fail, lambda: None) if failing == "first" else (lambda: None, fail)
    with pytest.raises(LookupError, match=failing):
        run_both(*calls, in_threads=in_threads)
