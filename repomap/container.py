"""Named arrays in one file: written at once or not at all, checked, and read without copying.

The file holds numbers and a head of JSON, nothing that could run. Whatever else stands in its
place (cut off, damaged, from another version, another's) is a ValueError, never an array.
"""

import json
import mmap
import os
import struct
import sys
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Head = Mapping[str, Any]

_MAGIC = b"trigpoint arrays 1\n"
_LENGTHS = struct.Struct("<QQII")
"""Bytes of head and body, their CRC-32."""
_ALIGNMENT = 64
_LARGEST_HEAD = 1 << 28
_KINDS = frozenset("<i1 <i2 <i4 <i8 <u1 <u2 <u4 <u8 <f4 <f8 |i1 |u1".split())


def write(path: Path, head: Head, arrays: Mapping[str, Array]) -> int:
    """Put a file of these arrays in the place of ``path`` and return its size in bytes.

    The head must be JSON. Raises OSError; then what stood there stands there still.
    """
    stored = {name: _portable(array) for name, array in arrays.items()}
    table, size = {}, 0
    for name, array in stored.items():
        size += -size % _ALIGNMENT
        table[name] = [array.dtype.str, list(array.shape), size]
        size += array.nbytes
    text = json.dumps({"head": dict(head), "arrays": table}).encode("ascii")
    start = len(_MAGIC) + _LENGTHS.size + len(text)
    text += b" " * (-start % _ALIGNMENT)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with open(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, 0o600), "wb") as file:
            file.write(_MAGIC + _LENGTHS.pack(len(text), size, zlib.crc32(text), _checksum(stored)))
            file.write(text)
            file.writelines(_body(stored))
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return len(_MAGIC) + _LENGTHS.size + len(text) + size


def read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """The head and the arrays of a file that `write` wrote; the arrays cannot be written to.

    Raises ValueError for any other file, OSError where it cannot be read.
    """
    data = _mapped(path)
    start = len(_MAGIC) + _LENGTHS.size
    if len(data) < start or data[: len(_MAGIC)] != _MAGIC:
        raise ValueError(f"{path}: no file of arrays")
    length, size, head_sum, body_sum = _LENGTHS.unpack_from(data, len(_MAGIC))
    if length > _LARGEST_HEAD or len(data) != start + length + size:
        raise ValueError(f"{path}: cut off or continued")
    text = bytes(data[start : start + length])
    if zlib.crc32(text) != head_sum or zlib.crc32(memoryview(data)[start + length :]) != body_sum:
        raise ValueError(f"{path}: damaged")
    try:
        content = json.loads(text)
        arrays = {name: _array(data, start + length, size, *row) for name, row in content["arrays"].items()}
        return dict(content["head"]), arrays
    except (KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise ValueError(f"{path}: {error}") from error


_BINARY: int = getattr(os, "O_BINARY", 0)


def _mapped(path: Path) -> "mmap.mmap | bytes":
    with path.open("rb") as file:
        if sys.platform == "win32":  # where a file that is mapped cannot be replaced
            return file.read()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _array(
    data: "mmap.mmap | bytes", start: int, size: int, kind: str, shape: list[int], place: int
) -> Array:
    if kind not in _KINDS or not all(type(one) is int and one >= 0 for one in (*shape, place)):
        raise ValueError("an array of no known kind")
    many = int(np.prod(shape, dtype=object)) if shape else 1
    if place + many * np.dtype(kind).itemsize > size:
        raise ValueError("an array beyond the end")
    return np.frombuffer(data, kind, many, start + place).reshape(shape)


def _portable(array: Array) -> Array:
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<"))


def _body(arrays: Mapping[str, Array]) -> Iterator[Any]:
    size = 0
    for array in arrays.values():
        gap = -size % _ALIGNMENT
        yield b"\0" * gap
        yield array.reshape(-1).view(np.uint8).data
        size += gap + array.nbytes


def _checksum(arrays: Mapping[str, Array]) -> int:
    value = 0
    for part in _body(arrays):
        value = zlib.crc32(part, value)
    return value
