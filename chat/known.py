"""What a prompt shows of a file already → the lines of the file, as it is now, that need not be sent again.

Pure. It is read from the messages themselves: whatever left the prompt is not known, and a line counts
only where it stands word for word in what was shown last of its place and no reply since has touched it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from chat.excerpts import is_mark
from chat.model import Message, RepoPath
from chat.talk import Span

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
    known = [False] * len(rows)
    for message in messages:
        if message.role == "assistant":
            _forget_touched(known, rows, message.text, path)
            continue
        for piece in _pieces(message.text, path):
            matcher.set_seq1(piece)
            _learn(known, len(piece), matcher)
    return _runs(known)


def without_known(wanted: Sequence[Span], known: Sequence[Span], total: int) -> tuple[Span, ...]:
    """The wanted lines that are not known, with a few known ones around them, in order and apart."""
    asked = _as_flags(wanted, total)
    new = [is_asked and not is_known for is_asked, is_known in zip(asked, _as_flags(known, total), strict=True)]
    sent = [False] * total
    for at in (at for at, is_new in enumerate(new) if is_new):
        for near in range(max(0, at - _MARGIN_LINES), min(total, at + _MARGIN_LINES + 1)):
            sent[near] = sent[near] or asked[near]
    return _runs(sent, least=1)


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


def _learn(known: list[bool], piece_rows: int, matcher: "SequenceMatcher[str]") -> None:
    """Marks the lines that a piece shows as they are, and unmarks those in its place that it shows otherwise."""
    matches = [match for match in matcher.get_matching_blocks() if match.size >= _LEAST_MATCH]
    if not matches:
        return
    first = max(0, matches[0].b - matches[0].a)
    last = min(len(known), matches[-1].b + piece_rows - matches[-1].a)
    known[first:last] = [False] * (last - first)
    for match in matches:
        known[match.b : match.b + match.size] = [True] * match.size


def _forget_touched(known: list[bool], rows: Sequence[str], reply: str, path: RepoPath) -> None:
    """Unmarks lines that a reply about the file holds: it may have changed them since they were shown."""
    if not any(known) or path.rpartition("/")[2] not in reply:
        return
    said = {row.lstrip("+- \t").rstrip() for row in reply.split("\n")}
    for at, row in enumerate(rows):
        bare = row.lstrip("+- \t").rstrip()
        known[at] = known[at] and not (len(bare) >= _TELLING_CHARACTERS and bare in said)


def _runs(flags: Sequence[bool], least: int = _LEAST_RUN) -> tuple[Span, ...]:
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
