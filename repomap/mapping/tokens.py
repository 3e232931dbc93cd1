"""Turns a text into the number of tokens a model reads it as, without tiktoken's half second.

The budget of a map binds the very text that is returned, so its tokens are counted exactly. The
vocabulary is the file that litellm carries for tiktoken. It is read as it is: a few operations on
arrays find its lines and sort them by a hash, and a token is decoded by nobody. So nothing has to
be kept on disk. Neither litellm nor tiktoken is ever imported.
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
_FACTORS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5)
"""Odd numbers whose products spread what they are multiplied with over the highest of 64 bits."""
MEMO_PIECES = 100_000
MEMO_CHARS = 64

PLAIN_PIECES = (
    r"[^\r\nA-Za-z0-9]?(?:[A-Z]+[a-z]*|[a-z]+)(?:'(?:[sStTmMdD]|[rR][eE]|[vV][eE]|[lL][lL]))?"
    r"|[0-9]{1,3}"
    r"| ?[^ \t\n\r\f\vA-Za-z0-9]+[\r\n/]*"
    r"|[ \t\n\r\f\v]*[\r\n]+|[ \t\n\r\f\v]+(?![^ \t\n\r\f\v])|[ \t\n\r\f\v]+"
)
"""o200k_base's splitting rule for plain text, where no character is of two of the rule's classes."""

PLAIN_TEXT = re.compile("[\x00-\x7f\u2010-\u2027\u2030-\u205e\u2190-\u23ff\u2500-\u25ff]*")
"""ASCII, and signs that are neither letters nor numbers nor white space: dashes, dots, arrows, boxes."""

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
    """A vocabulary and the rule that splits a text into the pieces it is applied to."""

    name: str
    file: str
    """What tiktoken calls the vocabulary in its cache: the SHA-1 of the address it comes from."""
    digest: str
    """BLAKE2b of that file: no other is used."""
    pieces: str
    plain_pieces: str = ""
    """The same rule for `PLAIN_TEXT` in the terms of `re`; empty where there is none."""


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
    """The number of o200k_base tokens of a text, as tiktoken's `encode_ordinary` gives them.

    A lone surrogate counts as U+FFFD. Where the vocabulary cannot be found, an upper bound.
    """
    return _counter_of(O200K)(text)


def counter(name: str) -> Callable[[str], int]:
    """The counter that `--tokenizer` names: `o200k_base`, `cl100k_base`, or `chars/N` for an estimate.

    Raises BadRequest for any other name.
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
        f"--tokenizer {name}: there is no such tokenizer, so nothing was counted. "
        f"Use {O200K.name}, {CL100K.name}, or chars/N, N characters to a token."
    )


_JOINS = re.compile(r"/|\s*[\r\n]")


def adds_up(line: str) -> bool:
    """Whether a line's tokens can be counted apart from the text above it.

    With `b` such a line or a text that begins with one, and `a` empty or ending in a newline,
    `count(a + b) == count(a) + count(b)` in both vocabularies. A piece that holds the newline at
    the end of `a` goes on into `b` only where `b` begins with `/`, or with white space that holds
    another newline; and what follows the newline never changes how the text before it is split.
    """
    return not _JOINS.match(line)


def upper_bound(text: str) -> int:
    """A number of tokens that no byte-level vocabulary exceeds: the bytes of the text in UTF-8.

    Every single byte is in the vocabulary, and a token stands for one byte at least.
    """
    return len(_to_bytes(text))


class _Counts(dict[str, int]):
    """Tokens of each piece seen so far; a piece that is new is counted."""

    __slots__ = ("_count",)

    def __init__(self, count: Callable[[bytes], int]) -> None:
        self._count = count

    def __missing__(self, piece: str) -> int:
        tokens = self._count(piece.encode())
        if len(piece) <= MEMO_CHARS:
            if len(self) >= MEMO_PIECES:
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
    """Whether all characters are of the same class to everyone.

    A character that Unicode has only lately assigned is a letter to a library that knows of it and
    a sign to one that does not, and they split the text differently. Texts that hold one are
    bounded by their bytes where the exact count would be a guess.
    """
    if text.isascii():
        return True
    import unicodedata

    late = "".join({char for char in text if unicodedata.category(char) == "Cn"})
    return not late or not _splitter(r"\P{Cn}")(late)


