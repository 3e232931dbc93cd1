"""Text of unknown origin → text that is safe on one line of a terminal.

A file's name or content may hold control sequences that move the cursor, marks that reverse the
order of writing, and characters that nobody sees.
"""

import re

_CONTROL = r"\x00-\x1f\x7f-\x9f"
HIDING_CHARS = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\U000e0000-\U000e007f"
"""For a class of a regular expression: marks that show text in another order than it has, and tags."""
ZERO_WIDTH_CHARS = r"\u200b-\u200d\u2028\u2029\u2060-\u2065"
"""Likewise: what takes no room on a line or breaks it; whole texts may need it to join emoji."""
_SURROGATES = r"\ud800-\udfff"
_UNPRINTABLE = re.compile(f"[{_CONTROL}{HIDING_CHARS}{ZERO_WIDTH_CHARS}{_SURROGATES}]")
_INVISIBLE = frozenset(map(chr, (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0))) | frozenset(
    map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
)
"""Letters, marks and symbols that Python takes for printable and that nobody sees."""
_UNPRINTABLE_BUT_TAB = re.compile(rf"(?!\t){_UNPRINTABLE.pattern}")


def printable(text: str) -> str:
    r"""Replace what moves the cursor, hides or breaks the line by U+FFFD, one for one.

    For names and code in a map or an answer, where escapes would cost tokens.

    >>> printable("a\x1b[2Jb\n")
    'a\ufffd[2Jb\ufffd'
    """
    return _UNPRINTABLE.sub("\ufffd", text)


def printable_code(line: str) -> str:
    r"""Replace the same in a line of source, except for tabs.

    >>> printable_code("\tx = '\u202e'")
    "\tx = '\ufffd'"
    """
    return _UNPRINTABLE_BUT_TAB.sub("\ufffd", line)


def escaped(text: str) -> str:
    r"""Write everything unprintable as an escape, so that what is shown is all there is.

    For messages and wherever a person agrees to what is shown. Undecodable bytes are shown, too.

    >>> print(escaped("a\x1b[2Jb\udcff é"))
    a\x1b[2Jb\udcff é
    """
    return "".join(char if _is_seen(char) else ascii(char)[1:-1] for char in text)


def escaped_text(text: str) -> str:
    r"""Write the same as an escape in a text of several lines; tabs and the ends of its lines stay.

    >>> escaped_text("one\r\n\ttwo\u202e")
    'one\n\ttwo\\u202e'
    """
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(map(escaped, line.split("\t"))) for line in lines)


def hides_something(text: str) -> bool:
    r"""Whether a text of any number of lines holds what a person would not see, or not where it stands.

    >>> hides_something("ls -l\n"), hides_something("safe \x1b]; touch x; \x07")
    (False, True)
    """
    return escaped_text(text) != text


def _is_seen(char: str) -> bool:
    return char.isprintable() and char not in _INVISIBLE


def escaped_lines(output: bytes) -> str:
    r"""Decode what a program wrote and escape each line; blank lines at its ends go.

    >>> print(escaped_lines(b"\n\tone\ntwo\x07\n"))
    one
    two\x07
    """
    lines = (escaped(line.expandtabs()) for line in output.decode("utf-8", "replace").splitlines())
    return "\n".join(lines).strip()
