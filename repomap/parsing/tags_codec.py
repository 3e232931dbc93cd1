"""Turns `FileTags` into compact bytes and back, for the pipe from a worker and for the cache.

Texts are joined, and numbers are split into byte planes (the lowest bytes of all numbers of a
column, then all second bytes if any is not zero, ...), so that both directions run in C and zlib
finds the repetitions. The format holds no objects: any bytes at all decode to `EncodedTags` or
raise ValueError.

A first map reads the tags of thousands of files and none of their numbers: the corpus concatenates
the byte planes of all files first, and only then joins these into columns.
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
MAX_BYTES = 1 << 28
"""Uncompressed size up to which tags are decoded, so that a hostile cache entry cannot fill the memory."""
_SKIP_REASONS = (
    "",
    "binary",
    "generated",
    "minified",
    "large",
    "failed",
    "unreadable",
    "link",
    "translation",
)
_HEAD = struct.Struct("<BBIIIIII")
"""Version, index of the skip reason, lines, counts of definitions, words, uses, imports, imported names."""


BytePlanes = tuple[bytes, ...]
"""The byte planes of a column, lowest first; missing ones are all zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedTags:
    """One file's tags, checked but not decoded: texts in UTF-8, numbers in byte planes.

    The fields are those of `FileTags`.
    """

    language: str
    lines: int
    skipped: SkipReason
    kinds: bytes
    names: list[bytes]
    signatures: list[bytes]
    owners: list[bytes]
    words: list[bytes]
    imports: tuple[Import, ...]
    spans: tuple[BytePlanes, ...]
    """Five columns: the first line, and the distances of the other lines of `Span`; see `_to_distances`."""
    parents: BytePlanes
    """Each 1 more than in `FileTags`, so that none is negative."""
    use_owner: BytePlanes
    use_word: BytePlanes
    use_code: BytePlanes
    use_prose: BytePlanes

    def tags(self) -> FileTags:
        """Decode all texts and numbers."""
        parents = join_planes(self.parents, "I")
        return FileTags(
            language=self.language,
            lines=self.lines,
            skipped=self.skipped,
            names=_decode_all(self.names),
            kinds=self.kinds,
            parents=array("i", map(sub, parents, (1,) * len(parents))),
            spans=_from_distances([join_planes(column, "I") for column in self.spans]),
            signatures=_decode_all(self.signatures),
            owners=_decode_all(self.owners),
            words=_decode_all(self.words),
            use_owner=join_planes(self.use_owner, "I"),
            use_word=join_planes(self.use_word, "I"),
            use_code=join_planes(self.use_code, "H"),
            use_prose=join_planes(self.use_prose, "H"),
            imports=self.imports,
        )


def encode(tags: FileTags) -> bytes:
    """Encode one file's tags as bytes.

    Raises ValueError if columns differ in length or the lines of a span are out of order.
    """
    return zlib.compress(_write_body(tags), 1)


def decode(data: bytes) -> FileTags:
    """Return the tags that `encode` turned into these bytes. Raises ValueError for any others."""
    return unpack(data).tags()


def unpack(data: bytes) -> EncodedTags:
    """Decompress and check `encode`'s bytes. Raises ValueError for any others."""
    return _read_body(_decompress(data))


def to_encoded(tags: FileTags) -> EncodedTags:
    """Return what `unpack(encode(tags))` returns, without compressing."""
    return _read_body(_write_body(tags))


def _write_body(tags: FileTags) -> bytes:
    _check_lengths(tags)
    name_counts = [len(statement.names) for statement in tags.imports]
    try:
        distances = _to_distances(tags.spans)
    except OverflowError:
        raise ValueError("The lines of a span are out of order.") from None
    head = _HEAD.pack(
        VERSION,
        _SKIP_REASONS.index(tags.skipped),
        tags.lines,
        len(tags.names),
        len(tags.words),
        len(tags.use_word),
        len(tags.imports),
        sum(name_counts),
    )
    parts = (
        head,
        *_split_planes(distances),
        *_split_planes(array("I", map(add, tags.parents, (1,) * len(tags.parents)))),
        *_split_planes(array("I", name_counts)),
        *_split_planes(tags.use_owner),
        *_split_planes(tags.use_word),
        *_split_planes(tags.use_code),
        *_split_planes(tags.use_prose),
        tags.kinds,
        _join_texts(tags),
    )
    return b"".join(parts)


