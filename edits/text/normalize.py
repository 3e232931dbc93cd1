"""Line → key: the ladder of what two lines may differ in and still be the same line.

Each level forgets one kind of difference that never carries meaning enough to tell two places of
a file apart: the places that a level finds are still required to be one.
"""

import re
import unicodedata

_TWINS = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a", " "),
    **dict.fromkeys("\u202f\u205f\u3000", " "),
    "\u2026": "...",
}
_INVISIBLE = dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f", "")
_TABLE = str.maketrans(_TWINS | _INVISIBLE)
_GONE = str.maketrans(_INVISIBLE)
_SPACE = str.maketrans({char: twin for char, twin in _TWINS.items() if twin == " "} | _INVISIBLE)
_QUOTES = str.maketrans({'"': "'", "`": "'"})
_SPACES = re.compile(r"\s+")
_COMMENT = re.compile(
    r"\s*(#(?!\[|!\[|include|define|if|el|end|undef|pragma)|//|/\*|\*(?!\w)|\*/|--\s|<!--|;;|%\s|\.\. )"
)

RAW, TRAILING, STRIPPED, FOLDED, LOOSE = range(5)


def visible(line: str) -> str:
    """The line without characters that nobody sees."""
    return line if line.isascii() else line.translate(_GONE)


def plain_space(line: str) -> str:
    """The line without invisible characters, every kind of space in it an ordinary one."""
    return line if line.isascii() else line.translate(_SPACE)


def fold(line: str) -> str:
    """The line with typographic twins of ASCII characters as ASCII, in one Unicode form."""
    return line if line.isascii() else unicodedata.normalize("NFC", line).translate(_TABLE)


def key(line: str, level: int) -> str:
    """What is left of a line at a level; equal keys are the same line there."""
    if level == RAW:
        return line
    if level == TRAILING:
        return line.rstrip()
    if level == STRIPPED:
        return line.strip()
    folded = fold(line).strip()
    if level == FOLDED:
        return folded
    return _SPACES.sub("", folded).translate(_QUOTES).rstrip(",;")


def indent(line: str) -> str:
    """The white space before the text; "" for a blank line."""
    text = line.lstrip()
    return line[: len(line) - len(text)] if text else ""


def blank(line: str) -> bool:
    """Whether a line shows nothing."""
    return not fold(line).strip()


def is_comment(line: str) -> bool:
    """Whether a line reads like a comment in one of the usual languages."""
    return bool(_COMMENT.match(line))


def substance(lines: tuple[str, ...]) -> int:
    """How many letters and digits lines hold: braces alone do not identify a place."""
    return sum(map(str.isalnum, "".join(lines)))
