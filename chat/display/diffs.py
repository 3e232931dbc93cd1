"""What a plan changes in a file, as a person reads it: the kind of change and a unified diff."""

import difflib

from chat.events import FileEdited
from chat.model import RepoPath
from edits import FileChange

_BINARY_PROBE_BYTES = 8_000


def edited(change: FileChange) -> FileEdited:
    """Return a change as the terminal shows it."""
    if change.before is None:
        kind = "moved" if change.moved_from else "created"
    else:
        kind = "deleted" if change.after is None else "changed"
    diff = unified_diff(change.path, change.before, change.after)
    return FileEdited(change.path, diff, kind)  # type: ignore[arg-type]


def unified_diff(path: RepoPath, before: bytes | None, after: bytes | None) -> str:
    r"""Return the unified diff of a file, None where it is not there; empty for a binary file.

    >>> print(unified_diff("a.txt", b"one\n", b"two"), end="")
    --- a/a.txt
    +++ b/a.txt
    @@ -1 +1 @@
    -one
    +two
    \ No newline at end of file
    """
    if any(b"\0" in (side or b"")[:_BINARY_PROBE_BYTES] for side in (before, after)):
        return ""
    old_name = "/dev/null" if before is None else f"a/{path}"
    new_name = "/dev/null" if after is None else f"b/{path}"
    rows = difflib.unified_diff(_lines(before), _lines(after), old_name, new_name)
    return "".join(row if row.endswith("\n") else f"{row}\n\\ No newline at end of file\n" for row in rows)


def _lines(content: bytes | None) -> list[str]:
    """Split at line feeds only, as git does; `str.splitlines` splits at form feeds, too."""
    lines = (content or b"").decode("utf-8", "replace").split("\n")
    return [f"{line}\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
