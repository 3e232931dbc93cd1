"""A file as a reply lists it → the lines to write, or a doubt that it is the whole file.

A listing overwrites everything, so a fragment, or a file with parts left out, must not pass for one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from edits.formats.file_names import fence_info
from edits.matching.readings import variants
from edits.model import FileText, Reading, Reason, RepoPath, Write
from edits.text.compare import compare
from edits.text.elision import leaves_out, may_leave_out, says_so

_BARRED = re.compile(r"\s*1\s*[|\u2502\u2192]")
"""A line number that can be nothing else; `1: x` could be the first line of a table."""
_PROSE = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".qmd")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a listing cannot be taken for a whole file."""

    why: str
    reason: Reason = Reason.UNCLEAR


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines of a file, and which of the texts of the block they are."""

    lines: tuple[str, ...]
    choice: int


def read_listing(path: RepoPath, file: FileText | None, change: Write, *, weak: bool) -> Listing | Doubt:
    """The text of a listing. `weak`: the file is only mentioned in a sentence above it."""
    choice = _choose(path, file, change.texts)
    if choice is None:
        return Doubt("the file holds fences itself, and it cannot be told where its listing ends")
    old = file.lines if file else ()
    lines = plain_lines(old, change.texts[choice])
    if _leaves_out(old, lines):
        return Doubt("the listing leaves lines out (`...`)", Reason.ELIDED)
    if _fragment(old, lines, weak):
        return Doubt("the listing looks like a part of the file, not like the whole")
    return Listing(lines, choice)


def plain_lines(old: Sequence[str], lines: tuple[str, ...]) -> tuple[str, ...]:
    """A listing without line numbers and HTML escapes, where the file it replaces has none of them."""
    best, shared = lines, _shared(old, lines)
    for reading, first in variants(Reading(lines, ())):
        if (old and _shared(old, reading.search) > shared) or (
            not old and first == 1 and len(lines) > 2 and _BARRED.match(lines[0])
        ):
            best, shared = reading.search, _shared(old, reading.search)
    return best


def _leaves_out(old: tuple[str, ...], new: tuple[str, ...]) -> bool:
    """Whether a line of a listing stands for others; in a new file only what says so does."""
    if not old:
        return any(says_so(line) for line in new)
    return any(
        leaves_out(
            new, number, old, removes=kind == "replace", shrinks=_filled(new[j1:j2]) < _filled(old[i1:i2])
        )
        for kind, i1, i2, j1, j2 in compare(old, new)
        if kind in ("replace", "insert")
        for number in range(j1, j2)
        if may_leave_out(new[number])
    )


def resembles(file: FileText | None, lines: Sequence[str]) -> bool:
    """Whether a listing keeps at least half of the lines of a file."""
    return file is not None and bool(file.lines) and _shared(file.lines, lines) * 2 >= _filled(file.lines)


def _choose(path: RepoPath, file: FileText | None, texts: Sequence[tuple[str, ...]]) -> int | None:
    """Which of the possible ends of a listing is its end."""
    fenced = file is not None and any(fence_info(line) is not None for line in file.lines)
    if len(texts) == 1 or (not fenced and not path.lower().endswith(_PROSE)):
        return 0
    if file is None or not file.lines:
        return None
    shares = _shares(file.lines, texts)
    last = _last(file.lines)
    ending = [number for number, text in enumerate(texts) if _last(text) == last]
    if len(ending) == 1 and all(share > 0.2 for share in shares[1 : ending[0] + 1]):
        return ending[0]
    chosen = max((number for number, share in enumerate(shares) if share >= 0.6), default=0)
    clear = all(share >= 0.6 for share in shares[:chosen]) and all(
        share <= 0.2 for share in shares[chosen + 1 :]
    )
    return chosen if clear else None


def _shares(old: Sequence[str], texts: Sequence[tuple[str, ...]]) -> list[float]:
    """For each text, the share of known lines among those it has beyond the text before it."""
    known = {line.strip() for line in old}
    shares, size = [], 0
    for text in texts:
        more = [line.strip() for line in text[size:] if line.strip()]
        shares.append(sum(line in known for line in more) / (len(more) or 1))
        size = len(text)
    return shares


def _last(lines: Sequence[str]) -> str:
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    counts = Counter(line.strip() for line in old if line.strip())
    counts &= Counter(line.strip() for line in new if line.strip())
    return sum(counts.values())


def _filled(lines: Sequence[str]) -> int:
    return sum(1 for line in lines if line.strip())


def _fragment(old: Sequence[str], new: Sequence[str], weak: bool) -> bool:
    """Whether lines that would replace a file are rather a piece of it."""
    before, after, shared = _filled(old), _filled(new), _shared(old, new)
    if before < 5:
        return False
    if weak:
        return shared * 2 < before
    return after * 2 < before and shared * 2 < before
