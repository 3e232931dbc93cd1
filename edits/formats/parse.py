"""A reply's text → the edits in it, in one stream whatever the format.

Nothing here knows the files: what only they can decide (which of two lines is the divider, which
spelling is a file's name) is handed on as readings and hints.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence

from edits.formats.file_names import fence_info
from edits.formats.patch import parse_patch
from edits.formats.reply_lines import open_thought, reply_lines
from edits.formats.search_replace import parse_search_replace
from edits.formats.udiff import parse_udiff
from edits.formats.whole import parse_whole
from edits.model import EditBlock, Format, ParsedReply, Unreadable

_SEARCH = re.compile(r"\s*<{5,9} ?SEARCH\b", re.IGNORECASE)
_END = re.compile(r"\s*(?:>{5,9} ?REPLACE\b|\*\*\* *End Patch\s*\Z)", re.IGNORECASE)
_REACH = 4
"""How many lines below an edit are looked at."""
_BEGIN_PATCH = re.compile(r"\s*\*\*\* *Begin Patch\s*\Z", re.IGNORECASE)
_Parser = Callable[[Sequence[str]], tuple[list[EditBlock | Unreadable], bool]]

_PARSERS: dict[Format, _Parser] = {
    Format.DIFF: parse_search_replace,
    Format.DIFF_FENCED: parse_search_replace,
    Format.UDIFF: parse_udiff,
    Format.WHOLE: parse_whole,
    Format.PATCH: parse_patch,
}


_WANTED = {
    Format.DIFF: "a SEARCH/REPLACE block in place of this diff",
    Format.DIFF_FENCED: "a SEARCH/REPLACE block in place of this diff",
    Format.WHOLE: "the whole file in place of this diff",
    Format.PATCH: "*** Begin Patch and the form of a patch in place of this diff",
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
    if not blocks:
        form, blocks, complete = _otherwise(text, lines, form)
    elif complete and not any(isinstance(block, EditBlock) for block in blocks):
        form, blocks = _all_in_other_format(lines, form) or (form, blocks)
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


def _otherwise(
    text: str, lines: Sequence[str], form: Format
) -> tuple[Format, list[EditBlock | Unreadable], bool]:
    """What a reply holds in which its format finds nothing: (format, blocks, complete).

    Blocks and patches can be nothing but edits and are taken as such. What may be an illustration
    (a diff), a draft or half an answer is reported instead.
    """
    for other, blocks, complete in _in_other_formats(lines, form):
        if blocks:
            return other, blocks, complete
    if form is not Format.UDIFF and detect_format(lines) is Format.UDIFF:
        diffs, _ = parse_udiff(lines)
        if diffs:
            return form, [Unreadable(diffs[0].reply_line, _WANTED[form], diffs[0].name)], True
    drafts, _ = _PARSERS[form](open_thought(text).split("\n"))
    if drafts:
        return form, [Unreadable(drafts[0].reply_line, "the answer below the thoughts")], False
    flat = next((number for number, line in enumerate(lines) if _on_one_line(line)), None)
    if flat is not None:
        return form, [Unreadable(flat + 1, "the line breaks of the edit")], True
    return form, [], True


def _all_in_other_format(
    lines: Sequence[str], form: Format
) -> tuple[Format, list[EditBlock | Unreadable]] | None:
    """A reply that is unreadable in its format, as another in which each edit can be read; None if there is none.

    So a listing that is blocks from its first line to its last is these blocks, and no file.
    """
    if not all(_is_left_by(lines[number + 1 :]) for number, line in enumerate(lines) if _END.match(line)):
        return None
    for other, blocks, complete in _in_other_formats(lines, form):
        if complete and blocks and all(isinstance(block, EditBlock) for block in blocks):
            return other, blocks
    return None


def _is_left_by(below: Sequence[str]) -> bool:
    """Whether what follows an edit is a fence, the end, or another edit, its file's name above it or not."""
    told = [line for line in itertools.islice(below, _REACH) if line.strip()][:2]
    return not told or fence_info(told[0]) is not None or any(_SEARCH.match(line) for line in told)


def _in_other_formats(
    lines: Sequence[str], form: Format
) -> Iterator[tuple[Format, list[EditBlock | Unreadable], bool]]:
    """A reply in the formats that can be nothing but edits, where it has their marks."""
    for other, mark in ((Format.DIFF, _SEARCH), (Format.PATCH, _BEGIN_PATCH)):
        if other is not form and any(mark.match(line) for line in lines):
            yield other, *_PARSERS[other](lines)


def _on_one_line(line: str) -> bool:
    """Whether a line holds an edit whose line breaks were lost, or arrived as backslashes."""
    for mark in ("<<<<<<< SEARCH", "*** Begin Patch"):
        at = line.find(mark)
        if at >= 0 and line.startswith("\\n", at + len(mark)):
            return True
    head, divider, tail = line.find("<<<<<<< SEARCH"), line.rfind("======="), line.rfind(">>>>>>> REPLACE")
    return 0 <= head < divider < tail and "`" not in line[head:tail]


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
