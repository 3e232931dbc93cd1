"""Turns the matches of a tags query into definitions, imports, comments and strings.

What a capture in `queries/*.scm` means is said here. A match has one of these roles:

    @definition.KIND  a whole definition, with @name; @body where its body begins, else @signature
                      on the last node of its signature; @owner, the type it says it belongs to;
                      @forward where it only declares; @clause where the next of its name goes on
    @import           a whole statement, with @import.module and @import.name; or @import.prefix
                      before the module (joined by `::`), @import.last for the module's last part
                      that is the name, @import.part for a module in parts, @import.all for all
                      of it, @import.by for the function that must be one of the loaders
    @comment, @string prose;  @interpolation  code inside a string;  @decorator  what stands above

Where two patterns name the same node, the earlier has it; a query's own come before inherited ones.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tree_sitter import Node

from repomap.model import Import

Match = tuple[int, dict[str, list[Node]]]
DEFINES = "definition."
NEWLINE = 10
SPACES = b" \t\n\r\f\v"
CONTROL = frozenset({b"if", b"else", b"for", b"while", b"switch"})
"""What a grammar that has lost its way takes for the name of a function."""


@dataclass(slots=True)
class Found:
    """One definition between the query and the columns, in bytes and 0-based rows."""

    start: int
    end: int
    first_row: int
    last_row: int
    kind: str
    name: bytes
    name_start: int
    name_row: int
    body: int
    """Where the body starts; `end` where the query names none."""
    has_body: bool
    owner: bytes
    forward: bool = False
    """Whether it only declares what may be defined elsewhere in the file."""
    clause: bool = False
    """Whether it goes on in the next definition of the same name, as a function in its equations."""
    clauses: int = 1
    parent: int = -1
    doc_row: int = 0


@dataclass(slots=True)
class Matches:
    """The matches of one file by what they are."""

    found: dict[int, tuple[int, Found]] = field(default_factory=dict)
    """By the first byte of the name: the pattern's place in the query and what it found."""
    strings: list[tuple[int, int]] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    interpolated: list[tuple[int, int]] = field(default_factory=list)
    """Code inside strings."""
    above: set[int] = field(default_factory=set)
    """Rows of the comments that begin their line, and of decorators."""
    decorated: set[int] = field(default_factory=set)
    """Rows of decorators alone."""
    imported: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    """By first byte and text of the module: the names taken out of it."""
    statements: list[tuple[int, int]] = field(default_factory=list)
    """Byte ranges of whole import statements."""

    def imports(self) -> list[Import]:
        return [
            Import(module, tuple(dict.fromkeys(names)))
            for (_, module), names in sorted(self.imported.items())
        ]

    def definitions(self, keywords: frozenset[bytes]) -> list[Found]:
        """What was found, less variables that hold an imported module or are `_`, and misread keywords."""
        starts = {start for start, _ in self.statements}
        misread = {"variable": keywords, "constant": frozenset({b"_"})}
        return [
            one
            for _, one in self.found.values()
            if one.start not in starts and one.name not in misread.get(one.kind, CONTROL)
        ]


def sort_matches(matches: Iterable[Match], code: bytes, loaders: frozenset[str]) -> Matches:
    """Each match in one of its roles; where two patterns name the same thing, the earlier one has it."""
    by_role = Matches()
    found, strings, kinds = by_role.found, by_role.strings, _Kinds()
    for pattern, captures in matches:
        if "string" in captures:
            for node in captures["string"]:
                strings.append((node.start_byte, node.end_byte))
        elif "name" in captures:
            definition = _read_definition(captures, kinds.of(pattern, captures), code)
            if definition:
                key = definition.name_start
                if key not in found or pattern < found[key][0]:
                    found[key] = (pattern, definition)
        elif "comment" in captures:
            _note_comments(by_role, captures["comment"], code)
        elif "interpolation" in captures:
            by_role.interpolated += [(node.start_byte, node.end_byte) for node in captures["interpolation"]]
        elif "decorator" in captures:
            for node in captures["decorator"]:
                by_role.decorated.update(_own_rows(node, node.start_byte, node.end_byte, code))
        elif "import.module" in captures or "import.part" in captures or "import" in captures:
            _note_import(by_role, captures, loaders)
    by_role.above |= by_role.decorated
    return by_role


def _note_comments(by_role: Matches, nodes: list[Node], code: bytes) -> None:
    for node in nodes:
        start, end = node.start_byte, node.end_byte
        by_role.comments.append((start, end))
        by_role.above.update(_own_rows(node, start, end, code))


