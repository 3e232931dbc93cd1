r"""Reads a unified diff → the files and hunks in it.

Diffs come from `git diff` in any of its forms, from `diff -u`, and from web pages of commits: with
prefixes or without, with quoted paths, colours, renames, binary files and merges. What is no part of a
diff is skipped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from repomap.files.git_format import LINK_MODE, SUBMODULE_MODE
from repomap.model import RepoPath

_COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@(.*)")
_MERGED_HUNK = re.compile(r"(@@@+) (?:-\d{1,9}(?:,\d{1,9})? )+\+(\d{1,9})(?:,(\d{1,9}))? \1(.*)")
_GIT_HEADER = re.compile(r'diff --git (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<both>.*))')
_PREFIXES = ("a/", "b/", "i/", "w/", "c/", "o/")
"""What git writes before the paths of both sides, also with `diff.mnemonicPrefix`."""
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_NAMED_ESCAPES = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}
_MODE = re.compile(r"^(?:(?:new|deleted) file mode|new mode|index [0-9a-f.,]+) (\d{6})$")
_NO_FILE = "/dev/null"

LineKind = Literal[" ", "+", "-"]
DiffKind = Literal["text", "binary", "link", "submodule"]
_KINDS: dict[str, DiffKind] = {LINK_MODE: "link", SUBMODULE_MODE: "submodule"}


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a hunk, without its end."""

    kind: LineKind
    text: str
    number: int
    """1-based; in the older file for `-`, else in the newer one."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """One run of changed lines with those around."""

    old_start: int
    """1-based line of the older file at which it begins; 0 if that file is not known, or empty."""
    new_start: int
    """The line before where no line of the newer file is shown, as diffs count."""
    heading: str
    """What the diff names as the place; "" for nothing."""
    lines: tuple[DiffLine, ...]
    is_cut: bool = False
    """Whether it ends before the lines that its header promises."""

    @property
    def old(self) -> tuple[str, ...]:
        """The lines of the older file."""
        return tuple(line.text for line in self.lines if line.kind != "+")

    @property
    def new(self) -> tuple[str, ...]:
        """The lines of the newer file."""
        return tuple(line.text for line in self.lines if line.kind != "-")

    @property
    def old_changed(self) -> tuple[int, ...]:
        """Indexes into `old` of the lines that the newer file lacks."""
        return self._changed("-", "+")

    @property
    def new_changed(self) -> tuple[int, ...]:
        """Indexes into `new` of the lines that the older file lacks."""
        return self._changed("+", "-")

    @property
    def old_gaps(self) -> tuple[int, ...]:
        """Indexes into `old` before which lines were added, where none was removed."""
        return self._gaps("+")

    @property
    def new_gaps(self) -> tuple[int, ...]:
        """Indexes into `new` before which lines were removed, where none was added."""
        return self._gaps("-")

    @property
    def changed_lines(self) -> frozenset[int]:
        """Lines of the newer file that are new, and both beside what was only removed."""
        start = self.new_start if self.new else self.new_start + 1
        beside = (index + offset for index in self.new_gaps for offset in (-1, 0))
        return frozenset(start + index for index in (*self.new_changed, *beside))

    def _changed(self, kind: LineKind, other: LineKind) -> tuple[int, ...]:
        side = (line.kind for line in self.lines if line.kind != other)
        return tuple(index for index, each in enumerate(side) if each == kind)

    def _gaps(self, kind: LineKind) -> tuple[int, ...]:
        """Return where the side without these lines has nothing in their place."""
        gaps, at = [], 0
        for is_context, run in groupby(self.lines, lambda line: line.kind == " "):
            kinds = [line.kind for line in run]
            if not is_context and all(each == kind for each in kinds):
                gaps.append(at)
            at += sum(each != kind for each in kinds)
        return tuple(gaps)


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a diff says about one file."""

    old_path: RepoPath | None
    """None if the file is new."""
    new_path: RepoPath | None
    """None if the file was removed."""
    hunks: tuple[Hunk, ...] = ()
    """Empty for binary files, renames and changes of the mode alone."""
    kind: DiffKind = "text"


