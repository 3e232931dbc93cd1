"""Bytes of a file ⇄ lines with their ends, without loss in any encoding or newline style.

An edit leaves every byte outside its place alone, so decoding never repairs anything: what cannot be
decoded is carried through as it is.
"""

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from edits.model import FileText

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_MARKED = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),
)
"""Mark, the encoding that demands it, and the one that writes the text behind it."""
_LINE = re.compile(r"([^\r\n]*(?:\r(?!\n)[^\r\n]*)*)(\r\n|\n|\Z)")
_STRAY_SHARE = 0.1
"""How much of a UTF-8 text beyond ASCII may be bytes of another encoding."""
_STATEFUL = ("iso2022", "hz", "utf_7", "utf_16", "utf_32")
"""Encodings that write text beyond ASCII in ASCII bytes, so that it could be taken for UTF-8."""


def decode(data: bytes, encoding: str | None = None) -> FileText:
    r"""The text of a file's bytes; `encode` gives the same bytes back.

    `encoding` is what is known of bytes without a mark of their own; it counts where it can decode
    them without loss. Otherwise UTF-8 is tried, and where nothing fits the text is not `certain`.

    >>> decode(b"caf\xe9\n", "cp1252").lines
    ('café',)
    >>> decode(b"caf\xe9\n").certain
    False
    """
    for bom, name in _BOMS:
        if data.startswith(bom):
            text = _lossless(data[len(bom) :], name)
            if text is not None:
                return from_text(text, name, bom)
    wide = _wide(data) if encoding is None or not _hides_in_ascii(encoding) else None
    if wide is not None:
        return from_text(data.decode(wide), wide)
    if encoding is not None and (not is_utf8(data) or _hides_in_ascii(encoding)):
        text = _lossless(data, encoding)
        if text is not None:
            return from_text(text, encoding)
    if is_utf8(data):
        return from_text(data.decode(), _ascii_encoding(data, encoding))
    kept = data.decode("utf-8", "surrogateescape")
    if _is_mostly_utf8(kept):
        return from_text(kept)
    return replace(from_text(data.decode("latin-1"), "latin-1"), certain=False)


def encode(file: FileText) -> bytes:
    """The bytes of a text. Raises UnicodeEncodeError where its encoding lacks a character."""
    text = "".join(line + end for line, end in zip(file.lines, file.ends, strict=True))
    errors = "surrogateescape" if file.encoding == "utf-8" else "strict"
    return file.bom + text.encode(file.encoding, errors)


def as_utf8(file: FileText) -> bytes:
    """A text as UTF-8 without a mark, for readers that know no other encoding."""
    return encode(replace(file, encoding="utf-8", bom=b""))


def without_text(encoding: str | None = None) -> FileText:
    r"""An empty text in an encoding, with the mark that new files in it begin with.

    >>> encode(replace(without_text("utf-16"), lines=("a",), ends=("",)))
    b'\xff\xfea\x00'
    """
    try:
        name = codecs.lookup(encoding or "utf-8").name
    except LookupError:
        name = "utf-8"
    for bom, marked, plain in _MARKED:
        if name == marked:
            return FileText((), (), plain, bom)
    return FileText((), (), name)


def needs_encoding(data: bytes, new: str = "") -> bool:
    r"""Whether bytes leave open what text beyond ASCII they hold, or how new text is written there.

    >>> needs_encoding("é".encode()), needs_encoding(b"e"), needs_encoding(b"e", "é"), needs_encoding(b"\xe9")
    (False, False, True, True)
    """
    if any(data.startswith(bom) for bom, _ in _BOMS):
        return False
    if data.isascii():
        return not new.isascii() or b"\x1b" in data  # ISO-2022 writes all its text in ASCII bytes
    return not is_utf8(data)


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8 throughout."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def from_text(text: str, encoding: str = "utf-8", bom: bytes = b"") -> FileText:
    r"""Split at `\n` and `\r\n`, as git counts lines; at `\r` where a text has nothing else."""
    if "\r" in text and "\n" in text:
        pairs = [match.groups() for match in _LINE.finditer(text) if match.end() > match.start()]
        lines, ends = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    else:
        end = "\r" if "\r" in text else "\n"
        lines = text.split(end)
        ends = [end] * (len(lines) - 1) + [""]
        if not lines[-1]:
            lines.pop()
            ends.pop()
    return FileText(tuple(lines), tuple(ends), encoding, bom)


def common_end(ends: Sequence[str]) -> str:
    """The line end that most lines have; LF where there is none."""
    counted = Counter(end for end in ends if end)
    return counted.most_common(1)[0][0] if counted else "\n"


def _lossless(data: bytes, encoding: str) -> str | None:
    """The text of bytes that come back from it unchanged, or None."""
    errors = "surrogateescape" if encoding == "utf-8" else "strict"
    try:
        text = data.decode(encoding, errors)
        return text if text.encode(encoding, errors) == data else None
    except (UnicodeError, LookupError):
        return None


def _hides_in_ascii(encoding: str) -> bool:
    try:
        name = codecs.lookup(encoding).name.replace("-", "_")
    except LookupError:
        return False
    return name.startswith(_STATEFUL)


def _ascii_encoding(data: bytes, encoding: str | None) -> str:
    """What text beyond ASCII is to be written with in a file that has none yet."""
    return encoding if encoding is not None and data.isascii() and _lossless(data, encoding) else "utf-8"


def _is_mostly_utf8(text: str) -> bool:
    """Whether a text with stray bytes is UTF-8 otherwise, so that they must not decide for another."""
    beyond = [char for char in text if char > "\x7f"]
    stray = sum("\udc80" <= char <= "\udcff" for char in beyond)
    return stray <= _STRAY_SHARE * len(beyond)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of a mostly Latin text is zero."""
    if len(data) < 4 or len(data) % 2 or b"\x00" not in data:
        return None
    for encoding, zeros in (("utf-16-le", data[1::2]), ("utf-16-be", data[0::2])):
        others = data[0::2] if encoding == "utf-16-le" else data[1::2]
        if zeros.count(0) * 2 > len(zeros) and not others.count(0) and _lossless(data, encoding) is not None:
            return encoding
    return None
