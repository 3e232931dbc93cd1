"""SEARCH, REPLACE and a placement → the lines that change: a three-way merge.

What the edit does not change stays as the file has it, however the reply quoted it; what it changes
is the reply's text, indented as the file is:

    file                  SEARCH            REPLACE           written
        x = 1  # one      x = 1  # one      x = 1  # one          x = 1  # one
        y = 2             y = 2             y = 3                 y = 3
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from edits.matching.placement import Placement, Span, depth_pairs
from edits.matching.slips import carried, character_slip, doubt_about
from edits.matching.spacing import Spacing, into_gap, spacing_of, with_blank_edges, with_outer_blanks
from edits.text.compare import Opcode, compare
from edits.text.elision import elisions, leaves_out
from edits.text.indentation import Reindent, learn
from edits.text.line_index import LineIndex
from edits.text.normalize import FOLDED, blank, fold, indent, key


@dataclass(frozen=True, slots=True)
class Unclear:
    """An edit that has its place and still two possible results."""

    why: str
    elided: bool = False
    """The new text leaves lines out."""


@dataclass(frozen=True, slots=True)
class Splice:
    """Lines of a text that become other lines: as few as possible."""

    start: int
    end: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Edit:
    """A SEARCH/REPLACE at its place in a text."""

    index: LineIndex
    search: tuple[str, ...]
    replace: tuple[str, ...]
    place: Placement


def merge(
    index: LineIndex, search: tuple[str, ...], replace: tuple[str, ...], place: Placement
) -> list[Splice] | Unclear:
    """What an edit does to a text at a place: the splices, ascending."""
    edit = _without_twins(_trimmed(_Edit(index, search, replace, place)))
    if isinstance(edit, Unclear):
        return edit
    is_elided = any(
        last - first != 1 and not blank(line)
        for line, (first, last) in zip(edit.search, edit.place.spans, strict=True)
    )
    plain = _canonical if is_elided else tuple
    codes = compare(plain(edit.search), plain(edit.replace))
    changes = [code for code in codes if code[0] != "equal"]
    deletes_only = all(tag == "delete" for tag, *_ in changes)
    rule = _rule(edit, writes=not deletes_only)
    if rule is None and deletes_only:
        return Unclear(
            "the file indents these lines differently from the SEARCH part, and not all of them alike"
        )
    spacing = spacing_of(index, codes, edit.replace, edit.place)
    splices: list[Splice] = []
    for code in changes:
        splice = _splice(edit, code, rule, spacing)
        if isinstance(splice, Unclear):
            return splice
        splices.append(splice)
    return splices if is_elided else _without_trailing(edit, codes, splices)


def _canonical(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Lines with every elision written alike, so that those of both parts compare equal."""
    gaps = set(elisions(lines))
    return tuple("\u2026" if number in gaps else line for number, line in enumerate(lines)) if gaps else lines


def _trimmed(edit: _Edit) -> _Edit:
    """Drop the blank lines at the edges of both parts that the text does not have."""
    search, replace, spans = edit.search, edit.replace, edit.place.spans
    while spans and spans[0][0] == spans[0][1] and blank(search[0]):
        search, spans = search[1:], spans[1:]
        replace = replace[1:] if replace and blank(replace[0]) else replace
    while spans and spans[-1][0] == spans[-1][1] and blank(search[-1]):
        search, spans = search[:-1], spans[:-1]
        replace = replace[:-1] if replace and blank(replace[-1]) else replace
    return _Edit(edit.index, search, replace, Placement(spans))


def _without_trailing(edit: _Edit, codes: Sequence[Opcode], splices: list[Splice]) -> list[Splice]:
    """Drop white space at line ends between two changes, where the reply spells the lines out."""
    inner = codes[1:-1] if codes and codes[0][0] == "equal" else codes[:-1]
    more = []
    for tag, i1, i2, _, _ in inner:
        for number in range(i1, i2) if tag == "equal" else ():
            (first, last), line = edit.place.spans[number], edit.search[number]
            if last - first == 1 and edit.index.lines[first] != line == edit.index.lines[first].rstrip():
                more.append(Splice(first, last, (line,)))
    return sorted((*splices, *more), key=lambda splice: (splice.start, splice.end))


def _without_twins(edit: _Edit) -> _Edit | Unclear:
    """Undo typographic characters that the reply put where the file has plain ones.

    Example: `print(“a”)` for `print("a")`. In the REPLACE they may be wanted, so there the rule of
    `slips.carried` holds.
    """
    table = _twins(edit)
    if not table:
        return edit
    slip = character_slip("typographic or invisible characters", table)
    replacement = carried(slip, edit.search, edit.replace)
    if replacement is None:
        return Unclear(doubt_about(slip.name))
    if replacement == edit.replace:
        return edit
    return _Edit(edit.index, tuple(map(slip.undo, edit.search)), replacement, edit.place)


