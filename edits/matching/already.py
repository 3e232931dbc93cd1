"""Whether a file is as an edit wants it already, so that there is nothing to do.

A reply may be applied twice, or answer a file that has changed since. Its SEARCH may then be gone,
replaced by what the edit brings, or stand inside it:

    file                SEARCH       REPLACE
    import os           import os    import os
    import re                        import re

To insert `import re` once more would double it.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from edits.matching.placement import Placement, Span
from edits.matching.strategies import find_places
from edits.model import Reading
from edits.text.compare import compare
from edits.text.line_index import LineIndex
from edits.text.normalize import FOLDED, TRAILING, blank, indent, key, substance

_SUBSTANCE = 8
"""Letters and digits that lines need before they count as the result of an edit."""
_ALIKE = 0.6
"""How much of a short line an edit leaves as it is, if its result is to be recognised."""


def result_span(index: LineIndex, readings: Sequence[Reading], levels: Sequence[int]) -> Span | None:
    """The one place of the REPLACE part, for a SEARCH that stands nowhere; None where it proves nothing.

    `levels` are the levels of `normalize` at which lines may agree, tried in this order.
    """
    for reading in readings:
        lines = reading.replace
        tells = substance(lines) >= _SUBSTANCE or _is_variation(reading)
        if not tells or not (added_lines(reading) or _bridges(reading)):
            continue
        for level in levels:
            starts = index.find(lines, level)
            if len(starts) == 1 and _one_depth(index, lines, starts[0]):
                return starts[0], starts[0] + len(lines)
            if starts:
                break
    return None


def _is_variation(reading: Reading) -> bool:
    """Whether an edit changes one short line a little: `x = 1` to `x = 2`.

    Where the old line is gone and the new one stands once, the new one can only be its result.
    """
    search, lines = reading.search, reading.replace
    if len(search) != 1 or len(lines) != 1 or not substance(lines) or indent(search[0]) != indent(lines[0]):
        return False
    return SequenceMatcher(None, search[0], lines[0], autojunk=False).ratio() >= _ALIKE


def added_lines(reading: Reading) -> list[str]:
    """The lines with text that an edit brings."""
    return [line for line in reading.replace if line not in reading.search and not blank(line)]


def _bridges(reading: Reading) -> bool:
    """Whether an edit only deletes, from between other lines, and leaves most of its SEARCH.

    Example: `a`, `b`, `c`, `d` becomes `a`, `c`, `d`. A file with `a`, `c`, `d` is its result; a file
    with `a` alone need never have held the rest.
    """
    deleted = 0
    for tag, i1, i2, j1, _ in compare(reading.search, reading.replace):
        if tag != "equal":
            deleted += sum(not blank(line) for line in reading.search[i1:i2])
            if j1 in (0, len(reading.replace)):
                return False
    return max(deleted, 2) <= sum(not blank(line) for line in reading.replace)


def _one_depth(index: LineIndex, lines: tuple[str, ...], start: int) -> bool:
    """Whether lines stand at their indentation, or all of them shifted alike."""
    shifts = {
        len(indent(index.lines[start + offset])) - len(indent(line))
        for offset, line in enumerate(lines)
        if not blank(line)
    }
    return len(shifts) == 1


def covered(index: LineIndex, reading: Reading, place: Placement) -> bool:
    """Whether the place of a literal SEARCH lies inside the REPLACE text, which is there already."""
    search, replace = reading.search, reading.replace
    size = len(search)
    if len(replace) <= size or size == 0:
        return False
    return any(
        replace[offset : offset + size] == search and _stands(index, replace, place.start - offset)
        for offset in range(len(replace) - size + 1)
    )


def doubles(index: LineIndex, place: Placement, rows: Span, lines: tuple[str, ...]) -> bool:
    """Whether lines to insert at the edge of a place (`rows` is empty) stand there already."""
    start, end = rows
    if start != end or not lines:
        return False
    if start == place.end and _stands(index, lines, start):
        return True
    return start == place.start and _stands(index, lines, start - len(lines))


def _stands(index: LineIndex, lines: tuple[str, ...], start: int) -> bool:
    if start < 0 or start + len(lines) > len(index.lines):
        return False
    there = index.lines[start : start + len(lines)]
    return all(a.rstrip() == b.rstrip() for a, b in zip(there, lines, strict=True))


def overlaid(index: LineIndex, reading: Reading, place: Placement) -> bool:
    """Whether the REPLACE text stands where a loose strategy finds the SEARCH.

    Example: SEARCH `f(1)` became `f( 1 )`. The file has the latter, where `spelling` finds the former.
    """
    search, replace = reading.search, reading.replace
    filled = [[line for line in part if not blank(line)] for part in (search, replace)]
    if added_lines(reading) or filled[0] == filled[1]:
        starts = index.find(replace, TRAILING)
        if any(place.overlaps((start, start + len(replace))) for start in starts):
            return True
    quoted = {line.strip() for line in search}
    new = [row for row, line in enumerate(replace) if not blank(line) and line.strip() not in quoted]
    if not new:
        return False
    _, results = find_places(index, replace, frozenset(new))
    return any(
        all(
            _joins(index, replace, result, place, row)
            and index.lines[result.spans[row][0]].strip() not in quoted  # it is as before the edit
            for row in new
        )
        for result in results
    )


def _joins(index: LineIndex, replace: tuple[str, ...], result: Placement, place: Placement, row: int) -> bool:
    """Whether a new line stands, indentation aside, in one run with lines of the SEARCH."""
    rows = {first for first, last in result.spans if last - first == 1}
    quoted = {first for first, last in place.spans if last - first == 1}
    first, last = result.spans[row]
    if last - first != 1 or key(index.lines[first], FOLDED) != key(replace[row], FOLDED):
        return False
    low = high = first
    while low - 1 in rows:
        low -= 1
    while high + 1 in rows:
        high += 1
    return any(number in quoted for number in range(low, high + 1))
