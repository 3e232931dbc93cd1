"""Stores many texts as one block of UTF-8 and the start of each, so that a million names are two arrays.

A text becomes a Python string only when it is requested. Blocks are mapped from a file, searched
as bytes, and concatenated from slices when a few of a repository's files have changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from repomap.arrays.array_types import Bytes, Flags, Rows, Starts
from repomap.arrays.blocks import Block, concat_blocks

Integers = TypeVar("Integers", bound=npt.NDArray[np.integer[Any]])

_ENCODING, _ERRORS = "utf-8", "surrogatepass"
MAX_CHAR_BYTES = 4
_NEWLINE = ord("\n")
_CONTINUATION = 0b1100_0000, 0b1000_0000
"""Mask and value of UTF-8's continuation bytes: those that do not start a character."""


@dataclass(frozen=True, slots=True, eq=False)
class Texts(Sequence[str]):
    """Texts in a row; ``rows`` are positions among them. Sorted as bytes they sort as strings do.

    >>> texts = Texts.of(["find", "open", ""])
    >>> texts[1], len(texts), texts.byte_sizes().tolist(), texts.find_sorted("x")
    ('open', 3, [4, 4, 0], None)
    """

    block: Block
    """The texts, each followed by a newline so that a search cannot match across two."""
    start: Starts
    """Where each begins in the block, and the block's end: one more than there are texts."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        """Store these texts."""
        return cls.of_utf8([text.encode(_ENCODING, _ERRORS) for text in texts])

    @classmethod
    def of_utf8(cls, texts: Sequence[bytes]) -> "Texts":
        """Store texts that are encoded as UTF-8 already."""
        sizes = np.fromiter(map(len, texts), np.int64, len(texts)) + 1
        return cls(np.frombuffer(b"\n".join((*texts, b"")), np.uint8), starts_of(sizes))

    def __len__(self) -> int:
        return len(self.start) - 1

    @overload
    def __getitem__(self, row: int) -> str: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[str, ...]: ...
    def __getitem__(self, row: "int | slice") -> "str | tuple[str, ...]":
        if isinstance(row, slice):
            return tuple(self[index] for index in range(*row.indices(len(self))))
        if row < 0:
            row += len(self)
        if not 0 <= row < len(self):
            raise IndexError(row)
        return self._utf8(row).decode(_ENCODING, _ERRORS)

    def __iter__(self) -> Iterator[str]:
        data, starts = self.block.tobytes(), self.start.tolist()
        for start, end in pairwise(starts):
            yield data[start : end - 1].decode(_ENCODING, _ERRORS)

    def byte_sizes(self) -> npt.NDArray[np.int64]:
        """Return the number of bytes of each text."""
        start = self.start.astype(np.int64, copy=False)
        return start[1:] - start[:-1] - 1

    def have_chars(self, rows: Rows, min_chars: int) -> Flags:
        """Return, for each of these rows, whether the text has at least ``min_chars`` characters."""
        size = self.byte_sizes()[rows]
        result = size > MAX_CHAR_BYTES * (min_chars - 1)
        unsure = np.flatnonzero(~result)  # few, and only their bytes are looked at
        size = size[unsure] + 1
        mask, value = _CONTINUATION
        is_first = (self.whole_block()[ranges(self.start[rows[unsure]], size)] & mask) != value
        if len(unsure):
            chars = np.add.reduceat(is_first.astype(np.int64), starts_of(size)[:-1])
            result[unsure] = chars > min_chars  # the newline counts as well
        return result

    def first_bytes(self) -> npt.NDArray[np.int16]:
        """Return the first byte of each text; -1 for an empty one."""
        first = np.full(len(self), -1, np.int16)
        rows = np.flatnonzero(self.byte_sizes())
        first[rows] = self.whole_block()[self.start[rows]]
        return first

    def whole_block(self) -> Bytes:
        """Return the block as an array."""
        return self.block[0 : len(self.block)]

    def take(self, rows: npt.NDArray[np.integer[Any]]) -> list[str]:
        """Return the texts in these rows, decoded in one call unless they contain newlines."""
        start = self.start[rows]
        block = self.whole_block()[ranges(start, self.start[rows + 1] - start)].tobytes()
        texts = block.decode(_ENCODING, _ERRORS).split("\n")[:-1]
        return texts if len(texts) == len(rows) else [self[row] for row in rows.tolist()]

    def lower(self, rows: npt.NDArray[np.integer[Any]]) -> "Texts":
        """Return the texts in these rows in lower case.

        They are lowered in one call. What a letter becomes may depend on its neighbours (a final
        sigma), but not across a newline.
        """
        lower = "\n".join([*self.take(rows), ""]).lower().encode(_ENCODING, _ERRORS)
        ends = np.flatnonzero(np.frombuffer(lower, np.uint8) == _NEWLINE)
        if len(ends) != len(rows):
            return Texts.of(self[row].lower() for row in rows.tolist())
        return Texts(np.frombuffer(lower, np.uint8), np.append(np.int64(0), ends + 1))

    def find_sorted(self, text: str) -> int | None:
        """Return the row of a text by binary search, or None; the texts must be sorted."""
        wanted, low, high = text.encode(_ENCODING, _ERRORS), 0, len(self)
        utf8 = self._utf8
        if isinstance(self.block, np.ndarray):  # faster, for the hundreds of lookups after a change
            view, start_of = self.block.data, self.start.item

            def utf8(row: int) -> bytes:
                return view[start_of(row) : start_of(row + 1) - 1].tobytes()

        while low < high:
            middle = (low + high) // 2
            if utf8(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and utf8(low) == wanted else None

    def _utf8(self, row: int) -> bytes:
        return self.block[self.start[row] : self.start[row + 1] - 1].tobytes()


class BlockSearch:
    """Searches a block for texts, comparing their first bytes as one number at all positions at once.

    >>> BlockSearch(np.frombuffer(b"banana", np.uint8))(b"ana").tolist()
    [1, 3]
    """

    def __init__(self, block: Bytes) -> None:
        self._block = block
        self._numbers: dict[int, list[npt.NDArray[Any]]] = {}

    def __call__(self, text: bytes) -> Rows:
        """Return the positions at which a text, not empty, begins, in any order."""
        width = next(width for width in (4, 2, 1) if len(text) >= width)
        first = np.frombuffer(text[:width], f"u{width}")[0]
        matches = [
            shift + width * np.flatnonzero(numbers == first)
            for shift, numbers in enumerate(self._as_numbers(width))
        ]
        positions = np.concatenate(matches)
        positions = positions[positions <= len(self._block) - len(text)]
        for offset in range(width, len(text)):
            positions = positions[self._block[positions + offset] == text[offset]]
        return positions

    def _as_numbers(self, width: int) -> list[npt.NDArray[Any]]:
        """Return the bytes as numbers of ``width`` bytes, for each shift from 0 to ``width`` - 1."""
        if width not in self._numbers:
            rows = ((shift, (len(self._block) - shift) // width * width) for shift in range(width))
            self._numbers[width] = [
                self._block[shift : shift + max(0, size)].copy().view(f"u{width}") for shift, size in rows
            ]
        return self._numbers[width]


def ascii_lower(block: Bytes) -> tuple[Bytes, Rows]:
    """Return the block with its ASCII letters in lower case, and the positions of non-ASCII bytes."""
    return np.frombuffer(block.tobytes().lower(), np.uint8), np.flatnonzero(block >= 128)


def starts_of(sizes: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return where consecutive parts of these sizes begin, and where the last one ends.

    >>> starts_of([2, 0, 3]).tolist()
    [0, 2, 2, 5]
    """
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


