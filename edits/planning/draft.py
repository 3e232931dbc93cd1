"""A file while a plan is made: its text after the blocks so far, and where its lines were before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edits.matching.merge import Splice
from edits.matching.placement import Span
from edits.model import FileText
from edits.text.compare import compare
from edits.text.file_text import common_end
from edits.text.line_index import LineIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One file in memory."""

    before: bytes | None
    """Its bytes on disk; None where there is no file."""
    file: FileText | None
    """Its text now; None where it does not exist, or no longer."""
    index: LineIndex
    encoding: str = "utf-8"
    """Of the bytes on disk."""
    done: tuple[Splice, ...] = ()
    """What was done to it so far; each splice counts lines as the one before left them."""
    last_end: int = 0
    """The line after the last edit, for formats whose hunks come in order."""
    moved_from: str | None = None

    def original(self, row: int) -> int:
        """The index that a line had before the first edit; -1 for a new line."""
        for splice in reversed(self.done):
            grown = splice.start + len(splice.lines)
            if splice.start <= row < grown:
                return -1
            if row >= grown:
                row -= len(splice.lines) - (splice.end - splice.start)
        return row

    def new_lines(self) -> list[Span]:
        """Where the lines are now that earlier blocks brought."""
        ranges: list[Span] = []
        for splice in self.done:
            growth = len(splice.lines) - (splice.end - splice.start)
            moved = [(a + growth, b + growth) if a >= splice.end else (a, b) for a, b in ranges]
            ranges = [*moved, (splice.start, splice.start + len(splice.lines))]
        return [(start, end) for start, end in ranges if start < end]

    def spliced(self, splices: Sequence[Splice], end: int) -> "Draft":
        """The file after some splices, which are ascending and all count its present lines.

        `end` is the line after the place of the edit.
        """
        if self.file is None:
            return self
        file = self.file
        for splice in reversed(splices):
            file = splice_text(file, splice)
        growth = sum(len(splice.lines) - (splice.end - splice.start) for splice in splices)
        done = (*self.done, *reversed(splices))
        index = self.index.spliced([(each.start, each.end, each.lines) for each in splices], file.lines)
        return replace(self, file=file, index=index, done=done, last_end=end + growth)


def splice_text(file: FileText, splice: Splice) -> FileText:
    """A text with some lines replaced; new lines end as those they replace, or as their neighbours."""
    start, end, new = splice.start, splice.end, splice.lines
    old = file.ends[start:end]
    default = _end_beside(file, start, end)
    ends = [(old[number] if number < len(old) else "") or default for number in range(len(new))]
    before = list(file.ends[:start])
    unterminated = bool(file.ends) and not file.ends[-1] and end == len(file.lines)
    if unterminated and new:
        if start == end and before:
            before[-1] = before[-1] or default
        ends[-1] = ""
    lines = (*file.lines[:start], *new, *file.lines[end:])
    return replace(file, lines=lines, ends=(*before, *ends, *file.ends[end:]))


def rewrite(file: FileText, lines: tuple[str, ...]) -> FileText:
    """A text with other lines; those that stay keep their line ends."""
    codes = [code for code in compare(file.lines, lines) if code[0] != "equal"]
    for _, i1, i2, j1, j2 in reversed(codes):
        file = splice_text(file, Splice(i1, i2, lines[j1:j2]))
    return file


def new_text(empty: FileText, lines: tuple[str, ...], line_end: str) -> FileText:
    """The text of a file that is empty or new: every line of it has an end."""
    return replace(empty, lines=lines, ends=(line_end,) * len(lines))


def _end_beside(file: FileText, start: int, end: int) -> str:
    """The line end of the nearest line that has one."""
    rows: list[int] = [*range(start, end), start - 1, end]
    for row in rows:
        if 0 <= row < len(file.ends) and file.ends[row]:
            return file.ends[row]
    return common_end(file.ends)
