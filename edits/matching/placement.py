"""A SEARCH laid over a text, line by line."""

from dataclasses import dataclass

from edits.text.line_index import LineIndex
from edits.text.normalize import blank, indent

Span = tuple[int, int]
"""Half-open range of line indexes."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One way to lay a SEARCH over a text."""

    spans: tuple[Span, ...]
    """The lines of the text that each line of the SEARCH covers, ascending, never overlapping.

    One line as a rule; any number for an elision; none for a blank line that the text lacks.
    """

    @property
    def start(self) -> int:
        """The first line of the text that takes part."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """The line after the last one that takes part."""
        return self.spans[-1][1]

    def overlaps(self, span: Span) -> bool:
        """Whether the placement shares a line with a range."""
        return self.start < span[1] and span[0] < self.end


def line_by_line(start: int, count: int) -> Placement:
    """The placement of `count` lines on as many lines of the text, from `start` on.

    >>> line_by_line(4, 2).spans
    ((4, 5), (5, 6))
    """
    return Placement(tuple((row, row + 1) for row in range(start, start + count)))


def depth_pairs(index: LineIndex, search: tuple[str, ...], place: Placement) -> list[tuple[int, str, str]]:
    """For each SEARCH line with text: (its index, its indentation, the indentation in the file)."""
    pairs = []
    for number, (first, last) in enumerate(place.spans):
        if last - first == 1 and not blank(search[number]) and not blank(index.lines[first]):
            pairs.append((number, indent(search[number]), indent(index.lines[first])))
    return pairs
