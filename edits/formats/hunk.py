"""The body of a diff hunk, lines with ` `, `-` and `+` in front → readings of it.

Models lose the space in front of context lines, so a hunk without it gets a second reading.
"""

from collections.abc import Sequence

from edits.model import Reading


def read_hunk(body: Sequence[str]) -> tuple[Reading, ...]:
    """The readings of a hunk's lines; () where they hold no text at all."""
    marked = [_marked(line) for line in body]
    while marked and marked[-1] == ("", ""):
        marked.pop()
    while marked and marked[0] == ("", ""):
        marked.pop(0)
    if not marked:
        return ()
    readings = [_reading([(mark or " ", text) for mark, text in marked])]
    bare = [(mark, f"{mark}{text}") if mark == " " else (mark, text) for mark, text in marked]
    literal = _reading([(mark if mark in "+-" and mark else " ", text) for mark, text in bare])
    if literal not in readings:
        readings.append(literal)
    return tuple(readings)


def _marked(line: str) -> tuple[str, str]:
    """(mark, text); a line without any mark is context that lost it."""
    return (line[0], line[1:]) if line[:1] in (" ", "-", "+") and line else ("", line)


def _reading(marked: Sequence[tuple[str, str]]) -> Reading:
    search = tuple(text for mark, text in marked if mark in " -")
    replace = tuple(text for mark, text in marked if mark in " +")
    return Reading(search, replace)


def counts(body: Sequence[str]) -> tuple[int, int]:
    """How many lines a hunk has before and after."""
    before = sum(line[:1] != "+" for line in body)
    after = sum(line[:1] != "-" for line in body)
    return before, after
