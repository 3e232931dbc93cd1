"""Counts the words of a file, in code and in prose, by the definition that contains them.

A text is split into *runs*: the longest stretches of bytes that can be part of a word. The runs
of each definition are counted, and the language's word pattern is applied only once to each
distinct run. Splitting and counting run in C; searching for every single word would take most of
the time of reading a file.
"""

import re
from array import array
from collections import _count_elements, defaultdict  # type: ignore[attr-defined]  # `Counter`'s C function
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count, filterfalse, repeat

from repomap.parsing.captures import Matches, RawDefinition

WordCounts = dict[bytes, int]
"""How often each word occurs, in order of first use."""
MAX_COUNT = 65535
MAX_KNOWN_WORDS = 100_000
"""How many runs are remembered to be words; beyond it, the pattern is applied to them again."""
BOM = b"\xef\xbb\xbf"
NOT_IN_NUMBER = rb"(?<![0-9A-Za-z_\x80-\xff])"
PROSE_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*"
AFTER_DIGITS = b":"
"""Sorts after all that begins with a digit, and before all that begins with a letter or `_`."""
_LETTER = re.compile(rb"[0-9A-Za-z_\x80-\xff]")
_LETTERS = b"".join(_LETTER.findall(bytes(range(256))))
QUOTES = b"\"'"
_SHAPE = bytes.maketrans(_LETTERS + QUOTES, b"a" * len(_LETTERS) + b'"' * len(QUOTES))
"""Translates every letter to `a` and both quotes to `"`; a text of runs has nothing else but blanks."""
_UNQUOTED = bytes.maketrans(QUOTES, b" " * len(QUOTES))


class WordRules:
    """What counts as a word in one language."""

    def __init__(
        self,
        word: bytes,
        marks: bytes = b"",
        reserved: frozenset[bytes] = frozenset(),
        *,
        prose_like: bool = False,
    ) -> None:
        """Compile the pattern ``word``; ``reserved`` words are not counted.

        ``marks`` are the characters that the pattern looks at besides letters, digits and `_`.
        ``prose_like`` means that in a text without these marks, the words are those of prose.
        """
        self._marks = marks
        self._prose_like = prose_like
        self.pattern = re.compile(NOT_IN_NUMBER + b"(?:" + word + b")")
        self.find_words = self.pattern.findall
        kept = frozenset([*(bytes((code,)) for code in _LETTERS + marks)])
        self.runs_table = b"".join(char if (char := bytes((code,))) in kept else b" " for code in range(256))
        """For `bytes.translate`: keeps the runs and blanks everything between them."""
        self.reserved = reserved
        self._known_words: set[bytes] = set()

    def split_runs(self, runs: set[bytes]) -> tuple[set[bytes], dict[bytes, tuple[bytes, ...]]]:
        """Return the runs that are not exactly one word, and the words of those that contain any."""
        unknown = runs - self._known_words
        words = unknown.intersection(self.find_words(b" ".join(unknown))) - self.reserved
        if len(self._known_words) > MAX_KNOWN_WORDS:
            self._known_words.clear()
        self._known_words |= words
        others = unknown - words
        if self.reserved.issuperset(self.find_words(b" ".join(others))):
            return others, {}
        words_of = {
            run: tuple(word for word in self.find_words(run) if word not in self.reserved) for run in others
        }
        return others, {run: words for run, words in words_of.items() if words}

    def without_prefixes(self, text: bytearray) -> bytes:
        """Blank the quotes and string prefixes (`rb"…"`) in a text of runs, if the language has them.

        Nearly every file has quotes and few have prefixes; without both, the words can be counted
        without the pattern.
        """
        if self._marks != QUOTES or not any(quote in text for quote in QUOTES):
            return bytes(text)
        shape = text.translate(_SHAPE)
        prefix_end = shape.find(b'a"')
        while prefix_end >= 0:
            start = max(shape.rfind(b" ", 0, prefix_end), shape.rfind(b'"', 0, prefix_end)) + 1
            text[start : prefix_end + 1] = b" " * (prefix_end + 1 - start)
            prefix_end = shape.find(b'a"', prefix_end + 1)
        return bytes(text.translate(_UNQUOTED))

    def is_known_word(self, word: bytes) -> bool:
        """Return whether this is known to be one word; False means unknown."""
        return word in self._known_words or (self._prose_like and _IS_PROSE_WORD(word) is not None)

    def is_prose_like(self, text: bytes) -> bool:
        """Return whether each run of a text is one word, a number or a reserved word."""
        return self._prose_like and not any(mark in text for mark in self._marks)

    def count(self, texts: Mapping[int, list[bytes]], *, prose_like: bool = False) -> dict[int, WordCounts]:
        """Count the words of each text, given as its runs; the words are in order of first use.

        ``prose_like`` is what `is_prose_like` returns for the whole.
        """
        counts_of = {owner: _count_runs(runs) for owner, runs in texts.items()}
        if prose_like:
            for counts in counts_of.values():
                for run in [run for run in counts if run < AFTER_DIGITS]:
                    del counts[run]
                for run in counts.keys() & self.reserved:
                    del counts[run]
            return counts_of
        others, words_of = self.split_runs(set().union(*counts_of.values()))
        if words_of:
            for owner, runs in texts.items():
                if not words_of.keys().isdisjoint(counts_of[owner]):
                    counts_of[owner] = _count_runs(word for run in runs for word in words_of.get(run, (run,)))
        for counts in counts_of.values():
            for run in counts.keys() & others:
                counts.pop(run)
        return counts_of


