"""A changed file as a prompt shows it: hunks whose lines have numbers and a mark, cut into parts of a size. Pure.

Whatever a line says, it stands behind its number and a bar, so that no text can pass for a part of the prompt.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chat.review.model import ChangedFile, FileText
from chat.safety.printable import cut_line
from repomap import DiffLine, Hunk, escaped

MAX_LINE_CHARS = 400
"""Longer lines are cut; nobody writes them by hand."""

Count = Callable[[str], int]
"""Tokens of a text."""


@dataclass(frozen=True, slots=True)
class FilePart:
    """As much of a changed file as goes into one prompt."""

    file: ChangedFile
    hunks: tuple[Hunk, ...]
    text: str
    tokens: int


def file_parts(file: ChangedFile, most_tokens: int, count: Count) -> Iterator[FilePart]:
    """Yield a file in parts of at most about ``most_tokens``, cut between hunks, and within those that are longer."""
    hunks: list[Hunk] = []
    taken = 0
    for hunk in _cut(file.hunks, most_tokens, count):
        tokens = count(_hunk_text(hunk))
        if hunks and taken + tokens > most_tokens:
            yield _part(file, hunks, count)
            hunks, taken = [], 0
        hunks.append(hunk)
        taken += tokens
    if hunks:
        yield _part(file, hunks, count)


def _part(file: ChangedFile, hunks: Sequence[Hunk], count: Count) -> FilePart:
    text = "".join((f"{heading(file)}\n", *map(_hunk_text, hunks)))
    return FilePart(file, tuple(hunks), text, count(text))


def heading(file: ChangedFile) -> str:
    """Return the line that a changed file begins with."""
    before = f", was {escaped(file.old_path)}" if file.status == "renamed" else ""
    return f"## {escaped(file.path)} ({file.status}{before}; +{file.added} -{file.removed})"


def _cut(hunks: Iterable[Hunk], most_tokens: int, count: Count) -> Iterator[Hunk]:
    """Yield the hunks, those that are too long in pieces."""
    for hunk in hunks:
        tokens = count(_hunk_text(hunk))
        pieces = min(-(-tokens // max(most_tokens, 1)), len(hunk.lines)) if tokens > most_tokens else 1
        size = -(-len(hunk.lines) // max(pieces, 1))
        for start in range(0, len(hunk.lines), max(size, 1)):
            lines = hunk.lines[start : start + size]
            first = next((line.number for line in lines if line.kind != "-"), hunk.new_start)
            yield Hunk(hunk.old_start, first, hunk.heading, lines)


def _hunk_text(hunk: Hunk) -> str:
    place = f" {escaped(cut_line(hunk.heading, 120))}" if hunk.heading else ""
    return "".join((f"@@ line {hunk.new_start}{place}\n", *map(_diff_line, hunk.lines)))


def _diff_line(line: DiffLine) -> str:
    number = "" if line.kind == "-" else str(line.number)
    return f"{number:>6} {line.kind}| {shown_line(line.text)}\n"


def numbered(text: FileText, lines: tuple[int, int], changed: frozenset[int]) -> str:
    """Return consecutive lines of a newer file in the form that hunks have."""
    wanted = [number for number in range(lines[0], lines[1] + 1) if number in text.lines]
    return "".join(
        f"{number:>6} {'+' if number in changed else ' '}| {shown_line(text.lines[number])}\n"
        for number in wanted
    )


def shown_line(text: str) -> str:
    r"""Return a line of a file as a prompt shows it: no control characters, and not without end.

    >>> shown_line("a\x1b[2J\tb")
    'a\\x1b[2J\tb'
    """
    return cut_line("\t".join(map(escaped, text[: 2 * MAX_LINE_CHARS].split("\t"))), MAX_LINE_CHARS)
