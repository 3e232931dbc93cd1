"""What a reply says about a place beside its text → the one of several places that it means."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edits.matching.already import added_lines
from edits.matching.placement import Placement, Span, line_by_line
from edits.model import Cue, Reading
from edits.text.line_index import LineIndex
from edits.text.normalize import FOLDED, TRAILING, blank, indent

_NO_CUE = Cue()

OriginalRow = Callable[[int], int]
"""The index of a line in the text as it was before the reply, from the one it has now."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known about an edit beside its lines."""

    cue: Cue = _NO_CUE
    """What the block itself says."""
    after: int = 0
    """The end of the hunk before it, where the format demands order."""
    original: OriginalRow = lambda row: row
    taken: Sequence[Span] = ()
    """The places of other blocks: blocks of one reply do not overlap."""


def single_out(
    index: LineIndex, places: list[Placement], about: Surroundings, line: int | None
) -> Placement | None:
    """The one of several places that a cue points to, if one does.

    `line` is the 1-based line number in front of the SEARCH lines, where they carry one. Asked are,
    in this order: line numbers, enclosing lines, the order of hunks, the places of other blocks.
    """
    cue = about.cue
    wanted = line if line is not None else cue.line
    if wanted is not None:
        numbered = [place for place in places if about.original(place.start) == wanted - 1]
        if len(numbered) == 1:
            return numbered[0]
    if cue.scopes:
        enclosed = _enclosed(index, cue.scopes, places)
        if len(enclosed) == 1:
            return enclosed[0]
    if cue.ordered and about.after:
        later = [place for place in places if place.start >= about.after]
        if len(later) == 1:
            return later[0]
    free = [place for place in places if not any(place.overlaps(span) for span in about.taken)]
    return free[0] if len(free) == 1 else None


def made_at_cue(
    index: LineIndex, reading: Reading, place: Placement, about: Surroundings, line: int | None
) -> bool:
    """Whether the edit was made where a cue points, and `place` is another place.

    Example: `@@ class B` and a method that both classes had alike. In class B it is edited already;
    the only place left is in class A.
    """
    scopes = about.cue.scopes
    wanted = line if line is not None else about.cue.line
    is_beside = wanted is not None and about.original(place.start) != wanted - 1
    is_outside = not is_beside and bool(scopes) and not _enclosed(index, scopes, [place])
    if not (is_beside or is_outside) or not added_lines(reading):
        return False
    starts = index.find(reading.replace, TRAILING)  # reads the whole file, which most edits can do without
    if is_beside and wanted is not None:
        return any(about.original(start) == wanted - 1 for start in starts)
    return bool(_enclosed(index, scopes, [line_by_line(start, len(reading.replace)) for start in starts]))


def _enclosed(index: LineIndex, scopes: tuple[str, ...], places: list[Placement]) -> list[Placement]:
    """The places inside the block that the scope lines open, one inside the other."""
    start, end = 0, len(index.lines)
    for scope in scopes:
        rows = [row for row in index.find((scope,), FOLDED) if start <= row < end]
        if len(rows) != 1:
            return []
        start = rows[0]
        end = _block_end(index, start, end)
    return [place for place in places if start <= place.start and place.end <= end]


def _block_end(index: LineIndex, start: int, limit: int) -> int:
    """The line after the block that a line opens, judged by indentation."""
    depth = len(indent(index.lines[start]))
    for row in range(start + 1, limit):
        line = index.lines[row]
        if (
            not blank(line)
            and len(indent(line)) <= depth
            and line.strip()[0] not in "})]{"
            and not line.strip().startswith("end")
        ):
            return row
    return limit
