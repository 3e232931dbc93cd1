"""A file -> the text that shows it in a prompt: whole, or its outline with some definitions whole.

The path is on a line of its own, and the text follows in a fence longer than any inside it. A line
that no language would take for code marks each gap. No gap begins or ends inside a definition that is
shown: of each, the prompt has its signature, or all of it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chat.conversation.conversation import Span
from chat.model import RepoPath
from repomap import CountTokens

_HEAD_LINES = 60
"""Lines before the first definition that are shown: the imports, which many edits touch."""
_MARGIN_LINES = 3
_OUTLINE_SHARE = 6
"""Signatures get at most one sixth of the budget; the rest is for whole definitions."""
_MIN_GAP_LINES = 6
"""A smaller gap is shown instead of being marked as left out."""
_WITH_NEIGHBOURS = 2
"""Around this many of the best ranked definitions, short ones right above and below are shown: edits need context."""
_NEIGHBOUR_SHARE = 10
"""One is short if it costs at most one part in this many of the budget."""
_MAX_COMMENT_LINES = 15
"""Lines right above a definition that are shown with it: its comment and decorators."""


@dataclass(frozen=True, slots=True)
class Block:
    """A definition of a file, by its lines."""

    first: int
    last: int
    signature_last: int = 0
    """The last line of its signature; 0 for the first line."""
    inner: bool = False
    """It contains other definitions, whose blocks show its body."""

    @property
    def signature(self) -> Span:
        """The lines of its signature."""
        return self.first, min(self.last, max(self.first, self.signature_last))


def shows(text: str, path: RepoPath) -> bool:
    """Return whether a message shows a file, or lines of it."""
    return _listing(path).search(text) is not None


def without_listing(text: str, path: RepoPath, note: str) -> str:
    """Return a message with a note in the place of a file that it shows."""
    return _listing(path).sub(lambda _: f"{note}\n", text)


def _listing(path: RepoPath) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(path)}\n(`{{3,}})\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


def show(path: RepoPath, text: str, spans: Sequence[Span] | None = None) -> str:
    r"""Return a file as a prompt shows it: only these spans, in order and not touching, or all of it.

    >>> print(show("a.py", "x = 1\ny = 2\nz = 3\n", [(3, 3)]), end="")
    a.py
    ```
    ⋮ lines 1-2 left out ⋮
    z = 3
    ```
    """
    shown = text if spans is None else _with_gaps(text.split("\n"), spans)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`{3,}", shown)), default=2))
    end = "" if shown.endswith("\n") or not shown else "\n"
    return f"{path}\n{fence}\n{shown}{end}{fence}\n"


def _with_gaps(lines: Sequence[str], spans: Sequence[Span]) -> str:
    total = len(lines) - (lines[-1] == "")
    rows: list[str] = []
    next_row = 1
    for first, last in [*spans, (total + 1, total)]:
        if first > next_row:
            rows.append(f"⋮ lines {next_row}-{first - 1} left out ⋮")
        rows += lines[first - 1 : last]
        next_row = last + 1
    return "\n".join(rows) + "\n"


def choose_spans(
    text: str,
    blocks: Sequence[Block],
    wanted: Iterable[Span],
    ranked: Iterable[Block],
    budget_tokens: int,
    count: CountTokens,
) -> tuple[Span, ...]:
    """Choose the lines of a large file to show, as spans in order that do not touch; () for the whole file.

    ``wanted`` is shown whatever it costs, with the definitions that it touches. Then, as long as they fit,
    the head of the file, the signatures of ``blocks`` and the whole definitions in ``ranked``, best first.
    """
    page = _Page(text, blocks, budget_tokens, count)
    for span in wanted:
        page.keep(whole_definitions(span, text, blocks, budget_tokens, count))
    page.keep_head()
    page.keep_signatures(ranked)
    for place, block in enumerate(block for block in ranked if not block.inner):
        page.keep_if_it_fits(page.surroundings(block))
        for neighbour in page.neighbours(block) if place < _WITH_NEIGHBOURS else ():
            page.keep_if_it_fits(page.surroundings(neighbour))
    return page.spans()


def whole_definitions(
    span: Span, text: str, blocks: Sequence[Block], budget_tokens: int, count: CountTokens
) -> Span:
    """Return a span that grew until it cuts no definition, if it then fits the budget; else with a few lines more.

    Definitions that contain others may be cut: what they contain is not.
    """
    page = _Page(text, blocks, budget_tokens, count)
    grown = around(span, page.total, margin=0)
    for block in sorted(blocks, key=lambda block: block.first):
        first, last = page.with_comment(block)
        if not block.inner and first <= grown[1] and grown[0] <= last:
            grown = min(first, grown[0]), max(last, grown[1])
    grown = page.with_margin(grown)
    return grown if page.cost_of(grown) <= budget_tokens else around(span, page.total)


class _Page:
    """The lines of a file while it is being chosen which of them are shown."""

    def __init__(self, text: str, blocks: Sequence[Block], budget_tokens: int, count: CountTokens) -> None:
        self._lines = text.split("\n")
        self.total = len(self._lines) - (self._lines[-1] == "")
        self._costs = [0, *(count(line) + 1 for line in self._lines)]
        self._kept = [False] * (self.total + 1)
        self._left = budget_tokens
        self._short = budget_tokens // _NEIGHBOUR_SHARE
        self._blocks = blocks
        self._owned = frozenset(row for block in blocks for row in _own_rows(block))
        self._signature_ends = {block.first: min(block.signature[1], self.total) for block in blocks}

    def cost_of(self, span: Span) -> int:
        """Return the tokens of the lines that are not kept yet."""
        return sum(self._costs[row] for row in self._rows(span) if not self._kept[row])

    def keep(self, span: Span) -> None:
        """Show these lines."""
        self._left -= self.cost_of(span)
        for row in self._rows(span):
            self._kept[row] = True

    def _rows(self, span: Span) -> range:
        """The lines of a span that the file has: it may have become shorter since it was parsed."""
        return range(span[0], min(span[1], self.total) + 1)

    def keep_if_it_fits(self, span: Span) -> None:
        """Show these lines if the budget allows all of them."""
        if self.cost_of(span) <= self._left:
            self.keep(span)

    def keep_head(self) -> None:
        """Show what precedes the first definition, up to a number of lines; without any, as much as fits."""
        last = min((self.with_comment(block)[0] - 1 for block in self._blocks), default=self.total)
        for row in range(1, min(last, _HEAD_LINES if self._blocks else last) + 1):
            if self.cost_of((row, row)) > self._left:
                break
            self.keep((row, row))

    def keep_signatures(self, ranked: Iterable[Block]) -> None:
        """Show the signatures of all definitions, those of ``ranked`` first, within their share."""
        order = {block.first: rank for rank, block in enumerate(ranked)}
        blocks = sorted(self._blocks, key=lambda block: (order.get(block.first, len(order)), block.first))
        least = self._left - max(0, self._left) // _OUTLINE_SHARE
        for block in blocks:
            if self._left - self.cost_of(block.signature) >= least:
                self.keep(block.signature)

    def surroundings(self, block: Block) -> Span:
        """Return the lines of a definition, with its comment above and a few lines that belong to no other."""
        return self.with_margin(self.with_comment(block))

    def neighbours(self, block: Block) -> list[Block]:
        """Return the short definitions that begin or end within a few lines of one."""
        first, last = self.with_comment(block)
        near = [
            other
            for other in self._blocks
            if not other.inner
            and (last < other.first <= last + _MARGIN_LINES or first - _MARGIN_LINES <= other.last < first)
        ]
        return [other for other in near if self.cost_of((other.first, other.last)) <= self._short]

    def with_comment(self, block: Block) -> Span:
        """Return the lines of a definition and of the comment and decorators right above it."""
        first = block.first
        lowest = max(1, block.first - _MAX_COMMENT_LINES)
        while first > lowest and first - 1 not in self._owned and self._lines[first - 2].strip():
            first -= 1
        return first, min(block.last, self.total)

    def with_margin(self, span: Span) -> Span:
        """Return a span with up to a few lines on either side, none of them inside another definition.

        Below, the signature of the next definition may be among them: it is shown with all its lines.
        """
        first, last = span
        while span[0] - first < _MARGIN_LINES and first > 1 and first - 1 not in self._owned:
            first -= 1
        while last - span[1] < _MARGIN_LINES and last < self.total and last + 1 not in self._owned:
            last += 1
        return first, self._signature_ends.get(last + 1, last) if last - span[1] < _MARGIN_LINES else last

    def spans(self) -> tuple[Span, ...]:
        """Return the lines that are shown; () for all."""
        spans: list[Span] = []
        for row in range(1, self.total + 1):
            if self._kept[row]:
                is_near = spans and row - spans[-1][1] <= _MIN_GAP_LINES
                spans.append((spans.pop()[0], row) if is_near else (row, row))
        return () if spans == [(1, self.total)] else tuple(spans)


def _own_rows(block: Block) -> range:
    """The lines that belong to a definition; of one that contains others, those of its signature."""
    return range(block.first, (block.signature[1] if block.inner else block.last) + 1)


def around(span: Span, total: int, margin: int = _MARGIN_LINES) -> Span:
    """Return a span with a few lines on either side, clipped to a file of ``total`` lines.

    >>> around((10, 12), total=100)
    (7, 15)
    >>> around((2, 2), total=3)
    (1, 3)
    """
    first = min(max(1, span[0] - margin), max(1, total))
    return first, max(first, min(total, span[1] + margin))


def is_within(span: Span, spans: Iterable[Span]) -> bool:
    """Return whether one of the spans covers this one.

    >>> is_within((3, 4), [(1, 2), (3, 9)])
    True
    """
    return any(first <= span[0] and span[1] <= last for first, last in spans)


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
