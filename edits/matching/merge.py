"""SEARCH, REPLACE and a placement → the new lines: a three-way merge.

What the edit does not change stays as the file has it, however the reply quoted it; what it changes
is the reply's text, indented as the file is.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from edits.matching.strategies import Placement, depth_pairs
from edits.text.compare import Opcode, compare
from edits.text.elision import elisions, leaves_out
from edits.text.indentation import Reindent, learn
from edits.text.line_index import LineIndex
from edits.text.normalize import FOLDED, blank, fold, indent, key


@dataclass(frozen=True, slots=True)
class Unclear:
    """An edit that found its place and still has two possible results."""

    why: str
    elided: bool = False
    """The new text leaves lines out."""


@dataclass(frozen=True, slots=True)
class Splice:
    """Lines of a text that become other lines: the least that differs."""

    start: int
    end: int
    lines: tuple[str, ...]


def canonical(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Lines with every elision written alike, so that those of both parts compare equal."""
    gaps = set(elisions(lines))
    return tuple("\u2026" if number in gaps else line for number, line in enumerate(lines)) if gaps else lines


def merge(
    index: LineIndex, search: tuple[str, ...], replace: tuple[str, ...], place: Placement
) -> list[Splice] | Unclear:
    """What an edit does to a text at a place: the splices, ascending."""
    search, replace, place = _trimmed(search, replace, place)
    elided_search = any(
        last - first != 1 and not blank(search[n]) for n, (first, last) in enumerate(place.spans)
    )
    before, after = (canonical(search), canonical(replace)) if elided_search else (search, replace)
    codes = compare(before, after)
    rule = _rule(index, search, replace, place)
    if rule is None and not any(tag != "delete" for tag, *_ in codes if tag != "equal"):
        return Unclear("the lines are indented otherwise than the SEARCH part says, and not all alike")
    splices: list[Splice] = []
    spacing = _spacing(index, codes, replace, place)
    if spacing is _Spacing.UNKNOWN and sum(tag != "equal" for tag, *_ in codes) == 1:
        spacing = _Spacing.ONLY
    for tag, i1, i2, j1, j2 in codes:
        if tag == "equal":
            continue
        made = _splice(index, search, replace, place, (tag, i1, i2, j1, j2), rule, spacing)
        if isinstance(made, Unclear):
            return made
        splices.append(made)
    return _without_trailing(index, search, place, codes, splices) if elided_search is False else splices


def _trimmed(
    search: tuple[str, ...], replace: tuple[str, ...], place: Placement
) -> tuple[tuple[str, ...], tuple[str, ...], Placement]:
    """Both parts without the blank lines at their edges that the text does not have."""
    spans = place.spans
    while spans and spans[0][0] == spans[0][1] and blank(search[0]):
        search, spans = search[1:], spans[1:]
        replace = replace[1:] if replace and blank(replace[0]) else replace
    while spans and spans[-1][0] == spans[-1][1] and blank(search[-1]):
        search, spans = search[:-1], spans[:-1]
        replace = replace[:-1] if replace and blank(replace[-1]) else replace
    return search, replace, Placement(spans)


def _without_trailing(
    index: LineIndex,
    search: tuple[str, ...],
    place: Placement,
    codes: Sequence[Opcode],
    splices: list[Splice],
) -> list[Splice]:
    """White space at line ends goes from lines between two changes, where the reply spells them out."""
    inner = codes[1:-1] if codes and codes[0][0] == "equal" else codes[:-1]
    more = []
    for tag, i1, i2, _, _ in inner:
        for number in range(i1, i2) if tag == "equal" else ():
            first, last = place.spans[number]
            if last - first == 1 and index.lines[first] != search[number] == index.lines[first].rstrip():
                more.append(Splice(first, last, (search[number],)))
    return sorted((*splices, *more), key=lambda splice: (splice.start, splice.end))


@dataclass(frozen=True, slots=True)
class _Rule:
    """How the lines of a REPLACE are written in the file."""

    reindent: Reindent
    first: Reindent | None
    """For the first line alone, which often loses its indentation when it is quoted."""
    letters: dict[int, str]

    def write(self, line: str, is_first: bool) -> str | None:
        depth = indent(line)
        if not line.strip():
            return line
        new = self.first(depth) if is_first and self.first else self.reindent(depth)
        return None if new is None else new + line[len(depth) :].translate(self.letters)


def _rule(
    index: LineIndex, search: tuple[str, ...], replace: tuple[str, ...], place: Placement
) -> _Rule | None:
    """What the quoted lines teach about indentation and characters; None where they disagree."""
    pairs = depth_pairs(index, search, place)
    letters = _letters(index, search, place)
    both = (*search, *replace)
    depths = [(quoted, found) for _, quoted, found in pairs]
    if not depths:
        return _Rule(lambda depth: depth, None, letters)
    rule = learn(depths, both, index.lines)
    if len(depths) > 1:
        rest = learn(depths[1:], (*search[1:], *replace[1:]), index.lines)
        if rest and depths[0][0] == "" and depths[0][1] and not _same(rule, rest, depths):
            own = learn(depths[:1], (), ())
            return _Rule(rest, own or rest, letters)
    return _Rule(rule, None, letters) if rule else None


