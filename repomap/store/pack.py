"""Many entries in one file, each with the digest of its bytes.

A request to a bucket takes as long as parsing a file, so entries travel together. A pack is a head (a mark and the
number of entries), a table (for each entry its key, the digest of its bytes and its size) and the bytes of all entries
in the order of the table. Its name is the digest of head and table, so that the name vouches for the table and the
table for each entry, even if only a part of the file is read. There is nothing in it that could run.
"""

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from mmap import mmap
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.store.port import Entry

KEY_BYTES = DIGEST_BYTES = 16
MAX_ENTRIES = 1 << 22
MAX_ENTRY_BYTES = 1 << 26
"""No file that is parsed has larger tags."""

_HEAD = struct.Struct("<16sI")
_MARK = b"trigpoint pack 1"
_ROW = np.dtype([("key", f"S{KEY_BYTES}"), ("digest", f"V{DIGEST_BYTES}"), ("size", "<u4")])
_NAME = re.compile(rf"([0-9a-f]{{{2 * DIGEST_BYTES}}})-(\d{{1,7}})\.pack")


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """What a pack holds; the columns have a row for each entry."""

    keys: npt.NDArray[Any]
    """S16: compares and sorts as bytes do, but for zeros at the end, so that a hit has to be compared again."""
    digests: npt.NDArray[Any]
    """V16: BLAKE2b of the entry's bytes."""
    start: npt.NDArray[np.int64]
    """Where the entry begins in the file; one more for the end of the last."""

    def key(self, row: int) -> bytes:
        """Return the key of an entry, all 16 bytes of it."""
        return self.keys[row : row + 1].tobytes()

    def entry(self, row: int, data: bytes) -> Entry | None:
        """Return an entry, given its bytes, if its digest is right."""
        if _digest(data) != self.digests[row].tobytes():
            return None
        return self.key(row), data


def pack_name(table: bytes, count: int) -> str:
    """Return the name of a pack with this head and table."""
    return f"{_digest(table).hex()}-{count}.pack"


def table_bytes(name: str) -> int | None:
    """Return how many bytes head and table of a pack have, by its name; None if it is not the name of a pack."""
    match = _NAME.fullmatch(name)
    if match is None or int(match[2]) > MAX_ENTRIES:
        return None
    return _HEAD.size + int(match[2]) * _ROW.itemsize


def make_pack(entries: Sequence[Entry]) -> tuple[str, bytes]:
    """Return the name and the bytes of a pack with these entries, whose keys are distinct."""
    rows = np.zeros(len(entries), _ROW)
    for row, (key, data) in enumerate(entries):
        rows[row] = (key, _digest(data), len(data))
    table = _HEAD.pack(_MARK, len(entries)) + rows.tobytes()
    return pack_name(table, len(entries)), table + b"".join(data for _, data in entries)


def read_table(data: bytes | mmap, name: str = "") -> Table:
    """Read the head and the table at the beginning of a pack. Raises ValueError if they are not those of its name."""
    if len(data) < _HEAD.size:
        raise ValueError("The pack ends early.")
    mark, count = _HEAD.unpack_from(data)
    size = _HEAD.size + count * _ROW.itemsize
    if mark != _MARK or count > MAX_ENTRIES or len(data) < size:
        raise ValueError("This is not a pack of this version.")
    if name and pack_name(data[:size], count) != name:
        raise ValueError("The table is not the one that the name says.")
    rows = np.frombuffer(data, _ROW, count, _HEAD.size)
    if count and int(rows["size"].max()) > MAX_ENTRY_BYTES:
        raise ValueError("An entry is too large.")
    start = size + np.concatenate([[0], np.cumsum(rows["size"], dtype=np.int64)])
    return Table(np.ascontiguousarray(rows["key"]), np.ascontiguousarray(rows["digest"]), start)


def sound_entries(pack: bytes, name: str) -> Iterator[Entry]:
    """Yield the entries of a whole pack whose digests are right. Raises ValueError if its table is damaged."""
    table = read_table(pack, name)
    for row in range(len(table.keys)):
        entry = table.entry(row, pack[table.start[row] : table.start[row + 1]])
        if entry:
            yield entry


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=DIGEST_BYTES).digest()
