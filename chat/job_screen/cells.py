"""Text → text of a number of columns, as a terminal counts them: wide characters take two. Pure."""

from collections.abc import Iterator

_TAB = "    "


def width(text: str) -> int:
    """Return how many columns a text takes."""
    from prompt_toolkit.utils import get_cwidth

    return get_cwidth(text)


def cut(text: str, columns: int) -> str:
    """Cut a line to at most ``columns``, an ellipsis included.

    >>> cut("abcdef", 4), cut("測試測試", 5), cut("abc", 0)
    ('abc…', '測試…', '')
    """
    if width(text) <= columns:
        return text
    if columns < 1:
        return ""
    return f"{_head(text, columns - 1)}…"


def fitted(text: str, columns: int, *, at_right: bool = False) -> str:
    """Cut or fill a line to exactly ``columns``.

    >>> fitted("測試", 6), fitted("12", 4, at_right=True)
    ('測試  ', '  12')
    """
    line = cut(text, columns)
    blanks = " " * max(0, columns - width(line))
    return blanks + line if at_right else line + blanks


def wrapped(line: str, columns: int) -> list[str]:
    """Break a line into pieces of at most ``columns``, between words where that is possible.

    >>> wrapped("one two three", 8), wrapped("測試測試", 4), wrapped("", 8)
    (['one two', 'three'], ['測試', '測試'], [''])
    """
    return list(_pieces(line.replace("\t", _TAB), max(2, columns))) or [""]


def _pieces(line: str, columns: int) -> Iterator[str]:
    while width(line) > columns:
        head = _head(line, columns)
        blank = head.rfind(" ") if not line[len(head)].isspace() else len(head)
        end = blank if blank > len(head) // 2 else len(head)
        yield line[:end].rstrip()
        line = line[end:].lstrip(" ")
    if line:
        yield line


def _head(text: str, columns: int) -> str:
    """Return the longest beginning of a text that takes no more columns."""
    taken = 0
    for place, char in enumerate(text):
        taken += width(char)
        if taken > columns:
            return text[:place]
    return text