def _same(rule: Reindent | None, rest: Reindent, depths: Sequence[tuple[str, str]]) -> bool:
    """Whether the first line follows the rule of the others."""
    quoted, found = depths[0]
    return rule is not None and rest(quoted) == found


def _letters(index: LineIndex, search: tuple[str, ...], place: Placement) -> dict[int, str]:
    """Typographic characters that the reply put where the file has ASCII: new lines get ASCII too."""
    seen: dict[int, str] = {}
    for quoted, (first, last) in zip(search, place.spans, strict=True):
        if last - first != 1 or quoted.isascii():
            continue
        here, there = quoted.strip(), index.lines[first].strip()
        if len(here) == len(there):
            seen.update(
                (ord(a), b)
                for a, b in zip(here, there, strict=True)
                if a != b and b.isascii() and fold(a) == b
            )
    return seen


class _Spacing(Enum):
    """What the blank lines of a REPLACE mean where the SEARCH left out those of the file."""

    WRITTEN = "the REPLACE part has them as they are to be"
    LEFT_OUT = "the REPLACE part leaves them out too"
    ONLY = "nothing else changes, so they may be what the edit is about"
    UNKNOWN = "nothing tells"


def _spacing(
    index: LineIndex, codes: Sequence[Opcode], replace: tuple[str, ...], place: Placement
) -> _Spacing:
    """Told by the places where nothing else changes: there the blank lines are back, or they are not."""
    spans = place.spans
    if spans[-1][1] - spans[0][0] == len(spans):
        return _Spacing.UNKNOWN
    gaps = {
        n
        for n in range(1, len(spans))
        if spans[n - 1][1] < spans[n][0] and all(map(blank, index.lines[spans[n - 1][1] : spans[n][0]]))
    }
    back = {i1 for tag, i1, _, j1, j2 in codes if tag == "insert" and all(map(blank, replace[j1:j2]))}
    for tag, i1, i2, j1, j2 in codes:
        if tag == "replace":
            back |= {i1} if blank(replace[j1]) else set()
            back |= {i2} if blank(replace[j2 - 1]) else set()
    out = {n for tag, i1, i2, _, _ in codes if tag == "equal" for n in range(i1 + 1, i2)}
    written, left_out = bool(gaps & back), bool(gaps & out)
    if written == left_out:
        return _Spacing.UNKNOWN
    return _Spacing.WRITTEN if written else _Spacing.LEFT_OUT


def _splice(
    index: LineIndex,
    search: tuple[str, ...],
    replace: tuple[str, ...],
    place: Placement,
    code: Opcode,
    rule: _Rule | None,
    spacing: _Spacing,
) -> Splice | Unclear:
    """One opcode, carried over to the text."""
    _, i1, i2, j1, j2 = code
    spans = place.spans
    real = [n for n in range(i1, i2) if spans[n][1] > spans[n][0]]
    if any(
        spans[n][1] - spans[n][0] > 1 or (n in elisions(search) and not _literal(index, search, spans, n))
        for n in real
    ):
        return Unclear("the REPLACE part leaves out a line that stands for others (`...`)", elided=True)
    removes = any(not blank(search[n]) for n in real) or any(last - first > 1 for first, last in spans)
    shrinks = _filled(replace[j1:j2]) < _filled([search[n] for n in real])
    if any(leaves_out(replace, n, index.lines, removes=removes, shrinks=shrinks) for n in range(j1, j2)):
        return Unclear(
            "the REPLACE part has a line that stands for others (`...`) where the SEARCH has none",
            elided=True,
        )
    if real:
        start, end = spans[real[0]][0], spans[real[-1]][1]
        kept = set(range(start, end)) - {row for n in real for row in range(*spans[n])}
        if any(not blank(index.lines[row]) for row in kept):
            return Unclear("a comment stands between lines that the edit replaces")
        start, end = _with_blank_edges(index, spans, (i1, i2), (start, end), replace[j1:j2], spacing)
    else:
        start = end = spans[i1 - 1][1] if i1 else place.start
        following = spans[i2][0] if i2 < len(spans) else place.end
        if following != start:
            decided = _into_gap(index, replace[j1:j2], start, following, spacing)
            if decided is None:
                return Unclear(
                    "lines that the SEARCH part leaves out stand just where the new lines would go"
                )
            start, end = decided
    grown = _with_outer_blanks(index, place, code, replace, (start, end), spacing)
    if grown is None:
        return Unclear("a blank line stands beside the place already, where the REPLACE part brings one too")
    new = _write(index, search, replace, (i1, i2, j1, j2), place, rule)
    return new if isinstance(new, Unclear) else Splice(*grown, new)


def _filled(lines: Sequence[str]) -> int:
    return sum(not blank(line) for line in lines)


def _literal(
    index: LineIndex, search: tuple[str, ...], spans: Sequence[tuple[int, int]], number: int
) -> bool:
    """Whether a line that looks like an elision stands in the text as it is."""
    first, last = spans[number]
    return last - first == 1 and key(index.lines[first], FOLDED) == key(search[number], FOLDED)


