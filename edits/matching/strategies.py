"""The ladder: ways to find a SEARCH in a text, from the strictest to the loosest.

Each strategy is a pure function that returns every place it would accept. The first one that accepts
any place decides: one place is the match, several are an ambiguity, and no looser strategy chooses
among them. A place that a strategy overlooks can therefore only lead to a refusal, never to a wrong
edit. Each docstring gives an example, and why the one place that it accepts is the right one.
"""

import itertools
from collections.abc import Callable, Sequence

from edits.matching.placement import Placement, Span, line_by_line
from edits.text.elision import elisions
from edits.text.line_index import LineIndex
from edits.text.normalize import FOLDED, LOOSE, RAW, STRIPPED, TRAILING, blank, fold, is_comment, key

_MOST_PLACES = 200
"""Occurrences of a line that are considered; a line with more identifies nothing."""


Strategy = Callable[[LineIndex, tuple[str, ...], frozenset[int]], list[Placement]]
"""(text, SEARCH, indexes of the SEARCH lines that the edit changes or deletes) → every place."""


def exact(index: LineIndex, search: tuple[str, ...], _touched: frozenset[int]) -> list[Placement]:
    """Every character agrees: what nearly all replies do."""
    return _contiguous(index, search, RAW)


def trailing_space(index: LineIndex, search: tuple[str, ...], _touched: frozenset[int]) -> list[Placement]:
    """All but white space at line ends agrees.

    Example: the file has `x = 1` with two spaces behind it, which a model does not reproduce. No
    language tells two places apart by them.
    """
    return _contiguous(index, search, TRAILING)


def indentation(index: LineIndex, search: tuple[str, ...], _touched: frozenset[int]) -> list[Placement]:
    """All text agrees, line by line; indentation may differ.

    Example: a method is quoted without the indentation of its class. `merge` finds the rule by which
    all lines are shifted, and refuses the edit where there is none.
    """
    return _contiguous(index, search, STRIPPED)


def characters(index: LineIndex, search: tuple[str, ...], _touched: frozenset[int]) -> list[Placement]:
    """As `indentation`, and typographic twins count as one character.

    Example: the file has `it’s`, the model writes `it's`. Quotes, dashes and spaces change on a
    text's way through a model; no two places of a file differ by them alone.
    """
    return _contiguous(index, search, FOLDED)


def edge_blanks(index: LineIndex, search: tuple[str, ...], touched: frozenset[int]) -> list[Placement]:
    """The strategies above, without blank lines at the edges of the SEARCH.

    Example: the model begins its SEARCH with an empty line that the file does not have there. All
    lines with text still follow each other in one place only.
    """
    first, last = 0, len(search)
    while first < last and blank(search[first]):
        first += 1
    while last > first and blank(search[last - 1]):
        last -= 1
    if first == last or last - first == len(search):
        return []
    core = search[first:last]
    for strategy in (exact, trailing_space, indentation, characters):
        inner = strategy(index, core, touched)
        if inner:
            return [
                Placement(((p.start, p.start),) * first + p.spans + ((p.end, p.end),) * (len(search) - last))
                for p in inner
            ]
    return []


def spelling(index: LineIndex, search: tuple[str, ...], _touched: frozenset[int]) -> list[Placement]:
    """As `characters`; the kind of quotes, spaces inside lines and a final comma do not count.

    Example: the file has `f('a',1)`, the model quotes `f("a", 1)`. Names, numbers and operators of
    all lines agree in their order, in one place only.
    """
    return _contiguous(index, search, LOOSE)


def elided(index: LineIndex, search: tuple[str, ...], _touched: frozenset[int]) -> list[Placement]:
    """Lines like `...` cover any lines; the pieces between them follow in this order.

    Example: `def f():`, `    # ... existing code ...`, `    return 1`. Every way to lay the pieces
    over the text counts, so a piece that occurs twice within reach makes the SEARCH ambiguous.
    """
    gaps = elisions(search)
    if not gaps or len(gaps) == len(search):
        return []
    pieces = _pieces(search, gaps)
    if not pieces:
        return []
    for level in (RAW, TRAILING, FOLDED):
        starts = [index.find(search[first:last], level)[:_MOST_PLACES] for first, last in pieces]
        if all(starts):
            return [_lay(search, gaps, pieces, chosen) for chosen in _in_order(starts, pieces)]
    return []