def distinct(numbers: Integers) -> Integers:
    """Return each number once, ascending, like `np.unique` but without importing `numpy.ma`.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    ordered = np.sort(numbers)
    fresh = np.ones(len(ordered), bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    return ordered[fresh]  # type: ignore[return-value]


def concat(parts: Sequence[tuple[Texts, int, int]]) -> Texts:
    """Concatenate slices, given as (texts, first row, end).

    >>> list(concat([(Texts.of(["a", "b"]), 1, 2), (Texts.of(["c"]), 0, 1)]))
    ['b', 'c']
    """
    parts = [part for part in parts if part[1] < part[2]]
    if len(parts) == 1 and parts[0][1:] == (0, len(parts[0][0])):
        return parts[0][0]
    bounds = [(int(texts.start[first]), int(texts.start[end])) for texts, first, end in parts]
    blocks = [(part[0].block, low, high) for part, (low, high) in zip(parts, bounds, strict=True)]
    position, starts = 0, [np.zeros(0, np.int64)]
    for (texts, first, end), (low, high) in zip(parts, bounds, strict=True):
        starts.append(np.add(texts.start[first:end], position - low, dtype=np.int64))
        position += high - low
    return Texts(concat_blocks(blocks), np.concatenate([*starts, np.array([position], np.int64)]))


def ranges(starts: Starts, sizes: Starts) -> Rows:
    """Return the numbers `start, start + 1, ...` of each range, one range after the other.

    >>> ranges(np.array([5, 1]), np.array([2, 3])).tolist()
    [5, 6, 1, 2, 3]
    """
    ends = np.cumsum(sizes, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    shift: npt.NDArray[np.int64] = np.asarray(starts, np.int64) - (ends - sizes)
    return np.arange(total, dtype=np.int64) + np.repeat(shift, sizes)
