"""Puts the definitions of one file in order: what stands in what, what is written above, the signature.

What holds in every language is said here once instead of in each query.
"""

import re

from repomap.parsing.captures import Found

CLASS_LIKE = frozenset({"class", "struct", "interface", "trait", "enum", "implementation"})
FUNCTION_LIKE = frozenset({"function", "method", "constructor"})
CONSTRUCTORS = frozenset({b"constructor", b"__init__", b"__construct"})
SIGNATURE_LINES = 12
SIGNATURE_CHARS = 240
SIGNATURE_BYTES = 20_000
"""How much text is looked at; what is longer is generated."""
SIGNATURE_END = b" \t\r\n\f\v{:=;,\\"


def nest(found: list[Found]) -> list[Found]:
    """Definitions in the order of their first byte, outer before inner, each with its parent's place.

    A function directly inside a class is a method, a variable in capitals a constant, and what
    says the same name twice (`typedef struct Point {…} Point`) is one, in every language. Left out are
    variables inside functions and declarations of a function that the file defines.
    """
    bodies = {one.name for one in found if one.has_body and not one.forward}
    ordered: list[Found] = []
    open_places: list[int] = []
    for one in _join_clauses(sorted(found, key=lambda one: (one.start, -one.end, one.name_start))):
        while open_places and _is_past(ordered[open_places[-1]], one):
            open_places.pop()
        if one.forward and one.name in bodies:
            continue
        if open_places:
            parent = ordered[open_places[-1]]
            if parent.kind in FUNCTION_LIKE and (one.forward or one.kind in ("variable", "constant")):
                continue
            if parent.name == one.name and parent.first_row == one.first_row:
                continue
            one.parent = open_places[-1]
            if one.kind == "function" and parent.kind in CLASS_LIKE:
                one.kind = "method"
            if one.kind == "method" and one.name == parent.name:
                one.kind = "constructor"
        if one.kind == "method" and (one.name in CONSTRUCTORS or one.name == one.owner):
            one.kind = "constructor"
        if one.kind in ("variable", "field", "property") and len(one.name) > 1 and one.name.isupper():
            one.kind = "constant"
        open_places.append(len(ordered))
        ordered.append(one)
    return ordered


def _join_clauses(found: list[Found]) -> list[Found]:
    """Makes one definition of a function's type signature and clauses where they follow each other."""
    joined: list[Found] = []
    open_ones: list[Found] = []
    for one in found:
        before = None
        while open_ones and open_ones[-1].end <= one.start:
            before = open_ones.pop()
        if before and before.clause and one.clause and (before.name, before.kind) == (one.name, one.kind):
            before.end, before.last_row = one.end, one.last_row
            before.clauses += 1
            open_ones.append(before)
        else:
            joined.append(one)
            open_ones.append(one)
    return joined


def _is_past(outer: Found, one: Found) -> bool:
    """Whether a definition does not stand inside another: two names of one statement are equals."""
    return outer.end < one.end or outer.end <= one.start or (outer.start, outer.end) == (one.start, one.end)


def attach_comments(definitions: list[Found], above: set[int]) -> None:
    """Lets each definition begin at the comments and decorators that stand directly above it."""
    for one in definitions:
        row = one.first_row
        while row - 1 in above:
            row -= 1
        one.doc_row = row


def signature(one: Found, source: bytes, line_starts: list[int], decorated: set[int]) -> tuple[int, int, str]:
    """First and last row of a signature, and its text.

    It begins with the line on which the definition begins, decorators left out, and ends where
    the body begins; without a body it is the line of the name alone.
    """
    row = one.first_row
    while row < one.name_row and row in decorated:
        row += 1
    start = line_starts[row] if row > one.first_row else _line_head(source, line_starts[row], one.start)
    name_end = one.name_start + len(one.name)
    if one.has_body:
        end = one.body
    else:
        line_end = line_starts[one.name_row + 1] if one.name_row + 1 < len(line_starts) else len(source)
        end = min(max(one.end, name_end), line_end)
    comes_first = one.name_start <= one.body
    text = _trimmed(source[start : min(end, start + SIGNATURE_BYTES)], name_end - start if comes_first else 0)
    if comes_first and b"\n" not in text:
        return row, row, _shown(text.lstrip())
    lines = text.split(b"\n")[:SIGNATURE_LINES]
    lines[0] = lines[0].lstrip()
    if not comes_first:
        lines[-1] += b" {\xe2\x80\xa6} " + one.name
    return row, row + len(lines) - 1, "\n".join(map(_shown, lines))


def _shown(line: bytes) -> str:
    return line.decode("utf-8", "replace").rstrip()[:SIGNATURE_CHARS]


def _trimmed(text: bytes, keep: int) -> bytes:
    """A signature without the white space and marks that lead over to the body, but with its first bytes."""
    cut = text.rstrip(SIGNATURE_END)
    while cut.endswith(b"->"):
        cut = cut[:-2].rstrip(SIGNATURE_END)
    return cut if len(cut) >= keep else text[:keep]


_BREAK = re.compile(rb"[;{}(]")


def _line_head(source: bytes, line_start: int, start: int) -> int:
    """Where the line of a definition begins to say something of it: `export const f = …` at `export`."""
    if line_start == start:
        return start
    return start if _BREAK.search(source, line_start, start) else line_start