def parse_diff(text: str) -> tuple[FileDiff, ...]:
    r"""Read all files of a diff, in order; empty if it has none.

    >>> [file] = parse_diff("--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n")
    >>> file.new_path, file.hunks[0].new, file.hunks[0].new_changed
    ('x.py', ('a', 'c'), (1,))
    """
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    return tuple(_Reader(text.split("\n")).files())


@dataclass(frozen=True, slots=True)
class _Header:
    """The lines that begin a file."""

    old_path: RepoPath | None
    new_path: RepoPath | None
    kind: DiffKind = "text"


class _Reader:
    """Reads the lines of a diff one after the other."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._at = 0

    def files(self) -> Iterator[FileDiff]:
        """Read up to the end."""
        header: _Header | None = None
        hunks: list[Hunk] = []
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip("\r")
            next_header = self._header(line)
            if next_header is not None:
                if header is not None:
                    yield FileDiff(header.old_path, header.new_path, tuple(hunks), header.kind)
                header, hunks = next_header, []
            elif header is not None and (hunk := self._hunk(line)) is not None:
                hunks.append(hunk)
            else:
                self._at += 1
        if header is not None:
            yield FileDiff(header.old_path, header.new_path, tuple(hunks), header.kind)

    def _header(self, line: str) -> _Header | None:
        """Read the lines that begin a file: git's, or those of `diff -u`; None if there are none here."""
        if line.startswith(("diff --git ", "diff --cc ", "diff --combined ")):
            return self._git_header(line)
        if self._is_at_both_sides(line):
            return _Header(*self._both_sides())
        return None

    def _git_header(self, line: str) -> _Header:
        """Read git's lines about one file, up to the first hunk."""
        old: RepoPath | None = _path_of_git_line(line)
        new = old
        kind: DiffKind = "text"
        self._at += 1
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip("\r")
            if self._is_at_both_sides(line):
                old, new = self._both_sides()
                break
            if line.startswith(("diff ", "@@", "commit ")) or not line:
                break
            old, new = _paths_after(line, old, new)
            kind = _kind_after(line, kind)
            self._at += 1
        return _Header(old, new, kind)

    def _is_at_both_sides(self, line: str) -> bool:
        following = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
        return line.startswith("--- ") and following.startswith("+++ ")

    def _both_sides(self) -> tuple[RepoPath | None, RepoPath | None]:
        """Read the two lines with the paths of both sides."""
        lines = self._lines[self._at : self._at + 2]
        self._at += 2
        old, new = (_without_time(line[4:].rstrip("\r")) for line in lines)
        has_prefixes = all(path == _NO_FILE or path.startswith(_PREFIXES) for path in (old, new))
        sides = (None if path == _NO_FILE else path[2:] if has_prefixes else path for path in (old, new))
        return next(sides), next(sides)

    def _hunk(self, line: str) -> Hunk | None:
        """Read a hunk; None if there is none here."""
        match = _HUNK.match(line)
        if match:
            old_count, new_count = (1 if size is None else int(size) for size in (match[2], match[4]))
            self._at += 1
            body = _Body(int(match[1]), int(match[3]))
            self._read_body(body, old_count, new_count)
            return body.hunk(match[5], is_cut=(body.old_count, body.new_count) != (old_count, new_count))
        merged = _MERGED_HUNK.match(line)
        if merged:
            new_count = 1 if merged[3] is None else int(merged[3])
            self._at += 1
            body = _Body(0, int(merged[2]))
            self._read_merged_body(body, len(merged[1]) - 1, new_count)
            return body.hunk(merged[4], is_cut=body.new_count != new_count)
        return None

    def _read_body(self, body: "_Body", old_count: int, new_count: int) -> None:
        """Read the lines of a hunk, as many as its header says or fewer if they end before."""
        while self._at < len(self._lines) and (body.old_count < old_count or body.new_count < new_count):
            line = self._lines[self._at]
            mark, text = line[:1], line[1:].rstrip("\r")
            if mark == "-":
                body.add("-", text)
            elif mark == "+":
                body.add("+", text)
            elif mark in (" ", "", "\r"):  # editors strip the space of an empty line
                body.add(" ", text)
            elif mark != "\\":
                break
            self._at += 1

    def _read_merged_body(self, body: "_Body", parents: int, new_count: int) -> None:
        """Read a hunk of a merge, which has one column of marks for each parent."""
        while self._at < len(self._lines) and body.new_count < new_count:
            line = self._lines[self._at]
            marks, text = line[:parents], line[parents:].rstrip("\r")
            if marks.strip(" +-\r"):
                break
            body.add("-" if "-" in marks else "+" if "+" in marks else " ", text)
            self._at += 1


