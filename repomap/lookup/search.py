"""Finds the lines that contain a text or match a pattern, with the definition around each.

The index tells which files can contain a match and how important each is. Definitions come before
uses, and important files first, since the budget cuts off the end.
"""

import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from typing import Literal, NamedTuple

import numpy as np

from repomap.arrays.array_types import Flags
from repomap.corpus.corpus import Corpus
from repomap.errors import BadRequest, NotInRepository
from repomap.lookup.answers import (
    Answer,
    AnswerLine,
    Hit,
    check_budget,
    fit_to_budget,
    omission_notes,
    with_headings,
)
from repomap.lookup.names import file_importance, full_name
from repomap.mapping.parameters import ELLIPSIS
from repomap.model import CountTokens, ReadFile
from repomap.parsing.languages import BY_NAME
from repomap.ranking.index_data import IndexData
from repomap.safety.printable import printable

LONGEST_PATTERN = 1000
LONGEST_TEXT = 160
"""Characters of a line that are shown."""
SEARCH_S = 5.0
"""A search with a regular expression that takes longer is abandoned."""
MANY_FILES = 1000
"""From here on, the words of the index are asked which files can contain a name."""
MOST_IN_FILE = 200
"""Matching lines of one file that are ranked; further ones are only counted."""
LEAST_LINE_TOKENS = 4
"""No line of an answer takes fewer, so a budget can show no more than its share of lines."""
SPARE_LINES = 8

_UNSEARCHED = frozenset({"binary", "link"})

CharRange = tuple[int, int]
"""Start and end of a match in a text."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text or a regular expression to search for."""

    matches: Callable[[str], Iterator[CharRange]]
    """Yields all matches in a text, in order. Raises TimeoutError."""
    plain: str
    """The text; empty for a regular expression."""
    may_match: Callable[[bytes], bool]
    """Returns True for the bytes of every file whose text matches, and for few others."""


def parse_pattern(written: str, timeout_s: float = SEARCH_S) -> Pattern:
    """Parse a search pattern: a text, or a regular expression written `/…/`.

    Lower-case text matches any case, text with capitals only itself; a regular expression is
    case-sensitive unless it is written `/…/i`. Raises BadRequest for what is empty, too long, or not a
    regular expression.
    """
    if not written or written in ("//", "//i"):
        raise BadRequest("An empty pattern matches every line. Give some text, or /a regular expression/.")
    if len(written) > LONGEST_PATTERN:
        raise BadRequest(
            f"A pattern of {len(written)} characters is too long; give at most {LONGEST_PATTERN}."
        )
    expression = re.fullmatch(r"/(.+)/(i?)", written, re.DOTALL)
    if expression:
        return _regex_pattern(expression[1], bool(expression[2]), timeout_s)
    flags = re.NOFLAG if any(char.isupper() for char in written) else re.IGNORECASE
    text_pattern = re.compile(re.escape(written), flags)
    return Pattern(
        lambda text: (match.span() for match in text_pattern.finditer(text)), written, _contains(written)
    )


def _contains(written: str) -> Callable[[bytes], bool]:
    """Return a test for bytes that contain a text, ten times as fast as an expression that ignores case."""
    if not written.isascii():
        return _anything
    sought = written.encode()
    return (
        (lambda data: sought in data) if written != written.lower() else (lambda data: sought in data.lower())
    )


def _anything(_: bytes) -> bool:
    return True


def _regex_pattern(expression: str, ignore_case: bool, timeout_s: float) -> Pattern:
    import regex  # type: ignore[import-untyped]  # late: 20 ms; unlike `re`, it has a timeout

    flags = regex.MULTILINE | (regex.IGNORECASE if ignore_case else 0)
    try:
        compiled = regex.compile(expression, flags)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise BadRequest(
            f"/{printable(expression)}/ is not a regular expression ({error}). Nothing was searched. "
            "Escape special characters, or omit the slashes to search for plain text."
        ) from error
    deadline: list[float] = []  # set by the first match, for all files together

    def matches(text: str) -> Iterator[CharRange]:
        if not deadline:
            deadline.append(time.monotonic() + timeout_s)
        left = max(0.001, deadline[0] - time.monotonic())
        for match in compiled.finditer(text, timeout=left):
            yield match.span()

    return Pattern(matches, "", _anything)