def _count_runs(runs: Iterable[bytes]) -> WordCounts:
    """Count like `Counter`, but without its overhead: most definitions have a dozen words."""
    counts: WordCounts = {}
    _count_elements(counts, runs)
    return counts


PROSE = WordRules(PROSE_WORD, prose_like=True)
_IS_PROSE_WORD = re.compile(PROSE_WORD).fullmatch


@dataclass(frozen=True, slots=True)
class UseColumns:
    """The words of a file in order of first use, and the `use_*` columns of `FileTags`."""

    words: list[bytes]
    owner: "array[int]"
    word: "array[int]"
    code: "array[int]"
    prose: "array[int]"


def code_and_prose(
    source: bytes, code: bytes, matches: Matches, word_rules: WordRules
) -> tuple[bytearray, bytearray]:
    """Return the runs of the code, and those of comments and strings; the rest of each text is blank."""
    code_text, all_prose = (
        bytearray(code.translate(word_rules.runs_table)),
        source.translate(PROSE.runs_table),
    )
    prose_text = bytearray(b" ") * len(source)
    ranges = [(*span, True) for span in (*matches.comments, *matches.strings)]
    if matches.interpolations:
        ranges += [(*span, False) for span in matches.interpolations]
        ranges.sort(key=lambda item: (item[0], -item[1]))  # a string before the code inside it
        all_code = bytes(code_text)
    for start, end, is_prose in ranges:
        prose_text[start:end] = all_prose[start:end] if is_prose else b" " * (end - start)
        code_text[start:end] = b" " * (end - start) if is_prose else all_code[start:end]
    if source.startswith(BOM):
        code_text[:3] = prose_text[:3] = b"   "
    return code_text, prose_text


def count_uses(
    definitions: list[RawDefinition],
    line_starts: list[int],
    code_text: bytes,
    prose_text: bytes,
    word_rules: WordRules,
) -> list[tuple[int, WordCounts, WordCounts]]:
    """Return (owner, words in code, words in prose) in ascending order of owners.

    Owner 0 is the file outside all definitions, owner n the definition with index n - 1. Owners
    without words may be missing.
    """
    code: dict[int, list[bytes]] = {}
    prose: dict[int, list[bytes]] = {}
    for owner, start, end in _segments(definitions, line_starts, len(code_text)):
        for text, runs_of in ((code_text, code), (prose_text, prose)):
            runs = text[start:end].split()
            if not runs:
                continue
            if owner in runs_of:
                runs_of[owner] += runs
            else:
                runs_of[owner] = runs
    in_code = word_rules.count(code, prose_like=word_rules.is_prose_like(code_text))
    in_prose = PROSE.count(prose, prose_like=True)
    for owner, counts in in_code.items():
        if owner:
            _subtract_name(counts, definitions[owner - 1], word_rules)
    none: WordCounts = {}
    owners = sorted(in_code.keys() | in_prose.keys())
    return [(owner, in_code.get(owner, none), in_prose.get(owner, none)) for owner in owners]


