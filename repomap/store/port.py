"""What gives and takes entries of the cache of parsed files by their keys."""

from collections.abc import Sequence
from typing import Protocol

Entry = tuple[bytes, bytes]
"""A key of 16 bytes, and what is stored under it."""


class TagsStore(Protocol):
    """Entries by key. No method raises: what cannot be reached is missing."""

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the entries of these keys, without those that are missing or damaged."""
        ...

    def put_many(self, entries: Sequence[Entry]) -> None:
        """Take entries, now or by the next `flush`; those that are there already are left out."""
        ...

    def flush(self) -> None:
        """Write what was taken and is not written yet."""
        ...

    def take_warnings(self) -> list[str]:
        """Return what went wrong since this was last called."""
        ...
