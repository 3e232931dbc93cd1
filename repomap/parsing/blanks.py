"""Replaces parts of a text by others of the same length, so that offsets and lines stay."""

import re
from collections.abc import Iterable

Change = tuple[int, int, bytes]
"""First byte, end, and what is written there; the rest of the range becomes blank."""

_NOT_NEWLINE = re.compile(rb"[^\r\n]")


def blank(text: bytes) -> bytes:
    """Return a text of spaces with the same line ends.

    >>> blank(b"a b\\n c")
    b'   \\n  '
    """
    return _NOT_NEWLINE.sub(b" ", text)


def apply_changes(code: bytes, changes: Iterable[Change]) -> bytes:
    """Write each change over its range; the very same object if there is none.

    >>> apply_changes(b"one two", [(4, 7, b"2")])
    b'one 2  '
    """
    changed: bytearray | None = None
    for start, end, text in changes:
        if changed is None:
            changed = bytearray(code)
        changed[start:end] = text + blank(code[start + len(text) : end])
    return code if changed is None else bytes(changed)
