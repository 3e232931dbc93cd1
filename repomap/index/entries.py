"""What caches and stores keep of one content: its tags, or why parsing it is not to be tried again; as bytes."""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass

from repomap.parsing import tags_codec
from repomap.workers.protocol import FAILURE_REASONS, FailureReason

_POISON = b"poison "


@dataclass(frozen=True, slots=True)
class Poisoned:
    """The entry of a content that killed or hung the worker that parsed it."""

    reason: FailureReason


CacheEntry = tags_codec.EncodedTags | Poisoned


def write_entry(entry: bytes | Poisoned) -> bytes:
    """Return the bytes of an entry; tags are encoded already."""
    return entry if isinstance(entry, bytes) else _POISON + entry.reason.encode()


def read_entry(data: bytes) -> CacheEntry:
    """Return the entry that these bytes are. Raises ValueError for any others."""
    if not data.startswith(_POISON):
        return tags_codec.unpack(data)
    reason = data.removeprefix(_POISON).decode()
    if reason not in FAILURE_REASONS:
        raise ValueError(f"{reason!r} is not a reason why a worker dies.")
    return Poisoned(reason)


def read_entries(rows: Mapping[bytes, bytes]) -> dict[bytes, CacheEntry]:
    """Return the entries that can be read."""
    entries = {}
    for key, data in rows.items():
        with contextlib.suppress(ValueError):
            entries[key] = read_entry(data)
    return entries
