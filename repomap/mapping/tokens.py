"""Counts the tokens of a text exactly, without the half second that loading tiktoken takes.

The budget of a map limits the very text that is returned, so an estimate is not enough. The
vocabulary is the file that litellm ships for tiktoken. Its text form is searched in place: a few array
operations find its lines and sort them by a hash, so no token is decoded and nothing is cached on
disk. Neither litellm nor tiktoken is imported.
"""

import functools
import heapq
import io
import re
from binascii import b2a_base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from math import ceil
from pathlib import Path

from repomap.errors import BadRequest

BUCKET_BITS = 16
HASH_BITS = 32
_FACTORS = (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)
"""Odd multipliers that spread their factor over the highest of these bits (xxHash's primes)."""
MOST_CACHED_PIECES = 100_000
LONGEST_CACHED_PIECE = 64
"""In characters."""

PLAIN_PIECES = (
    r"[^\r\nA-Za-z0-9]?(?:[A-Z]+[a-z]*|[a-z]+)(?:'(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL]))?"
    r"|[0-9]{1,3}"
    r"| ?[^ \t\n\r\f\vA-Za-z0-9]+[\r\n/]*"
    r"|[ \t\n\r\f\v]*[\r\n]+|[ \t\n\r\f\v]+(?![^ \t\n\r\f\v])|[ \t\n\r\f\v]+"
)
"""o200k_base's splitting rule for `PLAIN_TEXT`, where no character is in two of the rule's classes."""

PLAIN_TEXT = re.compile("[\x00-\x7f\u2010-\u2027\u2030-\u205e\u2190-\u23ff\u2500-\u25ff]*")
"""ASCII, and signs that are not letters, numbers or white space: dashes, dots, arrows, boxes."""

_UPPER, _LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_ENDING = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
O200K_PIECES = (
    rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_ENDING}|[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_ENDING}"
    r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CL100K_PIECES = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+"
    r"|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A vocabulary and the rule that splits a text into pieces, which are encoded one by one."""

    name: str
    file: str
    """The vocabulary's name in tiktoken's cache: the SHA-1 of its download address."""
    digest: str
    """BLAKE2b of that file; a file with another digest is ignored."""
    pieces: str
    plain_pieces: str = ""
    """The same rule for `PLAIN_TEXT`, as a pattern for `re`; empty if there is none."""


O200K = Encoding(
    "o200k_base",
    "fb374d419588a4632f3f557e76b4b70aebbca790",
    "c8073b63906706b0f5dddbb8fb21a81a91042907",
    O200K_PIECES,
    PLAIN_PIECES,
)
CL100K = Encoding(
    "cl100k_base",
    "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    "d8c02106c5d22eb7b9b15611899e8d87788e335e",
    CL100K_PIECES,
)


def count_tokens(text: str) -> int:
    """Count o200k_base tokens as tiktoken's `encode_ordinary` does.

    A lone surrogate counts as U+FFFD. Returns an upper bound if the vocabulary cannot be found.

    >>> count_tokens("def parse_header(line):")
    5
    """
    return _counter_of(O200K)(text)


def counter(name: str) -> Callable[[str], int]:
    """Return the counter of that name: `o200k_base`, `cl100k_base`, or `chars/N` for an estimate.

    Raises BadRequest for any other name.

    >>> counter("chars/4")("ten letters")
    3
    """
    if name == O200K.name:
        return count_tokens
    if name == CL100K.name:
        return _counter_of(CL100K)
    estimate = re.fullmatch(r"chars/([0-9]+(?:\.[0-9]+)?)", name)
    if estimate and float(estimate[1]) > 0:
        chars = float(estimate[1])
        return lambda text: ceil(len(text) / chars)
    raise BadRequest(
        f"There is no tokenizer {name}. Nothing was counted. "
        f"Use {O200K.name}, {CL100K.name}, or chars/N for N characters a token."
    )


