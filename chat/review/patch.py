"""A unified diff, git's or a plain one → the files that it changes. Pure.

`unidiff` reads it. The reader in `edits` is for the diffs of models, whose line numbers mean nothing; here they are
what a finding is placed by.
"""

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chat.errors import InputError
from chat.model import RepoPath
from chat.review.model import ChangedFile, DiffLine, FileStatus, FileText, Hunk, Skipped

if TYPE_CHECKING:
    from unidiff.patch import PatchedFile

_NOTHING = "/dev/null"
_MODES: dict[str | None, Skipped] = {"120000": "link", "160000": "submodule"}
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}
_PREFIX = re.compile(r"[abciow]/")
_BINARY_PATCH = "GIT binary patch"


def read_patch(text: str, where: str = "The diff") -> tuple[ChangedFile, ...]:
    """Return the files that a diff changes, in its order; text around it, as of a mail, does not matter.

    Raises InputError where it is none that can be read.
    """
    from unidiff.errors import UnidiffParseError  # late: few commands read a diff
    from unidiff.patch import PatchSet

    try:
        patched = PatchSet(text)
    except (UnidiffParseError, ValueError) as error:
        reason = " ".join(str(error).split())[:120]
        raise InputError(
            f"{where} cannot be read as a unified diff ({reason}). Nothing was sent; make it with `git diff`."
        ) from error
    files = tuple(_file(each) for each in patched if _path_of(each.target_file) or _path_of(each.source_file))
    if text.strip() and not files:
        raise InputError(f"{where} holds no unified diff. Nothing was sent; make it with `git diff`.")
    return files


def _file(patched: "PatchedFile") -> ChangedFile:
    old, new = _path_of(patched.source_file), _path_of(patched.target_file)
    status: FileStatus = (
        "deleted" if not new else "added" if not old else "renamed" if old != new else "modified"
    )
    hunks = tuple(_hunk(hunk) for hunk in patched)
    mode = _MODES.get(patched.target_mode or patched.source_mode, "")
    is_binary = patched.is_binary_file or _BINARY_PATCH in str(patched.patch_info or "")
    skipped: Skipped = mode or ("binary" if is_binary else "" if hunks else "unchanged text")
    return ChangedFile(new or old, status, hunks, old_path=old or new, skipped=skipped)


def _hunk(hunk: Any) -> Hunk:
    lines = tuple(_lines(hunk))
    return Hunk(hunk.source_start, hunk.target_start, hunk.section_header.strip(), lines)


def _lines(hunk: Any) -> Iterator[DiffLine]:
    for line in hunk:
        number = line.source_line_no if line.is_removed else line.target_line_no
        if number is not None and line.line_type in (" ", "+", "-"):
            yield DiffLine(line.line_type, line.value.removesuffix("\n").removesuffix("\r"), number)


def _path_of(name: str | None) -> RepoPath:
    r"""Return the path that a header names, without quotes and prefix; "" for no file.

    >>> _path_of("b/src/app.py"), _path_of('"a/caf\\303\\251.py"'), _path_of("/dev/null")
    ('src/app.py', 'café.py', '')
    """
    if not name or name == _NOTHING:
        return ""
    if len(name) > 1 and name.startswith('"') and name.endswith('"'):
        name = _unquoted(name[1:-1])
    return name[2:] if _PREFIX.match(name) else name


def _unquoted(name: str) -> str:
    """Return what git wrote between quotes, as C does."""

    def char(match: re.Match[bytes]) -> bytes:
        code = match[1]
        return bytes([int(code, 8) & 0xFF]) if len(code) == 3 else _ESCAPED.get(code, code)

    return os.fsdecode(_ESCAPE.sub(char, name.encode("utf-8", "surrogateescape")))


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
    found: set[int] = set()
    for hunk in file.hunks:
        last, is_removal = hunk.new_start - (not _is_empty_after(hunk)), False
        for line in hunk.lines:
            if line.kind == "-":
                is_removal = True
                continue
            if line.kind == "+":
                found.add(line.number)
            elif is_removal:
                found |= {last, last + 1}
            last, is_removal = line.number, False
        found |= {last, last + 1} if is_removal else set()
    return frozenset(found)


def _is_empty_after(hunk: Hunk) -> bool:
    """Whether a hunk leaves no line; the start that it names then is the line before."""
    return all(line.kind == "-" for line in hunk.lines)


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
