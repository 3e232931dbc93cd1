"""Stores named arrays in one file: written as a whole, checked, and read without copying.

Long arrays are packed, and unpacked when they are requested. The file holds numbers and a JSON
head, nothing that could be executed. Any other content (cut off, damaged, of another version, of
another program) raises ValueError and never gives an array.
"""

import json
import mmap
import struct
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from repomap.arrays.byte_planes import pack, unpack
from repomap.arrays.threads import parallel_map
from repomap.safety.whole_file import whole_file

Array = npt.NDArray[Any]
Head = Mapping[str, Any]

_MAGIC = b"trigpoint arrays 1\n"
_LENGTHS = struct.Struct("<QQII")
"""Bytes of head and body, and the CRC-32 of each."""
_ALIGNMENT = 64
_MAX_HEAD_BYTES = 1 << 28
Encoding = Literal["raw", "planes", "differences"]
"""As it is, packed by byte planes, or the differences between numbers packed by byte planes."""
_RAW: Encoding = "raw"
_PLANES: Encoding = "planes"
_DIFFERENCES: Encoding = "differences"
MIN_PACKED_BYTES = 1 << 22
"""Arrays from this size on are packed; smaller ones stay mapped, which reads faster."""
_DTYPES = frozenset("<i1 <i2 <i4 <i8 <u1 <u2 <u4 <u8 <f4 <f8 |i1 |u1".split())


def write(
    path: Path, head: Head, arrays: Mapping[str, Array], encodings: Mapping[str, Encoding] | None = None
) -> int:
    """Replace ``path`` by a file with this JSON head and these arrays, and return its size in bytes.

    ``encodings`` names long arrays that are not to be packed by plain byte planes. Raises OSError
    and then leaves the old file as it was.
    """
    encoded = _encode_all(arrays, encodings or {})
    stored = [part for _, part in encoded]
    table, size = _table(arrays, encoded)
    text = json.dumps({"head": dict(head), "arrays": table}).encode("ascii")
    start = len(_MAGIC) + _LENGTHS.size + len(text)
    text += b" " * (-start % _ALIGNMENT)
    with whole_file(path) as file:
        file.write(_MAGIC + _LENGTHS.pack(len(text), size, zlib.crc32(text), _checksum(stored)))
        file.write(text)
        file.writelines(_aligned(stored))
    return len(_MAGIC) + _LENGTHS.size + len(text) + size


def read(path: Path) -> tuple[dict[str, Any], "StoredArrays"]:
    """Return the head and the read-only arrays of a file that `write` wrote.

    Raises ValueError for any other file, OSError if it cannot be read.
    """
    data = memoryview(_map_file(path))
    start = len(_MAGIC) + _LENGTHS.size
    if len(data) < start or data[: len(_MAGIC)] != _MAGIC:
        raise ValueError(f"{path}: not a file of arrays.")
    head_bytes, body_bytes, head_sum, body_sum = _LENGTHS.unpack_from(data, len(_MAGIC))
    if head_bytes > _MAX_HEAD_BYTES or len(data) != start + head_bytes + body_bytes:
        raise ValueError(f"{path}: the file is cut off or too long.")
    text, body = bytes(data[start : start + head_bytes]), data[start + head_bytes :]
    if zlib.crc32(text) != head_sum or zlib.crc32(body) != body_sum:
        raise ValueError(f"{path}: the file is damaged.")
    try:
        content = json.loads(text)
        return dict(content["head"]), StoredArrays(body, dict(content["arrays"]))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: the head cannot be read: {error}.") from error


class StoredArrays(Mapping[str, Array]):
    """The arrays of a file by name; each is created when it is requested.

    Raises ValueError for an array whose description is invalid.
    """

    def __init__(self, body: memoryview, table: dict[str, list[Any]]) -> None:
        """``table`` has [dtype, shape, encoding, offset, stored bytes] for each array."""
        self._body, self._table = body, table

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __getitem__(self, name: str) -> Array:
        dtype, shape, encoding, offset, size = self._table[name]
        if dtype not in _DTYPES or encoding not in get_args(Encoding):
            raise ValueError(f"The array {name!r} has an unknown type or encoding.")
        if not all(type(number) is int and number >= 0 for number in (*shape, offset, size)):
            raise ValueError(f"The array {name!r} has an invalid shape.")
        data = self._body[offset : offset + size]
        count = int(np.prod(shape, dtype=object)) if shape else 1
        if encoding == _RAW:
            return np.frombuffer(data, dtype, count).reshape(shape)
        array = unpack(data, np.dtype(dtype), count, differences=encoding == _DIFFERENCES)
        array.flags.writeable = False
        return array.reshape(shape)


def _map_file(path: Path) -> "mmap.mmap | bytes":
    with path.open("rb") as file:
        if sys.platform == "win32":  # there, a mapped file cannot be replaced
            return file.read()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _table(
    arrays: Mapping[str, Array], encoded: Sequence[tuple[Encoding, Any]]
) -> tuple[dict[str, list[Any]], int]:
    """Return, by name, the type, shape, encoding, offset and size of each array, and the size of all."""
    table: dict[str, list[Any]] = {}
    size = 0
    for (name, array), (encoding, part) in zip(arrays.items(), encoded, strict=True):
        size += -size % _ALIGNMENT
        table[name] = [array.dtype.newbyteorder("<").str, list(array.shape), encoding, size, len(part)]
        size += len(part)
    return table, size


def _encode_all(arrays: Mapping[str, Array], encodings: Mapping[str, Encoding]) -> list[tuple[Encoding, Any]]:
    wanted = [(array, encodings.get(name, _PLANES)) for name, array in arrays.items()]
    if not any(array.nbytes >= MIN_PACKED_BYTES for array, _ in wanted):
        return [_encode(array, encoding) for array, encoding in wanted]
    return parallel_map(lambda item: _encode(*item), wanted)


def _encode(array: Array, encoding: Encoding) -> tuple[Encoding, Any]:
    """Return the encoding that is used, and the bytes."""
    portable = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    if portable.nbytes < MIN_PACKED_BYTES or encoding == _RAW:
        return _RAW, portable.reshape(-1).view(np.uint8).data
    return encoding, pack(portable, differences=encoding == _DIFFERENCES)


def _aligned(parts: Iterable[Any]) -> Iterator[Any]:
    """Yield the parts of the body, each after the zeros that align it."""
    size = 0
    for part in parts:
        yield b"\0" * (-size % _ALIGNMENT)
        yield part
        size += -size % _ALIGNMENT + len(part)


def _checksum(parts: Iterable[Any]) -> int:
    value = 0
    for part in _aligned(parts):
        value = zlib.crc32(part, value)
    return value
