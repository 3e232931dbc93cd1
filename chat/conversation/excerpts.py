"""A file → the text by which a prompt shows it: whole, or its outline with some bodies.

The path stands alone on a line, the text below it in a fence longer than any inside. What is left
out of a file is marked by a line that no language would take for code.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from chat.conversation.conversation import Span
from chat.model import RepoPath

CountTokens = Callable[[str], int]

_LEFT_OUT, _SHOWN_ABOVE = " left out ⋮", " as shown above ⋮"
_MARK = re.compile(rf"⋮ lines \d+-\d+(?:{_LEFT_OUT}|{_SHOWN_ABOVE})")
_HEAD_LINES = 60
"""So many lines before the first definition are shown: the imports, which many edits touch."""
_MARGIN_LINES = 3
_OUTLINE_SHARE = 6
"""First lines of definitions take up to one part in so many of the budget; the rest is for bodies."""
_SMALLEST_GAP = 6
"""Fewer lines than this are shown rather than marked as left out."""
_MOST_ABOVE = 15
"""Up to so many lines right above a definition, its comment and decorators, are shown with it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A definition of a file, by its lines."""

    first: int
    last: int
    inner: bool = False
    """It holds other definitions, so its body is shown by theirs."""


def show(path: RepoPath, text: str, spans: Sequence[Span] | None = None, known: Sequence[Span] = ()) -> str:
    """A file as a prompt shows it; ``spans``: these lines alone, in order and apart, all where it is None.

    ``known``: lines that the prompt shows already, so that the mark in their place says so.
    """
    shown = text if spans is None else _with_gaps(text.split("\n"), spans, known)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`{3,}", shown)), default=2))
    end = "" if shown.endswith("\n") or not shown else "\n"
    return f"{path}\n{fence}\n{shown}{end}{fence}\n"


def is_mark(row: str) -> bool:
    """Whether a line of a shown file stands for lines that are not."""
    return _MARK.fullmatch(row) is not None


def points_back(shown: str) -> bool:
    """Whether a file as it is shown leaves out lines because the prompt shows them elsewhere."""
    return _SHOWN_ABOVE in shown


def without_pointers(shown: str) -> str:
    """The same where the prompt does not show them any more."""
    return shown.replace(_SHOWN_ABOVE, _LEFT_OUT)


def _with_gaps(lines: Sequence[str], spans: Sequence[Span], known: Sequence[Span]) -> str:
    total = len(lines) - (lines[-1] == "")
    rows: list[str] = []
    after = 1
    for first, last in [*spans, (total + 1, total)]:
        rows += _marks((after, first - 1), known)
        rows += lines[first - 1 : last]
        after = last + 1
    return "\n".join(rows) + "\n"


def _marks(gap: Span, known: Sequence[Span]) -> Iterator[str]:
    """What stands for the lines of a gap: one mark for those left out, another for those shown before."""
    after, end = gap
    for first, last in [*known, (end + 1, end)]:
        if last < after or first > end + 1:
            continue
        if first > after:
            yield f"⋮ lines {after}-{first - 1}{_LEFT_OUT}"
        if first <= min(last, end):
            yield f"⋮ lines {max(after, first)}-{min(last, end)}{_SHOWN_ABOVE}"
        after = last + 1


def choose_spans(
    text: str,
    blocks: Sequence[Block],
    wanted: Iterable[Span],
    ranked: Iterable[Block],
    budget_tokens: int,
    count: CountTokens,
) -> tuple[Span, ...]:
    """The lines of a large file to show: its head, the first line of each definition, what is wanted.

    ``wanted`` is shown whatever it costs; then the bodies of ``ranked``, best first, while they fit.
    Spans are in order and apart; empty where they are the whole file.
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
    apart = {row for block in blocks for row in _own_rows(block)}
    for block in ranked:
        span = around((_comment_of(block, lines, apart), block.last), total)
        if not block.inner and cost_of(span) <= left:
            left -= cost_of(span)
            keep(span)
    return _spans(kept, total)


def _own_rows(block: Block) -> range:
    """The lines that no other definition's comment can stand on."""
    return range(block.first, block.first + 1 if block.inner else block.last + 1)


def _comment_of(block: Block, lines: Sequence[str], apart: Container[int]) -> int:
    """The first of the lines that stand right above a definition, such as its comment; else its own."""
    first = block.first
    least = max(1, block.first - _MOST_ABOVE)
    while first > least and first - 1 not in apart and lines[first - 2].strip():
        first -= 1
    return first


def _signatures(blocks: Sequence[Block], ranked: Iterable[Block]) -> list[Span]:
    """The first lines of all definitions, those that matter most first."""
    order = {block.first: place for place, block in enumerate(ranked)}
    firsts = sorted({block.first for block in blocks}, key=lambda row: (order.get(row, len(order)), row))
    return [(row, row) for row in firsts]


def around(span: Span, total: int) -> Span:
    """The lines and a few on either side; the last lines where a file has fewer than that."""
    first = min(max(1, span[0] - _MARGIN_LINES), max(1, total))
    return first, max(first, min(total, span[1] + _MARGIN_LINES))


def is_within(span: Span, spans: Iterable[Span]) -> bool:
    """Whether these lines are among those."""
    return any(first <= span[0] and span[1] <= last for first, last in spans)


def _spans(kept: Sequence[bool], total: int) -> tuple[Span, ...]:
    spans: list[Span] = []
    for row in range(1, total + 1):
        if kept[row]:
            near = spans and row - spans[-1][1] <= _SMALLEST_GAP
            spans.append((spans.pop()[0], row) if near else (row, row))
    return () if spans == [(1, total)] else tuple(spans)


def merge_spans(*groups: Sequence[Span]) -> tuple[Span, ...]:
    """Spans joined where they touch, in order."""
    merged: list[Span] = []
    for first, last in sorted(span for group in groups for span in group):
        if merged and first <= merged[-1][1] + 1:
            merged.append((merged[-1][0], max(last, merged.pop()[1])))
        else:
            merged.append((first, last))
    return tuple(merged)
