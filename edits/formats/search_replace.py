"""SEARCH/REPLACE blocks of a reply → EditBlocks (the formats `diff` and `diff-fenced`).

Fences play no part in finding a block, since a file may hold fences itself; markers do. A line that
could be text as well as a divider gives the block a second reading, and the file decides.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from edits.formats.file_names import fence_info, hints_above, looks_like_path, read_info, read_line
from edits.model import EditBlock, NameHint, Reading, Replace, Unreadable, Write
from edits.text.normalize import blank, visible

_WORDS = r"SEARCH|ORIGINAL|HEAD|OLD|BEFORE|FIND|CURRENT"
_HEAD = re.compile(
    rf"(\s*)(?:(<{{5,9}})|<{{3,12}}|-{{5,9}})\s*(?:({_WORDS})\b\s*>?:?\s*(.*)|)\Z", re.IGNORECASE
)
_MID = re.compile(r"(\s*)={5,9}\s*+(?:REPLACE(?:\s+WITH)?|WITH|UPDATED)?:?\s*+\Z", re.IGNORECASE)
_OTHER_MID = re.compile(r"(\s*)={3,12}\s*\Z")
_ENDS = r"(?:END\s+)?REPLACE|REPLACED|REPLACEMENT|UPDATED?|NEW|AFTER|END|MODIFIED"
_DRESS = r"(?:<|[.:;]|`{3,}|~{3,}|\([^()]*\))?"
_TAIL = re.compile(
    rf"(\s*)(?:>{{5,12}}\s*({_ENDS})\s*+{_DRESS}|>{{3,4}}\s*({_ENDS})\s*+<?|>{{5,9}}\s*+<?|\+{{5,9}}\s*({_ENDS})\s*+<?)"
    r"\s*+\Z",
    re.IGNORECASE,
)
_FOREIGN_TAIL = re.compile(r"(\s*)>{5,9}\s+(\S.*)\Z")
_MARKS = frozenset(char * 3 for char in "<=>-+")


_Parts = tuple[str, str, str, str]
"""Kind, depth, word and rest of a marker."""


class _Marker(NamedTuple):
    number: int
    kind: str
    depth: str
    word: str = ""
    rest: str = ""


def parse_search_replace(lines: Sequence[str]) -> tuple[list[EditBlock | Unreadable], bool]:
    """The blocks of a reply, and whether the last of them is complete."""
    markers = list(_markers(lines))
    blocks: list[EditBlock | Unreadable] = []
    floor, finished, position = 0, True, 0
    while position < len(markers):
        marker = markers[position]
        if marker.kind == "head":
            block, position, end, finished = _read_block(lines, markers, position, floor)
            blocks.append(block)
            floor = end + 1
        else:
            stray = _stray(lines, marker, floor)
            if stray:
                blocks.append(stray)
            position += 1
    return blocks, finished


def is_marker(line: str) -> bool:
    """Whether a line of a file would read like a marker of a block."""
    text = visible(line).rstrip()
    return _marker(text) is not None or fence_info(line) is not None


def _markers(lines: Sequence[str]) -> list[_Marker]:
    """Every line that reads like a marker, in order."""
    found = []
    parts: dict[str, _Parts | None] = {}  # the markers of a reply are few lines many times over
    for number, raw in enumerate(lines):
        if raw not in parts:
            line = visible(raw).rstrip()
            parts[raw] = _marker(line) if line.lstrip()[:3] in _MARKS else None
        read = parts[raw]
        if read:
            found.append(_Marker(number, *read))
    return found


def _marker(line: str) -> _Parts | None:
    first = line.lstrip()[:1]
    if first == "=":
        match = _MID.match(line) or _OTHER_MID.match(line)
        return ("mid" if match.re is _MID else "rule", match.group(1), "", "") if match else None
    if first in (">", "+"):
        match = _TAIL.match(line)
        if match:
            return (
                "tail",
                match.group(1),
                (match.group(2) or match.group(3) or match.group(4) or "").upper(),
                "",
            )
        match = _FOREIGN_TAIL.match(line)
        return ("foreign", match.group(1), match.group(2), "") if match else None
    match = _HEAD.match(line)
    if match and (match.group(2) or match.group(3)):
        return "head", match.group(1), (match.group(3) or "").upper(), match.group(4) or ""
    return None


def _stray(lines: Sequence[str], marker: _Marker, floor: int) -> Unreadable | None:
    """A marker outside a block: an end without a beginning is an edit that could not be read."""
    if marker.kind != "tail" or not marker.word:
        return None
    if floor and all(blank(line) or fence_info(line) is not None for line in lines[floor : marker.number]):
        return None
    return Unreadable(marker.number + 1, "<<<<<<< SEARCH before this >>>>>>> REPLACE")


def _read_block(
    lines: Sequence[str], markers: Sequence[_Marker], position: int, floor: int
) -> tuple[EditBlock | Unreadable, int, int, bool]:
    """One block from its head on: it, the next marker to look at, its last line, and whether it ends."""
    head = markers[position]
    names = _names(lines, head, floor)
    end = _end(lines, markers, position)
    label = names[0].spellings[0] if names and names[0].declared else ""
    if end is None:
        return _unclosed(lines, markers, position, label)
    last, dividers, after = end
    first, depth = head.number + 1, head.depth
    stop = markers[last].number
    cuts = [markers[number].number for number in dividers]
    if not cuts:  # a divider of another length than usual
        cuts = [each.number for each in markers[position:last] if each.kind == "rule" and each.depth == depth]
    if not cuts:
        missing = Unreadable(head.number + 1, "======= between the SEARCH and the REPLACE part", label)
        return missing, after, stop, True
    if not floor and not _named(names) and _fence_left_open(lines, head.number, stop):
        unnamed = Unreadable(head.number + 1, "the file's name above the block and a closing fence below it")
        return unnamed, after, stop, True
    body = _outdented(list(lines[first:stop]), depth)
    change = _change(body, [cut - first for cut in cuts])
    return EditBlock(names, change, head.number + 1), after, stop, True


def _end(
    lines: Sequence[str], markers: Sequence[_Marker], position: int
) -> tuple[int, list[int], int] | None:
    """(marker that ends the block, its possible dividers, next marker), or None if it never ends."""
    head = markers[position]
    dividers: list[int] = []
    nested = 0
    for number in range(position + 1, len(markers)):
        marker = markers[number]
        same = marker.depth == head.depth
        if marker.kind == "mid" and (same or not dividers):
            dividers.append(number)
        elif marker.kind == "head" and same:
            if marker.word in ("HEAD", "") and head.word not in ("HEAD", "") and not dividers:
                nested += 1  # a merge conflict that the block is to resolve
                continue
            return _divider_as_end(lines, markers, dividers)
        elif marker.kind == "foreign" and nested:
            nested -= 1
        elif (
            marker.kind == "foreign"
            and head.word in ("HEAD", "ORIGINAL", "CURRENT", "")
            and same
            and dividers
        ):
            return number, dividers, number + 1
        elif marker.kind == "tail" and (same or marker.word):
            if nested and not marker.word:
                nested -= 1
                continue
            return number, dividers, number + 1
    return _divider_as_end(lines, markers, dividers)


def _divider_as_end(
    lines: Sequence[str], markers: Sequence[_Marker], dividers: list[int]
) -> tuple[int, list[int], int] | None:
    """A second divider right above the closing fence is an end that was written wrongly."""
    if len(dividers) < 2:
        return None
    last = dividers[-1]
    below = markers[last].number + 1
    if below < len(lines) and fence_info(lines[below]) == "":
        return last, dividers[:-1], last + 1
    return None


def _unclosed(
    lines: Sequence[str], markers: Sequence[_Marker], position: int, label: str
) -> tuple[Unreadable, int, int, bool]:
    """A block without an end: nothing of it counts, and reading goes on at the next head."""
    head = markers[position]
    expected = ">>>>>>> REPLACE at the end of the block"
    after = position + 1
    while after < len(markers) and markers[after].kind != "head":
        after += 1
    if after < len(markers):
        return Unreadable(head.number + 1, expected, label), after, markers[after].number - 1, True
    return Unreadable(head.number + 1, expected, label), len(markers), len(lines), False


def _change(body: list[str], cuts: list[int]) -> Replace | Write:
    """What a block asks for, for each of its possible dividers (positions in its body)."""
    if len(cuts) > 1 and cuts[-1] == len(body) - 1:
        # a divider right before the end is the end marker's double, unless it underlines a title
        title = body[-2] if len(body) > 1 else ""
        if cuts[-2] == len(body) - 2 or not title.strip() or not _underlines(body[-1], title):
            body, cuts = body[:-1], cuts[:-1]
    readings = [Reading(tuple(body[:cut]), tuple(body[cut + 1 :])) for cut in cuts]
    if all(blank(line) for line in readings[0].search) and len(readings) == 1:
        return Write(_contents(readings[0].replace), new=True)
    # of two dividers that both fit the file, the later one explains more of it
    return Replace(tuple(reversed(readings)))


def _underlines(rule: str, title: str) -> bool:
    """Whether a rule is as long as the title above it, as headings are underlined."""
    return 0 <= len(rule.strip()) - len(title.strip()) <= 3


def _contents(lines: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The text of a new file, out of the fence (and below the name) that some models repeat."""
    start = 0
    while start < min(2, len(lines)) and fence_info(lines[start]) is None:
        start += 1
    if (
        start >= len(lines)
        or fence_info(lines[start]) is None
        or fence_info(lines[-1]) != ""
        or start == len(lines) - 1
    ):
        return (lines,)
    named = start == 0 or (start == 1 and (hint := read_line(lines[0])) is not None and hint.declared)
    inner = lines[start + 1 : -1]
    fences = sum(fence_info(line) is not None for line in inner)
    return (inner,) if named and fences % 2 == 0 else (lines,)


