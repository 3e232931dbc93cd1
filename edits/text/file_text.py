"""Bytes of a file ⇄ lines with their ends, without loss in any encoding or newline style.

An edit has to leave every byte outside its span alone, so decoding never repairs anything: what
cannot be decoded is carried through as it is.
"""

import re
from collections import Counter
from collections.abc import Sequence

from edits.model import FileText

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_LINE = re.compile(r"([^\r\n]*(?:\r(?!\n)[^\r\n]*)*)(\r\n|\n|\Z)")


def decode(data: bytes) -> FileText:
    """The text of a file's bytes; `encode` gives the same bytes back."""
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            text = _lossless(data[len(bom) :], encoding)
            if text is not None:
                return from_text(text, encoding, bom)
    encoding = _guess(data)
    return from_text(data.decode(encoding, "surrogateescape"), encoding)


def encode(file: FileText) -> bytes:
    """The bytes of a text. Raises UnicodeEncodeError where its encoding lacks a character."""
    text = "".join(line + end for line, end in zip(file.lines, file.ends, strict=True))
    errors = "surrogateescape" if file.encoding == "utf-8" else "strict"
    return file.bom + text.encode(file.encoding, errors)


def from_text(text: str, encoding: str = "utf-8", bom: bytes = b"") -> FileText:
    r"""Split at `\n` and `\r\n`, as git counts lines; at `\r` where a text has nothing else."""
    if "\r" not in text:
        lines = text.split("\n")
        ends = ["\n"] * (len(lines) - 1) + [""]
        if not lines[-1]:
            lines.pop()
            ends.pop()
    elif "\n" not in text:
        lines = text.split("\r")
        ends = ["\r"] * (len(lines) - 1) + [""]
        if not lines[-1]:
            lines.pop()
            ends.pop()
    else:
        pairs = [match.groups() for match in _LINE.finditer(text) if match.end() > match.start()]
        lines, ends = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return FileText(tuple(lines), tuple(ends), encoding, bom)


def common_end(ends: Sequence[str], default: str = "\n") -> str:
    """The line end that most lines have."""
    counted = Counter(end for end in ends if end)
    return counted.most_common(1)[0][0] if counted else default


def _lossless(data: bytes, encoding: str) -> str | None:
    try:
        text = data.decode(encoding, "surrogateescape" if encoding == "utf-8" else "strict")
    except UnicodeDecodeError:
        return None
    return text


def _guess(data: bytes) -> str:
    """The encoding of bytes without a mark; the one chosen can decode them without loss."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        # stray bytes in a text that is UTF-8 otherwise must not turn its letters into pairs
        kept = data.decode("utf-8", "surrogateescape")
        valid = any(char > "\x7f" and not "\udc80" <= char <= "\udcff" for char in kept)
        return "utf-8" if valid else "latin-1"
    return _wide(data) or "utf-8"


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of a mostly Latin text is zero."""
    if len(data) < 4 or len(data) % 2 or b"\x00" not in data:
        return None
    for encoding, zeros in (("utf-16-le", data[1::2]), ("utf-16-be", data[0::2])):
        others = data[0::2] if encoding == "utf-16-le" else data[1::2]
        if zeros.count(0) * 2 > len(zeros) and not others.count(0) and _lossless(data, encoding) is not None:
            return encoding
    return None
