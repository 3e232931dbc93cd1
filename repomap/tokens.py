"""Turns a text into the number of tokens a model reads it as, without tiktoken's half second.

The budget of a map binds the very text that is returned, so its tokens are counted exactly. The
vocabulary is the file that litellm carries for tiktoken, laid out once as a hash table in the
user's cache folder and looked up there, so there is nothing to load but its bytes. Neither litellm
nor tiktoken is ever imported.
"""

import functools
import heapq
import io
import os
import re
import sys
from array import array
from binascii import Error as NoBase64
from binascii import a2b_base64
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import blake2b
from importlib.util import find_spec
from itertools import accumulate
from math import ceil
from pathlib import Path
from zlib import crc32

from repomap.errors import BadRequest

CHAINS = 1 << 18
"""Of the hash table: a power of two, more than the largest vocabulary has tokens."""
MOST_TOKENS = 1 << 20
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
    """BLAKE2b of the table made from it: neither a wrong vocabulary nor a changed table is used."""
    pieces: str
    plain_pieces: str = ""
    """The same rule for `PLAIN_TEXT` in the terms of `re`; empty where there is none."""


O200K = Encoding(
    "o200k_base",
    "fb374d419588a4632f3f557e76b4b70aebbca790",
    "debdb9d9e2420bf819a49c2313e8fe5190094ed8",
    O200K_PIECES,
    PLAIN_PIECES,
)
CL100K = Encoding(
    "cl100k_base",
    "9b5ad71b2ce5302211f9c61530b329a4922fc6a4",
    "5a11eb6963851a443f50f92192744b8498a0fa62",
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
    table = _read_table(encoding) or _make_table(encoding)
    if table is None:
        return upper_bound
    tokens_of = _Counts(functools.partial(_count_piece, _Vocabulary(table))).__getitem__
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
    """A table read in place: chains of tokens by their CRC-32, where each token begins, all their bytes.

    A token's rank is its place. A chain begins with 1 + the rank of its first token, each token
    has 1 + the rank of the next, and 0 ends it.
    """

    __slots__ = ("_chains", "_following", "_starts", "_tokens", "longest")

    def __init__(self, table: bytes) -> None:
        size = int.from_bytes(table[:4], "little")
        self.longest = int.from_bytes(table[4:8], "little")
        chains_end = 8 + 4 * CHAINS
        following_end = chains_end + 4 * size
        starts_end = following_end + 4 * (size + 1)
        self._chains = _integers(table[8:chains_end])
        self._following = _integers(table[chains_end:following_end])
        self._starts = _integers(table[following_end:starts_end])
        self._tokens = table[starts_end:]

    def rank(self, piece: bytes) -> int:
        """The rank of a token, or -1 where the vocabulary does not hold it."""
        starts, tokens = self._starts, self._tokens
        place = self._chains[crc32(piece) & (CHAINS - 1)]
        while place:
            if tokens[starts[place - 1] : starts[place]] == piece:
                return place - 1
            place = self._following[place - 1]
        return -1


def _integers(raw: bytes) -> "array[int]":
    numbers = array("i", raw)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


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


def _table_path(encoding: Encoding) -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("trigpoint", appauthor=False) / f"{encoding.name}.table"


def _read_table(encoding: Encoding) -> bytes | None:
    """The table kept in the cache folder, or None where there is none that is exactly as it was made."""
    try:
        path = _table_path(encoding)
        table = path.read_bytes() if path.is_file() else b""
    except OSError:
        return None
    return table if _digest(table) == encoding.digest else None


def _digest(table: bytes) -> str:
    return blake2b(table, digest_size=20).hexdigest()


def _make_table(encoding: Encoding) -> bytes | None:
    """The table made from litellm's copy of the vocabulary, and kept; None where that is not there."""
    found = find_spec("litellm")
    for folder in (found.submodule_search_locations or ()) if found else ():
        try:
            raw = Path(folder, "litellm_core_utils", "tokenizers", encoding.file).read_bytes()
            table = _lay_out(raw)
        except (OSError, NoBase64, ValueError):
            continue
        if _digest(table) == encoding.digest:
            with suppress(OSError):
                _keep(_table_path(encoding), table)
            return table
    return None


def _lay_out(vocabulary: bytes) -> bytes:
    """tiktoken's text form of a vocabulary, lines of base64 and rank in order of rank, as a table."""
    tokens = list(map(a2b_base64, vocabulary.split()[::2]))
    if not 0 < len(tokens) <= MOST_TOKENS:
        raise ValueError(f"a vocabulary of {len(tokens)} tokens")
    chains, following = [0] * CHAINS, []
    for place, chain in enumerate(map((CHAINS - 1).__and__, map(crc32, tokens)), 1):
        following.append(chains[chain])
        chains[chain] = place
    sizes = list(map(len, tokens))
    columns = array("i", [len(tokens), max(sizes), *chains, *following, *accumulate(sizes, initial=0)])
    if sys.byteorder == "big":
        columns.byteswap()
    return b"".join((columns.tobytes(), *tokens))


def _keep(path: Path, table: bytes) -> None:
    """Writes a table so that a reader sees the whole of it or none."""
    import tempfile  # only when a table is made, once for each user

    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with open(handle, "wb") as file:
            file.write(table)
        os.replace(temporary, path)
    except OSError:
        os.unlink(temporary)
        raise
