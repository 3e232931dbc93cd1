"""Which line of a block is the divider, where several could be.

Example: a block that changes a heading of a reStructuredText file holds `=======` three times between its markers:

    Install
    =======
    =======
    Set up
    =======

The parser gives one reading for each divider. The other lines are then text, and in a REPLACE part
they have to look like it, as the rule under `Set up` does.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from edits.model import Reading, Replace
from edits.text.line_index import LineIndex
from edits.text.normalize import TRAILING, blank

_RULE = re.compile(r"\s*={3,12}\s*\Z")


def plausible_readings(index: LineIndex, change: Replace) -> tuple[Reading, ...]:
    """The readings of a block that have lines to look for and whose divider can be one."""
    filled = [_without_double_end(index, reading) for reading in change.readings if has_text(reading.search)]
    if len(change.readings) == 1:
        return tuple(filled)
    return tuple(
        reading for reading in filled if all(_is_rule(index, reading, row) for row in _rules(reading.replace))
    )


def has_text(lines: Sequence[str]) -> bool:
    """Whether any line is more than white space."""
    return any(not blank(line) for line in lines)


def _rules(lines: Sequence[str]) -> list[int]:
    return [row for row, line in enumerate(lines) if _RULE.match(line)]


def _is_rule(index: LineIndex, reading: Reading, row: int) -> bool:
    """Whether a line of the REPLACE part underlines or overlines a title."""
    lines, rule = reading.replace, reading.replace[row].strip()
    above = lines[row - 1].strip()
    below = lines[row + 1].strip() if row + 1 < len(lines) else ""
    overlines = (
        row + 2 < len(lines) and bool(below) and lines[row + 2].strip() == rule and _has_overlines(index)
    )
    if not row:
        return overlines or reading.search[:1] == lines[:1]
    pair = (lines[row - 1], lines[row])
    known = pair in set(pairwise(reading.search)) or bool(index.find(pair, TRAILING))
    return overlines or (bool(above) and (known or abs(len(above) - len(rule)) <= 3))


def _has_overlines(index: LineIndex) -> bool:
    """Whether a file writes titles between two rules."""
    rows = _rules(index.lines)
    return any(row + 2 in rows and (not row or blank(index.lines[row - 1])) for row in rows)


def _without_double_end(index: LineIndex, reading: Reading) -> Reading:
    """Drop a rule that ends the REPLACE part: a marker written twice, unless it underlines a title."""
    last = len(reading.replace) - 1
    if last < 0 or not _RULE.match(reading.replace[last]):
        return reading
    if _is_rule(index, reading, last) and any(map(_RULE.match, index.lines)):
        return reading
    return Reading(reading.search, reading.replace[:-1])