def _independent_parts(text: str) -> Iterator[str]:
    """The text cut before every line whose tokens can be counted apart from what stands above it."""
    part = ""
    for line in io.StringIO(text, newline="\n"):
        if part and adds_up(line):
            yield part
            part = ""
        part += line
    yield part


@functools.cache
def _splitter(pieces: str) -> Callable[[str], list[str]]:
    import regex  # type: ignore[import-untyped]  # 20 ms, which a map in plain text never pays

    split: Callable[[str], list[str]] = regex.compile(pieces).findall
    return split


def _without_surrogates(text: str) -> str:
    """The text as tiktoken reads it: pairs of surrogates joined, lone ones replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _to_bytes(text: str) -> bytes:
    return _without_surrogates(text).encode()


class _Vocabulary:
    """tiktoken's text form of a vocabulary, looked up in place.

    A line holds a token in base64, a space, and the token's rank, which is the number of the line.
    The lines are sorted into buckets by a hash of the base64: of its length and of its first four,
    middle four and last four characters.
    """

    __slots__ = ("_bucket_start", "_by_bucket", "_line_start", "_lines", "longest")

    def __init__(self, lines: bytes) -> None:
        import numpy as np  # by now a map has loaded it

        text = np.frombuffer(lines, np.uint8)
        ends = np.flatnonzero(text == ord("\n"))
        starts = np.concatenate([np.zeros(1, np.int64), ends[:-1] + 1])
        sizes = ends - starts - len(" 0")
        for power in range(1, len(str(len(starts) - 1))):
            sizes[10**power :] -= 1  # by the digits of the rank
        fours = np.ndarray((len(lines) - 3,), "<u4", lines, strides=(1,))
        places = (starts, starts + sizes // 8 * 4, starts + sizes - 4)
        parts = (*(fours[place].astype(np.uint64) for place in places), sizes.astype(np.uint64))
        mixed = np.zeros(len(starts), np.uint64)
        for part, factor in zip(parts, _FACTORS, strict=True):
            mixed += part * np.uint64(factor)
        bucket = (mixed >> np.uint64(64 - BUCKET_BITS)).astype(np.uint16)
        ends_of_buckets = np.cumsum(np.bincount(bucket, minlength=1 << BUCKET_BITS))
        self.longest = int(sizes.max()) // 4 * 3
        self._lines = lines
        self._line_start = starts.data
        self._by_bucket = np.argsort(bucket, kind="stable").data
        self._bucket_start = np.concatenate([np.zeros(1, np.int64), ends_of_buckets]).data

    def rank(self, piece: bytes) -> int:
        """The rank of a token, or -1 where the vocabulary does not hold it."""
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
    return (mixed >> (64 - BUCKET_BITS)) & ((1 << BUCKET_BITS) - 1)


def _count_piece(vocabulary: _Vocabulary, piece: bytes) -> int:
    """Tokens of one piece by byte pair encoding: the pair of lowest rank, leftmost first, is merged.

    `following[i]` is where the token after the one at `i` begins, 0 where no token begins at `i`.
    A heap keeps a piece of a megabyte near linear.
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
    """litellm's copy of a vocabulary, or None where there is none that is exactly as it should be."""
    found = find_spec("litellm")
    for folder in (found.submodule_search_locations or ()) if found else ():
        try:
            lines = Path(folder, "litellm_core_utils", "tokenizers", encoding.file).read_bytes()
        except OSError:
            continue
        if blake2b(lines, digest_size=20).hexdigest() == encoding.digest:
            return lines
    return None