def _twins(edit: _Edit) -> dict[int, str]:
    """Characters of the SEARCH that are always another text in the file: code point → text."""
    texts: dict[str, set[str]] = {}
    for quoted, (first, last) in zip(edit.search, edit.place.spans, strict=True):
        if last - first == 1 and not quoted.isascii():
            for char, text in _aligned(quoted.strip(), edit.index.lines[first].strip()):
                texts.setdefault(char, set()).add(text)
    return {ord(char): min(found) for char, found in texts.items() if found != {char} and len(found) == 1}


def _aligned(quoted: str, actual: str) -> list[tuple[str, str]]:
    """Each character of a quoted line with what the file has for it; [] where they do not agree."""
    pairs, at = [], 0
    for char in quoted:
        text = char if actual.startswith(char, at) else fold(char)
        if not actual.startswith(text, at):
            return []
        pairs.append((char, text))
        at += len(text)
    return pairs


@dataclass(frozen=True, slots=True)
class _Rule:
    """How the lines of a REPLACE are indented in the file."""

    reindent: Reindent
    first: Reindent | None = None
    """For the first line alone, which often loses its indentation when it is quoted."""

    def write(self, line: str, *, is_first: bool) -> str | None:
        """A line of the REPLACE as it is to stand in the file; None where the rule does not say."""
        depth = indent(line)
        if not line.strip():
            return line
        new = self.first(depth) if is_first and self.first else self.reindent(depth)
        return None if new is None else new + line[len(depth) :]


def _as_written(depth: str) -> str:
    return depth


def _rule(edit: _Edit, *, writes: bool) -> _Rule | None:
    """How the REPLACE is indented in the file; None where the quoted lines do not say.

    `writes`: the edit brings lines; a deletion need only know that the SEARCH follows one rule.
    """
    pairs = depth_pairs(edit.index, edit.search, edit.place)
    if all(quoted == actual for _, quoted, actual in pairs):
        return _Rule(_as_written)
    depths = [(quoted, actual) for _, quoted, actual in pairs]
    rule = learn(depths, (*edit.search, *edit.replace), edit.index.unit)
    rest = learn(depths[1:], (*edit.search[1:], *edit.replace[1:]), edit.index.unit) if depths[1:] else None
    if rest and depths[0][0] == "" and depths[0][1] and not _same(rule, rest, depths):
        own = _first_line(edit, depths[0])
        rest = _shifted_alike(edit, pairs[1:], rest) if writes else rest
        return _Rule(rest, own) if rest and own else None
    rule = _shifted_alike(edit, pairs, rule) if writes else rule
    return _Rule(rule) if rule else None


def _same(rule: Reindent | None, rest: Reindent, depths: Sequence[tuple[str, str]]) -> bool:
    """Whether the first line follows the rule of the others."""
    quoted, actual = depths[0]
    return rule is not None and rest(quoted) == actual


def _first_line(edit: _Edit, depth: tuple[str, str]) -> Reindent | None:
    """How the first line of the REPLACE is indented, where that of the SEARCH lost its indentation."""
    line = next(iter(edit.replace), "")
    if indent(line) == depth[1]:
        return _as_written
    return learn([depth], (), str) if not indent(line) else None


def _shifted_alike(
    edit: _Edit, pairs: Sequence[tuple[int, str, str]], rule: Reindent | None
) -> Reindent | None:
    """The rule of the SEARCH for the REPLACE, where that is indented alike; None where that is uncertain.

    It is where both parts hold a line at the depth that the file does not have, or both begin at
    one. A REPLACE that begins at the depth of the file is written as it is.
    """
    wrong = [(number, quoted, actual) for number, quoted, actual in pairs if quoted != actual]
    filled = [line for line in edit.replace if not blank(line)]
    if not wrong or not filled or any(edit.search[number] in filled for number, _, _ in wrong):
        return rule if wrong else _as_written
    _, quoted, actual = pairs[0]
    begins = indent(filled[0])
    if begins == quoted and all(indent(line).startswith(_least(pairs, 1)) for line in filled):
        return rule
    if begins == actual and all(indent(line).startswith(_least(pairs, 2)) for line in filled):
        return _as_written
    return None


def _least(pairs: Sequence[tuple[int, str, str]], side: int) -> str:
    """The least indentation among the quoted lines (1) or those of the file (2)."""
    return min((str(pair[side]) for pair in pairs), key=len)


