"""Many texts as one block of UTF-8 with the place of each, so that a million names are two arrays.

A text becomes a Python string when somebody asks for it. Blocks are read from a file as they are,
searched as bytes, and joined piece by piece when a few of a repository's files have changed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar, overload

import numpy as np
import numpy.typing as npt

from repomap.arrays.packing import Block, chained

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.integer[Any]]
Numbers = TypeVar("Numbers", bound=npt.NDArray[np.integer[Any]])

_ENCODING, _ERRORS = "utf-8", "surrogatepass"
MOST_BYTES = 4
"""What a character takes at most."""
_NEWLINE = ord("\n")
_CONTINUES = 0b1100_0000, 0b1000_0000
"""Mask and value of the bytes of UTF-8 that go on with a character."""


@dataclass(frozen=True, slots=True, eq=False)
class Texts(Sequence[str]):
    """Texts one after the other. Compared as bytes they sort as they do as strings."""

    block: Block
    """Each text with a newline behind it, so that a search finds nothing across two."""
    start: Places
    """One more than there are texts: where each begins in the block."""

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Texts":
        return cls.encoded([text.encode(_ENCODING, _ERRORS) for text in texts])

    @classmethod
    def encoded(cls, encoded: Sequence[bytes]) -> "Texts":
        """Of texts that are in UTF-8 already."""
        sizes = np.fromiter(map(len, encoded), np.int64, len(encoded)) + 1
        return cls(np.frombuffer(b"\n".join((*encoded, b"")), np.uint8), starts_of(sizes))

    def __len__(self) -> int:
        return len(self.start) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: "int | slice") -> "str | tuple[str, ...]":
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        if place < 0:
            place += len(self)
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._raw(place).decode(_ENCODING, _ERRORS)

    def __iter__(self) -> Iterator[str]:
        data, ends = self.block.tobytes(), self.start.tolist()
        for start, end in pairwise(ends):
            yield data[start : end - 1].decode(_ENCODING, _ERRORS)

    def sizes(self) -> npt.NDArray[np.int64]:
        """By text: its bytes."""
        start = self.start.astype(np.int64, copy=False)
        return start[1:] - start[:-1] - 1

    def are_of(self, places: npt.NDArray[np.int64], chars: int) -> npt.NDArray[np.bool_]:
        """By text at these places: whether it has so many characters or more."""
        size = self.sizes()[places]
        long = size > MOST_BYTES * (chars - 1)
        rows = np.flatnonzero(~long)  # few, and only of these the bytes are looked at
        size = size[rows] + 1
        mask, value = _CONTINUES
        begins = (self.whole()[ranges(self.start[places[rows]], size)] & mask) != value
        if len(rows):
            long[rows] = np.add.reduceat(begins.astype(np.int64), starts_of(size)[:-1]) > chars
        return long

    def first_bytes(self) -> npt.NDArray[np.int16]:
        """By text: its first byte; -1 where it is empty."""
        first = np.full(len(self), -1, np.int16)
        some = np.flatnonzero(self.sizes())
        first[some] = self.whole()[self.start[some]]
        return first

    def whole(self) -> Bytes:
        """The block, unpacked."""
        return self.block[0 : len(self.block)]

    def at(self, places: npt.NDArray[np.integer[Any]]) -> list[str]:
        """The texts at these places, all taken at once where their newlines tell them apart."""
        start = self.start[places]
        block = self.whole()[ranges(start, self.start[places + 1] - start)].tobytes()
        texts = block.decode(_ENCODING, _ERRORS).split("\n")[:-1]
        return texts if len(texts) == len(places) else [self[place] for place in places.tolist()]

    def lowered(self, places: npt.NDArray[np.integer[Any]]) -> "Texts":
        """The texts at these places in lower case.

        What a letter becomes depends on its neighbours (a final sigma), but not across a newline.
        """
        lower = "\n".join([*self.at(places), ""]).lower().encode(_ENCODING, _ERRORS)
        ends = np.flatnonzero(np.frombuffer(lower, np.uint8) == _NEWLINE)
        if len(ends) != len(places):
            return Texts.of(self[place].lower() for place in places.tolist())
        return Texts(np.frombuffer(lower, np.uint8), np.append(np.int64(0), ends + 1))

    def find_sorted(self, text: str) -> int | None:
        """The place of a text among sorted ones, or None."""
        wanted, low, high = text.encode(_ENCODING, _ERRORS), 0, len(self)
        raw = self._raw
        if isinstance(self.block, np.ndarray):  # asked for hundreds of times where a file has changed
            view, at = self.block.data, self.start.item

            def raw(place: int) -> bytes:
                return view[at(place) : at(place + 1) - 1].tobytes()

        while low < high:
            middle = (low + high) // 2
            if raw(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and raw(low) == wanted else None

    def _raw(self, place: int) -> bytes:
        return self.block[self.start[place] : self.start[place + 1] - 1].tobytes()


class Search:
    """Finds texts in a block, the first bytes of each as one number at every place at once."""

    def __init__(self, block: Bytes) -> None:
        self._block = block
        self._numbers: dict[int, list[npt.NDArray[Any]]] = {}

    def __call__(self, text: bytes) -> npt.NDArray[np.int64]:
        """Where a text, not empty, begins in the block, in any order."""
        width = next(width for width in (4, 2, 1) if len(text) >= width)
        first = np.frombuffer(text[:width], f"u{width}")[0]
        found = [
            shift + width * np.flatnonzero(numbers == first)
            for shift, numbers in enumerate(self._as_numbers(width))
        ]
        places = np.concatenate(found)
        places = places[places <= len(self._block) - len(text)]
        for at in range(width, len(text)):
            places = places[self._block[places + at] == text[at]]
        return places

    def _as_numbers(self, width: int) -> list[npt.NDArray[Any]]:
        """The bytes as numbers of so many bytes that begin at place 0, 1, … and follow each other."""
        if width not in self._numbers:
            rows = ((shift, (len(self._block) - shift) // width * width) for shift in range(width))
            self._numbers[width] = [
                self._block[shift : shift + max(0, size)].copy().view(f"u{width}") for shift, size in rows
            ]
        return self._numbers[width]


def ascii_lowered(block: Bytes) -> tuple[Bytes, npt.NDArray[np.int64]]:
    """The block with its ASCII letters in lower case, and where its other bytes are no ASCII."""
    return np.frombuffer(block.tobytes().lower(), np.uint8), np.flatnonzero(block >= 128)


def starts_of(sizes: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Where things of these sizes begin when they stand one after the other, and where the last ends."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)])


def distinct(numbers: Numbers) -> Numbers:
    """Each number once, ascending. `np.unique` does the same, and imports `numpy.ma` to do it."""
    ordered = np.sort(numbers)
    fresh = np.ones(len(ordered), bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    return ordered[fresh]  # type: ignore[return-value]


def joined(parts: Sequence[tuple[Texts, int, int]]) -> Texts:
    """The texts of slices `(texts, first, end)`, one after the other."""
    parts = [part for part in parts if part[1] < part[2]]
    if len(parts) == 1 and parts[0][1:] == (0, len(parts[0][0])):
        return parts[0][0]
    bounds = [(int(texts.start[first]), int(texts.start[end])) for texts, first, end in parts]
    blocks = [(part[0].block, low, high) for part, (low, high) in zip(parts, bounds, strict=True)]
    at, starts = 0, [np.zeros(0, np.int64)]
    for (texts, first, end), (low, high) in zip(parts, bounds, strict=True):
        starts.append(np.add(texts.start[first:end], at - low, dtype=np.int64))
        at += high - low
    return Texts(chained(blocks), np.concatenate([*starts, np.array([at], np.int64)]))


def ranges(starts: Places, sizes: Places) -> npt.NDArray[np.int64]:
    """The numbers `start, start + 1, …` of each range, one range after the other."""
    ends = np.cumsum(sizes, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    shift: npt.NDArray[np.int64] = np.asarray(starts, np.int64) - (ends - sizes)
    return np.arange(total, dtype=np.int64) + np.repeat(shift, sizes)
