"""Packs long columns of numbers to a fraction of their size, and unpacks them.

A column is cut into byte planes (all lowest bytes, all second bytes, …), each of which `zlib` then
finds much to save in: high bytes are mostly zero, and in sorted columns so are differences.
"""

import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

LEVEL = 1
WORTH_PACKING = 2 / 3
"""A plane that does not become smaller than this share of it is left as it is."""
_LENGTH = struct.Struct("<Q")


def pack(array: Array, *, differences: bool) -> bytes:
    """The bytes of a little-endian array; with ``differences``, of those between its numbers."""
    flat = np.ascontiguousarray(array).reshape(-1)
    if differences:
        flat = np.diff(flat, prepend=flat.dtype.type(0))
    planes = flat.view(np.uint8).reshape(len(flat), flat.dtype.itemsize)
    return b"".join(_planes(planes))


def _planes(planes: npt.NDArray[np.uint8]) -> Iterator[bytes]:
    for place in range(planes.shape[1]):
        plane = np.ascontiguousarray(planes[:, place])
        packed = zlib.compress(plane.data, LEVEL)
        if len(packed) > len(plane) * WORTH_PACKING:
            packed = plane.tobytes()
        yield _LENGTH.pack(len(packed))
        yield packed


def unpack(data: memoryview, kind: np.dtype[Any], many: int, *, differences: bool) -> Array:
    """The numbers that `pack` packed, in one row. Raises ValueError for anything else.

    All planes are unpacked together, so many numbers at a time as the processor's cache holds.
    """
    flat = np.empty(many, kind)
    planes = [_Plane(one, many) for one in _cut(data, kind.itemsize)]
    before = np.zeros(1, kind)
    for first in range(0, many, UNPACKED_NUMBERS):
        part = flat[first : first + UNPACKED_NUMBERS]
        columns = part.view(np.uint8).reshape(len(part), kind.itemsize)
        for place, plane in enumerate(planes):
            plane.read_into(columns[:, place])
        if differences:
            part[:1] += before
            np.cumsum(part, dtype=kind, out=part)
            before = part[-1:]
    for plane in planes:
        plane.finish()
    return flat


def _cut(data: memoryview, many: int) -> Iterator[memoryview]:
    """The packed planes."""
    place = 0
    for _ in range(many):
        if place + _LENGTH.size > len(data):
            raise ValueError("a packed column that is cut off")
        (size,) = _LENGTH.unpack_from(data, place)
        place += _LENGTH.size + size
        yield data[place - size : place]


UNPACKED_NUMBERS = 1 << 15
PACKED_PIECE = 1 << 14
"""Bytes handed over at a time: those that are not taken are copied."""


class _Plane:
    """A packed plane that is unpacked from its beginning to its end; one of full length is not packed."""

    def __init__(self, packed: memoryview, many: int) -> None:
        self._packed, self._unpacker = packed, None if len(packed) == many else zlib.decompressobj()
        self._waiting: memoryview | bytes = b""

    def read_into(self, out: npt.NDArray[np.uint8]) -> None:
        """Fills an array with the bytes that come next. Raises ValueError where there are fewer."""
        if self._unpacker is None:
            out[:], self._packed = self._packed[: len(out)], self._packed[len(out) :]
            return
        done = 0
        while done < len(out):
            part = np.frombuffer(self._unpacked(self._unpacker, len(out) - done), np.uint8)
            if not len(part) and (self._unpacker.eof or not (self._waiting or self._packed)):
                raise ValueError("a packed column of another length")
            out[done : done + len(part)] = part
            done += len(part)

    def finish(self) -> None:
        """Raises ValueError where anything is left."""
        while self._unpacker is not None and not self._unpacker.eof:
            if self._unpacked(self._unpacker, 1) or not (self._waiting or self._packed or self._unpacker.eof):
                raise ValueError("a packed column of another length")

    def _unpacked(self, unpacker: "zlib._Decompress", most: int) -> bytes:
        """What comes next, at most so many bytes, and perhaps none yet."""
        if not self._waiting:
            self._waiting, self._packed = self._packed[:PACKED_PIECE], self._packed[PACKED_PIECE:]
        try:
            part = unpacker.decompress(self._waiting, most)
        except zlib.error as error:
            raise ValueError(f"a packed column: {error}") from error
        self._waiting = unpacker.unconsumed_tail
        return part


