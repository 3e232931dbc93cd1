"""Finds the lines of a Python text whose indentation cannot be right, whatever the version of Python."""

from collections.abc import Iterator

from repomap.syntax_check.pairs import TEXT_LINE, Fault, Scan

_DEPTH = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def odd_indents(scanned: Scan) -> tuple[Fault, ...]:
    r"""Find lines that are indented without a reason, or less than their block and like no block above.

    Meant for a text in which brackets and quotes have their partners.

    >>> odd_indents(Scan((), "if a:\n    b\n  c\n"))
    (Fault(row=2, what='its indentation is that of no line above it'),)
    """
    faults: list[Fault] = []
    levels = [0]
    opens = False
    for row, depth, line in _logical_lines(scanned.code):
        if depth > levels[-1]:
            if not opens:
                faults.append(Fault(row, "it is indented more than the line above it, which opens no block"))
            levels.append(depth)
        else:
            if opens:
                faults.append(Fault(row, "the block that the line above it opens is empty"))
            while levels[-1] > depth:
                levels.pop()
            if levels[-1] != depth:
                faults.append(Fault(row, "its indentation is that of no line above it"))
                levels.append(depth)
        opens = line.endswith(":")
    return tuple(faults)


def _logical_lines(code: str) -> Iterator[tuple[int, int, str]]:
    """Each statement: its row, the width of its indentation, its last line without a comment."""
    row = nested = 0
    begun: tuple[int, int] | None = None
    for line in code.split("\n"):
        text = line.strip()
        if begun is None and text:
            begun = row, _width(line)
        nested = max(0, nested + sum(_DEPTH.get(char, 0) for char in text))
        if begun and not nested and not text.endswith("\\"):
            yield *begun, text
            begun = None
        row += 1 + line.count(TEXT_LINE)


def _width(line: str) -> int:
    """The column at which a line begins; tabs go on to the next eighth."""
    column = 0
    for char in line:
        if char == "\t":
            column += 8 - column % 8
        elif char == "\f":
            column = 0
        elif char == " ":
            column += 1
        else:
            break
    return column
