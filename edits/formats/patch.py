"""`*** Begin Patch` … `*** End Patch` in a reply → EditBlocks (the format `patch`).

Every line of a file has a mark in front here, so nothing in a file can look like a marker; what has
no `*** End Patch` was cut off.
"""

import re
from collections.abc import Sequence

from edits.formats.file_names import fence_info
from edits.formats.hunk import read_hunk
from edits.model import Cue, Delete, EditBlock, Move, NameHint, Reading, Replace, Unreadable, Write
from edits.text.normalize import indent, visible

_BEGIN = re.compile(r"\*\*\* *Begin Patch\s*\Z", re.IGNORECASE)
_END = re.compile(r"\*\*\* *End Patch\s*\Z", re.IGNORECASE)
_FILE = re.compile(r"\*\*\* *(Update|Add|Create|Delete|Remove) File\s*:\s*(\S.*?)\s*\Z", re.IGNORECASE)
_MOVE = re.compile(r"\*\*\* *(?:Move|Rename) to\s*:\s*(\S.*?)\s*\Z", re.IGNORECASE)
_EOF = re.compile(r"\*\*\* *End of File\s*\Z", re.IGNORECASE)
_SCOPE = re.compile(r"@@(?:\s+(.*?))?\s*(?:@@)?\s*\Z")


def parse_patch(lines: Sequence[str]) -> tuple[list[EditBlock | Unreadable], bool]:
    """The hunks, additions, deletions and moves of a reply, and whether its patch has an end."""
    blocks: list[EditBlock | Unreadable] = []
    lines = _outdented(lines)
    starts = [number for number, line in enumerate(lines) if "***" in line and _FILE.match(visible(line))]
    ends = [number for number, line in enumerate(lines) if "***" in line and _END.match(visible(line))]
    finished = True
    for order, start in enumerate(starts):
        limit = starts[order + 1] if order + 1 < len(starts) else len(lines)
        end = next((number for number in ends if number > start), None)
        stop = min(limit, next((n for n in range(start + 1, limit) if _stops(lines[n])), limit))
        if end is None:
            finished = False
            match = _FILE.match(visible(lines[start]))
            name = match.group(2) if match else ""
            blocks.append(Unreadable(start + 1, "*** End Patch at the end of the patch", name))
        else:
            blocks += _section(lines, start, stop)
    if not starts and (ends or any("***" in line and _BEGIN.match(line) for line in lines)):
        blocks.append(Unreadable((ends or [0])[0] + 1, "*** Update File: with the file's name"))
        finished = bool(ends)
    return blocks, finished


def _outdented(lines: Sequence[str]) -> Sequence[str]:
    """The lines without the indentation of the patch, as the item of a list has one."""
    begin = next((line for line in lines if "***" in line and _BEGIN.match(line.lstrip())), "")
    depth = indent(begin)
    return [line.removeprefix(depth) for line in lines] if depth else lines


def _stops(line: str) -> bool:
    return line.startswith("***") and bool(_END.match(visible(line)) or _BEGIN.match(visible(line)))


def _section(lines: Sequence[str], start: int, stop: int) -> list[EditBlock | Unreadable]:
    """The blocks of one file."""
    match = _FILE.match(visible(lines[start]))
    if not match:
        return []
    verb, name = match.group(1).lower(), match.group(2).strip("`\"'*")
    names = (NameHint((name,), declared=True),)
    body = list(lines[start + 1 : stop])
    if verb in ("delete", "remove"):
        return [EditBlock(names, Delete(), start + 1)]
    if verb in ("add", "create"):
        return [_addition(names, body, start)]
    moved = next((found for line in body if (found := _MOVE.match(visible(line)))), None)
    blocks: list[EditBlock | Unreadable] = list(_hunks(names, body, start + 1))
    if moved:
        blocks.append(EditBlock(names, Move(moved.group(1).strip("`\"'*")), start + 2))
    elif not blocks:
        blocks.append(
            Unreadable(start + 1, "lines with -, + or a space in front below *** Update File", name)
        )
    return blocks


def _addition(names: tuple[NameHint, ...], body: list[str], start: int) -> EditBlock | Unreadable:
    while body and (not body[-1].strip() or fence_info(body[-1]) is not None):
        body.pop()
    if any(line and not line.startswith("+") for line in body):
        return Unreadable(start + 1, "+ in front of every line of the added file", names[0].spellings[0])
    return EditBlock(names, Write((tuple(line[1:] for line in body),), new=True), start + 1)


def _hunks(names: tuple[NameHint, ...], body: list[str], first: int) -> list[EditBlock | Unreadable]:
    """The hunks of an `Update File` section; `first` is the 0-based line of its body."""
    blocks: list[EditBlock | Unreadable] = []
    scopes: list[str] = []
    hunk: list[str] = []
    begun = first

    def flush() -> None:
        readings = read_hunk(hunk)
        if readings and any(line[:1] in ("+", "-") for line in hunk):
            blocks.append(_block(names, readings, tuple(scopes), begun))

    for offset, line in enumerate(body):
        scope = _SCOPE.match(line) if line.startswith("@@") else None
        if scope:
            flush()
            if any(text.strip() for text in hunk):
                scopes = []
            hunk = []
            if scope.group(1):
                scopes.append(scope.group(1))
            begun = first + offset
        elif (
            _EOF.match(line)
            or _MOVE.match(line)
            or (fence_info(line) is not None and line[:1] not in (" ", "+", "-"))
        ):
            continue
        else:
            hunk.append(line)
    flush()
    return blocks


def _block(
    names: tuple[NameHint, ...], readings: tuple[Reading, ...], scopes: tuple[str, ...], line: int
) -> EditBlock:
    cue = Cue(scopes=scopes, ordered=True)
    return EditBlock(names, Replace(readings, cue), line + 1)
