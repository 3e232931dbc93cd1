"""Provides blocks of bytes that are sliced like an array without being one in memory.

`PackedBytes` is compressed in parts and unpacks those that a slice needs; `ChainedBytes` strings
together stretches of other blocks without copying them.
"""

import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

import numpy as np

from repomap.arrays.array_types import Bytes, Starts

ZLIB_LEVEL = 1
PART_BYTES = 1 << 14
MAX_UNPACKED_PARTS = 512
"""How many parts of a packed block are kept unpacked."""


class PackedBytes:
    """A block of bytes of which only the requested parts are unpacked."""

    __slots__ = ("_unpacked", "packed", "size", "start")

    def __init__(self, packed: Bytes, start: Starts, size: int) -> None:
        """``packed`` holds the compressed parts in a row; ``start`` has one more item than there are parts."""
        self.packed, self.start, self.size = packed, start, size
        self._unpacked: dict[int, Bytes] = {}

    @classmethod
    def of(cls, block: Bytes) -> "PackedBytes":
        """Compress a block."""
        parts = [
            zlib.compress(np.ascontiguousarray(block[first : first + PART_BYTES]).data, ZLIB_LEVEL)
            for first in range(0, len(block), PART_BYTES)
        ]
        start = np.cumsum([0, *map(len, parts)])
        return cls(np.frombuffer(b"".join(parts), np.uint8), start, len(block))

    def __len__(self) -> int:
        """The number of bytes when unpacked."""
        return self.size

    def __getitem__(self, bounds: slice) -> Bytes:
        """Return the bytes of a slice whose bounds both lie inside the block."""
        first, end = int(bounds.start), int(bounds.stop)
        first_part, end_part = first // PART_BYTES, -(-end // PART_BYTES)
        keep = end_part - first_part < MAX_UNPACKED_PARTS
        parts = [self._part(index, keep=keep) for index in range(first_part, end_part)]
        if not parts:
            return np.zeros(0, np.uint8)
        whole = parts[0] if len(parts) == 1 else np.concatenate(parts)
        return whole[first - first_part * PART_BYTES : end - first_part * PART_BYTES]

    def tobytes(self) -> bytes:
        """Return all bytes, like numpy's method."""
        return self[0 : self.size].tobytes()

    def _part(self, index: int, *, keep: bool) -> Bytes:
        part = self._unpacked.get(index)
        if part is None:
            packed = self.packed[int(self.start[index]) : int(self.start[index + 1])]
            part = _decompress(packed.data, min(PART_BYTES, self.size - index * PART_BYTES))
            if keep:
                if len(self._unpacked) >= MAX_UNPACKED_PARTS:
                    self._unpacked.clear()
                self._unpacked[index] = part
        return part


def _decompress(data: memoryview, size: int) -> Bytes:
    decompressor = zlib.decompressobj()
    try:
        part = decompressor.decompress(data, size + 1)
    except zlib.error as error:
        raise ValueError(f"The packed block is damaged: {error}.") from error
    if len(part) != size or not decompressor.eof:
        raise ValueError("The packed block has another length.")
    return np.frombuffer(part, np.uint8)


class ChainedBytes:
    """Stretches of other blocks in a row, without copies."""

    __slots__ = ("_start", "stretches")

    def __init__(self, stretches: "Sequence[Stretch]") -> None:
        self.stretches = stretches
        self._start = [0, *accumulate(end - first for _, first, end in stretches)]

    def __len__(self) -> int:
        return self._start[-1]

    def __getitem__(self, bounds: slice) -> Bytes:
        """Return the bytes of a slice whose bounds both lie inside the block."""
        first, end = int(bounds.start), int(bounds.stop)
        index, parts = bisect_right(self._start, first) - 1, []
        while first < end:
            block, low, high = self.stretches[index]
            start = low + first - self._start[index]
            stop = min(high, start + end - first)
            parts.append(block[start:stop])
            first, index = first + stop - start, index + 1
        return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0, np.uint8), *parts])

    def tobytes(self) -> bytes:
        """Return all bytes, like numpy's method."""
        return self[0 : len(self)].tobytes()


Block = Bytes | PackedBytes | ChainedBytes
Stretch = tuple[Bytes | PackedBytes, int, int]
"""A block, and the first byte and the end of a slice of it."""

MIN_CHAINED_BYTES = 1 << 22
"""From this size on, blocks are chained rather than copied."""
MAX_STRETCHES = 256
"""Of more stretches a new block is made."""


def concat_blocks(parts: Sequence[tuple[Block, int, int]]) -> Block:
    """Concatenate slices, given as (block, first byte, end).

    >>> bytes(concat_blocks([(np.frombuffer(b"abcd", np.uint8), 1, 3), (np.frombuffer(b"xy", np.uint8), 0, 1)]))
    b'bcx'
    """
    if sum(end - first for _, first, end in parts) >= MIN_CHAINED_BYTES:
        stretches = [stretch for part in parts for stretch in _stretches(*part)]
        if len(stretches) <= MAX_STRETCHES:
            return ChainedBytes(stretches)
    return np.concatenate([np.zeros(0, np.uint8), *(block[first:end] for block, first, end in parts)])


def _stretches(block: Block, first: int, end: int) -> Iterator[Stretch]:
    """Split a slice of a chain into slices of its blocks."""
    if not isinstance(block, ChainedBytes):
        yield block, first, end
        return
    position = 0
    for inner, low, high in block.stretches:
        start, stop = max(first, position), min(end, position + high - low)
        if start < stop:
            yield inner, low + start - position, low + stop - position
        position += high - low
