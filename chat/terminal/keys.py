"""[io] Whether the terminal shows the keys that are pressed.

While something is drawn it must not: what one types ahead would land in the middle of it. The keys
are not lost, the next prompt gets them. Systems without termios leave it as it is.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

try:
    import termios
except ImportError:  # Windows
    termios = None  # type: ignore[assignment]

_LOCAL_FLAGS = 3
"""Where they stand among the attributes of a terminal."""


class Keys:
    """The keyboard of standard input, if it is one."""

    @contextmanager
    def silent(self) -> Iterator[None]:
        """A stretch in which keys are not shown."""
        with self._showing(False):
            yield

    @contextmanager
    def heard(self) -> Iterator[None]:
        """A stretch inside that one in which they are: somebody answers a question."""
        with self._showing(True):
            yield

    @contextmanager
    def _showing(self, shows: bool) -> Iterator[None]:
        before = _attributes()
        if before is None:
            yield
            return
        changed = [*before]
        changed[_LOCAL_FLAGS] = (
            before[_LOCAL_FLAGS] | termios.ECHO if shows else before[_LOCAL_FLAGS] & ~termios.ECHO
        )
        _set(changed)
        try:
            yield
        finally:
            _set(before)


def _attributes() -> list[Any] | None:
    """Those of standard input, or None where it is no terminal that can be asked."""
    if termios is None or sys.stdin is None or not sys.stdin.isatty():
        return None
    try:
        return list(termios.tcgetattr(sys.stdin.fileno()))
    except (termios.error, ValueError, OSError):
        return None


def _set(attributes: list[Any]) -> None:
    try:
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, attributes)
    except (termios.error, ValueError, OSError):
        return  # the terminal has gone away