def odd_context(index: LineIndex, search: tuple[str, ...], touched: frozenset[int]) -> list[Placement]:
    """Blank lines may differ, comments may be missing or reworded; all code agrees in its order.

    Example: the model leaves out the comment between two statements that it quotes. Code is never
    forgiven: the code around the odd line stands in this order in one place only.
    """
    filled = [number for number, line in enumerate(search) if not blank(line)]
    if len(filled) < 2:
        return []
    places = index.places(LOOSE)
    wanted = {number: key(search[number], LOOSE) for number in filled}
    anchors = sorted((len(places[wanted[n]]), n) for n in filled if wanted[n] in places)[:3]
    placements: dict[tuple[Span, ...], Placement] = {}
    for occurrences, anchor in anchors:
        if occurrences > _MOST_PLACES:
            break
        for row in places[wanted[anchor]]:
            placement = _grow(index, search, touched, filled, anchor, row)
            if placement:
                placements.setdefault(placement.spans, placement)
    return _without_overlaps(list(placements.values()))


LADDER: tuple[Strategy, ...] = (
    exact,
    trailing_space,
    indentation,
    characters,
    edge_blanks,
    spelling,
    elided,
    odd_context,
)
"""From the strictest to the loosest."""

CERTAIN = frozenset(("exact", "trailing_space"))
"""The names of the strategies after which nothing about a place is in doubt."""

STRICT, LOOSER = LADDER[:2], LADDER[2:]


def find_places(
    index: LineIndex,
    search: tuple[str, ...],
    touched: frozenset[int] = frozenset(),
    ladder: Sequence[Strategy] = LADDER,
) -> tuple[str, list[Placement]]:
    """The name of the first strategy that accepts any place, and its places in the text's order."""
    for strategy in ladder:
        places = strategy(index, search, touched)
        if places:
            return strategy.__name__, sorted(places, key=lambda place: place.spans)
    return "", []


def _contiguous(index: LineIndex, search: tuple[str, ...], level: int) -> list[Placement]:
    if all(blank(line) for line in search):
        return []
    return [line_by_line(start, len(search)) for start in index.find(search, level)]


def _pieces(search: tuple[str, ...], gaps: tuple[int, ...]) -> list[Span]:
    """The runs of lines between elisions; blank lines beside an elision belong to it."""
    edges = (-1, *gaps, len(search))
    pieces = []
    for left, right in itertools.pairwise(edges):
        first, last = left + 1, right
        while first < last and left >= 0 and blank(search[first]):
            first += 1
        while first < last and right < len(search) and blank(search[last - 1]):
            last -= 1
        if first < last:
            pieces.append((first, last))
    return pieces


def _in_order(starts: list[list[int]], pieces: list[Span]) -> list[tuple[int, ...]]:
    """Every way to choose one start for each piece so that they follow each other; at most two."""
    chosen: list[tuple[int, ...]] = [()]
    for options, (first, last) in zip(starts, pieces, strict=True):
        size_before = 0 if not chosen[0] else pieces[len(chosen[0]) - 1][1] - pieces[len(chosen[0]) - 1][0]
        chosen = [
            (*so_far, start)
            for so_far in chosen
            for start in options
            if not so_far or start >= so_far[-1] + size_before
        ][:_MOST_PLACES]
        if not chosen or last <= first:
            return []
    return chosen[:2]


def _lay(
    search: tuple[str, ...], gaps: tuple[int, ...], pieces: list[Span], chosen: tuple[int, ...]
) -> Placement:
    """Spans for every line: those of the pieces, and for elisions what lies between them."""
    at: dict[int, int] = {}
    for (first, last), start in zip(pieces, chosen, strict=True):
        at.update((number, start + number - first) for number in range(first, last))
    spans: list[Span] = []
    cursor = chosen[0]
    for number in range(len(search)):
        if number in at:
            cursor = at[number] + 1
            spans.append((at[number], cursor))
        elif number in gaps:
            following = min((at[later] for later in at if later > number), default=cursor)
            spans.append((cursor, following))
            cursor = following
        else:
            spans.append((cursor, cursor))
    return Placement(tuple(spans))