def _own_rows(node: Node, start: int, end: int, code: bytes) -> range:
    """The rows that a comment or decorator has for itself; none where it shares a line."""
    row, column = node.start_point
    if column and not (code[start - 1] in SPACES and code[start - column : start].isspace()):
        return range(0)
    last, end_column = node.end_point
    if end_column and not _BLANK_LINE_END.match(code, end):
        return range(0)
    return range(row, last + (end_column > 0 or last == row))


_BLANK_LINE_END = re.compile(rb"[ \t\r]*(?:\n|\Z)")


def _note_import(by_role: Matches, captures: dict[str, list[Node]], loaders: frozenset[str]) -> None:
    if "import.part" in captures:
        _note_path(by_role, captures)
        return
    if "import.by" in captures and _text(captures["import.by"][0]) not in loaders:
        return
    by_role.statements += [(node.start_byte, node.end_byte) for node in captures.get("import", ())]
    for node in captures.get("import.module", ()):
        module = "::".join([*map(_text, captures.get("import.prefix", ())), _text(node).strip("\"'`<> \n")])
        for last in captures.get("import.last", ()):
            module = module.removesuffix(_text(last)).rstrip(".")
        names = by_role.imported.setdefault((node.start_byte, module), [])
        for name in (*captures.get("import.name", ()), *captures.get("import.last", ())):
            names.append(_text(name))


def _note_path(by_role: Matches, captures: dict[str, list[Node]]) -> None:
    """Notes an import whose module the grammar gives in parts, the last of them taken out of it."""
    parts = [_text(node) for node in captures["import.part"]]
    names = [_text(node) for node in captures.get("import.name", ())]
    start = captures["import.part"][0].start_byte
    outer = (start, ".".join(parts[:-1]))
    if names or "import.all" in captures:
        by_role.imported.pop(outer, None)
        by_role.imported.setdefault((start, ".".join(parts)), []).extend(names)
    elif (start, ".".join(parts)) not in by_role.imported:
        by_role.imported[outer if len(parts) > 1 else (start, parts[0])] = parts[1:][-1:]


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


class _Kinds(dict[int, str]):
    """By pattern: the capture that says what it defines; empty where it defines nothing."""

    def of(self, pattern: int, captures: dict[str, list[Node]]) -> str:
        """That of one match; few patterns define now this and now that, and are looked at again."""
        capture = self.get(pattern)
        if capture is None or capture not in captures:
            capture = self[pattern] = next((key for key in captures if key.startswith(DEFINES)), "")
        return capture


def _read_definition(captures: dict[str, list[Node]], capture: str, code: bytes) -> Found | None:
    if not capture:
        return None
    node, name = captures[capture][0], captures["name"][0]
    kind, start, name_start = capture[len(DEFINES) :], node.start_byte, name.start_byte
    text = _plain_name(code[name_start : name.end_byte].strip(), kind)
    if text[:1] == b":" and name.type == "simple_symbol":
        text = text.lstrip(b":")
    if not text or b"\n" in text:
        return None
    owner = captures.get("owner")
    end, last = node.end_byte, node
    if "body" in captures and captures["body"][-1].end_byte > end:
        last = captures["body"][-1]  # Dart's body stands beside its signature
        end = last.end_byte
    last_row = last.end_point[0]
    while end > start and code[end - 1] in SPACES:
        end -= 1
        last_row -= code[end] == NEWLINE
    body, has_body = _body_start(captures, end)
    return Found(
        start,
        end,
        node.start_point[0],
        last_row,
        kind,
        text,
        name_start,
        name.start_point[0],
        body,
        has_body,
        (owner[0].text or b"") if owner else b"",
        "forward" in captures,
        "clause" in captures,
    )


_QUOTED = re.compile(rb"""(["'`])(.+)\1|(.+?)\s+#+""", re.DOTALL)
_QUOTES = (b'"', b"'", b"`")
DOTTED_KINDS = frozenset({"module", "interface", "implementation"})


def _plain_name(text: bytes, kind: str) -> bytes:
    """A name as uses write it: no quotes, no closing marks of a heading, of a dotted name the last part."""
    quoted = _QUOTED.fullmatch(text) if text[:1] in _QUOTES or b"#" in text else None
    if quoted and (kind == "heading" or quoted[3] is None):
        text = quoted[2] or quoted[3]
    if kind in DOTTED_KINDS:
        text = text.rpartition(b".")[2] or text
    return text


def _body_start(captures: dict[str, list[Node]], end: int) -> tuple[int, bool]:
    """Where the signature ends, and whether the query says so: before a body or after a `@signature`."""
    if "body" in captures:
        body = captures["body"]
        return body[0].start_byte if len(body) == 1 else min(node.start_byte for node in body), True
    if "signature" in captures:
        return max(node.end_byte for node in captures["signature"]), True
    return end, False