def _named(names: tuple[NameHint, ...]) -> bool:
    return any(looks_like_path(spelling) for hint in names for spelling in hint.spellings)


def _fence_left_open(lines: Sequence[str], head: int, stop: int) -> bool:
    """Whether the fence around a block never closes: too little of a reply to guess a file for."""
    above = next((line for line in reversed(lines[:head]) if line.strip()), "")
    opened = fence_info(above) is not None
    return opened and not any(fence_info(line) is not None for line in lines[stop + 1 :])


def _outdented(body: list[str], depth: str) -> list[str]:
    """The body without the indentation of its markers, where all of it has that."""
    if not depth or any(line.strip() and not line.startswith(depth) for line in body):
        return body
    return [line[len(depth) :] if line.startswith(depth) else line.lstrip() for line in body]


def _names(lines: Sequence[str], head: _Marker, floor: int) -> tuple[NameHint, ...]:
    """Where the file may be named: after the marker, then in the lines above it."""
    above = hints_above(lines, head.number, floor)
    if above and head.number - 2 >= floor and fence_info(lines[head.number - 2]) is not None:
        first = above[0]  # a line alone between the fence and the head is a name, whatever is in it
        above = (replace(first, unusual=(*first.unusual, *first.spaced), spaced=()), *above[1:])
    own = read_info(head.rest) if head.rest else None
    return (own, *above) if own else above
