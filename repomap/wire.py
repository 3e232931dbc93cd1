"""Turns `FileTags` into compact bytes and back, for the pipe from a worker and for the cache.

Texts are joined and numbers stand byte plane by byte plane (all lowest bytes of a column, then all
second ones where any is not zero), so that both ways run in C and zlib finds what repeats. The
format holds no objects: whatever the bytes are, reading them gives `FileTags` or a ValueError.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, chain, pairwise
from operator import add, sub
from typing import cast

from repomap.model import KINDS, FileTags, Import, SkipReason

VERSION = 1
LARGEST = 1 << 28
"""Bytes that one file's tags may unfold to: a hostile cache row is no bomb."""
_SKIPPED = ("", "binary", "generated", "minified", "large", "failed", "unreadable", "link")
_HEAD = struct.Struct("<BBIIIIII")
"""Version, reason why skipped, lines, and how many definitions, words, uses, imports, imported names."""


def encode(tags: FileTags) -> bytes:
    """The bytes of one file's tags.

    Raises ValueError where columns differ in length or the lines of a span are out of order.
    """
    _check_lengths(tags)
    names_taken = [len(one.names) for one in tags.imports]
    try:
        spans = _from_ends(tags.spans)
    except OverflowError:
        raise ValueError("a span whose lines are out of order") from None
    head = _HEAD.pack(
        VERSION,
        _SKIPPED.index(tags.skipped),
        tags.lines,
        len(tags.names),
        len(tags.words),
        len(tags.use_word),
        len(tags.imports),
        sum(names_taken),
    )
    parts = (
        head,
        *_planes(spans),
        *_planes(array("I", map(add, tags.parents, (1,) * len(tags.parents)))),
        *_planes(array("I", names_taken)),
        *_planes(tags.use_owner),
        *_planes(tags.use_word),
        *_planes(tags.use_code),
        *_planes(tags.use_prose),
        tags.kinds,
        _join(tags),
    )
    return zlib.compress(b"".join(parts), 1)


def decode(data: bytes) -> FileTags:
    """The tags of `encode`'s bytes. Raises ValueError for any others."""
    body = _unfold(data)
    if len(body) < _HEAD.size or body[0] != VERSION:
        raise ValueError("these bytes are no tags of this version")
    _, skipped, lines, names, words, uses, imports, taken = _HEAD.unpack_from(body)
    if skipped >= len(_SKIPPED):
        raise ValueError(f"{skipped} is no reason to skip a file")
    reader = _Reader(body, _HEAD.size)
    try:
        spans = _to_ends(reader.column("I", 5 * names))
    except OverflowError:
        raise ValueError("a line before the first or beyond the last") from None
    parents = reader.column("I", names)
    names_taken = reader.column("I", imports)
    columns = [reader.column(typecode, uses) for typecode in "IIHH"]
    kinds = reader.take(names)
    texts = _split(reader.rest(), 1 + 3 * names + words + imports + taken)
    _check_ranges(kinds, parents, columns[0], columns[1], names, words)
    if sum(names_taken) != taken:
        raise ValueError("imported names do not add up")
    *ends, last = accumulate((1, names, names, names, words, imports))
    text_columns = [tuple(texts[start:end]) for start, end in pairwise((*ends, last))]
    return FileTags(
        texts[0],
        lines,
        cast("SkipReason", _SKIPPED[skipped]),
        text_columns[0],
        kinds,
        array("i", map(sub, parents, (1,) * names)),
        spans,
        text_columns[1],
        text_columns[2],
        text_columns[3],
        columns[0],
        columns[1],
        columns[2],
        columns[3],
        tuple(_imports(text_columns[4], names_taken, texts[last:])),
    )


def _check_lengths(tags: FileTags) -> None:
    """An encoder that wrote unequal columns would make a file that no one can read back."""
    names, uses = len(tags.names), len(tags.use_word)
    columns = (tags.kinds, tags.parents, tags.signatures, tags.owners)
    if len(tags.spans) != 5 * names or any(len(column) != names for column in columns):
        raise ValueError(f"{names} definitions with columns of another length")
    if any(len(column) != uses for column in (tags.use_owner, tags.use_code, tags.use_prose)):
        raise ValueError(f"{uses} uses with columns of another length")


