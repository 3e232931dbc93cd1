"""Lays out rows in columns."""

from collections.abc import Iterable, Sequence
from itertools import chain, repeat


def text_table(rows: Iterable[Sequence[str]], align: str = "<") -> str:
    """Align the columns of rows of equal length, two spaces apart.

    ``align`` has `<` or `>` for each column; the last one counts for all further columns.

    >>> print(text_table([("part", "tokens"), ("rules", "1,200"), ("map", "90")], "<>"))
    part   tokens
    rules   1,200
    map        90
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    signs = list(zip(widths, chain(align, repeat(align[-1]))))  # noqa: B905 - as many as there are columns
    return "\n".join(
        "  ".join(f"{cell:{sign}{width}}" for cell, (width, sign) in zip(row, signs, strict=True)).rstrip()
        for row in rows
    )
