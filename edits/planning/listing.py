"""A file as a reply lists it → the lines to write, or a doubt that it is the whole file.

A listing overwrites everything, so a fragment, or a file with parts left out, must not pass for one.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from edits.formats.file_names import fence_info
from edits.matching.slips import Numbering, is_escaped, numbering, unescape
from edits.model import FileText, Reason, RepoPath, Write
from edits.text.compare import compare
from edits.text.elision import leaves_out, may_leave_out, says_so
from edits.text.normalize import indent, plain_space

_APART = "Send the file without them; or, if they are meant, in a listing that changes nothing else."
_PROSE = (".md", ".markdown", ".mdx", ".rst", ".adoc", ".qmd")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a listing cannot be taken for a whole file."""

    why: str
    reason: Reason = Reason.UNCLEAR
    instead: str = "Send the whole file, complete."


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines of a file, and which of the texts of the block they are."""

    lines: tuple[str, ...]
    choice: int


def read_listing(path: RepoPath, file: FileText | None, change: Write, *, weak: bool) -> Listing | Doubt:
    """The text of a listing. `weak`: the file is only mentioned in a sentence above it."""
    choice = _choose(path, file, change.texts)
    if choice is None:
        why = "it contains fences, and it is unclear which one ends the listing"
        return Doubt(why, instead="Send it between fences longer than those in it: ```` instead of ```.")
    old = file.lines if file else ()
    lines = meant_lines(old, change.texts[choice])
    if isinstance(lines, Doubt):
        return lines
    if _leaves_out(old, lines):
        return Doubt("the listing leaves lines out (`...`)", Reason.ELIDED)
    if _is_fragment(old, lines, weak=weak, excerpt=change.excerpt):
        return Doubt("the listing looks like a part of the file, not the whole")
    return Listing(lines, choice)


def meant_lines(old: Sequence[str], lines: tuple[str, ...]) -> tuple[str, ...] | Doubt:
    """The lines of a listing as they are to be written: as they are, with one exception.

    Line numbers go where nothing else can be meant by them. What looks like another slip is refused
    where lines of the file show it; but a listing that changes nothing else is about just that.
    """
    numbered = numbering(lines)
    if numbered is not None and _counts_lines(numbered, lines):
        return _without_numbers(old, lines, numbered)
    for name, plain in (
        ("HTML escapes", tuple(map(unescape, lines)) if is_escaped(lines) else lines),
        ("unusual spaces at the beginning of lines", tuple(map(_plain_indent, lines))),
        ("diff signs", _unsigned(lines)),
    ):
        if plain not in (lines, tuple(old)) and _shared(old, plain) > _shared(old, lines):
            return Doubt(f"its lines have {name}, and it is unclear whether these are meant", instead=_APART)
    return lines


def _counts_lines(numbered: Numbering, lines: Sequence[str]) -> bool:
    """Whether the numbers in front of lines are those of the lines."""
    return numbered.numbers == tuple(row for row, line in enumerate(lines, 1) if line.strip())


def _without_numbers(
    old: Sequence[str], lines: tuple[str, ...], numbered: Numbering
) -> tuple[str, ...] | Doubt:
    """A listing whose lines are numbered, without the numbers where they can be nothing else."""
    plain = numbered.texts
    is_certain = numbered.is_spaced and numbered.mark in ("|", "\u2502", "\u2192")
    if old and _shared(old, plain) <= _shared(old, lines):
        return lines
    if old and is_certain:
        return plain
    if plain == tuple(old):
        return lines
    if not old and not (is_certain and len(lines) > 2):
        return lines
    why = "its lines start with numbers, and it is unclear whether they belong to the file"
    return Doubt(why, instead=_APART)


def _plain_indent(line: str) -> str:
    depth = indent(line)
    return line if depth.isascii() else plain_space(depth) + line[len(depth) :]


def _unsigned(lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines without the signs of a diff, where all have one and some are added."""
    signs = {line[:1] for line in lines if line.strip()}
    return tuple(line[1:] for line in lines) if "+" in signs and signs <= {"+", "-", " "} else lines


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
    """Which of the possible ends of a listing is its end; None where that is uncertain.

    A listing of a file with fences ends where the file does, or nobody can say. In other files a
    fence is text only where the file has lines that follow it.
    """
    if len(texts) == 1:
        return 0
    is_fenced = file is not None and any(fence_info(line) is not None for line in file.lines)
    is_prose = is_fenced or path.lower().endswith(_PROSE)
    if file is None or not file.lines:
        return None if is_prose else 0
    shares = _shares(file.lines, texts)
    last = _last(file.lines)
    ending = [number for number, text in enumerate(texts) if _last(text) == last]
    if len(ending) == 1 and all(share > 0.2 for share in shares[1 : ending[0] + 1]):
        return ending[0]
    known = [number for number in ending if all(share >= 0.6 for share in shares[: number + 1])]
    if known and all(share <= 0.2 for share in shares[known[-1] + 1 :]):
        return known[-1]
    return 0 if not is_prose and all(share <= 0.2 for share in shares[1:]) else None


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


def _is_fragment(old: Sequence[str], new: Sequence[str], *, weak: bool, excerpt: bool) -> bool:
    """Whether lines that would replace a file are rather a piece of it.

    `excerpt`: the reply calls them a part. A piece lacks most of the file's lines and brings few.
    """
    before, after, shared = _filled(old), _filled(new), _shared(old, new)
    lost, gained = before - shared, after - shared
    if excerpt and lost > gained:
        return True
    if before < 5:
        return False
    if weak:
        return shared * 2 < before
    return (after * 2 < before and shared * 2 < before) or (lost * 2 >= before and 0 < gained * 3 <= lost)
