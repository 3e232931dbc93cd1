"""A file -> the text that shows it in a prompt: whole, or its outline with some bodies.

The path is on a line of its own, and the text follows in a fence longer than any inside it. A line
that no language would take for code marks each gap.
"""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chat.conversation.conversation import Span
from chat.model import RepoPath
from repomap import CountTokens

_LEFT_OUT, _SHOWN_ABOVE = " left out ⋮", " as shown above ⋮"
_GAP_MARK = re.compile(rf"⋮ lines \d+-\d+(?:{_LEFT_OUT}|{_SHOWN_ABOVE})")
_HEAD_LINES = 60
"""Lines before the first definition that are shown: the imports, which many edits touch."""
_MARGIN_LINES = 3
_OUTLINE_SHARE = 6
"""The first lines of definitions get at most one sixth of the budget; the rest is for bodies."""
_MIN_GAP_LINES = 6
"""A smaller gap is shown instead of being marked as left out."""
_MAX_COMMENT_LINES = 15
"""Lines right above a definition that are shown with it: its comment and decorators."""


@dataclass(frozen=True, slots=True)
class Block:
    """A definition of a file, by its lines."""

    first: int
    last: int
    inner: bool = False
    """It contains other definitions, whose blocks show its body."""


def show(path: RepoPath, text: str, spans: Sequence[Span] | None = None, known: Sequence[Span] = ()) -> str:
    r"""Return a file as a prompt shows it: only these spans, in order and not touching, or all of it.

    ``known`` are lines that the prompt shows already; the mark in their place says so.

    >>> print(show("a.py", "x = 1\ny = 2\nz = 3\n", [(3, 3)]), end="")
    a.py
    ```
    ⋮ lines 1-2 left out ⋮
    z = 3
    ```
    """
    shown = text if spans is None else _with_gaps(text.split("\n"), spans, known)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`{3,}", shown)), default=2))
    end = "" if shown.endswith("\n") or not shown else "\n"
    return f"{path}\n{fence}\n{shown}{end}{fence}\n"


def is_gap_mark(row: str) -> bool:
    """Return whether a line of a shown file marks a gap."""
    return _GAP_MARK.fullmatch(row) is not None


def points_back(shown: str) -> bool:
    """Return whether a shown file has gaps because the prompt shows those lines elsewhere."""
    return _SHOWN_ABOVE in shown


def without_pointers(shown: str) -> str:
    """Return a shown file for a prompt that no longer shows its known lines elsewhere."""
    return shown.replace(_SHOWN_ABOVE, _LEFT_OUT)


def _with_gaps(lines: Sequence[str], spans: Sequence[Span], known: Sequence[Span]) -> str:
    total = len(lines) - (lines[-1] == "")
    rows: list[str] = []
    next_row = 1
    for first, last in [*spans, (total + 1, total)]:
        rows += _gap_marks((next_row, first - 1), known)
        rows += lines[first - 1 : last]
        next_row = last + 1
    return "\n".join(rows) + "\n"


def _gap_marks(gap: Span, known: Sequence[Span]) -> Iterator[str]:
    """The marks for a gap: one for lines that are left out, another for those shown before."""
    next_row, end = gap
    for first, last in [*known, (end + 1, end)]:
        if last < next_row or first > end + 1:
            continue
        if first > next_row:
            yield f"⋮ lines {next_row}-{first - 1}{_LEFT_OUT}"
        if first <= min(last, end):
            yield f"⋮ lines {max(next_row, first)}-{min(last, end)}{_SHOWN_ABOVE}"
        next_row = last + 1


def choose_spans(
    text: str,
    blocks: Sequence[Block],
    wanted: Iterable[Span],
    ranked: Iterable[Block],
    budget_tokens: int,
    count: CountTokens,
) -> tuple[Span, ...]:
    """Choose the lines of a large file to show, as spans in order that do not touch; () for the whole file.

    The head of the file and ``wanted`` are shown whatever they cost. Then the first line of each
    definition in ``blocks`` and the bodies of ``ranked``, best first, as long as they fit.
    """
    lines = text.split("\n")
    total = len(lines) - (lines[-1] == "")
    if not total:
        return ()
    costs = [count(line) + 1 for line in lines]
    kept = [False] * (total + 1)

    def cost_of(span: Span) -> int:
        return sum(costs[row - 1] for row in range(span[0], span[1] + 1) if not kept[row])

    def keep(span: Span) -> None:
        for row in range(span[0], span[1] + 1):
            kept[row] = True

    first = min((block.first for block in blocks), default=total + 1)
    keep((1, min(first - 1, _HEAD_LINES, total)))
    for span in wanted:
        keep(around(span, total))
    left = budget_tokens - sum(cost for cost, is_kept in zip(costs, kept[1:], strict=False) if is_kept)
    for_outline = left // _OUTLINE_SHARE
    for span in _signatures(blocks, ranked):
        if cost_of(span) <= for_outline:
            for_outline -= cost_of(span)
            left -= cost_of(span)
            keep(span)
    occupied = {row for block in blocks for row in _own_rows(block)}
    for block in ranked:
        span = around((_comment_start(block, lines, occupied), block.last), total)
        if not block.inner and cost_of(span) <= left:
            left -= cost_of(span)
            keep(span)
    return _spans(kept, total)


def _own_rows(block: Block) -> range:
    """The lines of a block on which no other definition's comment can be."""
    return range(block.first, block.first + 1 if block.inner else block.last + 1)


def _comment_start(block: Block, lines: Sequence[str], occupied: Container[int]) -> int:
    """The first line of the comment and decorators right above a definition, else its own first line."""
    first = block.first
    lowest = max(1, block.first - _MAX_COMMENT_LINES)
    while first > lowest and first - 1 not in occupied and lines[first - 2].strip():
        first -= 1
    return first


def _signatures(blocks: Sequence[Block], ranked: Iterable[Block]) -> list[Span]:
    """The first lines of all definitions, in the order of ``ranked``, the others after them."""
    order = {block.first: rank for rank, block in enumerate(ranked)}
    firsts = sorted({block.first for block in blocks}, key=lambda row: (order.get(row, len(order)), row))
    return [(row, row) for row in firsts]


def around(span: Span, total: int) -> Span:
    """Return a span with a few lines on either side, clipped to a file of ``total`` lines.

    >>> around((10, 12), total=100)
    (7, 15)
    >>> around((2, 2), total=3)
    (1, 3)
    """
    first = min(max(1, span[0] - _MARGIN_LINES), max(1, total))
    return first, max(first, min(total, span[1] + _MARGIN_LINES))


def is_within(span: Span, spans: Iterable[Span]) -> bool:
    """Return whether one of the spans covers this one.

    >>> is_within((3, 4), [(1, 2), (3, 9)])
    True
    """
    return any(first <= span[0] and span[1] <= last for first, last in spans)


def _spans(kept: Sequence[bool], total: int) -> tuple[Span, ...]:
    spans: list[Span] = []
    for row in range(1, total + 1):
        if kept[row]:
            is_near = spans and row - spans[-1][1] <= _MIN_GAP_LINES
            spans.append((spans.pop()[0], row) if is_near else (row, row))
    return () if spans == [(1, total)] else tuple(spans)


def merge_spans(*groups: Sequence[Span]) -> tuple[Span, ...]:
    """Return all spans in order, joined where they overlap or touch.

    >>> merge_spans([(1, 3), (10, 12)], [(4, 5)])
    ((1, 5), (10, 12))
    """
    merged: list[Span] = []
    for first, last in sorted(span for group in groups for span in group):
        if merged and first <= merged[-1][1] + 1:
            merged.append((merged[-1][0], max(last, merged.pop()[1])))
        else:
            merged.append((first, last))
    return tuple(merged)
