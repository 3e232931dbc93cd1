"""Encodes what a parse worker and its parent send each other on two pipes.

A batch is its length, the root and, for each file, its task id, its path below the root and, if the
worker is not to read it, its content. An answer is a frame: kind, task id, length and payload. The
protocol is apart from both sides so that the parent need not import a parser, nor the worker process
control.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import BinaryIO, Literal, get_args

FailureReason = Literal["timed out", "crashed", "out of memory"]
"""Why a worker died while it was parsing a file."""
FAILURE_REASONS: tuple[FailureReason, ...] = get_args(FailureReason)
"""An index on disk stores positions in this tuple, so new reasons go to the end."""

READY, OPENED, RESULT = range(3)
"""Kinds of frames: the worker has started; a file is about to be parsed; its tags follow."""

MAX_SOURCE_BYTES = 2_000_000
MAX_TEXT_BYTES = 200_000
"""A larger source, or a larger text without a grammar, is listed but not read."""
DIGEST_BYTES = 16
OUT_OF_MEMORY = 77
"""Exit status of a worker that ran out of memory."""

_FRAME = struct.Struct("<BII")
_LENGTH = struct.Struct("<I")
_FILE = struct.Struct("<IIi")
"""Task id, length of the path, length of the content or `_NO_CONTENT`."""
_NO_CONTENT = -1
_FACTS = struct.Struct(f"<Qq{DIGEST_BYTES}s")


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What is known about a file once it is read, before it is parsed."""

    size: int
    mtime_ns: int
    """Of the content that was read: a later change shows as a different time."""
    digest: bytes
    """`digest_of` the content; empty if it was not read."""
    language: str


def digest_of(content: bytes) -> bytes:
    """Return the digest by which a content is known."""
    return blake2b(content, digest_size=DIGEST_BYTES).digest()


def pack_facts(facts: FileFacts) -> bytes:
    """Encode a file's facts as the payload of an OPENED frame."""
    return _FACTS.pack(facts.size, facts.mtime_ns, facts.digest) + facts.language.encode()


def unpack_facts(payload: bytes) -> FileFacts:
    """Decode the payload of an OPENED frame."""
    size, mtime_ns, digest = _FACTS.unpack_from(payload)
    return FileFacts(size, mtime_ns, digest if any(digest) else b"", payload[_FACTS.size :].decode())


def packed_size(path: str) -> int:
    """Return how many bytes a path takes in a batch."""
    return _FILE.size + len(path.encode("utf-8", "surrogateescape"))


RequestedFile = tuple[int, bytes, bytes | None]
"""Task id, path below the root, and the content unless the worker is to read it."""


def pack_batch(root: bytes, files: Sequence[RequestedFile]) -> bytes:
    """Encode a batch of files."""
    body = b"".join(map(_pack_file, ((0, root, None), *files)))
    return _LENGTH.pack(len(body)) + body


def _pack_file(file: RequestedFile) -> bytes:
    task_id, path, content = file
    if content is None:
        return _FILE.pack(task_id, len(path), _NO_CONTENT) + path
    return _FILE.pack(task_id, len(path), len(content)) + path + content


def read_batches(requests: BinaryIO) -> Iterator[tuple[bytes, list[RequestedFile]]]:
    """Yield the root and the files of each batch until the other side closes the pipe.

    >>> from io import BytesIO
    >>> list(read_batches(BytesIO(pack_batch(b"/root", [(7, b"a.py", None), (8, b"b.py", b"text")]))))
    [(b'/root', [(7, b'a.py', None), (8, b'b.py', b'text')])]
    """
    while len(head := requests.read(_LENGTH.size)) == _LENGTH.size:
        body = requests.read(_LENGTH.unpack(head)[0])
        items: list[RequestedFile] = []
        position = 0
        while position < len(body):
            task_id, path_size, content_size = _FILE.unpack_from(body, position)
            position += _FILE.size + path_size
            path, content = body[position - path_size : position], None
            if content_size != _NO_CONTENT:
                position += content_size
                content = body[position - content_size : position]
            items.append((task_id, path, content))
        yield items[0][1], items[1:]


Frame = tuple[int, int, bytes]
"""Kind, task id and payload."""


def pack_frame(kind: int, task_id: int, payload: bytes) -> bytes:
    """Encode one frame of an answer."""
    return _FRAME.pack(kind, task_id, len(payload)) + payload


class FrameReader:
    """Cuts a stream of bytes into frames as it arrives.

    >>> reader, data = FrameReader(), pack_frame(RESULT, 7, b"tags")
    >>> reader.feed(data[:5]), reader.feed(data[5:])
    ([], [(2, 7, b'tags')])
    """

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, part: bytes) -> list[Frame]:
        """Return the frames that this part completes."""
        buffer, frames = self._buffer, []
        buffer += part
        position = 0
        while position + _FRAME.size <= len(buffer):
            kind, task_id, size = _FRAME.unpack_from(buffer, position)
            end = position + _FRAME.size + size
            if end > len(buffer):
                break
            frames.append((kind, task_id, bytes(buffer[position + _FRAME.size : end])))
            position = end
        del buffer[:position]
        return frames
