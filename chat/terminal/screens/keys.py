"""[io] Switches the terminal's echo of typed keys on and off.

While something is drawn, echo would put the keys that one types ahead into the middle of it. They are not lost: the
next prompt reads them. On systems without termios nothing changes.
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
"""Index of the local flags among a terminal's attributes."""


@contextmanager
def echo(on: bool) -> Iterator[None]:
    """Show typed keys, or not, until the end of the block; does nothing where standard input is no terminal."""
    before = _attributes()
    if before is None:
        yield
        return
    flags = before[_LOCAL_FLAGS]
    changed = [*before]
    changed[_LOCAL_FLAGS] = flags | termios.ECHO if on else flags & ~termios.ECHO
    _set_attributes(changed)
    try:
        yield
    finally:
        _set_attributes(before)


def _attributes() -> list[Any] | None:
    """The attributes of standard input, or None if it is not a terminal that has them."""
    if termios is None or sys.stdin is None or not sys.stdin.isatty():
        return None
    try:
        return list(termios.tcgetattr(sys.stdin.fileno()))
    except (termios.error, ValueError, OSError):
        return None


def _set_attributes(attributes: list[Any]) -> None:
    try:
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, attributes)
    except (termios.error, ValueError, OSError):
        return  # the terminal is gone