class _Body:
    """The lines of a hunk while it is read."""

    def __init__(self, old_start: int, new_start: int) -> None:
        self._starts = (old_start, new_start)
        self._lines: list[DiffLine] = []
        self.old_count = self.new_count = 0

    def add(self, kind: LineKind, text: str) -> None:
        """Number a line and keep it."""
        number = self._starts[0] + self.old_count if kind == "-" else self._starts[1] + self.new_count
        self._lines.append(DiffLine(kind, text, number))
        self.old_count += kind != "+"
        self.new_count += kind != "-"

    def hunk(self, heading: str, *, is_cut: bool) -> Hunk:
        """Return what was read."""
        return Hunk(*self._starts, heading.strip(), tuple(self._lines), is_cut)


def _paths_after(
    line: str, old: RepoPath | None, new: RepoPath | None
) -> tuple[RepoPath | None, RepoPath | None]:
    """Return the paths of both sides after a line of git's header."""
    if line.startswith(("rename from ", "copy from ")):
        return _unquoted(line.partition(" from ")[2]), new
    if line.startswith(("rename to ", "copy to ")):
        return old, _unquoted(line.partition(" to ")[2])
    if line.startswith("new file mode"):
        return None, new
    if line.startswith("deleted file mode"):
        return old, None
    return old, new


def _kind_after(line: str, kind: DiffKind) -> DiffKind:
    """Return what the change is of, after a line of git's header."""
    if line.startswith(("Binary files ", "GIT binary patch")):
        return "binary"
    mode = _MODE.search(line)
    return _KINDS.get(mode[1], kind) if mode else kind


def _path_of_git_line(line: str) -> RepoPath:
    """Return the path in `diff --git a/PATH b/PATH`, where both sides have the same, or `diff --cc PATH`."""
    if not line.startswith("diff --git "):
        return _unquoted(line.split(" ", 2)[2])
    match = _GIT_HEADER.match(line)
    if match and match["quoted"] is not None:
        path = _unquoted(f'"{match["quoted"]}"')
        return path[2:] if path.startswith(_PREFIXES) else path
    both = match["both"] if match else ""
    second = both[len(both) // 2 + 1 :]
    return second[2:] if second.startswith(_PREFIXES) else second


def _without_time(path: str) -> str:
    """Cut off the time that `diff -u` writes after a tab, and resolve quotes."""
    return _unquoted(path if path.startswith('"') else path.partition("\t")[0])


def _unquoted(path: str) -> str:
    r"""Resolve the quotes and escapes that git writes around unusual paths.

    >>> _unquoted(r'"caf\303\251.py"')
    'café.py'
    """
    if not (path.startswith('"') and path.rstrip().endswith('"') and len(path) > 1):
        return path
    data = path.rstrip()[1:-1].encode("utf-8", "surrogateescape")
    data = _ESCAPE.sub(
        lambda match: bytes([_NAMED_ESCAPES.get(match[1]) or int(match[1], 8) & 255]),
        data,
    )
    return data.decode("utf-8", "surrogateescape")
