"""Splits a growing reply into pieces that are final: paragraphs, listings, edits.

A terminal shows each piece once, when it is complete, so that nothing on the screen has to be drawn
again. This only serves the display; what is applied is read by `edits`.
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
    """Markdown that can be shown by itself: a paragraph, a list, a table, a listing."""

    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A SEARCH/REPLACE block."""

    path: str
    """As the reply writes it, or "" where there is none near the block."""
    removed: tuple[str, ...]
    added: tuple[str, ...]

    def diff(self) -> list[str]:
        """Return its lines, each after ` `, `-` or `+`."""
        rows = [*difflib.unified_diff(self.removed, self.added, lineterm="", n=len(self.removed))]
        return rows[_HEADER_ROWS:] or [f" {line}" for line in self.removed]


Piece = Prose | Edit


class GrowingReply:
    """Collects the text of a reply as it arrives, and gives its pieces, each once, in order."""

    def __init__(self) -> None:
        self._partial = ""
        self._lines: list[str] = []
        self._fence = ""
        """The opening mark of the current listing."""
        self._in_edit = False
        self._after_edit = False
        """The current listing has held an edit, so it is not shown as a listing."""
        self._after_blank = False
        self._path = ""
        """The last line that may have named a file."""

    def feed(self, text: str) -> list[Piece]:
        """Return the pieces that are complete with this text."""
        *lines, self._partial = (self._partial + text).split("\n")
        return [piece for line in lines for piece in self._feed_line(line)]

    def close(self) -> list[Piece]:
        """Return what is left, complete or not."""
        last, self._partial = self._partial, ""
        pieces = list(self._feed_line(last)) if last else []
        return [*pieces, *self._flush()]

    @property
    def waiting(self) -> tuple[str, ...]:
        """The lines of the piece that is not complete yet."""
        return (*self._lines, self._partial) if self._partial else tuple(self._lines)

    @property
    def editing(self) -> str | None:
        """The file of the current edit, "" where it has no name; None outside an edit."""
        return self._path if self._in_edit else None

    def _feed_line(self, line: str) -> Iterator[Piece]:
        if self._in_edit:
            yield from self._feed_in_edit(line)
        elif _SEARCH.match(line):
            yield from self._open_edit()
        elif self._fence:
            yield from self._feed_in_fence(line)
        else:
            yield from self._feed_outside(line)

    def _feed_in_edit(self, line: str) -> Iterator[Piece]:
        self._lines.append(line)
        if _REPLACE.match(line):
            yield _as_edit(self._path, self._lines[:-1])
            self._lines, self._in_edit, self._after_edit = [], False, bool(self._fence)

    def _open_edit(self) -> Iterator[Piece]:
        """Begin an edit; its name and its fence, which precede it, are not prose."""
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

    def _feed_in_fence(self, line: str) -> Iterator[Piece]:
        is_closing = line.strip().startswith(self._fence) and not line.strip().strip(self._fence[0])
        if not (is_closing and self._after_edit and not self._lines):
            self._lines.append(line)
        if is_closing:
            yield from self._flush()
            self._fence, self._after_edit = "", False

    def _feed_outside(self, line: str) -> Iterator[Piece]:
        if self._after_blank and line.strip() and not self._continues_list(line):
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

    def _continues_list(self, line: str) -> bool:
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
    """Return the lines before the last opening fence, then the text after it."""
    start = max(number for number, line in enumerate(lines) if _FENCE.match(line))
    return [*lines[:start], "\n".join(lines[start + 1 :])]


def _as_edit(path: str, lines: list[str]) -> Edit:
    """Split a block at its divider; where several lines look like one, the first counts."""
    divider = next((number for number, line in enumerate(lines) if _DIVIDER.match(line)), len(lines))
    return Edit(path, tuple(lines[:divider]), tuple(lines[divider + 1 :]))


def _name_in(line: str) -> str:
    """Return the path that a line consists of, or ""."""
    name = line.strip().strip("`*#: ")
    is_likely = "." in name or "/" in name or name in ("Makefile", "Dockerfile", "LICENSE")
    return name if is_likely and " " not in name and _NAME.match(name) else ""
