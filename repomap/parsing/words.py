"""Counts the words of a file, in code and in prose, by the definition they stand in.

A text is cut into *runs*, the longest stretches of the characters that words are made of, and the
runs of each definition are counted; which words a run holds is asked of the language's pattern
once. Cutting and counting run in C; searching for each word would cost most of reading a file.
"""

import re
from array import array
from collections import _count_elements, defaultdict  # type: ignore[attr-defined]  # of `Counter`, in C
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, filterfalse, repeat

from repomap.parsing.captures import Found, Matches

Counts = dict[bytes, int]
"""How often each word stands somewhere, in order of first use."""
MOST = 65535
MEMO_RUNS = 100_000
"""So many words are remembered to be words before they are asked of the pattern again."""
BOM = b"\xef\xbb\xbf"
NOT_IN_NUMBER = rb"(?<![0-9A-Za-z_\x80-\xff])"
PROSE_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*"
AFTER_DIGITS = b":"
"""Comes after all that begins with a digit, and before all that begins with a letter or `_`."""
_LETTER = re.compile(rb"[0-9A-Za-z_\x80-\xff]")
_LETTERS = b"".join(_LETTER.findall(bytes(range(256))))
QUOTES = b"\"'"
_SHAPE = bytes.maketrans(_LETTERS + QUOTES, b"a" * len(_LETTERS) + b'"' * len(QUOTES))
"""Makes a letter of all letters, and one quote of both, of text that holds nothing else but blanks."""
_UNQUOTED = bytes.maketrans(QUOTES, b" " * len(QUOTES))


class Wording:
    """What the words of one language are."""

    def __init__(
        self,
        word: bytes,
        marks: bytes = b"",
        reserved: frozenset[bytes] = frozenset(),
        *,
        usual: bool = False,
    ) -> None:
        """``marks`` are the characters that the pattern ``word`` looks at beside those of plain words.

        ``usual``: where there is none of them, the words are those of prose.
        """
        self._marks = marks
        self._usual = usual
        self.find = re.compile(NOT_IN_NUMBER + b"(?:" + word + b")").findall
        kept = frozenset([*(bytes((code,)) for code in _LETTERS + marks)])
        self.only = b"".join(char if (char := bytes((code,))) in kept else b" " for code in range(256))
        """A table for `bytes.translate` that leaves runs as they are and blanks what is between."""
        self.reserved = reserved
        self._plain: set[bytes] = set()

    def odd(self, runs: set[bytes]) -> tuple[set[bytes], dict[bytes, tuple[bytes, ...]]]:
        """Those of the runs that are not one word each, and those of them that hold words, with these."""
        fresh = runs - self._plain
        plain = fresh.intersection(self.find(b" ".join(fresh))) - self.reserved
        if len(self._plain) > MEMO_RUNS:
            self._plain.clear()
        self._plain |= plain
        odd = fresh - plain
        if self.reserved.issuperset(self.find(b" ".join(odd))):
            return odd, {}
        words = {run: tuple(word for word in self.find(run) if word not in self.reserved) for run in odd}
        return odd, {run: held for run, held in words.items() if held}

    def settled(self, text: bytearray) -> bytes:
        """A text of runs without the quotes that tell a word from the prefix of a string, and without prefixes.

        Nearly every file has quotes, and few have prefixes; what is left needs no pattern to be read.
        """
        if self._marks != QUOTES or not any(quote in text for quote in QUOTES):
            return bytes(text)
        shape = text.translate(_SHAPE)
        at = shape.find(b'a"')
        while at >= 0:
            begin = max(shape.rfind(b" ", 0, at), shape.rfind(b'"', 0, at)) + 1
            text[begin : at + 1] = b" " * (at + 1 - begin)
            at = shape.find(b'a"', at + 1)
        return bytes(text.translate(_UNQUOTED))

    def is_plain(self, word: bytes) -> bool:
        """Whether this is known to be one word; False says nothing."""
        return word in self._plain or (self._usual and _IS_PROSE_WORD(word) is not None)

    def is_usual(self, text: bytes) -> bool:
        """Whether every run of a text, a number or a reserved word apart, is one word."""
        return self._usual and not any(mark in text for mark in self._marks)

    def count(self, texts: Mapping[int, list[bytes]], *, usual: bool = False) -> dict[int, Counts]:
        """The words of each text, given as its runs, in order of first use, with how often they stand there.

        ``usual`` as `is_usual` says of the whole.
        """
        counted = {owner: _counted(runs) for owner, runs in texts.items()}
        if usual:
            for counts in counted.values():
                for run in [run for run in counts if run < AFTER_DIGITS]:
                    del counts[run]
                for run in counts.keys() & self.reserved:
                    del counts[run]
            return counted
        odd, holding = self.odd(set().union(*counted.values()))
        if holding:
            for owner, runs in texts.items():
                if not holding.keys().isdisjoint(counted[owner]):
                    counted[owner] = _counted(word for run in runs for word in holding.get(run, (run,)))
        for counts in counted.values():
            for run in counts.keys() & odd:
                counts.pop(run)
        return counted


