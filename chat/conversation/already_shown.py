"""The prompt so far -> the lines of a file, as it is now, that need not be sent again.

Pure. Only the messages themselves are read, so what has left the prompt is not known. A line counts
only if the message that last showed its part of the file shows it word for word, and no reply since
may have changed it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher

from chat.conversation.conversation import Span
from chat.conversation.excerpts import is_gap_mark
from chat.model import Message, RepoPath

_MIN_RUN_LINES = 20
"""Shorter runs of known lines are sent again: a file in shreds is hard to read."""
_MIN_MATCH_LINES = 3
_MARGIN_LINES = 8
"""Known lines on either side of new ones are sent along, to show where the new ones belong."""
_MIN_DISTINCT_CHARACTERS = 8
"""A shorter line may occur anywhere, so a reply that contains it has not touched just this one."""


def shows(text: str, path: RepoPath) -> bool:
    """Return whether a message shows a file, or lines of it."""
    return _listing(path).search(text) is not None


def known_lines(messages: Iterable[Message], path: RepoPath, text: str) -> tuple[Span, ...]:
    """Return the lines of a file that the messages show as they are now; in order, not touching."""
    rows = _rows(text)
    matcher: SequenceMatcher[str] = SequenceMatcher()
    matcher.set_seq2(rows)
    known = _Known([False] * len(rows), [False] * len(rows))
    for message in messages:
        if message.role == "assistant":
            known.forget_touched(rows, message.text, path)
            continue
        for piece in _pieces(message.text, path):
            matcher.set_seq1(piece)
            matches = [match for match in matcher.get_matching_blocks() if match.size >= _MIN_MATCH_LINES]
            known.learn(len(piece), matches)
    return _runs(known.flags(), _MIN_RUN_LINES)


def without_known(wanted: Sequence[Span], known: Sequence[Span], total: int) -> tuple[Span, ...]:
    """Return the wanted lines that are not known, with a few known ones around them.

    ``total`` is the number of lines of the file. The spans are in order and do not touch.

    >>> without_known([(1, 100)], [(1, 50)], total=100)
    ((43, 100),)
    """
    is_wanted = _as_flags(wanted, total)
    is_known = _as_flags(known, total)
    is_sent = [False] * total
    for row in (row for row in range(total) if is_wanted[row] and not is_known[row]):
        for near in range(max(0, row - _MARGIN_LINES), min(total, row + _MARGIN_LINES + 1)):
            is_sent[near] = is_sent[near] or is_wanted[near]
    return _runs(is_sent, 1)


def _listing(path: RepoPath) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(path)}\n(`{{3,}})\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


def _rows(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _pieces(text: str, path: RepoPath) -> Iterator[list[str]]:
    """The lines of a file that a message shows; each piece is contiguous in the file."""
    for listing in _listing(path).finditer(text):
        piece: list[str] = []
        for row in _rows(listing[2]):
            if not is_gap_mark(row):
                piece.append(row)
            elif piece:
                yield piece
                piece = []
        if piece:
            yield piece


@dataclass(slots=True)
class _Known:
    """For each line of a file: whether it is known, and whether it was shown together with the next line."""

    lines: list[bool]
    joined: list[bool]

    def learn(self, piece_rows: int, matches: Sequence[Match]) -> None:
        """Take in a piece: its matches are known now, and the other lines of its range no longer are."""
        if not matches:
            return
        first, last = matches[0], matches[-1]
        above, below = first.a, piece_rows - last.a - last.size
        covered = slice(max(0, first.b - above), min(len(self.lines), last.b + last.size + below))
        links = slice(covered.start, covered.stop if below else covered.stop - 1)
        self.lines[covered] = [False] * (covered.stop - covered.start)
        self.joined[links] = [False] * (links.stop - links.start)
        for match in matches:
            self.lines[match.b : match.b + match.size] = [True] * match.size
            self.joined[match.b : match.b + match.size - 1] = [True] * (match.size - 1)
        self.lines[first.b] = not above  # where lines were removed, those on either side are sent again
        self.lines[last.b + last.size - 1] = not below

    def forget_touched(self, rows: Sequence[str], reply: str, path: RepoPath) -> None:
        """Forget lines that occur in a reply about the file, which may have changed them."""
        if not any(self.lines) or path.rpartition("/")[2] not in reply:
            return
        replied = {_bare(row) for row in reply.split("\n")}
        for index, row in enumerate(rows):
            if len(_bare(row)) >= _MIN_DISTINCT_CHARACTERS and _bare(row) in replied:
                self.lines[index] = False

    def flags(self) -> list[bool]:
        """Return which lines are known, without neighbours that were never shown together."""
        flags = list(self.lines)
        for index in range(len(flags) - 1):
            if self.lines[index] and self.lines[index + 1] and not self.joined[index]:
                flags[index] = flags[index + 1] = False
        return flags


def _bare(row: str) -> str:
    """A line without the marks of a diff and without its indentation."""
    return row.lstrip("+- \t").rstrip()


def _runs(flags: Sequence[bool], min_lines: int) -> tuple[Span, ...]:
    """The flagged lines as spans, 1-based, without the short ones."""
    spans: list[Span] = []
    start = None
    for row, flagged in enumerate([*flags, False], 1):
        if flagged and start is None:
            start = row
        elif not flagged and start is not None:
            spans += [(start, row - 1)] if row - start >= min_lines else []
            start = None
    return tuple(spans)


def _as_flags(spans: Iterable[Span], total: int) -> list[bool]:
    flags = [False] * total
    for first, last in spans:
        flags[first - 1 : last] = [True] * (min(last, total) - first + 1)
    return flags
