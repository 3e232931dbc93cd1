"""A reading of a block → further readings, for what happened to it on its way through the model.

They are asked only where the literal text stands nowhere, and each one undoes one thing: characters
nobody sees, a fence inside the markers, the signs of a diff or line numbers in front, HTML escapes.
"""

import html
import itertools
import re

from edits.formats.file_names import fence_info
from edits.model import Reading
from edits.text.normalize import plain_space

_NUMBER = re.compile(r"\s*L?(\d+)(?:(?:\s*[|\u2502]|[:\u2192])( ?)|\t)")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});")


def variants(reading: Reading) -> list[tuple[Reading, int | None]]:
    """The further readings, the least changed first, and the line number that each one quotes."""
    found: list[tuple[Reading, int | None]] = []
    current = reading
    for undo in (_visible, _unfenced, _unsigned):
        changed = undo(current)
        if changed != current:
            current = changed
            found.append((current, None))
    line = None
    numbered = _unnumbered(current)
    if numbered:
        current, line = numbered
        found.append((current, line))
    plain = _unescaped(current)
    return [*found, (plain, line)] if plain != current else found


def _visible(reading: Reading) -> Reading:
    search, replace = (
        tuple(plain_space(line) for line in part) for part in (reading.search, reading.replace)
    )
    return Reading(search, replace)


def _unfenced(reading: Reading) -> Reading:
    """Without the fence that wraps the lines of a part."""
    return Reading(_inside(reading.search), _inside(reading.replace)) if _wrapped(reading.search) else reading


def _wrapped(lines: tuple[str, ...]) -> bool:
    return len(lines) > 2 and fence_info(lines[0]) is not None and fence_info(lines[-1]) == ""


def _inside(lines: tuple[str, ...]) -> tuple[str, ...]:
    if _wrapped(lines):
        return lines[1:-1]
    return (
        () if len(lines) == 2 and fence_info(lines[0]) is not None and fence_info(lines[1]) == "" else lines
    )


def _unsigned(reading: Reading) -> Reading:
    """Without the signs of a diff, where every line has one; a REPLACE may be without them."""
    search = {line[:1] for line in reading.search if line.strip()}
    replace = {line[:1] for line in reading.replace if line.strip()}
    if "-" not in search or not search <= {"-", " "} or not ("+" not in replace or replace <= {"+", " "}):
        return reading
    if "+" not in replace and (" " in search or "-" in replace):
        return reading
    bare = tuple(line[1:] for line in reading.search)
    return Reading(bare, tuple(line[1:] for line in reading.replace) if "+" in replace else reading.replace)


def _unescaped(reading: Reading) -> Reading:
    """HTML entities as the characters they stand for, in both parts."""
    if not any(_ENTITY.search(line) for line in reading.search):
        return reading
    search, replace = (
        tuple(html.unescape(line) for line in part) for part in (reading.search, reading.replace)
    )
    return Reading(search, replace)


def _unnumbered(reading: Reading) -> tuple[Reading, int] | None:
    """Without line numbers, where every line of the SEARCH has one and they count up."""
    numbers = [_NUMBER.match(line) for line in reading.search]
    filled = [match for match, line in zip(numbers, reading.search, strict=True) if line.strip()]
    if not filled or any(match is None for match in filled):
        return None
    counted = [int(match.group(1)) for match in filled if match]
    if any(later <= earlier for earlier, later in itertools.pairwise(counted)):
        return None
    # a space after every number belongs to it; one that only some lines have is indentation
    texts = [line[match.end() :] for match, line in zip(numbers, reading.search, strict=True) if match]
    spaced = all(match.group(2) for match, text in zip(filled, texts, strict=False) if match and text.strip())
    search = tuple(_cut(line, spaced) for line in reading.search)
    bare = [line for line in reading.replace if line.strip() and not _NUMBER.match(line)]
    same = len(bare) * 2 < len([line for line in reading.replace if line.strip()])
    replace = tuple(_cut(line, spaced) for line in reading.replace) if same else reading.replace
    return Reading(search, replace), counted[0]


def _cut(line: str, spaced: bool) -> str:
    match = _NUMBER.match(line)
    if match is None:
        return line
    return line[match.end() :] if spaced or match.group(2) is None else line[match.start(2) :]
