"""Hooks are told when the prompt has waited for a while."""

import threading

from chat.terminal.interactive.idle import told_when_idle


def test_a_long_wait_is_told_once() -> None:
    """While it lasts."""
    told = threading.Event()
    with told_when_idle(told.set, 0.01):
        assert told.wait(5)


def test_a_short_wait_is_not_told() -> None:
    """Nor afterwards."""
    told = threading.Event()
    with told_when_idle(told.set, 0.1):
        pass
    assert not told.wait(0.2)
