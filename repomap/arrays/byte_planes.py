"""Packs long columns of numbers to a fraction of their size, and unpacks them.

A column is split into byte planes (all lowest bytes, all second bytes, ...), and each plane is
compressed on its own: high bytes are mostly zero, and so are differences in sorted columns.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Bytes

Array = npt.NDArray[Any]

ZLIB_LEVEL = 1
MAX_PACKED_SHARE = 2 / 3
"""A plane that does not shrink to this share of its size is stored as it is."""
_LENGTH = struct.Struct("<Q")
UNPACKED_NUMBERS = 1 << 15
"""How many numbers are unpacked at a time, so that all planes of these fit into the CPU's cache."""
PACKED_PIECE_BYTES = 1 << 14
"""How much is given to zlib at a time: it copies what it does not use."""


def pack(array: Array, *, differences: bool) -> bytes:
    """Pack a little-endian array of any shape and integer or float type.

    With ``differences``, the differences between successive numbers are packed, which suits
    columns that ascend.

    >>> column = np.arange(1000, dtype="<i4")
    >>> packed = pack(column, differences=True)
    >>> len(packed) < 200, unpack(memoryview(packed), column.dtype, 1000, differences=True).tolist()[-1]
    (True, 999)
    """
    flat = np.ascontiguousarray(array).reshape(-1)
    if differences:
        flat = np.diff(flat, prepend=flat.dtype.type(0))
    planes = flat.view(np.uint8).reshape(len(flat), flat.dtype.itemsize)
    return b"".join(_pack_planes(planes))


def _pack_planes(planes: Bytes) -> Iterator[bytes]:
    """Yield length and bytes of each plane; ``planes`` has a row for each number."""
    for index in range(planes.shape[1]):
        plane = np.ascontiguousarray(planes[:, index])
        packed = zlib.compress(plane.data, ZLIB_LEVEL)
        if len(packed) > len(plane) * MAX_PACKED_SHARE:
            packed = plane.tobytes()
        yield _LENGTH.pack(len(packed))
        yield packed


def unpack(data: memoryview, dtype: np.dtype[Any], count: int, *, differences: bool) -> Array:
    """Return the ``count`` numbers that `pack` packed, as one row. Raises ValueError for other data.

    All planes are unpacked in step, as many numbers at a time as the CPU's cache holds.
    """
    flat = np.empty(count, dtype)
    planes = [_PlaneReader(packed, count) for packed in _split(data, dtype.itemsize)]
    last = np.zeros(1, dtype)
    for first in range(0, count, UNPACKED_NUMBERS):
        part = flat[first : first + UNPACKED_NUMBERS]
        columns = part.view(np.uint8).reshape(len(part), dtype.itemsize)
        for index, plane in enumerate(planes):
            plane.read_into(columns[:, index])
        if differences:
            part[:1] += last
            np.cumsum(part, dtype=dtype, out=part)
            last = part[-1:]
    for plane in planes:
        plane.finish()
    return flat


def _split(data: memoryview, plane_count: int) -> Iterator[memoryview]:
    """Yield the packed planes."""
    position = 0
    for _ in range(plane_count):
        if position + _LENGTH.size > len(data):
            raise ValueError("The packed column is cut off.")
        (size,) = _LENGTH.unpack_from(data, position)
        position += _LENGTH.size + size
        yield data[position - size : position]


class _PlaneReader:
    """Unpacks one plane from beginning to end; a plane of full length is not compressed."""

    def __init__(self, packed: memoryview, count: int) -> None:
        self._packed = packed
        self._decompressor = None if len(packed) == count else zlib.decompressobj()
        self._pending: memoryview | bytes = b""

    def read_into(self, out: Bytes) -> None:
        """Fill an array with the next bytes. Raises ValueError if there are fewer."""
        if self._decompressor is None:
            out[:], self._packed = self._packed[: len(out)], self._packed[len(out) :]
            return
        done = 0
        while done < len(out):
            part = np.frombuffer(self._next_bytes(self._decompressor, len(out) - done), np.uint8)
            if not len(part) and (self._decompressor.eof or not (self._pending or self._packed)):
                raise ValueError("The packed column has another length.")
            out[done : done + len(part)] = part
            done += len(part)

    def finish(self) -> None:
        """Raise ValueError if anything is left."""
        while self._decompressor is not None and not self._decompressor.eof:
            surplus = self._next_bytes(self._decompressor, 1)
            if surplus or not (self._pending or self._packed or self._decompressor.eof):
                raise ValueError("The packed column has another length.")

    def _next_bytes(self, decompressor: "zlib._Decompress", max_bytes: int) -> bytes:
        """Return up to ``max_bytes`` of the next bytes, perhaps none yet."""
        if not self._pending:
            self._pending, self._packed = self._packed[:PACKED_PIECE_BYTES], self._packed[PACKED_PIECE_BYTES:]
        try:
            part = decompressor.decompress(self._pending, max_bytes)
        except zlib.error as error:
            raise ValueError(f"The packed column is damaged: {error}.") from error
        self._pending = decompressor.unconsumed_tail
        return part
