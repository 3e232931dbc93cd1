"""How git writes lists of paths, modes and object ids."""

import os
import re
from collections.abc import Iterable

EXECUTABLE_MODE = "100755"
LINK_MODE = "120000"
SUBMODULE_MODE = "160000"

EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
"""The id of a tree without entries, by the length of ids: SHA-1 and SHA-256."""

_OBJECT_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def split_zero(output: bytes) -> tuple[str, ...]:
    r"""Split an output in which each field ends with a zero byte.

    >>> split_zero(b"a.txt\0b.txt\0")
    ('a.txt', 'b.txt')
    """
    return tuple(os.fsdecode(output).split("\0")[:-1])


def join_zero(fields: Iterable[str]) -> bytes:
    r"""Join fields as git reads them with ``-z``.

    >>> join_zero(["a.txt", "b.txt"])
    b'a.txt\x00b.txt\x00'
    """
    return os.fsencode("".join(f"{field}\0" for field in fields))


def is_object_id(text: str) -> bool:
    """Whether a text is the full id of an object, by either hash."""
    return _OBJECT_ID.fullmatch(text) is not None