def _unpacked(data: memoryview, many: int) -> npt.NDArray[np.uint8]:
    unpacker = zlib.decompressobj()
    try:
        plane = unpacker.decompress(data, many + 1)
    except zlib.error as error:
        raise ValueError(f"a packed column: {error}") from error
    if len(plane) != many or not unpacker.eof:
        raise ValueError("a packed column of another length")
    return np.frombuffer(plane, np.uint8)


PART_BYTES = 1 << 14


class PackedBytes:
    """A block of bytes of which only the parts that are asked for are unpacked."""

    __slots__ = ("_known", "packed", "size", "start")

    def __init__(self, packed: npt.NDArray[np.uint8], start: npt.NDArray[Any], size: int) -> None:
        """``packed`` holds the parts one after the other, ``start`` where each begins, and the end."""
        self.packed, self.start, self.size = packed, start, size
        self._known: dict[int, npt.NDArray[np.uint8]] = {}

    @classmethod
    def of(cls, block: npt.NDArray[np.uint8]) -> "PackedBytes":
        parts = [
            zlib.compress(np.ascontiguousarray(block[first : first + PART_BYTES]).data, LEVEL)
            for first in range(0, len(block), PART_BYTES)
        ]
        start = np.cumsum([0, *map(len, parts)])
        return cls(np.frombuffer(b"".join(parts), np.uint8), start, len(block))

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: slice) -> npt.NDArray[np.uint8]:
        """The bytes of a slice whose bounds both lie inside."""
        first, end = int(place.start), int(place.stop)
        low, high = first // PART_BYTES, -(-end // PART_BYTES)
        parts = [self._part(part, keep=high - low < MOST_KEPT) for part in range(low, high)]
        if not parts:
            return np.zeros(0, np.uint8)
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return whole[first - low * PART_BYTES : end - low * PART_BYTES]

    def tobytes(self) -> bytes:
        return self[0 : self.size].tobytes()

    def _part(self, number: int, *, keep: bool) -> npt.NDArray[np.uint8]:
        known = self._known.get(number)
        if known is None:
            packed = self.packed[int(self.start[number]) : int(self.start[number + 1])]
            size = min(PART_BYTES, self.size - number * PART_BYTES)
            known = _unpacked(packed.data, size)
            if keep:
                if len(self._known) >= MOST_KEPT:
                    self._known.clear()
                self._known[number] = known
        return known


MOST_KEPT = 512
"""So many parts are kept unpacked."""


class Chain:
    """Stretches of other blocks, one after the other, without copying them."""

    __slots__ = ("_start", "stretches")

    def __init__(self, stretches: "Sequence[Stretch]") -> None:
        self.stretches = stretches
        self._start = [0, *accumulate(end - first for _, first, end in stretches)]

    def __len__(self) -> int:
        return self._start[-1]

    def __getitem__(self, place: slice) -> npt.NDArray[np.uint8]:
        """The bytes of a slice whose bounds both lie inside."""
        first, end = int(place.start), int(place.stop)
        number, parts = bisect_right(self._start, first) - 1, []
        while first < end:
            block, low, high = self.stretches[number]
            start = low + first - self._start[number]
            stop = min(high, start + end - first)
            parts.append(block[start:stop])
            first, number = first + stop - start, number + 1
        return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, np.uint8), *parts])

    def tobytes(self) -> bytes:
        return self[0 : len(self)].tobytes()


Block = npt.NDArray[np.uint8] | PackedBytes | Chain
Stretch = tuple[npt.NDArray[np.uint8] | PackedBytes, int, int]
"""A block, and from where to where."""

LONG_BYTES = 1 << 22
"""From so many bytes on, joining blocks leaves them where they are."""
MOST_STRETCHES = 256
"""Of so many a new block is made."""


def chained(parts: Sequence[tuple[Block, int, int]]) -> Block:
    """Slices `(block, first, end)` one after the other."""
    if sum(end - first for _, first, end in parts) >= LONG_BYTES:
        stretches = [one for part in parts for one in _stretches(*part)]
        if len(stretches) <= MOST_STRETCHES:
            return Chain(stretches)
    return np.concatenate([np.zeros(0, np.uint8), *(block[first:end] for block, first, end in parts)])


def _stretches(block: Block, first: int, end: int) -> Iterator[Stretch]:
    """A slice of a block as slices of such that are no chains."""
    if not isinstance(block, Chain):
        yield block, first, end
        return
    at = 0
    for inner, low, high in block.stretches:
        start, stop = max(first, at), min(end, at + high - low)
        if start < stop:
            yield inner, low + start - at, low + stop - at
        at += high - low
