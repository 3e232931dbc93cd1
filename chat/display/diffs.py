"""What a plan changes in a file, as a person reads it: the kind of change and a unified diff."""

import difflib
import itertools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chat.events import FileEdited
from chat.model import RepoPath

if TYPE_CHECKING:
    from edits import FileChange

_BINARY_PROBE_BYTES = 8_000
_CONTEXT = 3
_HEADER = re.compile(r"@@ -(\d+)(,\d+)? \+(\d+)(,\d+)? @@")


def edited(change: "FileChange") -> FileEdited:
    """Return a change as the terminal shows it."""
    if change.before is None:
        kind = "moved" if change.moved_from else "created"
    else:
        kind = "deleted" if change.after is None else "changed"
    diff = unified_diff(change.path, change.before, change.after, change.encoding)
    return FileEdited(change.path, diff, kind)  # type: ignore[arg-type]


def unified_diff(path: RepoPath, before: bytes | None, after: bytes | None, encoding: str = "utf-8") -> str:
    r"""Return the unified diff of a file, None where it is not there; empty for a binary file.

    >>> print(unified_diff("a.txt", b"one\n", b"two"), end="")
    --- a/a.txt
    +++ b/a.txt
    @@ -1 +1 @@
    -one
    +two
    \ No newline at end of file
    """
    if encoding == "utf-8" and any(b"\0" in (side or b"")[:_BINARY_PROBE_BYTES] for side in (before, after)):
        return ""
    old_name = "/dev/null" if before is None else f"a/{path}"
    new_name = "/dev/null" if after is None else f"b/{path}"
    rows = _diff_rows(_lines(before, encoding), _lines(after, encoding), old_name, new_name)
    return "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows)


def line_counts(diff: str) -> tuple[int, int]:
    """Return how many lines a unified diff adds and removes."""
    rows = changed_rows(diff)
    return sum(row.startswith("+") for row in rows), sum(row.startswith("-") for row in rows)


def changed_rows(diff: str) -> list[str]:
    r"""Return the rows that a unified diff adds or removes, without its headers.

    >>> changed_rows("--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n")
    ['-one', '+two']
    """
    rows = diff.split("\n")
    first_hunk = next((number for number, row in enumerate(rows) if row.startswith("@@")), len(rows))
    return [row for row in rows[first_hunk:] if row.startswith(("+", "-"))]


def _diff_rows(old: list[str], new: list[str], old_name: str, new_name: str) -> Iterator[str]:
    """The rows of a diff. Equal ends are cut off first: between many equal lines difflib finds no match."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    start, cut = max(0, head - _CONTEXT), max(0, tail - _CONTEXT)
    rows = difflib.unified_diff(
        old[start : len(old) - cut], new[start : len(new) - cut], old_name, new_name, n=_CONTEXT
    )
    for row in rows:
        header = _HEADER.match(row)
        if header is None:
            yield row
        else:
            first, count, later, later_count = header.groups()
            yield f"@@ -{int(first) + start}{count or ''} +{int(later) + start}{later_count or ''} @@\n"


def _common(lines: list[str], others: list[str]) -> int:
    """How many lines two lists have in common at their beginning."""
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(lines, others, strict=False))
    return sum(1 for _ in pairs)


def _lines(content: bytes | None, encoding: str) -> list[str]:
    """Split at line feeds only, as git does; `str.splitlines` splits at form feeds, too."""
    text = (content or b"").decode(encoding, "replace")
    lines = (text if encoding == "utf-8" else text.removeprefix("\ufeff")).split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
