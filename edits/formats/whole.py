"""Whole files listed in fences → EditBlocks (the format `whole`).

A file that holds fences itself makes the end of its listing uncertain; each possible end is a
reading, and the file as it is decides, or nobody.
"""

import re
from collections.abc import Sequence

from edits.formats.file_names import fence_info, hints_above, read_info, read_line
from edits.model import EditBlock, NameHint, Unreadable, Write
from edits.text.normalize import indent, visible

_FOREIGN = re.compile(r"<{5,9} ?(?:SEARCH|ORIGINAL)\b|\*\*\* Begin Patch\b", re.IGNORECASE)
_EXCERPT = re.compile(
    r"\b(?:section|part|portion|snippet|excerpt|fragment|piece|lines?|bits?)s?\s+(?:of|from|in|to)\b"
    r"|\b(?:relevant|changed|modified|updated|affected|new)\s+(?:section|part|portion|snippet|lines?|bit)s?\b"
    r"|\bonly\s+the\s+(?:changed|relevant|modified|updated)\b",
    re.IGNORECASE,
)
"""What a reply says of a listing that is not the whole file."""
_REACH = 4
"""How many lines above a listing may say so."""
_SHELL = frozenset("bash sh shell console zsh powershell cmd text output diff".split())


def parse_whole(lines: Sequence[str]) -> tuple[list[EditBlock | Unreadable], bool]:
    """The listings that name a file, and whether the last one is closed."""
    blocks: list[EditBlock | Unreadable] = []
    unnamed: list[Unreadable] = []
    number = floor = 0
    finished = True
    while number < len(lines):
        info = fence_info(lines[number])
        if info is None:
            number += 1
            continue
        block, stop = _listing(lines, number, info, floor)
        if stop is None:
            finished = False
            blocks.append(Unreadable(number + 1, "a closing fence at the end of the file", block.name))
            break
        shell = info.split(" ", maxsplit=1)[0].lower() in _SHELL
        if shell and not (block.names and block.names[0].declared):
            pass  # an example, or how to try it
        elif not block.names:
            unnamed.append(Unreadable(number + 1, "the file's name on the line above the fence"))
        elif _other_format(block.name, info, lines[number + 1 : stop - 1]):
            blocks.append(Unreadable(number + 1, "the whole file in place of a piece of it", block.name))
        else:
            blocks.append(block)
        number = floor = stop
    return blocks or list(unnamed), finished


def _listing(lines: Sequence[str], start: int, info: str, floor: int) -> tuple[EditBlock, int | None]:
    """The listing that opens at a fence, and the line after it (None where it never closes)."""
    own = read_info(info) if info else None
    names = (own, *hints_above(lines, start, floor)) if own else hints_above(lines, start, floor)
    ends = _ends(lines, start)
    first = start + 1
    if not names and ends and first < ends[0] and (hint := _name_inside(lines[first])):
        names, first = (hint,), first + 1
    depth = indent(lines[start])
    texts = tuple(_outdented(lines[first:end], depth) for end in ends)
    reply_ends = tuple(end + 1 for end in ends)
    excerpt = any(_EXCERPT.search(line) for line in lines[max(floor, start - _REACH) : start])
    change = Write(texts or ((),), new=False, reply_ends=reply_ends, excerpt=excerpt)
    return EditBlock(names, change, start + 1), ends[0] + 1 if ends else None


def _outdented(lines: Sequence[str], depth: str) -> tuple[str, ...]:
    """The lines of a listing in the item of a list, without the indentation of its fence."""
    if not depth or any(line.strip() and not line.startswith(depth) for line in lines):
        return tuple(lines)
    return tuple(line[len(depth) :] if line.startswith(depth) else "" for line in lines)


def _other_format(name: str, info: str, lines: Sequence[str]) -> bool:
    """Whether a listing is no file but an edit in another format."""
    first, second = [line.strip() for line in (*lines, "", "")][:2]
    if _FOREIGN.match(first):
        return True
    signed = info.split(" ", maxsplit=1)[0].lower() == "diff" and all(
        line[:1] in ("+", "-", " ", "@", "") for line in lines
    )
    headed = first.startswith("--- ") and second.startswith("+++ ")
    return (signed or headed) and not name.endswith((".diff", ".patch"))


def _name_inside(line: str) -> NameHint | None:
    """A name on the first line of a listing, alone or in a comment."""
    hint = read_line(line)
    return hint if hint and hint.declared and len(line.split()) < 3 else None


def _ends(lines: Sequence[str], start: int) -> list[int]:
    """The fences that may close the one at `start`, ascending; the first is the likeliest.

    A bare fence closes what is open inside; where nothing is, it may close the listing, or open
    something inside: both are followed. A fence with a language always opens.
    """
    mark, depth = _mark(lines[start]), indent(lines[start])
    ends: list[int] = []
    inner = ""
    for number in range(start + 1, len(lines)):
        info = fence_info(lines[number])
        if (
            info is None
            or not _mark(lines[number]).startswith(inner or mark)
            or _underlines(lines, number, mark)
        ):
            continue
        if inner:
            inner = inner if info else ""
        elif info:
            inner = _mark(lines[number])
        else:
            if indent(lines[number]) == depth:
                ends.append(number)
            inner = _mark(lines[number])
    return ends


def _underlines(lines: Sequence[str], number: int, mark: str) -> bool:
    """Whether a long fence is the rule under a title, as reStructuredText writes it."""
    length, title = len(_mark(lines[number])), lines[number - 1].strip()
    return length > len(mark) and bool(title) and fence_info(title) is None and abs(length - len(title)) <= 3


def _mark(line: str) -> str:
    text = visible(line).strip()
    return text[: len(text) - len(text.lstrip(text[0]))] if text[:1] in ("`", "~") else text[:1]
