"""Unified diffs in a reply → EditBlocks (the format `udiff`), one for each hunk.

The numbers in hunk headers are mostly invented; they are kept as a cue only where they agree with
the hunk they stand above.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from edits.formats.file_names import fence_info, hints_above, looks_like_path
from edits.formats.hunk import counts, read_hunk
from edits.model import Cue, Delete, EditBlock, Move, NameHint, Replace, Unreadable, Write
from edits.text.normalize import indent, visible

_OLD = re.compile(r"---\s+(\S.*?)\s*\Z")
_NEW = re.compile(r"\+\+\+\s+(\S.*?)\s*\Z")
_HUNK = re.compile(
    r"\s*@@+(?:\s*-(\d+)(?:,(\d+))?\s*\+(\d+)(?:,(\d+))?\s*@@+)?\s*(?:\.\.\.)?\s*(?:@@+)?\s*(.*?)\s*(?:@@+)?\s*\Z"
)
_GIT = re.compile(r"diff --git \S")
_GIT_LINE = re.compile(
    r"(?:diff --git |index [0-9a-f]{4,}|(?:new|deleted|old) (?:file )?mode |(?:dis)?similarity |rename |copy "
    r"|Binary files )"
)
_RENAME = re.compile(r"rename (from|to) (\S.*?)\s*\Z")
_STAMP = re.compile(r"\s+\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*\Z")
_NULL = "/dev/null"


@dataclass(slots=True)
class _File:
    """What the headers, or the lines above a diff without them, say about its file."""

    names: tuple[NameHint, ...]
    gone: bool = False
    """The diff deletes it."""
    hunks: int = 0


@dataclass(slots=True)
class _State:
    """Where the reading of a reply stands."""

    blocks: list[EditBlock | Unreadable] = field(default_factory=list)
    file: _File | None = None
    fenced: bool = False
    finished: bool = True
    floor: int = 0
    """The line after the last hunk."""


def parse_udiff(lines: Sequence[str]) -> tuple[list[EditBlock | Unreadable], bool]:
    """The hunks of a reply as blocks, and whether the last of them is complete."""
    state = _State()
    lines = _outdented(lines)
    number = 0
    while number < len(lines):
        number = _step(state, lines, number)
    return state.blocks, state.finished


def _step(state: _State, lines: Sequence[str], number: int) -> int:
    """Read what begins at a line; the number of the line after it."""
    line = visible(lines[number])
    info = fence_info(line)
    if info is not None:
        state.fenced = bool(info) or not state.fenced
        state.file = None
        return number + 1
    rename = _RENAME.match(line)
    if rename and rename.group(1) == "from" and number + 1 < len(lines):
        return _rename(state, lines, number, rename.group(2))
    if _header(lines, number):
        old, new = _OLD.match(line), _NEW.match(visible(lines[number + 1]))
        if old and new:
            state.file = _file(_path(old.group(1)), _path(new.group(1)))
            return number + 2
    single = _NEW.match(line) or _OLD.match(line)
    if (
        single
        and looks_like_path(_path(single.group(1)))
        and _HUNK.match(visible("".join(lines[number + 1 : number + 2])))
    ):
        state.file = _file(_path(single.group(1)), _path(single.group(1)))
        return number + 1
    if _HUNK.match(line):
        return _hunk(state, lines, number)
    if state.file and not state.file.hunks and line[:1] in ("-", "+", " ") and line.strip():
        return _hunk(state, lines, number - 1)
    return number + 1


def _header(lines: Sequence[str], number: int) -> bool:
    """Whether the two lines from here on name files; a deleted `-- x` looks much the same."""
    if number + 1 >= len(lines):
        return False
    old, new = _OLD.match(visible(lines[number])), _NEW.match(visible(lines[number + 1]))
    if not old or not new:
        return False
    first, second = _bare(_path(old.group(1)), _path(new.group(1)))
    below = visible(lines[number + 2]) if number + 2 < len(lines) else ""
    named = (
        first == second or _NULL in (first, second) or (looks_like_path(first) and looks_like_path(second))
    )
    return named and (
        bool(_HUNK.match(below)) or below[:1] in ("-", "+", " ", "") or fence_info(below) is not None
    )


def _hunk(state: _State, lines: Sequence[str], number: int) -> int:
    """One hunk: its header (or none, at the line before it) and its body."""
    start = number + 1
    end = start
    while end < len(lines) and not _ends(state, lines, start, end):
        end += 1
    body = list(lines[start:end])
    cut = end >= len(lines) and state.fenced
    head = _HUNK.match(visible(lines[number])) if number >= 0 else None
    if cut:
        state.finished = False
        state.blocks.append(
            Unreadable(max(number, 0) + 1, "the end of the diff and its closing fence", _name(state.file))
        )
    else:
        if state.file is None:
            state.file = _File(hints_above(lines, number, state.floor))
        _add(state, state.file, body, head, start)
        state.file.hunks += 1
        state.floor = end
    return end


def _ends(state: _State, lines: Sequence[str], start: int, number: int) -> bool:
    """Whether a line ends the hunk that began at `start`."""
    line = visible(lines[number])
    if line[:2] == "@@" and _HUNK.match(line):
        return True
    if line[:1] not in ("`", "~", "-", "d", "i", "<", " ", "") and state.fenced:
        return False
    info = fence_info(line)
    if info is not None and line[:1] not in (" ", "+", "-") and state.fenced:
        return info == ""
    if _GIT.match(line) or (line.startswith("--- ") and number > start - 1 and _header(lines, number)):
        return True
    if state.fenced:
        return False
    return line[:1] not in (" ", "-", "+", "\\") and not _goes_on(lines, number)


def _goes_on(lines: Sequence[str], number: int) -> bool:
    """Outside a fence: whether a blank line is context (marked lines follow) or the end."""
    if lines[number].strip():
        return False
    while number < len(lines) and not lines[number].strip():
        number += 1
    if number >= len(lines):
        return False
    line = lines[number]
    listed = line[:2] in ("- ", "+ ") and not line[2:3].isspace()
    return line[:1] in (" ", "-", "+") and not listed and not _header(lines, number)


def _file(old: str, new: str) -> _File:
    if new == _NULL:
        return _File((NameHint(tuple(dict.fromkeys((_bare(old, new)[0], old))), declared=True),), gone=True)
    return _File((NameHint((_bare(old, new)[1],), declared=True),))


def _bare(old: str, new: str) -> tuple[str, str]:
    """Both names without the prefixes of git, which are no folders."""
    if not old.startswith(("a/", _NULL)) or not new.startswith(("b/", _NULL)):
        return old, new
    return old.removeprefix("a/"), new.removeprefix("b/")


def _outdented(lines: Sequence[str]) -> list[str]:
    """The lines, those in an indented fence without its indentation."""
    found: list[str] = []
    depth = ""
    for line in lines:
        if fence_info(line) is not None and (not depth or indent(line) == depth):
            found.append(line.lstrip())
            depth = "" if depth else indent(line)
        else:
            found.append(line.removeprefix(depth))
    return found


def _add(state: _State, file: _File, body: list[str], head: re.Match[str] | None, start: int) -> None:
    body = [line for line in body if not line.startswith("\\ No newline") and not _GIT_LINE.match(line)]
    while body and not body[-1].strip():
        body.pop()
    readings = read_hunk(body)
    if not readings:
        return
    first = readings[0]
    change: Replace | Write | Delete
    if file.gone:
        change = Delete(first.search)
    elif not any(line.strip() for line in first.search) and not _is_anchored(head):
        change = Write((first.replace,), new=True)
    else:
        change = Replace(readings, _cue(head, body))
    state.blocks.append(EditBlock(file.names, change, start))


def _is_anchored(head: re.Match[str] | None) -> bool:
    """Whether a header quotes a line in place of numbers; behind numbers stands an enclosing line."""
    return head is not None and not head.group(1) and any(map(str.isalnum, head.group(5) or ""))


def _cue(head: re.Match[str] | None, body: list[str]) -> Cue:
    if head is None:
        return Cue(ordered=True)
    line, before, _, after, scope = head.groups()
    stated = (int(before or 1), int(after or 1)) if line else None
    exact = int(line) if line and stated == counts(body) else None
    scopes = (scope,) if scope and any(char.isalnum() for char in scope) else ()
    return Cue(exact, scopes, ordered=True)


def _rename(state: _State, lines: Sequence[str], number: int, old: str) -> int:
    to = _RENAME.match(lines[number + 1])
    if not to or to.group(1) != "to":
        return number + 1
    names = (NameHint((_path(old),), declared=True),)
    state.blocks.append(EditBlock(names, Move(_path(to.group(2))), number + 1))
    return number + 2


def _path(text: str) -> str:
    """A header's path without a time stamp, quotes or dressing."""
    return _STAMP.sub("", text.split("\t", maxsplit=1)[0]).strip().strip("`\"'*")


def _name(file: _File | None) -> str:
    return file.names[0].spellings[0] if file and file.names else ""
