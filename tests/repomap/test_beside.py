"""Two calls beside each other give what they give one after the other."""

import threading

import pytest

from repomap.beside import beside


@pytest.mark.parametrize("takes_long", [False, True])
def test_both_give_what_they_give_alone(takes_long: bool) -> None:
    """In the order in which they were named."""
    assert beside(lambda: 1, lambda: "two", takes_long=takes_long) == (1, "two")


def test_calls_that_take_long_run_at_the_same_time() -> None:
    """Each waits for the other to have begun."""
    both = threading.Barrier(2, timeout=10)
    assert sorted(beside(both.wait, both.wait, takes_long=True)) == [0, 1]


def test_a_short_call_needs_no_thread() -> None:
    """It runs where it was asked for."""
    here = threading.current_thread()
    found = beside(threading.current_thread, threading.current_thread, takes_long=False)
    assert found == (here, here)


@pytest.mark.parametrize("takes_long", [False, True])
@pytest.mark.parametrize("failing", ["first", "second"])
def test_what_one_raises_is_raised(failing: str, takes_long: bool) -> None:
    """Whichever it is."""

    def fail() -> None:
        raise LookupError(failing)

    calls = (fail, lambda: None) if failing == "first" else (lambda: None, fail)
    with pytest.raises(LookupError, match=failing):
        beside(*calls, takes_long=takes_long)
