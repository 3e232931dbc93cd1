"""What happens to quoted lines on their way through a model, and how far it may be undone.

A SEARCH may carry a slip: line numbers in front, the signs of a diff, HTML escapes, characters nobody
sees. To find its place the slip is undone in the SEARCH. The REPLACE is another matter: it is written
as it is, since what looks like the slip there may be wanted:

    file            SEARCH              REPLACE
    NAMES = []      2: NAMES = []       NAMES = {
                                            1: "x",
                                        }

Only where lines that both parts hold show that the REPLACE carries the same slip as a whole, it is
undone there as well. Where neither is certain the edit is refused.
"""

import html
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from edits.formats.file_names import fence_info
from edits.model import Reading
from edits.text.normalize import plain_space

Lines = tuple[str, ...]

_NUMBER = re.compile(r"(?P<before>\s*L?)(?P<number>\d+)(?P<mark>\s*[|\u2502]|[:\u2192]|\t)(?P<space> ?)")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#\d{1,5}|#x[0-9a-fA-F]{1,4});")
_ESCAPER = re.compile(r"&(?:lt|gt|amp|quot|apos|#0?39|#x27|#34);|[^&<>]")
"""What a text consists of that an HTML escaper wrote."""
_PAIRS = str.maketrans(">'", '<"')
_BACKSLASHED = re.compile(r"(\s*)\\(?=<{7}(?:\s|\Z)|={7}\s*\Z|>{7}(?:\s|\Z)|\|{7}(?:\s|\Z))")


@dataclass(frozen=True, slots=True)
class Variant:
    """A reading with slips undone in its SEARCH, and in its REPLACE where that carries them too."""

    reading: Reading
    line: int | None = None
    """The 1-based number in front of the first SEARCH line, where the lines carried numbers."""
    doubt: str = ""
    """Why the REPLACE may or may not carry a slip; "" where that is certain."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip that shows in single lines."""

    name: str
    undo: Callable[[str], str]
    traces: Callable[[str], frozenset[str]]
    """The characters or entities of a line that the slip may have put there."""


def variants(reading: Reading) -> list[Variant]:
    """The readings left when slips are undone one after the other, the least changed first."""
    found: list[Variant] = []
    current = Variant(reading)
    for undo in (
        _without_invisible,
        _without_backslashes,
        _without_fence,
        _without_signs,
        _without_numbers,
        _without_escapes,
    ):
        changed = undo(current)
        if changed != current:
            current = changed
            found.append(current)
    return found


def carried(slip: Slip, search: Lines, replacement: Lines) -> Lines | None:
    """The REPLACE as it is meant, where a SEARCH shows a slip; None where that is uncertain.

    It is as written where nothing in it can be the slip, or where it holds a line of the SEARCH
    without the slip. The slip is undone where both parts hold a line with it, as long as the REPLACE
    has no trace of it that the SEARCH does not show.
    """
    traced = [line for line in replacement if slip.traces(line)]
    if not traced:
        return replacement
    slipped = {line for line in search if slip.traces(line)}
    shared = [line for line in traced if line in slipped]
    is_clean = any(slip.undo(line) in replacement for line in slipped)
    if not shared:
        return replacement if is_clean else None
    if is_clean:
        return None
    shown = frozenset[str]().union(*map(slip.traces, slipped))
    if all(slip.traces(line) <= shown for line in traced):
        return tuple(map(slip.undo, replacement))
    return None


def doubt_about(name: str) -> str:
    """Why an edit is refused whose REPLACE may or may not carry a slip."""
    return (
        f"its SEARCH part has {name} that the file does not have, so it is unclear whether those of the "
        "REPLACE part are meant"
    )


def _undone(variant: Variant, search: Lines, replacement: Lines | None, name: str) -> Variant:
    """The variant after one more slip; `replacement` is None where the REPLACE may carry it."""
    if replacement is None:
        doubt = variant.doubt or doubt_about(name)
        return replace(variant, reading=Reading(search, variant.reading.replace), doubt=doubt)
    return replace(variant, reading=Reading(search, replacement))


def _by_line(variant: Variant, slip: Slip) -> Variant:
    """Undo a slip that shows in single lines."""
    search = tuple(map(slip.undo, variant.reading.search))
    if search == variant.reading.search:
        return variant
    return _undone(variant, search, carried(slip, variant.reading.search, variant.reading.replace), slip.name)


def character_slip(name: str, table: dict[int, str]) -> Slip:
    """The slip that puts some characters in the place of others; the table takes them back."""
    return Slip(
        name,
        lambda line: line.translate(table),
        lambda line: (
            frozenset(char for char in line if ord(char) in table) if not line.isascii() else frozenset()
        ),
    )


def _without_invisible(variant: Variant) -> Variant:
    """Without characters that nobody sees, every kind of space an ordinary one."""
    chars = {char for line in variant.reading.search if not line.isascii() for char in line}
    table = {ord(char): plain for char in chars if (plain := plain_space(char)) != char}
    return (
        _by_line(variant, character_slip("invisible characters or unusual spaces", table))
        if table
        else variant
    )


def _without_backslashes(variant: Variant) -> Variant:
    r"""Without the backslash that some models put in front of a merge conflict's markers."""
    slip = Slip(
        "backslashes in front of conflict markers",
        lambda line: _BACKSLASHED.sub(r"\1", line, count=1),
        lambda line: frozenset("\\") if _BACKSLASHED.match(line) else frozenset(),
    )
    return _by_line(variant, slip)


def _without_fence(variant: Variant) -> Variant:
    """Without the fence that wraps the lines of a part."""
    search, replacement = variant.reading.search, variant.reading.replace
    if len(search) < 3 or not _wrapped(search):
        return variant
    inner: Lines | None = replacement
    if _wrapped(replacement):
        inner = replacement[1:-1] if replacement[0].strip() == search[0].strip() else None
    return _undone(variant, search[1:-1], inner, "a fence")


