"""Makes text from a repository safe to print: paths, names and signatures may hold anything."""

import re

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")


def printable(text: str) -> str:
    r"""Replace every character that could move a cursor, hide text or break the line.

    >>> printable("a\x1b[31mb\u202ec\n")
    'a�[31mb�c�'
    """
    return _UNPRINTABLE.sub("\ufffd", text)
