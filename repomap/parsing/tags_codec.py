"""Turns `FileTags` into compact bytes and back, for the pipe from a worker and for the cache.

Texts are joined and numbers stand byte plane by byte plane (all lowest bytes of a column, then all
second ones where any is not zero), so that both ways run in C and zlib finds what repeats. The
format holds no objects: whatever the bytes are, reading them gives a `Sheet` or a ValueError.

A first map reads thousands of sheets and looks at no number of them: the corpus joins the planes of
all files, and only then makes columns of them.
"""

import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import add, lt, sub
from typing import cast

from repomap.model import KINDS, FileTags, Import, SkipReason

VERSION = 1
_ENCODING, _ERRORS = "utf-8", "surrogatepass"
LARGEST = 1 << 28
"""Bytes that one file's tags may unfold to: a hostile cache row is no bomb."""
_SKIPPED = ("", "binary", "generated", "minified", "large", "failed", "unreadable", "link", "translation")
_HEAD = struct.Struct("<BBIIIIII")
"""Version, reason why skipped, lines, and how many definitions, words, uses, imports, imported names."""


Planes = tuple[bytes, ...]
"""The byte planes of a column, lowest first; those that are not there are all zero."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file's tags as they came: checked, texts in UTF-8, numbers in planes. Fields as in `FileTags`."""

    language: str
    lines: int
    skipped: SkipReason
    kinds: bytes
    names: list[bytes]
    signatures: list[bytes]
    owners: list[bytes]
    words: list[bytes]
    imports: tuple[Import, ...]
    spans: tuple[Planes, ...]
    """Five columns: the first line, and how far it is from the lines of `Span`."""
    parents: Planes
    """Each 1 more than in `FileTags`."""
    use_owner: Planes
    use_word: Planes
    use_code: Planes
    use_prose: Planes

    def tags(self) -> FileTags:
        """The same with numbers and strings that can be read."""
        parents = numbers_of(self.parents, "I")
        return FileTags(
            self.language,
            self.lines,
            self.skipped,
            _texts(self.names),
            self.kinds,
            array("i", map(sub, parents, (1,) * len(parents))),
            _to_ends([numbers_of(column, "I") for column in self.spans]),
            _texts(self.signatures),
            _texts(self.owners),
            _texts(self.words),
            numbers_of(self.use_owner, "I"),
            numbers_of(self.use_word, "I"),
            numbers_of(self.use_code, "H"),
            numbers_of(self.use_prose, "H"),
            self.imports,
        )


def encode(tags: FileTags) -> bytes:
    """The bytes of one file's tags.

    Raises ValueError where columns differ in length or the lines of a span are out of order.
    """
    return zlib.compress(_body(tags), 1)


def decode(data: bytes) -> FileTags:
    """The tags of `encode`'s bytes. Raises ValueError for any others."""
    return unpack(data).tags()


def sheet_of(tags: FileTags) -> Sheet:
    """What `unpack` makes of the bytes of these tags."""
    return _sheet(_body(tags))


def unpack(data: bytes) -> Sheet:
    """The sheet of `encode`'s bytes. Raises ValueError for any others."""
    return _sheet(_unfold(data))


def _body(tags: FileTags) -> bytes:
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
    return b"".join(parts)


def _sheet(body: bytes) -> Sheet:
    if len(body) < _HEAD.size or body[0] != VERSION:
        raise ValueError("these bytes are no tags of this version")
    _, skipped, lines, names, words, uses, imports, taken = _HEAD.unpack_from(body)
    if skipped >= len(_SKIPPED):
        raise ValueError(f"{skipped} is no reason to skip a file")
    reader = _Reader(body, _HEAD.size)
    ends = reader.planes(5 * names, 4)
    places = [slice(part * names, (part + 1) * names) for part in range(5)]
    spans = tuple([tuple([plane[place] for plane in ends]) for place in places])
    parents, names_taken = reader.planes(names, 4), reader.planes(imports, 4)
    owners, used = reader.planes(uses, 4), reader.planes(uses, 4)
    code, prose = reader.planes(uses, 2), reader.planes(uses, 2)
    kinds = reader.take(names)
    texts = _split(reader.rest(), 1 + 3 * names + words + imports + taken)
    _check_ranges(kinds, parents, owners, used, names, words)
    if names:
        _check_spans(spans)
    last = 1 + 3 * names + words
    return Sheet(
        texts[0].decode(_ENCODING, _ERRORS),
        lines,
        cast("SkipReason", _SKIPPED[skipped]),
        kinds,
        texts[1 : 1 + names],
        texts[1 + names : 1 + 2 * names],
        texts[1 + 2 * names : 1 + 3 * names],
        texts[1 + 3 * names : last],
        _imports(texts[last : last + imports], _numbers(names_taken), texts[last + imports :]),
        spans,
        parents,
        owners,
        used,
        code,
        prose,
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
    kinds: bytes, parents: Planes, owners: Planes, used: Planes, names: int, words: int
) -> None:
    """Every number that is used as a place elsewhere is one."""
    if kinds and max(kinds) >= len(KINDS):
        raise ValueError("a kind that is not known")
    if any(parent > place for place, parent in enumerate(_numbers(parents))):
        raise ValueError("a parent that does not stand before its child")
    if used[0] and (max(_numbers(used)) >= words or max(_numbers(owners)) > names):
        raise ValueError("a use of a word or in a definition that is not there")


