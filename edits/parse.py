"""A reply's text → the edits in it, in one stream whatever the format.

Nothing here knows the files: what only they can decide (which of two lines is the divider, which
spelling is a file's name) is handed on as readings and hints.
"""

import itertools
from collections.abc import Callable, Sequence

from edits.model import EditBlock, Format, ParsedReply, Unreadable
from edits.patch import parse_patch
from edits.reply import reply_lines
from edits.search_replace import parse_search_replace
from edits.udiff import parse_udiff
from edits.whole import parse_whole

_Parser = Callable[[Sequence[str]], tuple[list[EditBlock | Unreadable], bool]]

_PARSERS: dict[Format, _Parser] = {
    Format.DIFF: parse_search_replace,
    Format.DIFF_FENCED: parse_search_replace,
    Format.UDIFF: parse_udiff,
    Format.WHOLE: parse_whole,
    Format.PATCH: parse_patch,
}


def parse_reply(text: str, form: Format = Format.AUTO, *, finished: bool = True) -> ParsedReply:
    """The edits of a reply, in its order; `finished` is False where the model was cut off.

    Never raises: what looks like an edit and cannot be read comes as `Unreadable`.
    """
    lines = reply_lines(text)
    if form is Format.AUTO:
        form = detect_format(lines)
    blocks, complete = _PARSERS[form](lines)
    if form is Format.UDIFF and complete and not text.endswith("\n"):
        blocks, complete = _without_cut_end(lines, blocks)
    return ParsedReply(form, tuple(blocks), finished and complete)


def detect_format(lines: Sequence[str]) -> Format:
    """The format of a reply: the one with the most telling marks in it."""
    starts = [line.lstrip()[:16] for line in lines]
    if any(
        start.startswith(("*** Begin Patch", "*** Update File", "*** Add File", "*** Delete File"))
        for start in starts
    ):
        return Format.PATCH
    if any(start.startswith(("<<<<<", "------- SEARCH", "----- SEARCH")) for start in starts):
        return Format.DIFF
    headers = any(a.startswith("--- ") and b.startswith("+++ ") for a, b in itertools.pairwise(starts))
    if headers or any(start.startswith("@@ -") for start in starts):
        return Format.UDIFF
    return Format.WHOLE


def _without_cut_end(
    lines: Sequence[str], blocks: list[EditBlock | Unreadable]
) -> tuple[list[EditBlock | Unreadable], bool]:
    """An unfenced diff that stops within a changed line was cut off there."""
    if not blocks or not lines or lines[-1][:1] not in ("+", "-"):
        return blocks, True
    last = blocks[-1]
    name = last.name
    return [*blocks[:-1], Unreadable(last.reply_line, "the end of the diff", name)], False


class GrowingReply:
    """A reply while it arrives; at any moment it reads as its text so far would as a whole."""

    def __init__(self, form: Format = Format.AUTO) -> None:
        self._form = form
        self._pieces: list[str] = []
        self._parsed: ParsedReply | None = None

    def feed(self, text: str) -> None:
        """Add what arrived."""
        if text:
            self._pieces.append(text)
            self._parsed = None

    @property
    def text(self) -> str:
        """All that arrived."""
        self._pieces = ["".join(self._pieces)]
        return self._pieces[0]

    def read(self) -> ParsedReply:
        """The edits so far; those of an end still to come are `Unreadable` and not `finished`."""
        if self._parsed is None:
            self._parsed = parse_reply(self.text, self._form)
        return self._parsed
