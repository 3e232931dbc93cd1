"""Finds the lines that hold a text or match a pattern, each with the definition it stands in.

The index says which files can hold an answer and how much rests on each. Definitions come before
uses, and what the repository rests on comes first, since the budget cuts off the end.
"""

import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import cache
from typing import Any, Literal, NamedTuple

import numpy as np

from repomap.corpus.corpus import Corpus
from repomap.errors import BadRequest, NotInRepository
from repomap.lookup.answers import Answer, Hit, Row, check_budget, fill, lay_out, more
from repomap.lookup.names import full_name, standing
from repomap.mapping.render import ELLIPSIS
from repomap.model import CountTokens, ReadFile
from repomap.parsing.languages import BY_NAME
from repomap.ranking.index_data import IndexData
from repomap.safety.printable import printable

LONGEST_PATTERN = 1000
LONGEST_TEXT = 160
"""Characters of a line that are shown."""
SEARCH_S = 5.0
"""A search with a regular expression that takes longer is given up."""
MANY_FILES = 2000
"""From so many files on, those that can hold a name are told by the index's words."""
MOST_IN_FILE = 200
"""So many lines of one file are looked at closely; the others are counted."""

_UNSEARCHED = frozenset({"binary", "link"})

Match = tuple[int, int]
"""First character and end of what was found in a text."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """What is looked for."""

    matches: Callable[[str], Iterator[Match]]
    """All places in a text, in order. Raises TimeoutError."""
    plain: str
    """The text, where it is one; empty for a regular expression."""
    prefilter: re.Pattern[bytes] | None
    """What a file's bytes hold wherever its text matches; None where that is not known."""


def read_pattern(written: str, timeout_s: float = SEARCH_S) -> Pattern:
    """The pattern that a text means: itself, or a regular expression where it is written `/…/`.

    Lower-case text matches any case, text with capitals only itself; a regular expression minds case
    unless it is written `/…/i`. Raises BadRequest for what is empty, too long, or no pattern.
    """
    if not written or written in ("//", "//i"):
        raise BadRequest("an empty pattern finds every line; give some text, or /a regular expression/")
    if len(written) > LONGEST_PATTERN:
        raise BadRequest(f"a pattern of {len(written)} characters: give at most {LONGEST_PATTERN}")
    body = re.fullmatch(r"/(.+)/(i?)", written, re.DOTALL)
    if body:
        return _expression(body[1], bool(body[2]), timeout_s)
    flags = re.NOFLAG if any(char.isupper() for char in written) else re.IGNORECASE
    text = re.compile(re.escape(written), flags)
    data = re.compile(re.escape(written.encode()), flags) if written.isascii() else None
    return Pattern(lambda where: (found.span() for found in text.finditer(where)), written, data)


def _expression(body: str, ignore_case: bool, timeout_s: float) -> Pattern:
    import regex  # type: ignore[import-untyped]  # 20 ms, and it can be timed, which `re` cannot

    flags = regex.MULTILINE | (regex.IGNORECASE if ignore_case else 0)
    try:
        compiled = regex.compile(body, flags)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise BadRequest(
            f"/{printable(body)}/: is no regular expression ({error}); nothing was searched. "
            "Escape what is meant as it is, or leave out the slashes to search for plain text."
        ) from error
    deadline: list[float] = []

    def matches(text: str) -> Iterator[Match]:
        if not deadline:
            deadline.append(time.monotonic() + timeout_s)
        left = max(0.001, deadline[0] - time.monotonic())
        for found in compiled.finditer(text, timeout=left):
            yield found.span()

    return Pattern(matches, "", None)


class _Raw(NamedTuple):
    """A line that matches, as it is ranked."""

    order: tuple[int, float, int, int]
    """Group, standing, file, line: no two are alike."""
    found: "Found"
    defines: int | None
    """The document that the line defines."""