_JOINS = re.compile(r"/|\s*[\r\n]")


def adds_up(line: str) -> bool:
    """Return whether a line can be counted separately from the text above it.

    If `b` is such a line, or a text that begins with one, and `a` is empty or ends in a newline, then
    `count(a + b) == count(a) + count(b)` in both vocabularies. A piece with the newline at the end
    of `a` extends into `b` only if `b` begins with `/`, or with white space that has another newline;
    and what follows the newline never changes how the text before it is split.
    """
    return not _JOINS.match(line)


def upper_bound(text: str) -> int:
    """Return the bytes of a text in UTF-8, which no byte-level vocabulary exceeds.

    Every single byte is a token, and every token is at least one byte.
    """
    return len(_to_bytes(text))


class _Counts(dict[str, int]):
    """A cache of the tokens of each piece; a missing piece is counted."""

    __slots__ = ("_count",)

    def __init__(self, count: Callable[[bytes], int]) -> None:
        self._count = count

    def __missing__(self, piece: str) -> int:
        tokens = self._count(piece.encode())
        if len(piece) <= LONGEST_CACHED_PIECE:
            if len(self) >= MOST_CACHED_PIECES:
                self.clear()
            self[piece] = tokens
        return tokens


@functools.cache
def _counter_of(encoding: Encoding) -> Callable[[str], int]:
    lines = _read_vocabulary(encoding)
    if lines is None:
        return upper_bound
    tokens_of = _Counts(functools.partial(_count_piece, _Vocabulary(lines))).__getitem__
    split_plain = re.compile(encoding.plain_pieces).findall if encoding.plain_pieces else None

    def count(text: str) -> int:
        if split_plain and (text.isascii() or PLAIN_TEXT.fullmatch(text)):
            return sum(map(tokens_of, split_plain(text)))
        text = _without_surrogates(text)
        split = _splitter(encoding.pieces)
        if is_settled(text):
            return sum(map(tokens_of, split(text)))
        return sum(
            sum(map(tokens_of, split(part))) if is_settled(part) else upper_bound(part)
            for part in _independent_parts(text)
        )

    return count


def is_settled(text: str) -> bool:
    """Return whether every version of Unicode puts all characters into the same class.

    A recently assigned character is a letter to a library that knows it and a sign to one that does
    not, and they split the text differently. The exact count of such a text would be a guess, so its
    bytes are taken as a bound.
    """
    if text.isascii():
        return True
    import unicodedata

    late = "".join({char for char in text if unicodedata.category(char) == "Cn"})
    return not late or not _splitter(r"\P{Cn}")(late)


def _independent_parts(text: str) -> Iterator[str]:
    """Cut the text before every line that can be counted separately; see `adds_up`."""
    part = ""
    for line in io.StringIO(text, newline="\n"):
        if part and adds_up(line):
            yield part
            part = ""
        part += line
    yield part


@functools.cache
def _splitter(pieces: str) -> Callable[[str], list[str]]:
    import regex  # type: ignore[import-untyped]  # late: 20 ms, which a map in plain text never pays

    split: Callable[[str], list[str]] = regex.compile(pieces).findall
    return split


