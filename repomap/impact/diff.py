r"""Reads a unified diff → the files and hunks in it.

Diffs come from `git diff` in any of its forms, from `diff -u`, and from web pages of commits: with
prefixes or without, with quoted paths, colours, renames, binary files and merges. What is no part of a
diff is skipped.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from repomap.model import RepoPath

_COLOUR = re.compile(r"\x1b\[[0-9;]*[mK]")
_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_MERGED_HUNK = re.compile(r"(@@@+) (?:-\d{1,9}(?:,\d{1,9})? )+\+(\d{1,9})(?:,(\d{1,9}))? \1")
_GIT_HEADER = re.compile(r'diff --git (?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<both>.*))')
_PREFIXES = ("a/", "b/", "i/", "w/", "c/", "o/")
"""What git writes before the paths of both sides, also with `diff.mnemonicPrefix`."""
_ESCAPE = re.compile(rb'\\([0-7]{3}|[abtnvfr"\\])')
_NAMED_ESCAPES = {b"a": 7, b"b": 8, b"t": 9, b"n": 10, b"v": 11, b"f": 12, b"r": 13, b'"': 34, b"\\": 92}
_NO_FILE = "/dev/null"


@dataclass(frozen=True, slots=True)
class Hunk:
    """Consecutive lines of a change, as both sides have them."""

    old_start: int
    """1-based line of the old file at which `old` begins; 0 if the old file is not known or empty."""
    old: tuple[str, ...]
    new_start: int
    new: tuple[str, ...]
    old_changed: tuple[int, ...]
    """Indexes into `old` of the lines that the new file lacks."""
    new_changed: tuple[int, ...]
    """Indexes into `new` of the lines that the old file lacks."""
    old_gaps: tuple[int, ...]
    """Indexes into `old` before which lines were added, where none was removed."""
    new_gaps: tuple[int, ...]
    """Indexes into `new` before which lines were removed, where none was added."""


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a diff says about one file."""

    old_path: RepoPath | None
    """None if the file is new."""
    new_path: RepoPath | None
    """None if the file was removed."""
    hunks: tuple[Hunk, ...] = ()
    """Empty for binary files, renames and changes of the mode alone."""


def parse_diff(text: str) -> tuple[FileDiff, ...]:
    r"""Read all files of a diff, in order; empty if it has none.

    >>> [file] = parse_diff("--- a/x.py\n+++ b/x.py\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n")
    >>> file.new_path, file.hunks[0].new, file.hunks[0].new_changed
    ('x.py', ('a', 'c'), (1,))
    """
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    return tuple(_Reader(text.split("\n")).files())