def _read_body(body: bytes) -> EncodedTags:
    if len(body) < _HEAD.size or body[0] != VERSION:
        raise ValueError("These bytes are not tags of this version.")
    _, skipped, lines, names, words, uses, imports, imported_names = _HEAD.unpack_from(body)
    if skipped >= len(_SKIP_REASONS):
        raise ValueError(f"There is no skip reason {skipped}.")
    reader = _BodyReader(body, _HEAD.size)
    distances = reader.planes(5 * names, 4)
    columns = [slice(index * names, (index + 1) * names) for index in range(5)]
    spans = tuple([tuple([plane[column] for plane in distances]) for column in columns])
    parents, name_counts = reader.planes(names, 4), reader.planes(imports, 4)
    use_owner, use_word = reader.planes(uses, 4), reader.planes(uses, 4)
    use_code, use_prose = reader.planes(uses, 2), reader.planes(uses, 2)
    kinds = reader.take(names)
    texts = _split_texts(reader.rest(), 1 + 3 * names + words + imports + imported_names)
    _check_ranges(kinds, parents, use_owner, use_word, names, words)
    if names:
        _check_spans(spans)
    words_end = 1 + 3 * names + words
    imports_end = words_end + imports
    return EncodedTags(
        language=texts[0].decode(_ENCODING, _ERRORS),
        lines=lines,
        skipped=cast("SkipReason", _SKIP_REASONS[skipped]),
        kinds=kinds,
        names=texts[1 : 1 + names],
        signatures=texts[1 + names : 1 + 2 * names],
        owners=texts[1 + 2 * names : 1 + 3 * names],
        words=texts[1 + 3 * names : words_end],
        imports=_imports(texts[words_end:imports_end], _numbers(name_counts), texts[imports_end:]),
        spans=spans,
        parents=parents,
        use_owner=use_owner,
        use_word=use_word,
        use_code=use_code,
        use_prose=use_prose,
    )


def _check_lengths(tags: FileTags) -> None:
    """Raise ValueError for columns of unequal length, which nobody could read back."""
    names, uses = len(tags.names), len(tags.use_word)
    columns = (tags.kinds, tags.parents, tags.signatures, tags.owners)
    if len(tags.spans) != 5 * names or any(len(column) != names for column in columns):
        raise ValueError(f"There are {names} definitions, but columns of another length.")
    if any(len(column) != uses for column in (tags.use_owner, tags.use_code, tags.use_prose)):
        raise ValueError(f"There are {uses} uses, but columns of another length.")


def _check_ranges(
    kinds: bytes, parents: BytePlanes, use_owner: BytePlanes, use_word: BytePlanes, names: int, words: int
) -> None:
    """Check every number that serves as an index."""
    if kinds and max(kinds) >= len(KINDS):
        raise ValueError("A kind is unknown.")
    if any(parent > index for index, parent in enumerate(_numbers(parents))):
        raise ValueError("A parent comes after its child.")
    if use_word[0] and (max(_numbers(use_word)) >= words or max(_numbers(use_owner)) > names):
        raise ValueError("A use names a word or a definition that does not exist.")


def _check_spans(spans: tuple[BytePlanes, ...]) -> None:
    """Check that no line is negative or over 32 bits."""
    first, to_doc, to_last, to_signature, to_signature_last = map(_numbers, spans)
    furthest = map(max, to_last, map(add, to_signature, to_signature_last))
    if any(map(lt, first, to_doc)) or max(map(add, first, furthest)) >> 32:
        raise ValueError("A line is negative or too large.")


def _to_distances(spans: "array[int]") -> "array[int]":
    """Turn spans into five columns of small numbers, concatenated.

    They are the first line, how far above it the comments begin, how far below it the definition
    ends and its signature begins, and how many lines the signature goes on.
    """
    doc, first, last, signature, signature_last = (spans[column::5] for column in range(5))
    small = array("I", first)
    for later, earlier in ((first, doc), (last, first), (signature, first), (signature_last, signature)):
        small.extend(map(sub, later, earlier))
    return small


def _from_distances(columns: "Sequence[array[int]]") -> "array[int]":
    first, to_doc, to_last, to_signature, to_signature_last = columns
    signature = array("I", map(add, first, to_signature))
    spans = array("I", bytes(20 * len(first)))
    spans[0::5] = array("I", map(sub, first, to_doc))
    spans[1::5] = first
    spans[2::5] = array("I", map(add, first, to_last))
    spans[3::5] = signature
    spans[4::5] = array("I", map(add, signature, to_signature_last))
    return spans


