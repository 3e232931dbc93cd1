"""A reply that grows → pieces that will not change any more: paragraphs, listings, edits.

A terminal shows each piece once, when it is complete, so that nothing already on the screen has to
be drawn again. This reads for show alone; what is applied is read by `edits`.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_SEARCH = re.compile(r"^\s*<{5,9}\s*(SEARCH|ORIGINAL|HEAD)?\s*$", re.IGNORECASE)
_DIVIDER = re.compile(r"^\s*={5,9}\s*$")
_REPLACE = re.compile(r"^\s*>{5,9}\s*(REPLACE|UPDATED|HEAD)?\s*$", re.IGNORECASE)
_ITEM = re.compile(r"^\s*([-*+]|\d+[.)])\s")
_HEADER_ROWS = 3
"""Of a unified diff with one hunk."""
_NAME = re.compile(r"^[\w./\\@+~-][^<>|:*?\"]*$")


@dataclass(frozen=True, slots=True)
class Prose:
    """Markdown that stands for itself: a paragraph, a list, a table, a listing."""

    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A SEARCH/REPLACE block."""

    path: str
    """As the reply writes it, or "" where it names none near the block."""
    removed: tuple[str, ...]
    added: tuple[str, ...]

    def diff(self) -> list[str]:
        """Its lines, each behind ` `, `-` or `+`."""
        rows = [*difflib.unified_diff(self.removed, self.added, lineterm="", n=len(self.removed))]
        return rows[_HEADER_ROWS:] or [f" {line}" for line in self.removed]


Piece = Prose | Edit


class GrowingReply:
    """Takes the text of a reply as it arrives and gives its pieces, each once, in order."""

    def __init__(self) -> None:
        self._partial = ""
        self._lines: list[str] = []
        self._fence = ""
        """What opened the listing that is being written."""
        self._in_edit = False
        self._after_edit = False
        """The open listing has held an edit, so that it is not shown as one."""
        self._after_blank = False
        self._path = ""
        """The last line that may have named a file."""

    def feed(self, text: str) -> list[Piece]:
        """The pieces that are complete with this text."""
        *lines, self._partial = (self._partial + text).split("\n")
        return [piece for line in lines for piece in self._take(line)]

    def close(self) -> list[Piece]:
        """What is left, as it is."""
        last, self._partial = self._partial, ""
        pieces = list(self._take(last)) if last else []
        return [*pieces, *self._flush()]

    @property
    def waiting(self) -> tuple[str, ...]:
        """The lines of the piece that is not complete yet."""
        return (*self._lines, self._partial) if self._partial else tuple(self._lines)

    @property
    def editing(self) -> str | None:
        """The file of the edit that is being written, "" where it has no name; None outside one."""
        return self._path if self._in_edit else None

    def _take(self, line: str) -> Iterator[Piece]:
        if self._in_edit:
            yield from self._take_in_edit(line)
        elif _SEARCH.match(line):
            yield from self._open_edit()
        elif self._fence:
            yield from self._take_in_fence(line)
        else:
            yield from self._take_outside(line)

    def _take_in_edit(self, line: str) -> Iterator[Piece]:
        self._lines.append(line)
        if _REPLACE.match(line):
            yield _as_edit(self._path, self._lines[:-1])
            self._lines, self._in_edit, self._after_edit = [], False, bool(self._fence)

    def _open_edit(self) -> Iterator[Piece]:
        """The lines before that belong to the block, its name and its fence, are not prose."""
        before, inside = self._lines, ""
        if self._fence and not self._after_edit:
            *before, inside = _without_fence(before)
        name = _name_in(inside) or _name_in(before[-1] if before else "")
        if before and _name_in(before[-1]):
            before = before[:-1]
        self._lines = before if _name_in(inside) or not inside else [*before, inside]
        yield from self._flush()
        self._path = name or self._path
        self._in_edit = True

    def _take_in_fence(self, line: str) -> Iterator[Piece]:
        closing = line.strip().startswith(self._fence) and not line.strip().strip(self._fence[0])
        if not (closing and self._after_edit and not self._lines):
            self._lines.append(line)
        if closing:
            yield from self._flush()
            self._fence, self._after_edit = "", False

    def _take_outside(self, line: str) -> Iterator[Piece]:
        if self._after_blank and line.strip() and not self._goes_on(line):
            yield from self._flush()
        self._after_blank = not line.strip()
        if self._after_blank and not self._is_list():
            yield from self._flush()
            return
        opening = _FENCE.match(line)
        if opening and not self._is_list():
            self._fence = opening.group(1)
        self._lines.append(line)

    def _is_list(self) -> bool:
        return bool(self._lines) and bool(_ITEM.match(self._lines[0]))

    def _goes_on(self, line: str) -> bool:
        return self._is_list() and (line.startswith((" ", "\t")) or bool(_ITEM.match(line)))

    def _flush(self) -> Iterator[Piece]:
        lines, self._lines = self._lines, []
        if self._in_edit:
            self._in_edit = False
            lines = [self._path, "~~~~", *lines, "~~~~"]
        self._path = _name_in(next((line for line in reversed(lines) if line.strip()), "")) or self._path
        if any(line.strip() for line in lines):
            yield Prose("\n".join(lines).strip("\n"))


def _without_fence(lines: list[str]) -> list[str]:
    """The lines before the last opening fence, then the line behind it or ""."""
    start = max(number for number, line in enumerate(lines) if _FENCE.match(line))
    return [*lines[:start], "\n".join(lines[start + 1 :])]


def _as_edit(path: str, lines: list[str]) -> Edit:
    """Where several lines look like the divider, the first counts."""
    divider = next((number for number, line in enumerate(lines) if _DIVIDER.match(line)), len(lines))
    return Edit(path, tuple(lines[:divider]), tuple(lines[divider + 1 :]))


def _name_in(line: str) -> str:
    """The path that a line consists of, or ""."""
    name = line.strip().strip("`*#: ")
    likely = "." in name or "/" in name or name in ("Makefile", "Dockerfile", "LICENSE")
    return name if likely and " " not in name and _NAME.match(name) else ""
