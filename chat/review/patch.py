"""A unified diff, git's or a plain one → the files that it changes, as a review sees them. Pure."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from chat.errors import InputError
from chat.model import RepoPath
from chat.review.model import ChangedFile, FileStatus, FileText, Skipped

if TYPE_CHECKING:
    from repomap import FileDiff


def read_patch(text: str, where: str = "The diff") -> tuple[ChangedFile, ...]:
    """Return the files that a diff changes, in its order; text around it, as of a mail, does not matter.

    Raises InputError where it is none, or is cut off.
    """
    from repomap import parse_diff

    diffs = parse_diff(text)
    if any(hunk.is_cut for diff in diffs for hunk in diff.hunks):
        raise InputError(
            f"{where} cannot be read as a unified diff (a hunk is shorter than its header says). Nothing was sent; "
            "make it with `git diff`."
        )
    if text.strip() and not diffs:
        raise InputError(f"{where} holds no unified diff. Nothing was sent; make it with `git diff`.")
    return tuple(file for diff in diffs for file in _files(diff))


def _files(diff: "FileDiff") -> Iterator[ChangedFile]:
    old, new = diff.old_path or "", diff.new_path or ""
    if not (old or new):
        return
    status: FileStatus = (
        "deleted" if not new else "added" if not old else "renamed" if old != new else "modified"
    )
    skipped: Skipped = diff.kind if diff.kind != "text" else "" if diff.hunks else "unchanged text"
    yield ChangedFile(new or old, status, diff.hunks, old_path=old or new, skipped=skipped)


def is_inside(path: RepoPath) -> bool:
    r"""Whether a path stays below the root it is relative to, on every system.

    >>> is_inside("src/a.py"), is_inside("../a.py"), is_inside("/etc/passwd"), is_inside("C:\\a")
    (True, False, False, False)
    """
    parts = path.replace("\\", "/").split("/")
    is_clean = all(part not in ("", ".", "..") for part in parts) and "\0" not in path
    return is_clean and not re.match(r"[A-Za-z]:", path) and ".git" not in map(str.lower, parts)


def changed_lines(file: ChangedFile) -> frozenset[int]:
    """Return the newer lines that a finding may be about: new ones, and both beside what was only removed."""
    return frozenset(number for hunk in file.hunks for number in hunk.changed_lines)


def new_text(file: ChangedFile, text: str | None, *, may_be_older: bool = False) -> FileText:
    """Return the newer file: ``text`` where the diff leads to it, else what the diff shows.

    One that ``may_be_older`` is the newer one after the diff where it fits what the diff begins with; if it fits both,
    it is the one of which the diff shows more.
    """
    shown = {line.number: line.text for hunk in file.hunks for line in hunk.lines if line.kind != "-"}
    if text is not None:
        lines = lines_of(text)
        removed, added = file.removed, file.added
        readings = [lines, _applied(file, lines)] if added >= removed else [_applied(file, lines), lines]
        for whole in readings if may_be_older else [lines]:
            if whole is not None and all(_at(whole, number) == line for number, line in shown.items()):
                return FileText(dict(enumerate(whole, 1)), is_whole=True)
    return FileText(shown, is_whole=file.status == "added")


def old_lines(file: ChangedFile, newer: FileText) -> list[str] | None:
    """Return the lines of the older file; None where the newer one is not known whole."""
    if file.status == "deleted":
        return [line.text for hunk in file.hunks for line in hunk.lines if line.kind != "+"]
    if not newer.is_whole:
        return None
    lines = [newer.lines[number] for number in sorted(newer.lines)]
    for hunk in reversed(file.hunks):
        before = [line.text for line in hunk.lines if line.kind != "+"]
        count = sum(line.kind != "-" for line in hunk.lines)
        start = hunk.new_start - 1 if count else hunk.new_start
        lines[start : start + count] = before
    return lines


def _applied(file: ChangedFile, lines: list[str]) -> list[str] | None:
    """Return the lines after the diff; None where they are not those that it begins with."""
    result = list(lines)
    for hunk in reversed(file.hunks):
        before = [line.text for line in hunk.lines if line.kind != "+"]
        after = [line.text for line in hunk.lines if line.kind != "-"]
        start = hunk.old_start - 1 if before else hunk.old_start
        if result[start : start + len(before)] != before:
            return None
        result[start : start + len(before)] = after
    return result


def lines_of(text: str) -> list[str]:
    r"""Return the lines of a text without their ends; only a line feed ends one, as in a diff.

    >>> lines_of("a\r\nb\x0c\n")
    ['a', 'b\x0c']
    """
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def _at(lines: list[str], number: int) -> str | None:
    return lines[number - 1] if 0 < number <= len(lines) else None