def _split_planes(column: "array[int]") -> Iterator[bytes]:
    """Yield the number of byte planes, then the planes, lowest first, without those above that are zero.

    The lowest is always written, so that a few bytes cannot announce a column of gigabytes.
    """
    if sys.byteorder == "big":
        column = column[:]
        column.byteswap()
    raw, width = column.tobytes(), column.itemsize
    planes = [raw[index::width] for index in range(width)]
    while len(planes) > 1 and not planes[-1].strip(b"\0"):
        planes.pop()
    yield bytes((len(planes),))
    yield from planes


def join_planes(planes: BytePlanes, typecode: str) -> "array[int]":
    """Return the numbers of a column as an array of this type.

    >>> join_planes((bytes([1, 2]), bytes([0, 1])), "I")
    array('I', [1, 258])
    """
    column = array(typecode)
    raw = bytearray(len(planes[0]) * column.itemsize)
    for index, plane in enumerate(planes):
        raw[index :: column.itemsize] = plane
    column.frombytes(raw)
    if sys.byteorder == "big":
        column.byteswap()
    return column


def _numbers(planes: BytePlanes) -> "bytes | array[int]":
    """Return the numbers of a column for iterating: a single plane is its own sequence of numbers."""
    return planes[0] if len(planes) == 1 else join_planes(planes, "I")


class _BodyReader:
    """Takes columns from a body, front to back; raises ValueError if it is too short."""

    __slots__ = ("_body", "_position")

    def __init__(self, body: bytes, position: int) -> None:
        self._body = body
        self._position = position

    def take(self, size: int) -> bytes:
        """Take the next ``size`` bytes."""
        start, self._position = self._position, self._position + size
        if self._position > len(self._body):
            raise ValueError("The tags end early.")
        return self._body[start : self._position]

    def planes(self, size: int, max_width: int) -> BytePlanes:
        """Take a column of ``size`` numbers of at most ``max_width`` bytes each."""
        body, position = self._body, self._position
        width = body[position] if position < len(body) else 0
        if not 0 < width <= max_width:
            raise ValueError(f"Numbers cannot be {width} bytes wide here.")
        first = position + 1
        end = self._position = first + width * size
        if end > len(body):
            raise ValueError("The tags end early.")
        if width == 1 or not size:
            return (body[first:end],)
        return tuple(body[start : start + size] for start in range(first, end, size))

    def rest(self) -> bytes:
        """Return everything after what was taken."""
        return self._body[self._position :]


def _join_texts(tags: FileTags) -> bytes:
    """Join all texts with a character that none of them contains, and put that character first."""
    modules = [statement.module for statement in tags.imports]
    imported_names = chain.from_iterable(statement.names for statement in tags.imports)
    texts = [
        tags.language,
        *tags.names,
        *tags.signatures,
        *tags.owners,
        *tags.words,
        *modules,
        *imported_names,
    ]
    separator = "\0"
    joined = separator.join(texts)
    if joined.count(separator) != len(texts) - 1:
        used = set("".join(texts))
        separator = next(char for char in map(chr, range(sys.maxunicode)) if char not in used)
        joined = separator.join(texts)
    return (separator + joined).encode(_ENCODING, _ERRORS)


def _split_texts(raw: bytes, expected: int) -> list[bytes]:
    joined = raw.decode(_ENCODING, _ERRORS)  # which checks every text at once
    separator = joined[:1].encode(_ENCODING, _ERRORS)
    texts = raw[len(separator) :].split(separator) if separator else []
    if len(texts) != expected:
        raise ValueError(f"There are {len(texts)} texts instead of {expected}.")
    return texts


def _decode_all(texts: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(text.decode(_ENCODING, _ERRORS) for text in texts)


def _imports(
    modules: Sequence[bytes], name_counts: "bytes | array[int]", imported_names: Sequence[bytes]
) -> tuple[Import, ...]:
    if not modules and not imported_names:
        return ()
    if sum(name_counts) != len(imported_names):
        raise ValueError("The counts of imported names do not add up.")
    names, start, imports = _decode_all(imported_names), 0, []
    for module, count in zip(_decode_all(modules), name_counts, strict=True):
        imports.append(Import(module, names[start : start + count]))
        start += count
    return tuple(imports)


def _decompress(data: bytes) -> bytes:
    decompressor = zlib.decompressobj()
    try:
        body = decompressor.decompress(data, MAX_BYTES)
    except zlib.error as error:
        raise ValueError(f"These bytes are not compressed tags: {error}.") from None
    if not decompressor.eof or decompressor.unused_data:
        raise ValueError("The tags end early or late, or are too large.")
    return body