def find(
    index_data: IndexData,
    pattern: str,
    read: ReadFile,
    budget_tokens: int,
    count: CountTokens,
    *,
    within: str = "",
) -> Answer[Hit]:
    """The lines that hold a text, or match a regular expression written `/…/` or `/…/i`.

    ``within`` leaves only the files below a folder, or those whose path fits a pattern such as
    `*.py`. First come lines that define what has just this name, then other definitions that
    match, then uses; in each group, what most rests on first. In a repository of many files a name
    is looked up among the index's words, which do not begin right after a digit.

    Raises BadRequest for what is no pattern or takes too long.
    """
    check_budget(budget_tokens)
    sought = read_pattern(pattern)
    try:
        total, raw = _search(index_data, sought, read, within)
    except TimeoutError:
        raise BadRequest(
            f"{printable(pattern)}: takes more than {SEARCH_S:g} s, so the search was given up. "
            "Take out nested repetition such as (a+)+, or search below one folder."
        ) from None
    # a line costs four tokens at least, and what encloses it is looked up for those that may be shown
    around = cache(lambda file: Around(index_data.corpus, file))
    hits = [_hit(index_data.corpus, around, one) for one in sorted(raw)[: budget_tokens // 4 + 8]]
    rows = [Row(heads_of(hit.path, hit.within), f"{hit.line}: {hit.text}") for hit in hits]
    advice = "narrow with a longer pattern or a folder"
    shown, text, tokens = fill(
        len(rows),
        lambda many: lay_out(rows[:many]),
        lambda many: more(total - many, "lines", advice) if total else _nothing(pattern, within),
        budget_tokens,
        count,
    )
    return Answer(tuple(hits[:shown]), total - shown, text, tokens, budget_tokens)


def _nothing(pattern: str, within: str) -> tuple[str, ...]:
    where = f" below {printable(within)}" if within else ""
    return (
        f"no line matches {printable(pattern)}{where}; try a shorter text, or /a|b/ for either",
        "no line matches",
    )


def heads_of(path: str, within: str, tail: str = "") -> tuple[str, ...]:
    return (printable(path) + tail, *([f"in {printable(within)}"] if within else []))


def _hit(corpus: Corpus, around: Callable[[int], "Around"], one: _Raw) -> Hit:
    _, _, file, line = one.order
    outer = around(file).innermost(line) if one.defines is None else int(corpus.doc_parent[one.defines])
    kind: Literal["definition", "use"] = "use" if one.defines is None else "definition"
    return Hit(corpus.paths[file], line, kind, full_name(corpus, outer), shown_line(one.found))


def _search(index_data: IndexData, sought: Pattern, read: ReadFile, within: str) -> tuple[int, list[_Raw]]:
    """How many lines match, and those that were looked at closely."""
    total = 0
    rows: list[_Raw] = []
    value = standing(index_data)
    for file in _searched(index_data, sought, within):
        data = read(index_data.corpus.paths[file])
        if data is None or (sought.prefilter and not sought.prefilter.search(data)):
            continue
        text = data.decode("utf-8", "replace")
        many, lines = matching_lines(text, sought)
        if many:
            total += many
            worth = float(value[file]) * (1 + math.log(many))
            rows += _classified(index_data.corpus, file, lines, sought, worth)
    return total, rows


def _searched(index_data: IndexData, sought: Pattern, within: str) -> list[int]:
    """The files that can hold a match."""
    corpus = index_data.corpus
    below = _below(within)
    files = [
        file
        for file, path in enumerate(corpus.paths)
        if corpus.skipped[file] not in _UNSEARCHED and below(path)
    ]
    if within and not files:
        raise NotInRepository(
            f"{printable(within)}: no file stands there; give a folder or a pattern as *.py"
        )
    holding = _holders(index_data, sought.plain) if len(files) > MANY_FILES else None
    if holding is None:
        return files
    return [file for file in files if holding[file] or corpus.skipped[file]]


def _below(within: str) -> Callable[[str], bool]:
    """Whether a path stands below a folder, is the file itself, or fits a pattern."""
    folder = within.replace("\\", "/").removeprefix("./").strip("/")
    if folder in ("", "."):
        return lambda _: True
    if any(char in folder for char in "*?["):
        fits = re.compile(translate(folder)).match
        ends = re.compile(translate("*/" + folder)).match
        return lambda path: bool(fits(path) or ends(path))
    return lambda path: path == folder or path.startswith(folder + "/")


def _holders(index_data: IndexData, plain: str) -> "np.ndarray[Any, np.dtype[np.bool_]] | None":
    """By file: whether its words hold the longest name of a text; None where words cannot tell.

    Words that a language reserves are not in the index, so a part of one is no name.
    """
    names = re.findall(r"(?<![A-Za-z0-9_\x80-\U0010ffff])[A-Za-z_][A-Za-z0-9_]{2,}", plain)
    corpus = index_data.corpus
    reserved = _reserved(tuple(sorted(set(corpus.languages)))) if names else ""
    names = [name.lower() for name in names if name.lower() not in reserved]
    if not names:
        return None
    numbers = index_data.lexicon.containing(max(names, key=len))
    wanted = np.zeros(len(corpus.words) + 1, bool)
    wanted[numbers] = True
    held = np.zeros(len(corpus.paths), bool)
    held[corpus.doc_file[wanted[corpus.doc_name]]] = True
    held[corpus.doc_file[corpus.postings(numbers).doc_id]] = True
    return held


def _reserved(languages: Sequence[str]) -> str:
    """The reserved words of these languages in lower case, as one text."""
    from repomap.parsing.parse import language_tools  # loads the grammars, which no small repository needs

    words: set[bytes] = set()
    for name in languages:
        known = BY_NAME.get(name)
        if known is not None:
            spoken = ("javascript", "typescript") if known.embedded else (name,)
            words.update(*(language_tools(BY_NAME[one]).keywords for one in spoken))
    return "\n".join(sorted(word.decode("utf-8", "replace").lower() for word in words))


class Found(NamedTuple):
    """A line that matches."""

    line: int
    text: str
    """The whole line."""
    start: int
    """Where in it the first match begins, and where it ends."""
    end: int


def matching_lines(text: str, sought: Pattern) -> tuple[int, list[Found]]:
    """How many lines match, and the first of them."""
    many = 0
    lines: list[Found] = []
    line, counted, done = 1, 0, -1
    for start, end in sought.matches(text):
        if start < done:
            continue
        line += text.count("\n", counted, start)
        counted = start
        done = text.find("\n", start) + 1 or len(text) + 1
        many += 1
        if len(lines) < MOST_IN_FILE:
            head = text.rfind("\n", 0, start) + 1
            lines.append(Found(line, text[head : done - 1], start - head, end - head))
    return many, lines


def shown_line(found: Found) -> str:
    """The line without its indentation, and where it is long, what is around the match."""
    text, start, end = found.text, found.start, found.end
    if len(text) > LONGEST_TEXT:
        spare = LONGEST_TEXT - min(end - start, LONGEST_TEXT)
        first = max(0, min(start - spare // 2, len(text) - LONGEST_TEXT))
        last = first + LONGEST_TEXT
        head, tail = ELLIPSIS if first else "", ELLIPSIS if last < len(text) else ""
        text = head + text[first:last].strip() + tail
    return " ".join(printable(text.replace("\t", " ")).split())


def _classified(
    corpus: Corpus, file: int, lines: Sequence[Found], sought: Pattern, worth: float
) -> Iterator[_Raw]:
    """The matching lines of a file, each with its place among all and what it defines."""
    around = Around(corpus, file)
    done: set[int] = set()
    for found in lines:
        signed = (doc for doc in around.signed(found.line) if doc not in done and _names(corpus, doc, found))
        defined = next(signed, None)
        tier = 2
        if defined is not None:
            done.add(defined)
            tier = int(corpus.words[corpus.doc_name[defined]].lower() != sought.plain.lower())
        yield _Raw((tier, -worth, file, found.line), found, defined)


def _names(corpus: Corpus, doc: int, found: Found) -> bool:
    """Whether the match touches the name of a definition."""
    name = corpus.words[corpus.doc_name[doc]]
    first = max(0, found.start - len(name) + 1)
    place = found.text.find(name, first, max(found.end, found.start + 1) + len(name) - 1)
    return place >= 0 and not _goes_on(found.text, place, place + len(name))


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether what stands there is only a part of a longer name."""
    around = text[start - 1 : start] + text[end : end + 1] if start else text[end : end + 1]
    return any(char.isalnum() or char == "_" for char in around)


class Around:
    """What stands around the lines of one file."""

    def __init__(self, corpus: Corpus, file: int) -> None:
        self._start = int(corpus.doc_start[file])
        docs = corpus.docs_of(file)
        self._spans = corpus.doc_span[docs.start : docs.stop].astype(np.int64)
        self._signed: dict[int, list[int]] = {}
        for doc, (first, last) in zip(docs, self._spans[:, 3:5].tolist(), strict=True):
            for line in range(first, last + 1):
                self._signed.setdefault(line, []).append(doc)

    def innermost(self, line: int) -> int:
        """The document of the innermost definition that holds a line, else that of the file."""
        spans = self._spans
        inside = np.flatnonzero((spans[:, 0] <= line) & (line <= spans[:, 2]))
        return self._start + (int(inside[-1]) + 1 if len(inside) else 0)

    def signed(self, line: int) -> list[int]:
        """The definitions whose signature stands on a line."""
        return self._signed.get(line, [])
