"""What a parse worker and its parent say to each other, as bytes on two pipes.

A batch is its length, the root and, for each file, its number and its path below the root. An
answer is a frame: kind, number, length and payload. It stands apart from both so that the parent
need not import a parser and the worker no process control.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

READY, OPENED, RESULT = range(3)
"""Kinds of frames: the worker has started; a file is about to be parsed; its tags follow."""

DIGEST_BYTES = 16
OUT_OF_MEMORY = 77
"""Exit status of a worker that was told there is no memory left."""

_FRAME = struct.Struct("<BII")
_LENGTH = struct.Struct("<I")
_FILE = struct.Struct("<II")
_FACTS = struct.Struct(f"<Qq{DIGEST_BYTES}s")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a file once it is read, before it is parsed."""

    size: int
    mtime_ns: int
    """Of the very file that was read: a later change shows as a difference to this."""
    digest: bytes
    """BLAKE2b of the content; empty where it was not read."""
    language: str


def pack_facts(facts: Facts) -> bytes:
    return _FACTS.pack(facts.size, facts.mtime_ns, facts.digest) + facts.language.encode()


def unpack_facts(payload: bytes) -> Facts:
    size, mtime_ns, digest = _FACTS.unpack_from(payload)
    return Facts(size, mtime_ns, digest if any(digest) else b"", payload[_FACTS.size :].decode())


def file_bytes(path: str) -> int:
    """What a path takes in a batch."""
    return _FILE.size + len(path.encode("utf-8", "surrogateescape"))


def pack_batch(root: bytes, files: Sequence[tuple[int, bytes]]) -> bytes:
    items = ((0, root), *files)
    body = b"".join(_FILE.pack(number, len(path)) + path for number, path in items)
    return _LENGTH.pack(len(body)) + body


def read_batches(requests: BinaryIO) -> Iterator[tuple[bytes, list[tuple[int, bytes]]]]:
    """The root and the files of each batch, until the other side closes."""
    while len(head := requests.read(_LENGTH.size)) == _LENGTH.size:
        body = requests.read(_LENGTH.unpack(head)[0])
        items, place = [], 0
        while place < len(body):
            number, size = _FILE.unpack_from(body, place)
            place += _FILE.size + size
            items.append((number, body[place - size : place]))
        yield items[0][1], items[1:]


def pack_frame(kind: int, number: int, payload: bytes) -> bytes:
    return _FRAME.pack(kind, number, len(payload)) + payload


class Frames:
    """Cuts a stream of bytes into frames as it comes."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, part: bytes) -> list[tuple[int, int, bytes]]:
        """Kind, number and payload of each frame that this part completes."""
        buffer, frames = self._buffer, []
        buffer += part
        place = 0
        while place + _FRAME.size <= len(buffer):
            kind, number, size = _FRAME.unpack_from(buffer, place)
            end = place + _FRAME.size + size
            if end > len(buffer):
                break
            frames.append((kind, number, bytes(buffer[place + _FRAME.size : end])))
            place = end
        del buffer[:place]
        return frames
