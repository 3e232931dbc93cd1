"""A unified diff → the text before and after, hunk by hunk, as an editor's diff view takes it."""

import re
from dataclasses import dataclass

_HEAD = re.compile(r"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")


@dataclass(frozen=True, slots=True)
class Hunk:
    """One place of a file that changed, with the lines around it."""

    line: int
    """Where the new text begins, from 1; 0 in a file that is gone."""
    old: str
    new: str


def hunks_of(diff: str) -> tuple[Hunk, ...]:
    r"""Return the hunks of the diff of one file; none for a binary file.

    >>> hunks_of("--- a\n+++ b\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n")
    (Hunk(line=1, old='x\ny\n', new='x\nz\n'),)
    """
    hunks: list[Hunk] = []
    lines: list[str] | None = None
    start = 0
    for line in diff.split("\n"):
        if head := _HEAD.match(line):
            if lines is not None:
                hunks.append(_hunk(start, lines))
            start, lines = int(head.group(1)), []
        elif lines is not None:
            lines.append(line)
    if lines is not None:
        hunks.append(_hunk(start, lines))
    return tuple(hunks)


def _hunk(start: int, lines: list[str]) -> Hunk:
    old: list[str] = []
    new: list[str] = []
    last: tuple[list[str], ...] = ()
    for line in lines:
        if line.startswith("\\"):  # "\ No newline at end of file", which is about the line before
            for side in last:
                side[-1] = side[-1].removesuffix("\n")
            continue
        last = {" ": (old, new), "-": (old,), "+": (new,)}.get(line[:1], ())
        for side in last:
            side.append(f"{line[1:]}\n")
    return Hunk(start, "".join(old), "".join(new))