class _Reader:
    """Reads the lines of a diff one after the other."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._at = 0

    def files(self) -> Iterator[FileDiff]:
        """Read up to the end."""
        paths: tuple[RepoPath | None, RepoPath | None] | None = None
        hunks: list[Hunk] = []
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip("\r")
            new_paths = self._header(line)
            if new_paths is not None:
                if paths is not None:
                    yield FileDiff(*paths, tuple(hunks))
                paths, hunks = new_paths, []
            elif paths is not None and (hunk := self._hunk(line)) is not None:
                hunks.append(hunk)
            else:
                self._at += 1
        if paths is not None:
            yield FileDiff(*paths, tuple(hunks))

    def _header(self, line: str) -> tuple[RepoPath | None, RepoPath | None] | None:
        """Read the lines that begin a file: git's, or those of `diff -u`; None if there are none here."""
        if line.startswith(("diff --git ", "diff --cc ", "diff --combined ")):
            return self._git_header(line)
        following = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
        if line.startswith("--- ") and following.startswith("+++ "):
            self._at += 2
            return self._both_sides(line, following)
        return None

    def _git_header(self, line: str) -> tuple[RepoPath | None, RepoPath | None]:
        """Read git's lines about one file, up to the first hunk."""
        old: RepoPath | None = _path_of_git_line(line)
        new = old
        self._at += 1
        while self._at < len(self._lines):
            line = self._lines[self._at].rstrip("\r")
            following = self._lines[self._at + 1] if self._at + 1 < len(self._lines) else ""
            if line.startswith("--- ") and following.startswith("+++ "):
                self._at += 2
                return self._both_sides(line, following)
            if line.startswith(("rename from ", "copy from ")):
                old = _unquoted(line.partition(" from ")[2])
            elif line.startswith(("rename to ", "copy to ")):
                new = _unquoted(line.partition(" to ")[2])
            elif line.startswith("new file mode"):
                old = None
            elif line.startswith("deleted file mode"):
                new = None
            elif line.startswith(("diff ", "@@", "commit ")) or not line:
                break
            self._at += 1
        return old, new

    def _both_sides(self, old_line: str, new_line: str) -> tuple[RepoPath | None, RepoPath | None]:
        old, new = (_without_time(line[4:].rstrip("\r")) for line in (old_line, new_line))
        has_prefixes = all(path == _NO_FILE or path.startswith(_PREFIXES) for path in (old, new))
        sides = (None if path == _NO_FILE else path[2:] if has_prefixes else path for path in (old, new))
        return next(sides), next(sides)

    def _hunk(self, line: str) -> Hunk | None:
        """Read a hunk; None if there is none here."""
        match = _HUNK.match(line)
        if match:
            old_count, new_count = (1 if size is None else int(size) for size in (match[2], match[4]))
            self._at += 1
            return self._body(int(match[1]), old_count, int(match[3]), new_count)
        merged = _MERGED_HUNK.match(line)
        if merged:
            self._at += 1
            new_count = 1 if merged[3] is None else int(merged[3])
            return self._merged_body(len(merged[1]) - 1, int(merged[2]), new_count)
        return None

    def _body(self, old_start: int, old_count: int, new_start: int, new_count: int) -> Hunk:
        """Read the lines of a hunk, as many as its header says or fewer if they end before."""
        old, new = _Side(), _Side()
        while self._at < len(self._lines) and (len(old.lines) < old_count or len(new.lines) < new_count):
            line = self._lines[self._at]
            mark, text = line[:1], line[1:].rstrip("\r")
            if mark == "-":
                old.changed.append(len(old.lines))
                old.lines.append(text)
            elif mark == "+":
                new.changed.append(len(new.lines))
                new.lines.append(text)
            elif mark in (" ", "", "\r"):  # editors strip the space of an empty line
                old.end_run(new)
                old.lines.append(text)
                new.lines.append(text)
            elif mark != "\\":
                break
            self._at += 1
        old.end_run(new)
        return Hunk(
            *(old_start, tuple(old.lines), new_start, tuple(new.lines), tuple(old.changed)),
            *(tuple(new.changed), tuple(old.gaps), tuple(new.gaps)),
        )

    def _merged_body(self, parents: int, new_start: int, new_count: int) -> Hunk:
        """Read a hunk of a merge, which has one column of marks for each parent; only its new side."""
        new = _Side()
        while self._at < len(self._lines) and len(new.lines) < new_count:
            line = self._lines[self._at]
            marks = line[:parents]
            if marks.strip(" +-\r"):
                break
            if "-" not in marks:
                if "+" in marks:
                    new.changed.append(len(new.lines))
                new.lines.append(line[parents:].rstrip("\r"))
            elif new.lines:
                new.gaps.append(len(new.lines))
            self._at += 1
        return Hunk(0, (), new_start, tuple(new.lines), (), tuple(new.changed), (), tuple(new.gaps))


class _Side:
    """One side of a hunk while it is read."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.changed: list[int] = []
        self.gaps: list[int] = []
        self._runs_end = 0

    def end_run(self, other: "_Side") -> None:
        """Note where a run of changed lines ends that is on one side alone; ``self`` is the old side."""
        removed, added = len(self.changed) - self._runs_end, len(other.changed) - other._runs_end
        if added and not removed:
            self.gaps.append(len(self.lines))
        if removed and not added:
            other.gaps.append(len(other.lines))
        self._runs_end, other._runs_end = len(self.changed), len(other.changed)


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
