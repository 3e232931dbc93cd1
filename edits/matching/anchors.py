"""Lines to add below the line behind `@@`, in a hunk that quotes nothing else.

    @@ def load(path):
    +    check(path)

The line behind `@@` stands in the file once, so the new lines go right below it, as they are.
"""

from edits.model import Reading, Replace
from edits.text.line_index import LineIndex
from edits.text.normalize import FOLDED, blank

_BRACKETS = (("(", ")"), ("[", "]"))


def added_below_anchor(change: Replace) -> Reading | None:
    """The reading of a hunk that only adds lines below an anchor; None for every other block."""
    if len(change.readings) == 1 and change.cue.scopes and not change.cue.line:
        (reading,) = change.readings
        if not reading.search and any(not blank(line) for line in reading.replace):
            return reading
    return None


def anchor_rows(index: LineIndex, scopes: tuple[str, ...]) -> list[int]:
    """Where the last of the anchors stands, each below the one before it, which stands once."""
    start = 0
    rows: list[int] = []
    for scope in scopes:
        rows = [row for row in index.find((scope,), FOLDED) if row >= start]
        if len(rows) != 1:
            return rows
        start = rows[0] + 1
    return rows


def ends_within(line: str) -> bool:
    """Whether a line breaks off inside brackets, so that nothing can follow it.

    >>> ends_within("def f("), ends_within("def f(x):"), ends_within("int f() {")
    (True, False, False)
    """
    return any(line.count(left) > line.count(right) for left, right in _BRACKETS)