def _check_ranges(
    kinds: bytes, parents: "array[int]", owners: "array[int]", used: "array[int]", names: int, words: int
) -> None:
    """Every number that is used as a place elsewhere is one."""
    if kinds and max(kinds) >= len(KINDS):
        raise ValueError("a kind that is not known")
    if any(parent > place for place, parent in enumerate(parents)):
        raise ValueError("a parent that does not stand before its child")
    if used and (max(used) >= words or max(owners) > names):
        raise ValueError("a use of a word or in a definition that is not there")


def _from_ends(spans: "array[int]") -> "array[int]":
    """Spans as small numbers: where the first line stands, then lines from it to the four others."""
    doc, first, last, head, head_last = (spans[column::5] for column in range(5))
    small = array("I", first)
    for later, earlier in ((first, doc), (last, first), (head, first), (head_last, head)):
        small.extend(map(sub, later, earlier))
    return small


def _to_ends(small: "array[int]") -> "array[int]":
    size = len(small) // 5
    first, above, below, head, more = (small[size * part : size * (part + 1)] for part in range(5))
    starts = array("I", map(add, first, head))
    spans = array("I", bytes(4 * len(small)))
    spans[0::5] = array("I", map(sub, first, above))
    spans[1::5] = first
    spans[2::5] = array("I", map(add, first, below))
    spans[3::5] = starts
    spans[4::5] = array("I", map(add, starts, more))
    return spans


def _planes(column: "array[int]") -> Iterator[bytes]:
    """How many byte planes follow, and these, lowest first; those above that are all zero are left out.

    The lowest is always there, so that no few bytes can announce a column of gigabytes.
    """
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    raw, width = column.tobytes(), column.itemsize
    planes = [raw[place::width] for place in range(width)]
    while len(planes) > 1 and not planes[-1].strip(b"\0"):
        planes.pop()
    yield bytes((len(planes),))
    yield from planes


class _Reader:
    """Takes columns off a body from its start; raises ValueError where it is too short."""

    __slots__ = ("_body", "_place")

    def __init__(self, body: bytes, place: int) -> None:
        self._body = body
        self._place = place

    def take(self, size: int) -> bytes:
        start, self._place = self._place, self._place + size
        if self._place > len(self._body):
            raise ValueError("tags that end early")
        return self._body[start : self._place]

    def column(self, typecode: str, size: int) -> "array[int]":
        column = array(typecode)
        width = self.take(1)[0]
        if not 0 < width <= column.itemsize:
            raise ValueError(f"numbers of {width} bytes")
        planes = [self.take(size) for _ in range(width)]
        raw = bytearray(size * column.itemsize)
        for place, plane in enumerate(planes):
            raw[place :: column.itemsize] = plane
        column.frombytes(raw)
        if sys.byteorder == "big":
            column.byteswap()
        return column

    def rest(self) -> bytes:
        return self._body[self._place :]


def _join(tags: FileTags) -> bytes:
    """All texts, one after the other, behind the character that parts them: one that none holds."""
    modules = [one.module for one in tags.imports]
    taken = chain.from_iterable(one.names for one in tags.imports)
    texts = [tags.language, *tags.names, *tags.signatures, *tags.owners, *tags.words, *modules, *taken]
    separator = "\0"
    joined = separator.join(texts)
    if joined.count(separator) != len(texts) - 1:
        held = set("".join(texts))
        separator = next(char for char in map(chr, range(sys.maxunicode)) if char not in held)
        joined = separator.join(texts)
    return (separator + joined).encode("utf-8", "surrogatepass")


def _split(raw: bytes, expected: int) -> list[str]:
    joined = raw.decode("utf-8", "surrogatepass")
    texts = joined[1:].split(joined[:1])
    if len(texts) != expected:
        raise ValueError(f"{len(texts)} texts where {expected} were announced")
    return texts


def _imports(modules: Sequence[str], sizes: Iterable[int], taken: Sequence[str]) -> Iterator[Import]:
    place = 0
    for module, size in zip(modules, sizes, strict=True):
        yield Import(module, tuple(taken[place : place + size]))
        place += size


def _unfold(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(data, LARGEST)
    except zlib.error as error:
        raise ValueError(f"these bytes are no tags: {error}") from None
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("tags that end early or late, or are too large")
    return body