class MatchingLine(NamedTuple):
    """A line that matches."""

    line: int
    """1-based."""
    text: str
    """The whole line."""
    start: int
    """Where in the line the first match starts."""
    end: int
    """Where it ends, maybe behind the line."""


class _RankedLine(NamedTuple):
    """A matching line with its place in the answer."""

    order: tuple[int, float, int, int]
    """Group, negated importance, file id, line: no two are alike."""
    match: MatchingLine
    defined: int | None
    """The definition whose name the line has."""


def find(
    index_data: IndexData,
    pattern: str,
    read: ReadFile,
    budget_tokens: int,
    count: CountTokens,
    *,
    within: str = "",
    skip: int = 0,
) -> Answer[Hit]:
    """Find the lines that contain a text, or match a regular expression written `/…/` or `/…/i`.

    ``within`` limits the search to the files below a folder, or whose path matches a glob such as
    `*.py`. First come lines that define something of exactly this name, then other definitions that
    match, then uses; in each group, the most important files first. In a repository of many files, a
    name is looked up among the words of the index, which never begin directly after a digit.

    Raises BadRequest for what is not a pattern or takes too long, NotInRepository if ``within`` matches
    no file.
    """
    check_budget(budget_tokens)
    corpus = index_data.corpus
    total, lines = _search_in_time(index_data, pattern, read, within)
    enclosing = cache(lambda file_id: EnclosingDefinitions(corpus, file_id))
    best = sorted(lines)[skip:][: budget_tokens // LEAST_LINE_TOKENS + SPARE_LINES]
    hits = [_hit(corpus, enclosing, line) for line in best]
    answer_lines = [AnswerLine(headings_of(hit.path, hit.within), f"{hit.line}: {hit.text}") for hit in hits]

    def notes(shown: int) -> tuple[str, ...]:
        if not total:
            return _no_match(pattern, within)
        return omission_notes(total - skip - shown, "lines", "narrow with a longer pattern or a folder")

    shown, text, tokens = fit_to_budget(
        len(hits), lambda shown: with_headings(answer_lines[:shown]), notes, budget_tokens, count
    )
    return Answer(tuple(hits[:shown]), max(total - skip - shown, 0), text, tokens, budget_tokens)


def _no_match(pattern: str, within: str) -> tuple[str, ...]:
    place = f" below {printable(within)}" if within else ""
    return (
        f"No line matches {printable(pattern)}{place}. Try a shorter text, or /a|b/ for either.",
        "No line matches.",
    )


def headings_of(path: str, within: str, after_path: str = "") -> tuple[str, ...]:
    """Write the headings for lines of a file and of a definition in it."""
    heading = printable(path) + after_path
    return (heading, f"in {printable(within)}") if within else (heading,)


def _hit(corpus: Corpus, enclosing: Callable[[int], "EnclosingDefinitions"], ranked: _RankedLine) -> Hit:
    _, _, file_id, line = ranked.order
    if ranked.defined is None:
        kind: Literal["definition", "use"] = "use"
        outer = enclosing(file_id).innermost(line)
    else:
        kind, outer = "definition", int(corpus.doc_parent[ranked.defined])
    return Hit(corpus.paths[file_id], line, kind, full_name(corpus, outer), shown_line(ranked.match))


def _search_in_time(
    index_data: IndexData, pattern: str, read: ReadFile, within: str
) -> tuple[int, list[_RankedLine]]:
    """Search for a pattern as it is written. Raises BadRequest where it is none, or takes too long."""
    try:
        return _search(index_data, parse_pattern(pattern), read, within)
    except TimeoutError:
        raise BadRequest(
            f"{printable(pattern)}: the search took more than {SEARCH_S:g} s and was abandoned. "
            "Remove nested repetition such as (a+)+, or search below one folder."
        ) from None


def _search(
    index_data: IndexData, pattern: Pattern, read: ReadFile, within: str
) -> tuple[int, list[_RankedLine]]:
    """Return how many lines match, and those that were ranked."""
    total = 0
    ranked: list[_RankedLine] = []
    by_file = file_importance(index_data)
    for file_id in _candidates(index_data, pattern, within):
        data = read(index_data.corpus.paths[file_id])
        if data is None or not pattern.may_match(data):
            continue
        count, lines = matching_lines(data.decode("utf-8", "replace"), pattern)
        if count:
            total += count
            importance = float(by_file[file_id]) * (1 + math.log(count))
            ranked += _ranked(index_data.corpus, file_id, lines, pattern, importance)
    return total, ranked


def _candidates(index_data: IndexData, pattern: Pattern, within: str) -> list[int]:
    """Return the files that can contain a match."""
    corpus = index_data.corpus
    is_within = _path_filter(within)
    file_ids = [
        file_id
        for file_id, path in enumerate(corpus.paths)
        if corpus.skipped[file_id] not in _UNSEARCHED and is_within(path)
    ]
    if within and not file_ids:
        raise NotInRepository(
            f"No file of the index is in {printable(within)}. Give a folder, or a pattern such as *.py."
        )
    may_match = _files_with_name(index_data, pattern.plain) if len(file_ids) > MANY_FILES else None
    if may_match is None:
        return file_ids
    return [file_id for file_id in file_ids if may_match[file_id] or corpus.skipped[file_id]]


def _path_filter(within: str) -> Callable[[str], bool]:
    """Make a test whether a path is below a folder, is that file itself, or matches a glob."""
    folder = within.replace("\\", "/").removeprefix("./").strip("/")
    if folder in ("", "."):
        return lambda _: True
    if any(char in folder for char in "*?["):
        from_root = re.compile(translate(folder)).match
        anywhere = re.compile(translate("*/" + folder)).match
        return lambda path: bool(from_root(path) or anywhere(path))
    return lambda path: path == folder or path.startswith(folder + "/")


def _files_with_name(index_data: IndexData, plain: str) -> Flags | None:
    """Flag the files that have the longest name of a text among their words; None if it has no name.

    Words that a language reserves are not in the index, so a part of one does not count as a name.
    """
    names = re.findall(r"(?<![A-Za-z0-9_\x80-\U0010ffff])[A-Za-z_][A-Za-z0-9_]{2,}", plain)
    corpus = index_data.corpus
    reserved = _reserved_words(tuple(sorted(set(corpus.languages)))) if names else ""
    names = [name.lower() for name in names if name.lower() not in reserved]
    if not names:
        return None
    word_ids = index_data.lexicon.containing(max(names, key=len))
    is_wanted = np.zeros(len(corpus.words) + 1, bool)
    is_wanted[word_ids] = True
    has_name = np.zeros(len(corpus.paths), bool)
    has_name[corpus.doc_file[is_wanted[corpus.doc_name]]] = True
    has_name[corpus.doc_file[corpus.postings(word_ids).doc_id]] = True
    return has_name


def _reserved_words(languages: Sequence[str]) -> str:
    """Join the reserved words of these languages, in lower case, into one text."""
    from repomap.parsing.parse import language_tools  # late: it loads grammars

    words: set[bytes] = set()
    for name in languages:
        language = BY_NAME.get(name)
        if language is not None:
            sources = ("javascript", "typescript") if language.embedded else (name,)
            words.update(*(language_tools(BY_NAME[source]).keywords for source in sources))
    return "\n".join(sorted(word.decode("utf-8", "replace").lower() for word in words))


def matching_lines(text: str, pattern: Pattern) -> tuple[int, list[MatchingLine]]:
    """Return how many lines of a text match, and the first `MOST_IN_FILE` of them."""
    count = 0
    lines: list[MatchingLine] = []
    line, counted_to, line_end = 1, 0, -1
    for start, end in pattern.matches(text):
        if start < line_end:
            continue
        line += text.count("\n", counted_to, start)
        counted_to = start
        line_end = text.find("\n", start) + 1 or len(text) + 1
        count += 1
        if len(lines) < MOST_IN_FILE:
            line_start = text.rfind("\n", 0, start) + 1
            lines.append(
                MatchingLine(line, text[line_start : line_end - 1], start - line_start, end - line_start)
            )
    return count, lines


def shown_line(match: MatchingLine) -> str:
    """Write a line without its indentation; if it is long, only the text around the match."""
    text, start, end = match.text, match.start, match.end
    if len(text) > LONGEST_TEXT:
        spare = LONGEST_TEXT - min(end - start, LONGEST_TEXT)
        first = max(0, min(start - spare // 2, len(text) - LONGEST_TEXT))
        last = first + LONGEST_TEXT
        before, after = ELLIPSIS if first else "", ELLIPSIS if last < len(text) else ""
        text = before + text[first:last].strip() + after
    return " ".join(printable(text.replace("\t", " ")).split())


def _ranked(
    corpus: Corpus, file_id: int, lines: Sequence[MatchingLine], pattern: Pattern, importance: float
) -> Iterator[_RankedLine]:
    """Rank the matching lines of a file, and find what each defines.

    Groups: 0 for a definition of exactly the name that is searched for, 1 for others, 2 for uses.
    """
    enclosing = EnclosingDefinitions(corpus, file_id)
    seen: set[int] = set()
    for match in lines:
        new = (doc_id for doc_id in enclosing.signatures_on(match.line) if doc_id not in seen)
        defined = next((doc_id for doc_id in new if _touches_name(corpus, doc_id, match)), None)
        group = 2
        if defined is not None:
            seen.add(defined)
            group = int(corpus.words[corpus.doc_name[defined]].lower() != pattern.plain.lower())
        yield _RankedLine((group, -importance, file_id, match.line), match, defined)


def _touches_name(corpus: Corpus, doc_id: int, match: MatchingLine) -> bool:
    """Return whether the match overlaps the name of a definition in its line."""
    name = corpus.words[corpus.doc_name[doc_id]]
    first = max(0, match.start - len(name) + 1)
    start = match.text.find(name, first, max(match.end, match.start + 1) + len(name) - 1)
    return start >= 0 and not _is_part_of_name(match.text, start, start + len(name))


def _is_part_of_name(text: str, start: int, end: int) -> bool:
    neighbours = text[start - 1 : start] + text[end : end + 1] if start else text[end : end + 1]
    return any(char.isalnum() or char == "_" for char in neighbours)


class EnclosingDefinitions:
    """The definitions of one file, by the lines that they span."""

    def __init__(self, corpus: Corpus, file_id: int) -> None:
        self._file_doc = int(corpus.doc_start[file_id])
        doc_ids = corpus.docs_of(file_id)
        self._spans = corpus.doc_span[doc_ids.start : doc_ids.stop].astype(np.int64)
        self._signatures: dict[int, list[int]] = {}
        for doc_id, (first, last) in zip(doc_ids, self._spans[:, 3:5].tolist(), strict=True):
            for line in range(first, last + 1):
                self._signatures.setdefault(line, []).append(doc_id)

    def innermost(self, line: int) -> int:
        """Return the innermost definition around a line, or the file's own document."""
        inside = np.flatnonzero((self._spans[:, 0] <= line) & (line <= self._spans[:, 2]))
        return self._file_doc + (int(inside[-1]) + 1 if len(inside) else 0)

    def signatures_on(self, line: int) -> list[int]:
        """Return the definitions whose signature is on a line."""
        return self._signatures.get(line, [])