def _counted(words: Iterable[bytes]) -> Counts:
    """What `Counter` makes of them, without the rest of it: most definitions have a dozen words."""
    counts: Counts = {}
    _count_elements(counts, words)
    return counts


PROSE = Wording(PROSE_WORD, usual=True)
_IS_PROSE_WORD = re.compile(PROSE_WORD).fullmatch


@dataclass(frozen=True, slots=True)
class Uses:
    """The words of a file in order of first use, and the `use_*` columns of `FileTags`."""

    words: list[bytes]
    owner: "array[int]"
    word: "array[int]"
    code: "array[int]"
    prose: "array[int]"


def code_and_prose(
    source: bytes, code: bytes, matches: Matches, wording: Wording
) -> tuple[bytearray, bytearray]:
    """The runs of the code and, apart, those of comments and strings; all else is blank in either."""
    bare, prose = bytearray(code.translate(wording.only)), source.translate(PROSE.only)
    told = bytearray(b" ") * len(source)
    parts = [(*span, True) for span in (*matches.comments, *matches.strings)]
    if matches.interpolated:
        parts += [(*span, False) for span in matches.interpolated]
        parts.sort(key=lambda part: (part[0], -part[1]))
        whole = bytes(bare)
    for start, end, is_prose in parts:
        told[start:end] = prose[start:end] if is_prose else b" " * (end - start)
        bare[start:end] = b" " * (end - start) if is_prose else whole[start:end]
    if source.startswith(BOM):
        bare[:3] = told[:3] = b"   "
    return bare, told


def count_uses(
    definitions: list[Found], line_starts: list[int], bare: bytes, told: bytes, wording: Wording
) -> list[tuple[int, Counts, Counts]]:
    """Owners and their words in code and in prose; owner 0 is the file outside any definition.

    By owner, ascending; those that have no words may be left out.
    """
    code: dict[int, list[bytes]] = {}
    prose: dict[int, list[bytes]] = {}
    for owner, start, end in _segments(definitions, line_starts, len(bare)):
        for text, runs_of in ((bare, code), (told, prose)):
            runs = text[start:end].split()
            if not runs:
                continue
            if owner in runs_of:
                runs_of[owner] += runs
            else:
                runs_of[owner] = runs
    in_code = wording.count(code, usual=wording.is_usual(bare))
    in_prose = PROSE.count(prose, usual=True)
    for owner, counts in in_code.items():
        if owner:
            _take_name(counts, definitions[owner - 1], wording)
    none: Counts = {}
    owners = sorted(in_code.keys() | in_prose.keys())
    return [(owner, in_code.get(owner, none), in_prose.get(owner, none)) for owner in owners]


def _take_name(counts: Counts, one: Found, wording: Wording) -> None:
    """Leaves out the definition's own name, where it is defined."""
    if one.name not in counts and wording.is_plain(one.name):
        return
    for word in wording.find(one.name) * one.clauses:
        if counts.get(word, 0) > 1:
            counts[word] -= 1
        else:
            counts.pop(word, None)


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


def use_columns(uses: list[tuple[int, Counts, Counts]]) -> Uses:
    """The counts as columns: by owner, its words in code first, then those in prose alone."""
    words: list[bytes] = []
    code: list[int] = []
    prose: list[int] = []
    owners: list[int] = []
    for owner, in_code, in_prose in uses:
        words += in_code
        code += in_code.values()
        if in_prose:
            prose += map(in_prose.get, in_code, repeat(0))
            only_prose = list(filterfalse(in_code.__contains__, in_prose))
            words += only_prose
            code += repeat(0, len(only_prose))
            prose += map(in_prose.__getitem__, only_prose)
        else:
            prose += repeat(0, len(in_code))
        owners += repeat(owner, len(words) - len(owners))
    numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
    column = array("I", list(map(numbers.__getitem__, words)))
    return Uses(list(numbers), array("I", owners), column, shorts(code), shorts(prose))


def shorts(counts: Collection[int]) -> "array[int]":
    """Counts as 16-bit numbers; what is more stays the most that fits."""
    try:
        return array("H", list(counts))
    except OverflowError:
        return array("H", [min(times, MOST) for times in counts])