def _with_blank_edges(
    index: LineIndex,
    spans: Sequence[tuple[int, int]],
    lines: tuple[int, int],
    rows: tuple[int, int],
    new: tuple[str, ...],
    spacing: _Spacing,
) -> tuple[int, int]:
    """The rows that new lines replace, with the file's blank lines beside them which they bring themselves."""
    (i1, i2), (start, end) = lines, rows
    above = spans[i1 - 1][1] if i1 else start
    below = spans[i2][0] if i2 < len(spans) else end
    written = spacing is _Spacing.WRITTEN
    if all(map(blank, index.lines[above:start])) and (blank(new[0]) if new else written):
        start = above
    if all(map(blank, index.lines[end:below])) and (blank(new[-1]) if new else written):
        end = below
    return start, end


def _with_outer_blanks(
    index: LineIndex,
    place: Placement,
    code: Opcode,
    replace: tuple[str, ...],
    rows: tuple[int, int],
    spacing: _Spacing,
) -> tuple[int, int] | None:
    """The rows that new lines at the edge of an edit replace; None where that cannot be told.

    A blank line which they begin or end with may be one that stands there and was left out of the
    SEARCH. With other changes in the edit nobody can say, unless the edit shows elsewhere that it
    leaves blank lines out; lines that are all of the edit are what it is about.
    """
    _, i1, i2, j1, j2 = code
    new, (start, end) = replace[j1:j2], rows
    if not new or not (blank(new[0]) or blank(new[-1])):
        return rows
    above = _blanks(index.lines[max(0, start - len(new)) : start][::-1], new) if i1 == 0 else 0
    below = _blanks(index.lines[end : end + len(new)], new[::-1]) if i2 == len(place.spans) else 0
    if spacing in (_Spacing.LEFT_OUT, _Spacing.ONLY) or not (above or below):
        return rows
    if spacing is not _Spacing.WRITTEN:
        return None
    return start - above, end + below


def _blanks(lines: Sequence[str], new: Sequence[str]) -> int:
    """How many blank lines both begin with."""
    pairs = itertools.takewhile(lambda pair: blank(pair[0]) and blank(pair[1]), zip(lines, new, strict=False))
    return sum(1 for _ in pairs)


def _into_gap(
    index: LineIndex, new: tuple[str, ...], start: int, following: int, spacing: _Spacing
) -> tuple[int, int] | None:
    """The rows that lines put into a gap of left out lines replace, if only one result makes sense."""
    gap = index.lines[start:following]
    spaced = all(map(blank, gap)) and bool(new) and (blank(new[0]) or blank(new[-1]))
    if spaced and (spacing is _Spacing.WRITTEN or (blank(new[0]) and blank(new[-1]))):
        return start, following
    row = _decide(index, new, start, following)
    if row is None or not spaced or spacing is _Spacing.LEFT_OUT:
        return None if row is None else (row, row)
    return None


def _decide(index: LineIndex, new: tuple[str, ...], start: int, following: int) -> int | None:
    """Where lines go into a gap of lines that the SEARCH left out, if only one place makes sense.

    New lines that bring a blank line at one end stand where no blank line is doubled by it, and
    where a comment is not torn from the line below it.
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
    doubled = (blank(above) and blank(new[0])) or (blank(below) and blank(new[-1]))
    glued = not blank(above) and not blank(new[0])
    return not doubled and not (glued and (row == following or blank(new[-1])))


def _write(
    index: LineIndex,
    search: tuple[str, ...],
    replace: tuple[str, ...],
    code: tuple[int, int, int, int],
    place: Placement,
    rule: _Rule | None,
) -> tuple[str, ...] | Unclear:
    """The new lines of one opcode as they are to stand in the file."""
    i1, i2, j1, j2 = code
    lines: list[str] = []
    pairwise = i2 - i1 == j2 - j1
    for offset, line in enumerate(replace[j1:j2]):
        first, last = place.spans[i1 + offset] if pairwise else (0, 0)
        quoted = search[i1 + offset] if pairwise else ""
        new = rule.write(line, j1 + offset == 0) if rule else None
        if new is None:
            new = _beside(index, quoted, line, first) if last - first == 1 else None
        if new is None:
            return Unclear("the indentation of the SEARCH part does not say how the new lines are indented")
        if last - first == 1:
            new = _carry(quoted, line, index.lines[first], new)
        lines.append(new)
    return tuple(lines)


def _beside(index: LineIndex, quoted: str, line: str, row: int) -> str | None:
    """A line that replaces one of the same depth stands at the depth of that one."""
    if indent(quoted) == indent(line) and quoted.strip():
        return indent(index.lines[row]) + line.lstrip()
    return None


def _carry(quoted: str, line: str, found: str, new: str) -> str:
    """A changed line keeps the file's characters where the reply quoted twins of them."""
    here, there, text = quoted.strip(), found.strip(), line.strip()
    if here == there or len(here) != len(there) or fold(here) != fold(there) or not text:
        return new
    out = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, here, text, autojunk=False).get_opcodes():
        out.append(there[i1:i2] if tag == "equal" else text[j1:j2])
    return indent(new) + "".join(out)
