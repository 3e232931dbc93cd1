"""What a prompt shows of a file already → the lines of the file, as it is now, that need not be sent again.

Pure. It is read from the messages themselves: whatever left the prompt is not known, and a line counts
only where it stands word for word in what was shown last of its place and no reply since has touched it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher

from chat.conversation.conversation import Span
from chat.conversation.excerpts import is_mark
from chat.model import Message, RepoPath

_LEAST_RUN = 20
"""Fewer known lines than this between unknown ones are sent again: a file in shreds is hard to read."""
_LEAST_MATCH = 3
_MARGIN_LINES = 8
"""So many known lines are sent on either side of new ones, to show where these belong."""
_TELLING_CHARACTERS = 8
"""A line of fewer may stand anywhere, so a reply that holds it has not touched just this one."""


def shows(text: str, path: RepoPath) -> bool:
    """Whether a message shows a file, or lines of it."""
    return _listing(path).search(text) is not None


def known_lines(messages: Iterable[Message], path: RepoPath, text: str) -> tuple[Span, ...]:
    """The lines of a file that the messages show as they are now, in order and apart."""
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
            known.learn(
                len(piece), [match for match in matcher.get_matching_blocks() if match.size >= _LEAST_MATCH]
            )
    return _runs(known.flags(), _LEAST_RUN)


def without_known(wanted: Sequence[Span], known: Sequence[Span], total: int) -> tuple[Span, ...]:
    """The wanted lines that are not known, with a few known ones around them, in order and apart."""
    asked = _as_flags(wanted, total)
    new = [
        is_asked and not is_known for is_asked, is_known in zip(asked, _as_flags(known, total), strict=True)
    ]
    sent = [False] * total
    for at in (at for at, is_new in enumerate(new) if is_new):
        for near in range(max(0, at - _MARGIN_LINES), min(total, at + _MARGIN_LINES + 1)):
            sent[near] = sent[near] or asked[near]
    return _runs(sent, 1)


def _listing(path: RepoPath) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(path)}\n(`{{3,}})\n(.*?)^\1$", re.MULTILINE | re.DOTALL)


def _rows(text: str) -> list[str]:
    return text.removesuffix("\n").split("\n") if text else []


def _pieces(text: str, path: RepoPath) -> Iterator[list[str]]:
    """The lines of a file that a message shows, those together that follow each other in the file."""
    for listing in _listing(path).finditer(text):
        piece: list[str] = []
        for row in _rows(listing[2]):
            if not is_mark(row):
                piece.append(row)
            elif piece:
                yield piece
                piece = []
        if piece:
            yield piece


@dataclass(slots=True)
class _Known:
    """Of each line of a file: whether it is known, and whether it was shown with the next one below it."""

    lines: list[bool]
    joined: list[bool]

    def learn(self, piece_rows: int, matches: Sequence[Match]) -> None:
        """Takes in a piece: what it shows as it is, and that it shows otherwise what else stands in its place."""
        if not matches:
            return
        first, last = matches[0], matches[-1]
        above, below = first.a, piece_rows - last.a - last.size
        place = slice(max(0, first.b - above), min(len(self.lines), last.b + last.size + below))
        links = slice(place.start, place.stop if below else place.stop - 1)
        self.lines[place] = [False] * (place.stop - place.start)
        self.joined[links] = [False] * (links.stop - links.start)
        for match in matches:
            self.lines[match.b : match.b + match.size] = [True] * match.size
            self.joined[match.b : match.b + match.size - 1] = [True] * (match.size - 1)
        self.lines[first.b] = not above  # where lines were taken out, those on either side are sent again
        self.lines[last.b + last.size - 1] = not below

    def forget_touched(self, rows: Sequence[str], reply: str, path: RepoPath) -> None:
        """Drops lines that a reply about the file holds: it may have changed them since they were shown."""
        if not any(self.lines) or path.rpartition("/")[2] not in reply:
            return
        said = {_bare(row) for row in reply.split("\n")}
        for at, row in enumerate(rows):
            if len(_bare(row)) >= _TELLING_CHARACTERS and _bare(row) in said:
                self.lines[at] = False

    def flags(self) -> list[bool]:
        """The known lines, but for those next to each other of which that was never shown."""
        seams = [
            at
            for at in range(len(self.lines) - 1)
            if self.lines[at] and self.lines[at + 1] and not self.joined[at]
        ]
        found = list(self.lines)
        for at in seams:
            found[at] = found[at + 1] = False
        return found


def _bare(row: str) -> str:
    """A line without the marks of a diff, and without its indentation."""
    return row.lstrip("+- \t").rstrip()


def _runs(flags: Sequence[bool], least: int) -> tuple[Span, ...]:
    """The marked lines as spans, 1-based; short ones are left out."""
    spans: list[Span] = []
    start = None
    for row, marked in enumerate([*flags, False], 1):
        if marked and start is None:
            start = row
        elif not marked and start is not None:
            spans += [(start, row - 1)] if row - start >= least else []
            start = None
    return tuple(spans)


def _as_flags(spans: Iterable[Span], total: int) -> list[bool]:
    flags = [False] * total
    for first, last in spans:
        flags[first - 1 : last] = [True] * (min(last, total) - first + 1)
    return flags