def _splice(edit: _Edit, code: Opcode, rule: _Rule | None, spacing: Spacing) -> Splice | Unclear:
    """Carry one opcode over to the text."""
    _, i1, i2, j1, j2 = code
    index, spans, new = edit.index, edit.place.spans, edit.replace[j1:j2]
    doubt = _elision_doubt(edit, code)
    if doubt:
        return doubt
    covering = [number for number in range(i1, i2) if spans[number][1] > spans[number][0]]
    if covering:
        start, end = spans[covering[0]][0], spans[covering[-1]][1]
        kept = set(range(start, end)) - {row for number in covering for row in range(*spans[number])}
        if any(not blank(index.lines[row]) for row in kept):
            return Unclear("there is a comment between lines that the edit replaces")
        rows = with_blank_edges(index, spans, (i1, i2), (start, end), new, spacing)
    else:
        start = spans[i1 - 1][1] if i1 else edit.place.start
        following = spans[i2][0] if i2 < len(spans) else edit.place.end
        decided = into_gap(index, new, start, following, spacing) if following != start else (start, start)
        if decided is None:
            return Unclear("the new lines would go exactly where the SEARCH part leaves lines out")
        rows = decided
    grown = with_outer_blanks(index, edit.place, code, edit.replace, rows, spacing)
    if grown is None:
        return Unclear("there already is a blank line next to the place where the REPLACE part adds one")
    lines = _write(edit, code, rule)
    return lines if isinstance(lines, Unclear) else Splice(*grown, lines)


def _elision_doubt(edit: _Edit, code: Opcode) -> Unclear | None:
    """Why the new lines of an opcode would write an elision into the file, or lose one's lines."""
    _, i1, i2, j1, j2 = code
    spans, gaps = edit.place.spans, elisions(edit.search)
    covering = [number for number in range(i1, i2) if spans[number][1] > spans[number][0]]
    if any(
        spans[number][1] - spans[number][0] > 1 or (number in gaps and not _literal(edit, number))
        for number in covering
    ):
        return Unclear("the REPLACE part drops an elision (`...`) of the SEARCH part", elided=True)
    deleted = [edit.search[number] for number in covering]
    removes = _filled(deleted) > 0 or any(last - first > 1 for first, last in spans)
    shrinks = _filled(edit.replace[j1:j2]) < _filled(deleted)
    lines = edit.index.lines
    if any(leaves_out(edit.replace, row, lines, removes=removes, shrinks=shrinks) for row in range(j1, j2)):
        why = "the REPLACE part has an elision (`...`) that the SEARCH part does not have"
        return Unclear(why, elided=True)
    return None


def _filled(lines: Sequence[str]) -> int:
    return sum(not blank(line) for line in lines)


def _literal(edit: _Edit, number: int) -> bool:
    """Whether a line that looks like an elision stands in the text as it is."""
    first, last = edit.place.spans[number]
    return last - first == 1 and key(edit.index.lines[first], FOLDED) == key(edit.search[number], FOLDED)


def _write(edit: _Edit, code: Opcode, rule: _Rule | None) -> tuple[str, ...] | Unclear:
    """The new lines of one opcode as they are to stand in the file."""
    _, i1, i2, j1, j2 = code
    lines: list[str] = []
    is_paired = i2 - i1 == j2 - j1
    for offset, line in enumerate(edit.replace[j1:j2]):
        span: Span = edit.place.spans[i1 + offset] if is_paired else (0, 0)
        quoted = edit.search[i1 + offset] if is_paired else ""
        actual = edit.index.lines[span[0]] if span[1] - span[0] == 1 else None
        new = rule.write(line, is_first=j1 + offset == 0) if rule else None
        if new is None:
            new = _beside(quoted, line, actual) if actual is not None else None
        if new is None:
            return Unclear("the indentation of the SEARCH part does not show how to indent the new lines")
        lines.append(new if actual is None else _carry(quoted, line, actual, new))
    return tuple(lines)


def _beside(quoted: str, line: str, actual: str) -> str | None:
    """A line that replaces one of the same depth, at the depth of that one in the file."""
    if indent(quoted) == indent(line) and quoted.strip():
        return indent(actual) + line.lstrip()
    return None


def _carry(quoted: str, line: str, actual: str, new: str) -> str:
    """A changed line with the file's characters in the ends that the edit leaves as they are.

    Example: the file has `It’s here.`, and `It's here.` becomes `It's there.`: the quote stays.
    """
    here, there, text = quoted.strip(), actual.strip(), line.strip()
    if here == there or len(here) != len(there) or fold(here) != fold(there) or not text:
        return new
    head = _common(here, text)
    tail = _common(here[head:][::-1], text[head:][::-1])
    space = line[len(line.rstrip()) :]
    return indent(new) + there[:head] + text[head : len(text) - tail] + there[len(there) - tail :] + space


def _common(text: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False))
    return sum(1 for _ in pairs)
