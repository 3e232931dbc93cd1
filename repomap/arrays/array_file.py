"""Named arrays in one file: written at once or not at all, checked, and read without copying.

Arrays that are long enough to be worth it are packed, and unpacked when they are asked for.

The file holds numbers and a head of JSON, nothing that could run. Whatever else stands in its
place (cut off, damaged, from another version, another's) is a ValueError, never an array.
"""

import json
import mmap
import struct
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from repomap.arrays.packing import pack, unpack
from repomap.arrays.threads import side_by_side
from repomap.safety.whole_file import whole_file

Array = npt.NDArray[Any]
Head = Mapping[str, Any]

_MAGIC = b"trigpoint arrays 1\n"
_LENGTHS = struct.Struct("<QQII")
"""Bytes of head and body, their CRC-32."""
_ALIGNMENT = 64
_LARGEST_HEAD = 1 << 28
Coding = Literal["raw", "planes", "differences"]
_RAW: Coding = "raw"
_PLANES: Coding = "planes"
_DIFFERENCES: Coding = "differences"
PACKED_BYTES = 1 << 22
"""Arrays from this size on are packed: below, reading them as they are is worth more than the room."""
_KINDS = frozenset("<i1 <i2 <i4 <i8 <u1 <u2 <u4 <u8 <f4 <f8 |i1 |u1".split())


def write(
    path: Path, head: Head, arrays: Mapping[str, Array], codings: Mapping[str, Coding] | None = None
) -> int:
    """Put a file of these arrays in the place of ``path`` and return its size in bytes.

    The head must be JSON. ``codings`` names long arrays that are better stored as they are, or by
    the differences between their numbers. Raises OSError; then what stood there stands there still.
    """
    stored, table, size = [], {}, 0
    for (name, array), (coding, part) in zip(arrays.items(), _all_coded(arrays, codings or {}), strict=True):
        size += -size % _ALIGNMENT
        table[name] = [array.dtype.newbyteorder("<").str, list(array.shape), coding, size, len(part)]
        size += len(part)
        stored.append(part)
    text = json.dumps({"head": dict(head), "arrays": table}).encode("ascii")
    start = len(_MAGIC) + _LENGTHS.size + len(text)
    text += b" " * (-start % _ALIGNMENT)
    with whole_file(path) as file:
        file.write(_MAGIC + _LENGTHS.pack(len(text), size, zlib.crc32(text), _checksum(stored)))
        file.write(text)
        file.writelines(_body(stored))
    return len(_MAGIC) + _LENGTHS.size + len(text) + size


def read(path: Path) -> tuple[dict[str, Any], "Arrays"]:
    """The head and the arrays of a file that `write` wrote; the arrays cannot be written to.

    Raises ValueError for any other file, OSError where it cannot be read.
    """
    data = memoryview(_mapped(path))
    start = len(_MAGIC) + _LENGTHS.size
    if len(data) < start or data[: len(_MAGIC)] != _MAGIC:
        raise ValueError(f"{path}: no file of arrays")
    length, size, head_sum, body_sum = _LENGTHS.unpack_from(data, len(_MAGIC))
    if length > _LARGEST_HEAD or len(data) != start + length + size:
        raise ValueError(f"{path}: cut off or continued")
    text = bytes(data[start : start + length])
    if zlib.crc32(text) != head_sum or zlib.crc32(data[start + length :]) != body_sum:
        raise ValueError(f"{path}: damaged")
    try:
        content = json.loads(text)
        return dict(content["head"]), Arrays(data[start + length :], dict(content["arrays"]))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{path}: {error}") from error


class Arrays(Mapping[str, Array]):
    """The arrays of a file; each is made when it is asked for. Raises ValueError for one that is none."""

    def __init__(self, body: memoryview, table: dict[str, list[Any]]) -> None:
        self._body, self._table = body, table

    def __len__(self) -> int:
        return len(self._table)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __getitem__(self, name: str) -> Array:
        kind, shape, coding, place, size = self._table[name]
        if kind not in _KINDS or coding not in get_args(Coding):
            raise ValueError("an array of no known kind")
        if not all(type(one) is int and one >= 0 for one in (*shape, place, size)):
            raise ValueError("an array of no size")
        data = self._body[place : place + size]
        many = int(np.prod(shape, dtype=object)) if shape else 1
        if coding == _RAW:
            return np.frombuffer(data, kind, many).reshape(shape)
        array = unpack(data, np.dtype(kind), many, differences=coding == _DIFFERENCES)
        array.flags.writeable = False
        return array.reshape(shape)


def _mapped(path: Path) -> "mmap.mmap | bytes":
    with path.open("rb") as file:
        if sys.platform == "win32":  # where a file that is mapped cannot be replaced
            return file.read()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _all_coded(arrays: Mapping[str, Array], codings: Mapping[str, Coding]) -> list[tuple[Coding, Any]]:
    wanted = [(array, codings.get(name, _PLANES)) for name, array in arrays.items()]
    if not any(array.nbytes >= PACKED_BYTES for array, _ in wanted):
        return [_coded(*one) for one in wanted]
    return side_by_side(lambda one: _coded(*one), wanted)


def _coded(array: Array, coding: Coding) -> tuple[Coding, Any]:
    """How an array is stored, and its bytes."""
    portable = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    if portable.nbytes < PACKED_BYTES or coding == _RAW:
        return _RAW, portable.reshape(-1).view(np.uint8).data
    return coding, pack(portable, differences=coding == _DIFFERENCES)


def _body(parts: Iterable[Any]) -> Iterator[Any]:
    size = 0
    for part in parts:
        yield b"\0" * (-size % _ALIGNMENT)
        yield part
        size += -size % _ALIGNMENT + len(part)


def _checksum(parts: Iterable[Any]) -> int:
    value = 0
    for part in _body(parts):
        value = zlib.crc32(part, value)
    return value
