"""What blank lines mean where a SEARCH leaves out those of the file.

A model that quotes code without its blank lines may write the new lines the same way, or with the
blank lines they are to have:

    file        SEARCH      REPLACE
    a           a           a
                b           b
    b                       c

Nothing tells whether `c` is to stand right below `b`; where that matters, the edit is refused.
"""

import itertools
from collections.abc import Sequence
from enum import Enum

from edits.matching.placement import Placement, Span
from edits.text.compare import Opcode
from edits.text.line_index import LineIndex
from edits.text.normalize import blank


class Spacing(Enum):
    """What the blank lines of a REPLACE mean where the SEARCH left out those of the file."""

    WRITTEN = "the REPLACE part has them as they are to be"
    LEFT_OUT = "the REPLACE part leaves them out too"
    ONLY = "nothing else changes, so they may be what the edit is about"
    UNKNOWN = "nothing tells"


def spacing_of(
    index: LineIndex, codes: Sequence[Opcode], replace: tuple[str, ...], place: Placement
) -> Spacing:
    """Judge by the lines where nothing else changes: their blank lines are back there, or are not."""
    meaning = _judged(index, codes, replace, place)
    if meaning is Spacing.UNKNOWN and sum(tag != "equal" for tag, *_ in codes) == 1:
        return Spacing.ONLY
    return meaning


def _judged(index: LineIndex, codes: Sequence[Opcode], replace: tuple[str, ...], place: Placement) -> Spacing:
    spans = place.spans
    if spans[-1][1] - spans[0][0] == len(spans):
        return Spacing.UNKNOWN
    gaps = {
        number
        for number in range(1, len(spans))
        if spans[number - 1][1] < spans[number][0]
        and all(map(blank, index.lines[spans[number - 1][1] : spans[number][0]]))
    }
    back = {i1 for tag, i1, _, j1, j2 in codes if tag == "insert" and all(map(blank, replace[j1:j2]))}
    for tag, i1, i2, j1, j2 in codes:
        if tag == "replace":
            back |= {i1} if blank(replace[j1]) else set()
            back |= {i2} if blank(replace[j2 - 1]) else set()
    out = {number for tag, i1, i2, _, _ in codes if tag == "equal" for number in range(i1 + 1, i2)}
    written, left_out = bool(gaps & back), bool(gaps & out)
    if written == left_out:
        return Spacing.UNKNOWN
    return Spacing.WRITTEN if written else Spacing.LEFT_OUT


def with_blank_edges(
    index: LineIndex,
    spans: Sequence[Span],
    lines: Span,
    rows: Span,
    new: tuple[str, ...],
    spacing: Spacing,
) -> Span:
    """The rows that new lines replace, with the blank lines beside them that they bring themselves.

    `lines` are the SEARCH lines that are replaced, `rows` the rows of the file that these cover.
    """
    (i1, i2), (start, end) = lines, rows
    above = spans[i1 - 1][1] if i1 else start
    below = spans[i2][0] if i2 < len(spans) else end
    is_written = spacing is Spacing.WRITTEN
    if all(map(blank, index.lines[above:start])) and (blank(new[0]) if new else is_written):
        start = above
    if all(map(blank, index.lines[end:below])) and (blank(new[-1]) if new else is_written):
        end = below
    return start, end


def with_outer_blanks(
    index: LineIndex,
    place: Placement,
    code: Opcode,
    replace: tuple[str, ...],
    rows: Span,
    spacing: Spacing,
) -> Span | None:
    """The rows that new lines at the edge of an edit replace; None where that is uncertain.

    A blank line at their own edge may be one that the file has there and the SEARCH left out. With
    other changes in the edit nothing decides, unless the edit shows elsewhere that it leaves blank
    lines out; lines that are all of the edit are what it is about.
    """
    _, i1, i2, j1, j2 = code
    new, (start, end) = replace[j1:j2], rows
    if not new or not (blank(new[0]) or blank(new[-1])):
        return rows
    above = _common_blanks(index.lines[max(0, start - len(new)) : start][::-1], new) if i1 == 0 else 0
    at_end = i2 == len(place.spans)
    below = _common_blanks(index.lines[end : end + len(new)], new[::-1]) if at_end else 0
    if spacing in (Spacing.LEFT_OUT, Spacing.ONLY) or not (above or below):
        return rows
    if spacing is not Spacing.WRITTEN:
        return None
    return start - above, end + below


def _common_blanks(lines: Sequence[str], new: Sequence[str]) -> int:
    """How many blank lines both begin with."""
    pairs = itertools.takewhile(lambda pair: blank(pair[0]) and blank(pair[1]), zip(lines, new, strict=False))
    return sum(1 for _ in pairs)


def into_gap(
    index: LineIndex, new: tuple[str, ...], start: int, following: int, spacing: Spacing
) -> Span | None:
    """The rows that lines put into a gap of omitted lines replace, if only one result makes sense."""
    gap = index.lines[start:following]
    is_spaced = all(map(blank, gap)) and bool(new) and (blank(new[0]) or blank(new[-1]))
    if is_spaced and (spacing is Spacing.WRITTEN or (blank(new[0]) and blank(new[-1]))):
        return start, following
    row = _row_in_gap(index, new, start, following)
    if row is None or not is_spaced or spacing is Spacing.LEFT_OUT:
        return None if row is None else (row, row)
    return None


def _row_in_gap(index: LineIndex, new: tuple[str, ...], start: int, following: int) -> int | None:
    """The only row of a gap where new lines make sense; None where there are several.

    New lines with a blank line at one end go where it is not doubled, and where no comment is torn
    from the line below it.
    """
    gap = index.lines[start:following]
    if (*new, *gap) == (*gap, *new):
        return start
    if not new or blank(new[0]) == blank(new[-1]):
        return None
    if not all(blank(line) for line in gap) and not (blank(new[-1]) and not blank(gap[-1])):
        return None
    fitting = [row for row in range(start, following + 1) if _fits(index, new, row, following)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(index: LineIndex, new: tuple[str, ...], row: int, following: int) -> bool:
    """Whether lines put above a row neither double a blank line nor follow a comment directly."""
    above = index.lines[row - 1] if row else ""
    below = index.lines[row] if row < len(index.lines) else ""
    is_doubled = (blank(above) and blank(new[0])) or (blank(below) and blank(new[-1]))
    is_glued = not blank(above) and not blank(new[0])
    return not is_doubled and not (is_glued and (row == following or blank(new[-1])))