def _grow(
    index: LineIndex,
    search: tuple[str, ...],
    touched: frozenset[int],
    filled: list[int],
    anchor: int,
    row: int,
) -> Placement | None:
    """Lay the SEARCH over the text with one of its lines fixed; None where it does not fit."""
    position = filled.index(anchor)
    down = _walk(index, search, touched, filled[position + 1 :], row, 1)
    up = _walk(index, search, touched, filled[:position][::-1], row, -1)
    if down is None or up is None:
        return None
    at = {anchor: row, **down[0], **up[0]}
    odd = down[1] + up[1]
    missing = len(filled) - len(at)
    if odd + missing > max(1, len(filled) // 3) or len(at) - odd < 2:
        return None
    spans: list[Span] = []
    cursor = min(at.values())
    for number in range(len(search)):
        if number in at:
            cursor = at[number] + 1
            spans.append((at[number], cursor))
        elif blank(search[number]) and cursor < len(index.lines) and blank(index.lines[cursor]) and spans:
            spans.append((cursor, cursor + 1))
            cursor += 1
        else:
            spans.append((cursor, cursor))
    return _tidy(index, search, tuple(spans))


def _tidy(index: LineIndex, search: tuple[str, ...], spans: tuple[Span, ...]) -> Placement | None:
    """The spans as a placement if they ascend: a blank line may have run into what follows."""
    if any(a[1] > b[0] for a, b in itertools.pairwise(spans)):
        return None
    return Placement(spans) if len(spans) == len(search) and spans[-1][1] <= len(index.lines) else None


def _walk(
    index: LineIndex,
    search: tuple[str, ...],
    touched: frozenset[int],
    wanted: list[int],
    start: int,
    step: int,
) -> tuple[dict[int, int], int] | None:
    """Lay lines over the text in one direction from a fixed one: ({line: row}, odd lines) or None."""
    keys, lines = index.keys(LOOSE), index.lines
    at: dict[int, int] = {}
    odd = skipped = 0
    row = start + step
    for order, number in enumerate(wanted):
        while 0 <= row < len(lines) and blank(lines[row]):
            row += step
        target = key(search[number], LOOSE)
        ahead = _past_comments(index, row, step, target)
        if 0 <= ahead < len(lines) and keys[ahead] == target and abs(ahead - row) <= 4:
            skipped += ahead != row
            at[number], row = ahead, ahead + step
        elif 0 <= row < len(lines) and _reworded(search[number], lines[row]):
            odd += 1
            at[number], row = row, row + step
        elif is_comment(search[number]) and number not in touched and order + 1 < len(wanted):
            odd += 1
        else:
            return None
        if odd + skipped > 2:
            return None
    return at, odd


def _past_comments(index: LineIndex, row: int, step: int, target: str) -> int:
    """Return the next row that has a loose key, or is neither blank nor a comment; it may be past the text."""
    keys, lines = index.keys(LOOSE), index.lines
    while 0 <= row < len(lines) and keys[row] != target and (blank(lines[row]) or is_comment(lines[row])):
        row += step
    return row


def _reworded(quoted: str, actual: str) -> bool:
    """Whether two comments say nearly the same."""
    if not (is_comment(quoted) and is_comment(actual)):
        return False
    here, there = fold(quoted).lower().split(), fold(actual).lower().split()
    shared = sum(min(here.count(word), there.count(word)) for word in set(here))
    return shared >= 2 and shared * 3 >= 2 * len(there) and shared * 2 >= len(here) + 1


def _without_overlaps(places: list[Placement]) -> list[Placement]:
    """The first of places that differ only in how blank lines or comments were laid."""
    kept: list[Placement] = []
    for place in sorted(places, key=lambda place: place.spans):
        if not any(place.overlaps((other.start, other.end)) for other in kept):
            kept.append(place)
    return kept
