"""One SEARCH/REPLACE and one text → its place and the change there, or why there is none.

Here the ladder of `strategies`, the readings of a block and its cues come together. The order is what
matters: the literal text first, then whether the edit is made already, then what is looser.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edits.matching.already import covered, doubles, overlaid, result_span
from edits.matching.anchors import added_below_anchor, anchor_rows, ends_within
from edits.matching.cues import Surroundings, made_at_cue, single_out
from edits.matching.dividers import has_text, plausible_readings
from edits.matching.merge import Splice, Unclear, merge
from edits.matching.placement import Placement
from edits.matching.slips import Variant, variants
from edits.matching.strategies import CERTAIN, LOOSER, STRICT, Strategy, find_places
from edits.model import Reading, Reason, Replace
from edits.text.compare import compare, touched_lines
from edits.text.line_index import LineIndex
from edits.text.normalize import FOLDED, RAW, STRIPPED, TRAILING

_LITERAL = (RAW, TRAILING)
_LEVELS = (*_LITERAL, STRIPPED, FOLDED)
_NOTHING = Surroundings()


@dataclass(frozen=True, slots=True)
class Match:
    """The place of an edit and what it does there; no splices where the file is so already."""

    splices: tuple[Splice, ...]
    start: int
    """0-based index of the first line of the place."""
    end: int
    how: str
    """The name of the strategy, or why there is nothing to do."""
    already: bool = False


@dataclass(frozen=True, slots=True)
class NoMatch:
    """No place, several places, or a place without a certain result."""

    reason: Reason
    why: str
    reading: Reading
    starts: tuple[int, ...] = ()
    """0-based indexes of the first lines of the places that fit."""


def place_edit(index: LineIndex, change: Replace, about: Surroundings = _NOTHING) -> Match | NoMatch:
    """Find where an edit belongs in a text, and what it changes there.

    The cue is taken from `change`; the rest of `about` is for the caller to say.
    """
    about = replace(about, cue=change.cue)
    addition = added_below_anchor(change)
    if addition:
        return _add_below(index, change.cue.scopes, addition)
    readings = plausible_readings(index, change)
    if not readings:
        return _without_reading(change)
    if all(reading.search == reading.replace for reading in readings):
        return Match((), 0, 0, "no change", already=True)
    plain = [Variant(reading) for reading in readings]
    derived = [variant for reading in readings for variant in variants(reading)]
    result = (
        _try(index, plain, STRICT, about)
        or _made(index, readings, _LITERAL)
        or _try(index, derived, STRICT, about)
        or _try(index, plain, LOOSER, about)
        or _try(index, derived, LOOSER, about)
        or _made(index, [variant.reading for variant in (*plain, *derived)], _LEVELS)
    )
    why = "its SEARCH lines are not in the file"
    return result or NoMatch(Reason.NOT_FOUND, why, _likeliest(index, readings))


def _add_below(index: LineIndex, scopes: tuple[str, ...], addition: Reading) -> Match | NoMatch:
    """Put lines below their anchor."""
    rows = anchor_rows(index, scopes)
    quoted = Reading(scopes, addition.replace)
    if not rows:
        return NoMatch(Reason.NOT_FOUND, "the line after @@ is not in the file", quoted)
    if len(rows) > 1:
        why = "it only adds lines, and the line after @@ occurs more than once"
        return NoMatch(Reason.AMBIGUOUS, why, quoted, tuple(rows))
    start, lines = rows[0] + 1, addition.replace
    if ends_within(index.lines[rows[0]]):
        why = "it only adds lines, and the line after @@ ends inside brackets"
        return NoMatch(Reason.UNCLEAR, why, quoted, (rows[0],))
    if tuple(index.lines[start : start + len(lines)]) == lines:
        return Match((), start, start + len(lines), "already", already=True)
    return Match((Splice(start, start, lines),), start, start, "anchor")


def _without_reading(change: Replace) -> NoMatch:
    first = change.readings[0]
    if any(has_text(reading.search) for reading in change.readings):
        why = "it has several lines that look like the divider, and no reading of them fits"
        return NoMatch(Reason.NOT_FOUND, why, first)
    return NoMatch(Reason.UNCLEAR, "it has no lines to search for, and the file is not empty", first, (0,))


def _made(index: LineIndex, readings: Sequence[Reading], levels: Sequence[int]) -> Match | None:
    """The place where an edit was made already, for a SEARCH that stands nowhere."""
    span = result_span(index, readings, levels)
    return Match((), *span, "already", already=True) if span else None


def _try(
    index: LineIndex,
    candidates: Sequence[Variant],
    ladder: Sequence[Strategy],
    about: Surroundings,
) -> Match | NoMatch | None:
    """Carry out the first variant that stands anywhere."""
    for variant in candidates:
        reading = variant.reading
        exactly = ladder is STRICT  # these strategies do not ask what is touched
        touched = frozenset() if exactly else touched_lines(compare(reading.search, reading.replace))
        how, places = find_places(index, reading.search, touched, ladder)
        if places:
            return _carry_out(index, variant, how, places, about)
    return None


def _carry_out(
    index: LineIndex,
    variant: Variant,
    how: str,
    places: list[Placement],
    about: Surroundings,
) -> Match | NoMatch:
    reading, line = variant.reading, variant.line
    is_made = covered if how in CERTAIN else overlaid
    if all(is_made(index, reading, place) for place in places):
        return Match((), places[0].start, places[0].end, how, already=True)
    place = places[0] if len(places) == 1 else single_out(index, places, about, line)
    if place is None:
        starts = tuple(place.start for place in places)
        return NoMatch(Reason.AMBIGUOUS, "its SEARCH lines match in more than one place", reading, starts)
    if made_at_cue(index, reading, place, about, line):
        return Match((), place.start, place.end, "already", already=True)
    splices = (
        Unclear(variant.doubt) if variant.doubt else merge(index, reading.search, reading.replace, place)
    )
    if isinstance(splices, Unclear):
        reason = Reason.ELIDED if splices.elided else Reason.UNCLEAR
        return NoMatch(reason, splices.why, reading, (place.start,))
    return _match(index, place, how, splices)


def _match(index: LineIndex, place: Placement, how: str, splices: Sequence[Splice]) -> Match:
    real = tuple(splice for splice in splices if index.lines[splice.start : splice.end] != splice.lines)
    already = not real or (
        len(real) == 1 and doubles(index, place, (real[0].start, real[0].end), real[0].lines)
    )
    return Match(() if already else real, place.start, place.end, how, already)


def _likeliest(index: LineIndex, readings: Sequence[Reading]) -> Reading:
    """The reading to explain: the one with the largest share of lines that the file has."""
    places = index.places(STRIPPED)

    def share(reading: Reading) -> float:
        lines = [line.strip() for line in reading.search if line.strip()]
        return sum(line in places for line in lines) / (len(lines) or 1)

    return max(reversed(readings), key=share)