@dataclass(frozen=True, slots=True)
class CodeText:
    """The code of a file, from which the uses of any word can be read."""

    text: bytes
    """Its runs; comments, strings and all between the runs are blank."""
    segments: tuple[tuple[int, int, int], ...]
    """(owner, first byte, end) in order: owner 0 is the file outside all definitions, n the one with index n - 1."""
    names: tuple[tuple[bytes, frozenset[int]], ...]
    """Of each definition its name, and where that is written to define it."""
    word_rules: WordRules

    def uses(self, word: bytes) -> list[tuple[int, int]]:
        """Return (owner, first byte) of each use of a word that `count_uses` counts in code, in order."""
        if word not in self.text:
            return []
        find_words = self.word_rules.find_words
        own_names = {
            start
            for name, starts in self.names
            if word in name and word in find_words(name)
            for start in starts
        }
        return [(owner, start) for owner, start in self._with_owners(word) if start not in own_names]

    def _with_owners(self, word: bytes) -> Iterator[tuple[int, int]]:
        """Find all places of a word."""
        for owner, first, end in self.segments:
            position = self.text.find(word, first, end)
            while position >= 0:
                run_start = max(first, self.text.rfind(b" ", first, position) + 1)
                run_end = self.text.find(b" ", position, end)
                run_end = end if run_end < 0 else run_end
                for found in self.word_rules.pattern.finditer(self.text[run_start:run_end]):
                    if found[0] == word:
                        yield owner, run_start + found.start()
                position = self.text.find(word, run_end, end)


def code_text_of(
    definitions: Iterable[RawDefinition], line_starts: list[int], text: bytes, word_rules: WordRules
) -> CodeText:
    """Keep what the uses of words are read from."""
    ordered = list(definitions)
    return CodeText(
        text,
        tuple(_segments(ordered, line_starts, len(text))),
        tuple((each.name, frozenset(each.name_starts)) for each in ordered),
        word_rules,
    )


def _subtract_name(counts: WordCounts, definition: RawDefinition, word_rules: WordRules) -> None:
    """Subtract the name where it is defined: a definition is not a use of itself."""
    if definition.name not in counts and word_rules.is_known_word(definition.name):
        return
    for word in word_rules.find_words(definition.name) * len(definition.name_starts):
        if counts.get(word, 0) > 1:
            counts[word] -= 1
        else:
            counts.pop(word, None)


def _segments(
    definitions: list[RawDefinition], line_starts: list[int], size: int
) -> Iterator[tuple[int, int, int]]:
    """Cut the file where definitions begin and end -> (owner, first byte, end), as in `count_uses`.

    The comments and decorators directly above a definition belong to it.
    """
    position, open_owners = 0, [(0, size)]
    for owner_id, definition in enumerate(definitions, 1):
        has_doc = definition.doc_row < definition.first_row
        start = max(position, line_starts[definition.doc_row] if has_doc else definition.start)
        while len(open_owners) > 1 and open_owners[-1][1] <= start:
            owner, end = open_owners.pop()
            if position < end:
                yield owner, position, end
                position = end
        if position < start:
            yield open_owners[-1][0], position, start
            position = start
        open_owners.append((owner_id, definition.end))
    for owner, end in reversed(open_owners):
        if position < end:
            yield owner, position, end
            position = end


def use_columns(uses: list[tuple[int, WordCounts, WordCounts]]) -> UseColumns:
    """Turn the counts into columns: by owner, first its words in code, then those only in prose."""
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
    word_ids: defaultdict[bytes, int] = defaultdict(count().__next__)
    word_column = array("I", list(map(word_ids.__getitem__, words)))
    return UseColumns(
        words=list(word_ids),
        owner=array("I", owners),
        word=word_column,
        code=to_uint16(code),
        prose=to_uint16(prose),
    )


def to_uint16(counts: Collection[int]) -> "array[int]":
    """Return counts as 16-bit numbers; larger ones become the largest that fits.

    >>> to_uint16([1, 65_536])
    array('H', [1, 65535])
    """
    try:
        return array("H", list(counts))
    except OverflowError:
        return array("H", [min(value, MAX_COUNT) for value in counts])