def _wrapped(lines: Lines) -> bool:
    return len(lines) > 1 and fence_info(lines[0]) is not None and fence_info(lines[-1]) == ""


def _without_signs(variant: Variant) -> Variant:
    """Without the signs of a diff, where every line of the SEARCH has one."""
    search, replacement = variant.reading.search, variant.reading.replace
    signs = {line[:1] for line in search if line.strip()}
    if "-" not in signs or not signs <= {"-", " "}:
        return variant
    bare = tuple(line[1:] for line in search)
    return _undone(variant, bare, _unsigned(search, replacement), "diff signs")


def _unsigned(search: Lines, replacement: Lines) -> Lines | None:
    """The REPLACE as it is meant, where the SEARCH has the signs of a diff."""
    context = {line for line in search if line[:1] == " "}
    signs = {line[:1] for line in replacement if line.strip()}
    is_clean = any(line[1:] in replacement for line in context if line.strip())
    is_shared = any(line in context for line in replacement if line.strip())
    is_signed = signs <= {"+", " "} and ("+" in signs or bool(context))
    if not replacement or (is_clean and not is_shared) or (not is_signed and not is_shared):
        return replacement
    deletes_only = "+" not in signs and all(line in context for line in replacement if line.strip())
    if is_signed and is_shared and not is_clean and ("+" in signs or deletes_only):
        return tuple(line[1:] for line in replacement)
    return None


def _without_escapes(variant: Variant) -> Variant:
    """With HTML entities as the characters that they stand for."""
    reading = variant.reading
    slip = Slip("HTML escapes", unescape, _kinds_of_entities)
    search = tuple(map(slip.undo, reading.search))
    if search == reading.search:
        return variant
    replacement = carried(slip, reading.search, reading.replace)
    if replacement != reading.replace and not (is_escaped(reading.search) and is_escaped(reading.replace)):
        replacement = None
    return _undone(variant, search, replacement, slip.name)


def _kinds_of_entities(line: str) -> frozenset[str]:
    """The characters that the entities of a line stand for; those of a pair count as one kind.

    Escapers that write `&lt;` write `&gt;` as well, but not all of them escape quotes.
    """
    return frozenset(unescape(entity).translate(_PAIRS) for entity in _ENTITY.findall(line))


def unescape(text: str) -> str:
    """A text with the entities of HTML escapers decoded, once.

    >>> unescape("a &lt; b &amp;lt; c &copy=1")
    'a < b &lt; c &copy=1'
    """
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text)


def is_escaped(lines: Sequence[str]) -> bool:
    """Whether an HTML escaper can have written all of a text: nothing that it escapes is left.

    >>> is_escaped(["a &lt; b"]), is_escaped(["<p>a &lt; b</p>"]), is_escaped(["10&nbsp;km"])
    (True, False, False)
    """
    return all(not _ESCAPER.sub("", line) for line in lines)


def _without_numbers(variant: Variant) -> Variant:
    """Without line numbers, where every line of the SEARCH has one and they count up."""
    search, replacement = variant.reading.search, variant.reading.replace
    numbered = numbering(search)
    if numbered is None:
        return variant
    after = _undone(variant, numbered.texts, _unnumbered(numbered, search, replacement), "line numbers")
    return replace(after, line=numbered.numbers[0])


@dataclass(frozen=True, slots=True)
class Numbering:
    """Lines with a number in front of each."""

    numbers: tuple[int, ...]
    """Of the lines with text, ascending."""
    texts: Lines
    """All lines without the numbers."""
    mark: str
    """What stands between number and text, without spaces."""
    is_spaced: bool
    """A space follows every mark."""


def numbering(lines: Lines) -> Numbering | None:
    """The line numbers of lines; None unless each line with text has one and they count up.

    >>> numbering(("  9| def f():", " 10|     pass")).texts
    ('def f():', '    pass')
    """
    matches = [_NUMBER.match(line) for line in lines]
    filled = [match for match, line in zip(matches, lines, strict=True) if line.strip()]
    numbered = [match for match in filled if match]
    marks = {match["mark"].strip() for match in numbered}
    numbers = tuple(int(match["number"]) for match in numbered)
    if not numbered or len(numbered) < len(filled) or len(marks) > 1:
        return None
    if any(later <= earlier for earlier, later in itertools.pairwise(numbers)):
        return None
    # a space after every number belongs to it; one that only some lines have is indentation
    is_spaced = all(match["space"] for match in numbered if match.string[match.end() :].strip())
    texts = tuple(_text(line, match, is_spaced) for line, match in zip(lines, matches, strict=True))
    return Numbering(numbers, texts, marks.pop(), is_spaced)


def _text(line: str, match: re.Match[str] | None, is_spaced: bool) -> str:
    if match is None:
        return line
    return line[match.end() if is_spaced else match.start("space") :]


def _unnumbered(quoted: Numbering, search: Lines, replacement: Lines) -> Lines | None:
    """The REPLACE as it is meant, where the SEARCH has line numbers.

    A model that numbers lines numbers all of them. So a REPLACE with other lines is text, and so are
    numbers that do not count lines, such as `80: web` and `443: tls`.
    """
    filled = [line for line in replacement if line.strip()]
    is_shared = any(line in search for line in filled)
    numbered = numbering(replacement)
    if numbered is None or numbered.mark != quoted.mark:
        return None if is_shared else replacement
    if is_shared:
        return numbered.texts
    counts_lines = all(later == earlier + 1 for earlier, later in itertools.pairwise(numbered.numbers))
    return None if counts_lines else replacement