def _check_spans(spans: tuple[Planes, ...]) -> None:
    """No line stands before the first or beyond the last that there can be."""
    first, above, below, head, more = map(_numbers, spans)
    last = map(max, below, map(add, head, more))
    if any(map(lt, first, above)) or max(map(add, first, last)) >> 32:
        raise ValueError("a line before the first or beyond the last")


def _from_ends(spans: "array[int]") -> "array[int]":
    """Spans as small numbers: where the first line stands, then lines from it to the four others."""
    doc, first, last, head, head_last = (spans[column::5] for column in range(5))
    small = array("I", first)
    for later, earlier in ((first, doc), (last, first), (head, first), (head_last, head)):
        small.extend(map(sub, later, earlier))
    return small


def _to_ends(small: "Sequence[array[int]]") -> "array[int]":
    first, above, below, head, more = small
    starts = array("I", map(add, first, head))
    spans = array("I", bytes(20 * len(first)))
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


def numbers_of(planes: Planes, typecode: str) -> "array[int]":
    """The numbers of a column, as an array of this type."""
    column = array(typecode)
    raw = bytearray(len(planes[0]) * column.itemsize)
    for place, plane in enumerate(planes):
        raw[place :: column.itemsize] = plane
    column.frombytes(raw)
    if sys.byteorder == "big":
        column.byteswap()
    return column


def _numbers(planes: Planes) -> "bytes | array[int]":
    """The numbers of a column, to be looked at one by one: bytes are numbers already."""
    return planes[0] if len(planes) == 1 else numbers_of(planes, "I")


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

    def planes(self, size: int, most: int) -> Planes:
        """The planes of a column of ``size`` numbers of at most so many bytes."""
        body, place = self._body, self._place
        width = body[place] if place < len(body) else 0
        if not 0 < width <= most:
            raise ValueError(f"numbers of {width} bytes")
        first = place + 1
        end = self._place = first + width * size
        if end > len(body):
            raise ValueError("tags that end early")
        if width == 1 or not size:
            return (body[first:end],)
        return tuple(body[start : start + size] for start in range(first, end, size))

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
    return (separator + joined).encode(_ENCODING, _ERRORS)


def _split(raw: bytes, expected: int) -> list[bytes]:
    joined = raw.decode(_ENCODING, _ERRORS)  # which checks every text at once
    separator = joined[:1].encode(_ENCODING, _ERRORS)
    texts = raw[len(separator) :].split(separator) if separator else []
    if len(texts) != expected:
        raise ValueError(f"{len(texts)} texts where {expected} were announced")
    return texts


def _texts(raw: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(text.decode(_ENCODING, _ERRORS) for text in raw)


def _imports(
    modules: Sequence[bytes], sizes: "bytes | array[int]", taken: Sequence[bytes]
) -> tuple[Import, ...]:
    if not modules and not taken:
        return ()
    if sum(sizes) != len(taken):
        raise ValueError("imported names do not add up")
    names, place, found = _texts(taken), 0, []
    for module, size in zip(_texts(modules), sizes, strict=True):
        found.append(Import(module, names[place : place + size]))
        place += size
    return tuple(found)


def _unfold(data: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        body = unpacker.decompress(data, LARGEST)
    except zlib.error as error:
        raise ValueError(f"these bytes are no tags: {error}") from None
    if not unpacker.eof or unpacker.unused_data:
        raise ValueError("tags that end early or late, or are too large")
    return body