def _without_surrogates(text: str) -> str:
    """Join pairs of surrogates and replace lone ones, as tiktoken does."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _to_bytes(text: str) -> bytes:
    return _without_surrogates(text).encode()


class _Vocabulary:
    """tiktoken's text form of a vocabulary as a hash table.

    A line is a token in base64, a space, and the token's rank, which equals the line's index. The
    lines are sorted into buckets by a hash of the base64's length and of its first four, middle four
    and last four characters.
    """

    __slots__ = ("_bucket_start", "_by_bucket", "_line_start", "_lines", "longest")

    def __init__(self, lines: bytes) -> None:
        import numpy as np  # late: a map has loaded it before

        ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n")).astype(np.int32)
        starts = np.zeros(len(ends), np.int32)
        starts[1:] = ends[:-1] + 1
        sizes = ends - starts - len(" 0")
        for power in range(1, len(str(len(starts) - 1))):
            sizes[10**power :] -= 1  # a rank has one digit more from here on
        fours = np.ndarray((len(lines) - 3,), "<u4", lines, strides=(1,))
        mixed = np.zeros(len(starts), np.uint32)
        offsets = (starts, starts + sizes // 8 * 4, starts + sizes - 4)
        for offset, factor in zip(offsets, _FACTORS[:3], strict=True):
            mixed += fours[offset] * np.uint32(factor)
        mixed += sizes.astype(np.uint32) * np.uint32(_FACTORS[-1])
        bucket = (mixed >> np.uint32(HASH_BITS - BUCKET_BITS)).astype(np.uint16)
        ends_of_buckets = np.cumsum(np.bincount(bucket, minlength=1 << BUCKET_BITS))
        self.longest = int(sizes.max()) // 4 * 3
        self._lines = lines
        self._line_start = starts.data
        self._by_bucket = np.argsort(bucket, kind="stable").data
        self._bucket_start = np.concatenate([np.zeros(1, np.int64), ends_of_buckets]).data

    def rank(self, piece: bytes) -> int:
        """Return the rank of a token, or -1 if it is not in the vocabulary."""
        wanted = b2a_base64(piece, newline=False)
        bucket, lines, starts = _bucket_of(wanted), self._lines, self._line_start
        wanted += b" "
        for line in self._by_bucket[self._bucket_start[bucket] : self._bucket_start[bucket + 1]]:
            if lines.startswith(wanted, starts[line]):
                return line
        return -1


def _bucket_of(base64: bytes) -> int:
    size = len(base64)
    middle = size // 8 * 4
    first, second, third, fourth = _FACTORS
    mixed = (
        int.from_bytes(base64[:4], "little") * first
        + int.from_bytes(base64[middle : middle + 4], "little") * second
        + int.from_bytes(base64[-4:], "little") * third
        + size * fourth
    )
    return (mixed >> (HASH_BITS - BUCKET_BITS)) & ((1 << BUCKET_BITS) - 1)


def _count_piece(vocabulary: _Vocabulary, piece: bytes) -> int:
    """Count the tokens of one piece by byte pair encoding.

    The pair of lowest rank is merged until none is left, the leftmost first. `following[i]` is where
    the token after the one at `i` begins, or 0 if no token begins at `i`. A heap keeps the time for a
    piece of a megabyte near linear.
    """
    size = len(piece)
    if size == 1 or (size <= vocabulary.longest and vocabulary.rank(piece) >= 0):
        return 1
    following = [*range(1, size + 1), 0]
    previous = [*range(-1, size)]
    heap: list[tuple[int, int, int, int]] = []

    def offer(left: int, middle: int, end: int) -> None:
        if end - left <= vocabulary.longest and (rank := vocabulary.rank(piece[left:end])) >= 0:
            heapq.heappush(heap, (rank, left, middle, end))

    for left in range(size - 1):
        offer(left, left + 1, left + 2)
    tokens = size
    while heap:
        _, left, middle, end = heapq.heappop(heap)
        if following[left] != middle or following[middle] != end:
            continue
        following[left], following[middle], previous[end] = end, 0, left
        tokens -= 1
        if left:
            offer(previous[left], left, end)
        if end < size:
            offer(left, end, following[end])
    return tokens


def _read_vocabulary(encoding: Encoding) -> bytes | None:
    """Read litellm's copy of a vocabulary; None if it is missing or its digest differs."""
    spec = find_spec("litellm")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        try:
            lines = Path(folder, "litellm_core_utils", "tokenizers", encoding.file).read_bytes()
        except OSError:
            continue
        if blake2b(lines, digest_size=20).hexdigest() == encoding.digest:
            return lines
    return None
