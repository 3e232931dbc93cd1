"""Words a refusal so that a model can send a better block.

A message says which block is meant, what is wrong with it and what to send instead, with the lines of
the file that it should have quoted. It goes back into a prompt, so it stays below a few hundred tokens.
"""

from collections.abc import Sequence
from difflib import SequenceMatcher

from edits.matching.nearest import nearest
from edits.matching.place import NoMatch
from edits.model import EditBlock, Reason, Unreadable
from edits.text.line_index import LineIndex
from edits.text.normalize import blank

_WIDTH = 160
_MOST_ROWS = 24
_MOST_PLACES = 6


def where(block: EditBlock | Unreadable, path: str = "") -> str:
    """The name of a block in a message."""
    name = path or block.name
    return f"{name or 'a block'} (reply line {block.reply_line})"


def explain_unreadable(block: Unreadable, cut_off: bool) -> str:
    """The message for an edit that is incomplete."""
    cause = "the reply stops before" if cut_off else "it cannot be read; expected"
    return f"{where(block)}: {cause} {block.expected}. Nothing of this block was applied. Send it again, complete."


def explain_no_match(
    block: EditBlock, path: str, index: LineIndex, miss: NoMatch, elsewhere: Sequence[str] = ()
) -> str:
    """The message for a SEARCH that has no place, or more than one."""
    head = f"{where(block, path)}: {miss.why}."
    if miss.reason is Reason.AMBIGUOUS:
        return f"{head} {_places(index, miss)}"
    if miss.reason is Reason.ELIDED:
        return (
            f"{head} Nothing was applied. Send the lines in full, or leave the same lines out of both parts."
        )
    if miss.reason is Reason.OVERLAP:
        return f"{head} Send one block for both changes, written against the file as it is."
    if miss.reason is Reason.UNCLEAR:
        rows = _numbered(index, miss.starts[0], miss.starts[0] + len(miss.reading.search) + 2)
        return f"{head} Send the block again with these lines copied exactly:\n{rows}"
    if elsewhere:
        head += f" They are in {', '.join(elsewhere)}; if you mean that file, name it."
    return f"{head} {_nearest(index, miss.reading.search)}"


def _places(index: LineIndex, miss: NoMatch) -> str:
    shown = [start + 1 for start in miss.starts[:_MOST_PLACES]]
    more = "" if len(miss.starts) <= _MOST_PLACES else " and others"
    samples = "\n".join(_above(index, line - 1) for line in shown[:3])
    return (
        f"They begin at lines {', '.join(map(str, shown))}{more}. Nothing was applied. "
        "Send the block again with more lines around the change, so that the SEARCH part matches only "
        "the place you mean. "
        f"Each match, after the lines above it:\n{samples}"
    )


def _above(index: LineIndex, row: int) -> str:
    return _numbered(index, max(0, row - 2), row + 1)


def _nearest(index: LineIndex, search: Sequence[str]) -> str:
    span = nearest(index, search)
    if span is None:
        return (
            f"No line of the file ({len(index.lines)} lines) resembles them. Nothing was applied. "
            "Look at the file again: it may be another file, or its text has changed."
        )
    start, end = span
    return (
        f"Nothing was applied. The closest match is lines {start + 1}-{end}; "
        "`-` is what SEARCH has, `+` is what the file has:\n"
        f"```diff\n{_difference(search, index.lines[start:end])}\n```\n"
        "Send the block again with the SEARCH lines copied from the file."
    )


def _difference(search: Sequence[str], there: Sequence[str]) -> str:
    """The lines that differ with one line around them, cut to size."""
    rows: list[str] = []
    stripped = [line.strip() for line in search], [line.strip() for line in there]
    alike = stripped[0] == stripped[1]
    left, right = (search, there) if alike else stripped
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += _context(there[j1:j2])
        else:
            rows += [f"-{_cut(line)}" for line in search[i1:i2] if not blank(line)]
            rows += [f"+{_cut(line)}" for line in there[j1:j2]]
    if len(rows) <= _MOST_ROWS:
        return "\n".join(rows)
    half = _MOST_ROWS // 2
    return "\n".join((*rows[:half], f"({len(rows) - _MOST_ROWS} more lines)", *rows[-half:]))


def _context(lines: Sequence[str]) -> list[str]:
    if len(lines) <= 3:
        return [f" {_cut(line)}" for line in lines]
    return [f" {_cut(lines[0])}", f" ({len(lines) - 2} equal lines)", f" {_cut(lines[-1])}"]


def _numbered(index: LineIndex, start: int, end: int) -> str:
    rows = index.lines[start:end][:_MOST_ROWS]
    return "\n".join(f"{start + number + 1}: {_cut(line)}" for number, line in enumerate(rows))


def _cut(line: str) -> str:
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "\u2026"
