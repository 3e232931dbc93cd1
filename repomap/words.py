"""Counts the words of a file, in code and in prose, by the definition they stand in."""

import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Set
from itertools import repeat

from repomap.captures import Found, Matches

MOST = 65535
BOM = b"\xef\xbb\xbf"
NOT_IN_NUMBER = rb"(?<![0-9A-Za-z_\x80-\xff])"
PROSE_WORD = NOT_IN_NUMBER + rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*"


def code_and_prose(source: bytes, code: bytes, matches: Matches) -> tuple[bytearray, bytearray]:
    """The source with its comments and strings blanked, and those alone with all else blanked."""
    bare, told = bytearray(code), bytearray(b" ") * len(source)
    parts = [(*span, True) for span in (*matches.comments, *matches.strings)]
    if matches.interpolated:
        parts += [(*span, False) for span in matches.interpolated]
        parts.sort(key=lambda part: (part[0], -part[1]))
    for start, end, is_prose in parts:
        told[start:end] = source[start:end] if is_prose else b" " * (end - start)
        bare[start:end] = b" " * (end - start) if is_prose else code[start:end]
    if source.startswith(BOM):
        bare[:3] = told[:3] = b"   "
    return bare, told


def count_uses(
    definitions: list[Found],
    line_starts: list[int],
    bare: bytearray,
    told: bytearray,
    word: re.Pattern[bytes],
    keywords: Set[bytes],
) -> list[tuple[Counter[bytes], Counter[bytes]]]:
    """Words in code and in prose, first of the file outside any definition, then of each definition."""
    uses: list[tuple[Counter[bytes], Counter[bytes]]] = [
        (Counter(), Counter()) for _ in range(len(definitions) + 1)
    ]
    find_code, find_prose = word.findall, re.compile(PROSE_WORD).findall
    for owner, start, end in _segments(definitions, line_starts, len(bare)):
        uses[owner][0].update(find_code(bare, start, end))
        uses[owner][1].update(find_prose(told, start, end))
    for in_code, _ in uses:
        for reserved in in_code.keys() & keywords:
            del in_code[reserved]
    for place, one in enumerate(definitions):
        for part in find_code(one.name) * one.clauses:
            _take_one(uses[place + 1][0], part)
    return uses


def _take_one(counts: Counter[bytes], word: bytes) -> None:
    if counts[word] > 1:
        counts[word] -= 1
    else:
        del counts[word]


def _segments(definitions: list[Found], line_starts: list[int], size: int) -> Iterator[tuple[int, int, int]]:
    """Cuts the file where definitions begin and end: (owner, first byte, end), owner 0 outside all.

    What stands directly above a definition (its comments, its decorators) is the definition's.
    """
    place, open_owners = 0, [(0, size)]
    for number, one in enumerate(definitions, 1):
        start = max(place, line_starts[one.doc_row] if one.doc_row < one.first_row else one.start)
        while len(open_owners) > 1 and open_owners[-1][1] <= start:
            owner, end = open_owners.pop()
            if place < end:
                yield owner, place, end
                place = end
        if place < start:
            yield open_owners[-1][0], place, start
            place = start
        open_owners.append((number, one.end))
    for owner, end in reversed(open_owners):
        if place < end:
            yield owner, place, end
            place = end


def append_uses(
    columns: "list[array[int]]",
    owner: int,
    in_code: Counter[bytes],
    in_prose: Counter[bytes],
    numbers: defaultdict[bytes, int],
) -> None:
    """Adds one owner's counts to the columns: its words in code first, then those in prose alone."""
    use_owner, use_word, use_code, use_prose = columns
    only_prose = [word for word in in_prose if word not in in_code] if in_prose else []
    use_word.extend(map(numbers.__getitem__, in_code))
    use_word.extend(map(numbers.__getitem__, only_prose))
    use_code.extend(_shorts(in_code.values()))
    use_code.extend(array("H", bytes(2 * len(only_prose))))
    use_prose.extend(_shorts(list(map(in_prose.get, in_code, repeat(0)))))
    use_prose.extend(_shorts([in_prose[word] for word in only_prose]))
    use_owner.extend(array("I", [owner]) * (len(in_code) + len(only_prose)))


def _shorts(counts: Collection[int]) -> "array[int]":
    """Counts as 16-bit numbers; what is more stays the most that fits."""
    try:
        return array("H", counts)
    except OverflowError:
        return array("H", (min(times, MOST) for times in counts))
