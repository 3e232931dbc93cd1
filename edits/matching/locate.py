"""One SEARCH/REPLACE on one text → where it belongs, that it is there already, or why it has no place.

This is where the ladder of `match`, the readings of a block and its cues come together. Order is
everything here: the literal text first, then whether the edit was made already, then what is looser.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from edits.matching.merge import Splice, Unclear, merge
from edits.matching.readings import variants
from edits.matching.strategies import LOOSER, STRICT, Placement, Span, Strategy, locate
from edits.model import Cue, Reading, Reason, Replace
from edits.text.compare import compare, touched_lines
from edits.text.line_index import LineIndex
from edits.text.normalize import FOLDED, RAW, STRIPPED, TRAILING, blank, indent, key, substance

_RULE = re.compile(r"\s*={3,12}\s*\Z")
_LITERAL = (RAW, TRAILING)
_LEVELS = (*_LITERAL, STRIPPED, FOLDED)
_SUBSTANCE = 8
"""Letters and digits that lines must have to count as an edit that is there already."""


@dataclass(frozen=True, slots=True)
class Found:
    """The place of an edit and what it does there; no splices where the text is so already."""

    splices: tuple[Splice, ...]
    line: int
    """0-based index of the first line of the place."""
    end: int
    how: str
    already: bool = False


@dataclass(frozen=True, slots=True)
class Missed:
    """No place, or more than one, or no certain result."""

    reason: Reason
    why: str
    reading: Reading
    places: tuple[int, ...] = ()
    """0-based indexes of the places that fit."""


Original = Callable[[int], int]
"""The index of a line in the text as it was before the reply, from the one it has now."""


def place_edit(
    index: LineIndex,
    change: Replace,
    after: int = 0,
    original: Original = lambda line: line,
    taken: Sequence[Span] = (),
) -> Found | Missed:
    """Where an edit belongs in a text.

    `after` is the end of the hunk before it, where order counts; `taken` are the places of other
    blocks, for edits that would stand in several: blocks of one reply do not overlap.
    """
    readings = _readings(index, change)
    if not readings and any(_filled(each.search) for each in change.readings):
        why = "it has several lines like the divider, and no way to read them fits"
        return Missed(Reason.NOT_FOUND, why, change.readings[0])
    if not readings:
        return Missed(
            Reason.UNCLEAR, "it has no lines to look for, and the file is not empty", change.readings[0], (0,)
        )
    if all(reading.search == reading.replace for reading in readings):
        return Found((), 0, 0, "no change", already=True)
    context = _Context(index, change.cue, after, original, taken)
    derived = [each for reading in readings for each in variants(reading)]
    plain = [(reading, None) for reading in readings]
    result = (
        _try(context, plain, STRICT)
        or _already(index, readings, _LITERAL)
        or _try(context, derived, STRICT)
        or _try(context, plain, LOOSER)
        or _try(context, derived, LOOSER)
        or _already(index, [reading for reading, _ in (*plain, *derived)], _LEVELS)
    )
    return result or Missed(
        Reason.NOT_FOUND, "its SEARCH lines do not stand in the file", _best(index, readings)
    )


def _filled(lines: Sequence[str]) -> bool:
    return any(not blank(line) for line in lines)


def _readings(index: LineIndex, change: Replace) -> tuple[Reading, ...]:
    """The readings whose divider can be one.

    A block with several lines like a divider is read at each of them; the others are then text, and
    in a REPLACE part they have to look like it: as the rule under a title does.
    """
    filled = [_without_double_end(index, each) for each in change.readings if _filled(each.search)]
    if len(change.readings) == 1:
        return tuple(filled)
    return tuple(each for each in filled if all(_is_rule(index, each, row) for row in _rules(each.replace)))


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
    """A rule that ends the REPLACE part is a marker written twice, unless it underlines a title."""
    last = len(reading.replace) - 1
    if last < 0 or not _RULE.match(reading.replace[last]):
        return reading
    if _is_rule(index, reading, last) and any(map(_RULE.match, index.lines)):
        return reading
    return Reading(reading.search, reading.replace[:-1])


@dataclass(frozen=True, slots=True)
class _Context:
    index: LineIndex
    cue: Cue
    after: int
    original: Original
    taken: Sequence[Span]


def _try(
    context: _Context, candidates: Sequence[tuple[Reading, int | None]], ladder: Sequence[Strategy]
) -> Found | Missed | None:
    """The first reading that stands anywhere, carried out."""
    for reading, line in candidates:
        exactly = ladder is STRICT  # which does not ask what is touched
        touched = frozenset() if exactly else touched_lines(compare(reading.search, reading.replace))
        how, places = locate(context.index, reading.search, touched, ladder)
        if places:
            return _carry_out(context, reading, line, how, places)
    return None


def _carry_out(
    context: _Context, reading: Reading, line: int | None, how: str, places: list[Placement]
) -> Found | Missed:
    done = _covered if how in ("exact", "trailing_space") else _overlaid
    if all(done(context.index, reading, place) for place in places):
        return Found((), places[0].start, places[0].end, how, already=True)
    if len(places) > 1:
        chosen = _by_cue(context, places, line)
        if chosen is None:
            starts = tuple(place.start for place in places)
            return Missed(Reason.AMBIGUOUS, "its SEARCH lines stand in more than one place", reading, starts)
        places = [chosen]
    place = places[0]
    if _done_at_cue(context, reading, line, place):
        return Found((), place.start, place.end, "already", already=True)
    splices = merge(context.index, reading.search, reading.replace, place)
    if isinstance(splices, Unclear):
        reason = Reason.ELIDED if splices.elided else Reason.UNCLEAR
        return Missed(reason, splices.why, reading, (place.start,))
    real = tuple(
        splice for splice in splices if context.index.lines[splice.start : splice.end] != splice.lines
    )
    already = not real or (len(real) == 1 and _doubles(context.index, place, real[0]))
    return Found(() if already else real, place.start, place.end, how, already)


def _covered(index: LineIndex, reading: Reading, place: Placement) -> bool:
    """Whether a place lies inside the REPLACE text, which the file thus has already."""
    search, replace = reading.search, reading.replace
    size = len(search)
    if len(replace) <= size or size == 0:
        return False
    return any(
        replace[offset : offset + size] == search and _stands(index, replace, place.start - offset)
        for offset in range(len(replace) - size + 1)
    )


def _stands(index: LineIndex, lines: tuple[str, ...], start: int) -> bool:
    if start < 0 or start + len(lines) > len(index.lines):
        return False
    there = index.lines[start : start + len(lines)]
    return all(a.rstrip() == b.rstrip() for a, b in zip(there, lines, strict=True))


def _doubles(index: LineIndex, place: Placement, splice: Splice) -> bool:
    """Whether lines inserted at the edge of a place stand there already."""
    if splice.start != splice.end or not splice.lines:
        return False
    if splice.start == place.end and _stands(index, splice.lines, splice.start):
        return True
    return splice.start == place.start and _stands(index, splice.lines, splice.start - len(splice.lines))


def _overlaid(index: LineIndex, reading: Reading, place: Placement) -> bool:
    """Whether the REPLACE text, new lines and all, stands where a loose reading finds the SEARCH."""
    search, replace = reading.search, reading.replace
    filled = [[line for line in part if not blank(line)] for part in (search, replace)]
    if _added(reading) or filled[0] == filled[1]:
        starts = index.find(replace, TRAILING)
        if any(start < place.end and place.start < start + len(replace) for start in starts):
            return True
    quoted = {line.strip() for line in search}
    fresh = [row for row, line in enumerate(replace) if not blank(line) and line.strip() not in quoted]
    if not fresh:
        return False
    _, places = locate(index, replace, frozenset(fresh))
    return any(all(_holds(index, replace, each, place, row) for row in fresh) for each in places)


def _holds(index: LineIndex, lines: tuple[str, ...], place: Placement, other: Placement, row: int) -> bool:
    """Whether a new line stands, but for its indentation, in one run with lines of the SEARCH."""
    rows = {first for first, last in place.spans if last - first == 1}
    quoted = {first for first, last in other.spans if last - first == 1}
    first, last = place.spans[row]
    if last - first != 1 or key(index.lines[first], FOLDED) != key(lines[row], FOLDED):
        return False
    low = high = first
    while low - 1 in rows:
        low -= 1
    while high + 1 in rows:
        high += 1
    return any(each in quoted for each in range(low, high + 1))


def _already(index: LineIndex, readings: Sequence[Reading], levels: Sequence[int]) -> Found | None:
    """The place of the REPLACE text where the SEARCH stands nowhere, if it can only be the result."""
    for reading in readings:
        lines = reading.replace
        if substance(lines) < _SUBSTANCE or not (_added(reading) or _bridges(reading)):
            continue
        for level in levels:
            starts = index.find(lines, level)
            if len(starts) == 1 and _one_depth(index, lines, starts[0]):
                return Found((), starts[0], starts[0] + len(lines), "already", already=True)
            if starts:
                break
    return None


def _added(reading: Reading) -> list[str]:
    """The lines that an edit brings."""
    return [line for line in reading.replace if line not in reading.search and not blank(line)]


def _bridges(reading: Reading) -> bool:
    """Whether lines are only deleted, from between others, and most of the SEARCH is still there.

    Less would be found by chance in a file that never held what the SEARCH quotes.
    """
    deleted = 0
    for tag, i1, i2, j1, _ in compare(reading.search, reading.replace):
        if tag != "equal":
            deleted += sum(not blank(line) for line in reading.search[i1:i2])
            if j1 in (0, len(reading.replace)):
                return False
    return max(deleted, 2) <= sum(not blank(line) for line in reading.replace)


def _one_depth(index: LineIndex, lines: tuple[str, ...], start: int) -> bool:
    """Whether lines stand at their depth, or all of them shifted alike."""
    shifts = {
        len(indent(index.lines[start + number])) - len(indent(line))
        for number, line in enumerate(lines)
        if not blank(line)
    }
    return len(shifts) == 1


def _done_at_cue(context: _Context, reading: Reading, line: int | None, place: Placement) -> bool:
    """Whether the edit was made where a cue says, and the place found is another one."""
    starts = context.index.find(reading.replace, TRAILING) if _added(reading) else []
    wanted = line if line is not None else context.cue.line
    if wanted is not None and context.original(place.start) != wanted - 1:
        return any(context.original(start) == wanted - 1 for start in starts)
    if context.cue.scopes and not _enclosed(context.index, context.cue.scopes, [place]):
        spans = [
            Placement(tuple((row, row + 1) for row in range(at, at + len(reading.replace)))) for at in starts
        ]
        return bool(_enclosed(context.index, context.cue.scopes, spans))
    return False


def _by_cue(context: _Context, places: list[Placement], line: int | None) -> Placement | None:
    """The one of several places that a cue singles out, if one does."""
    cue = context.cue
    wanted = line if line is not None else cue.line
    if wanted is not None:
        exact = [place for place in places if context.original(place.start) == wanted - 1]
        if len(exact) == 1:
            return exact[0]
    if cue.scopes:
        enclosed = _enclosed(context.index, cue.scopes, places)
        if len(enclosed) == 1:
            return enclosed[0]
    if cue.ordered and context.after:
        later = [place for place in places if place.start >= context.after]
        if len(later) == 1:
            return later[0]
    free = [
        place
        for place in places
        if not any(place.start < end and start < place.end for start, end in context.taken)
    ]
    return free[0] if len(free) == 1 else None


def _enclosed(index: LineIndex, scopes: tuple[str, ...], places: list[Placement]) -> list[Placement]:
    """The places inside the block that the scope lines open, one after the other."""
    start, end = 0, len(index.lines)
    for scope in scopes:
        rows = [row for row in index.find((scope,), FOLDED) if start <= row < end]
        if len(rows) != 1:
            return []
        start = rows[0]
        end = _block_end(index, start, end)
    return [place for place in places if start <= place.start and place.end <= end]


def _block_end(index: LineIndex, start: int, limit: int) -> int:
    """The line after the block that a line opens, by indentation."""
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


def _best(index: LineIndex, readings: Sequence[Reading]) -> Reading:
    """The reading to talk about: the one with the most lines that the file has."""
    places = index.places(STRIPPED)

    def share(reading: Reading) -> float:
        lines = [line.strip() for line in reading.search if line.strip()]
        return sum(line in places for line in lines) / (len(lines) or 1)

    return max(reversed(readings), key=share)
