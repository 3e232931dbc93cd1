"""Sorts the matches of a tags query into definitions, imports, comments and strings.

The captures of `queries/*.scm` and their meaning. Each match has one of these roles:

    @definition.KIND  a whole definition, with @name, and @name.end if that is only the name's first
                      word; @body where its body begins, or @signature on
                      the last node of its signature; @owner, the type that it names as its own;
                      @forward if it only declares; @clause if the next definition of the same name
                      continues it
    @import           a whole statement, with @import.module and @import.name; or @import.prefix
                      before the module (joined by `::`), @import.last for the part of the module
                      that is also the imported name, @import.part for each part of a module,
                      @import.all where everything is imported, @import.by for the function called,
                      which must be one of the language's import functions
    @ignored          a commented-out form: prose, and nothing inside it is defined
    @comment, @string prose;  @interpolation  code inside a string;  @decorator  a line above

When two patterns name the same node, the earlier one wins; a query's own patterns come before the
inherited ones.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from tree_sitter import Node

from repomap.model import Import

Match = tuple[int, dict[str, list[Node]]]
"""The number of the pattern in its query, and the nodes by capture."""
DEFINITION_PREFIX = "definition."
SPACES = b" \t\n\r\f\v"
CONTROL_KEYWORDS = frozenset({b"if", b"else", b"for", b"while", b"switch"})
"""Keywords that a grammar takes for the name of a function after a syntax error."""


@dataclass(slots=True, kw_only=True)
class RawDefinition:
    """One definition before it becomes a row of `FileTags`, in bytes and 0-based rows."""

    start: int
    end: int
    first_row: int
    last_row: int
    kind: str
    name: bytes
    name_start: int
    name_row: int
    body: int
    """Where the body starts; `end` if the query does not capture one."""
    has_body: bool
    owner: bytes
    forward: bool = False
    """Whether it only declares what the file may define elsewhere."""
    clause: bool = False
    """Whether the next definition of the same name continues it, as equations of one function do."""
    name_starts: tuple[int, ...] = ()
    """Where the names of all definitions start that `nest` has joined into this one."""
    parent: int = -1
    """Index of the enclosing definition, set by `nest`."""
    doc_row: int = 0
    """First row of the comments above, set by `attach_comments`."""


@dataclass(slots=True)
class Matches:
    """The matches of one file, by role. Ranges are byte offsets (start, end)."""

    definition_at: dict[int, tuple[int, RawDefinition]] = field(default_factory=dict)
    """By the first byte of the name: the number of the pattern, and the definition."""
    strings: list[tuple[int, int]] = field(default_factory=list)
    comments: list[tuple[int, int]] = field(default_factory=list)
    ignored: list[tuple[int, int]] = field(default_factory=list)
    interpolations: list[tuple[int, int]] = field(default_factory=list)
    """Code inside strings."""
    doc_rows: set[int] = field(default_factory=set)
    """Rows that hold only comments or decorators."""
    decorator_rows: set[int] = field(default_factory=set)
    imported_names: dict[tuple[int, str], list[str]] = field(default_factory=dict)
    """By first byte and text of the module: the names imported from it."""
    import_statements: list[tuple[int, int]] = field(default_factory=list)

    def imports(self) -> list[Import]:
        """All imports in the order of the source."""
        return [
            Import(module, tuple(dict.fromkeys(names)))
            for (_, module), names in sorted(self.imported_names.items())
        ]

    def definitions(self, keywords: frozenset[bytes], *, any_method: bool = False) -> list[RawDefinition]:
        """All definitions except variables that hold an imported module, `_`, and misread keywords.

        With ``any_method``, a keyword can be the name of a method.
        """
        import_starts = {start for start, _ in self.import_statements}
        misread = {"variable": keywords, "constant": frozenset({b"_"})}
        if any_method:
            misread["method"] = frozenset()
        return [
            definition
            for _, definition in self.definition_at.values()
            if definition.start not in import_starts
            and definition.name not in misread.get(definition.kind, CONTROL_KEYWORDS)
            and not (self.ignored and self._ignores(definition.start))
        ]

    def _ignores(self, position: int) -> bool:
        return any(start < position < end for start, end in self.ignored)


def sort_matches(
    matches: Iterable[Match], code: bytes, line_starts: list[int], import_functions: frozenset[str]
) -> Matches:
    """Give each match its role; when two patterns name the same node, the earlier one wins.

    Rows are those of ``code``: the text that was parsed may have other line ends.
    """
    by_role = Matches()
    definition_at, strings, kinds = by_role.definition_at, by_role.strings, _KindCaptures()
    for pattern, captures in matches:
        if "string" in captures:
            for node in captures["string"]:
                strings.append((node.start_byte, node.end_byte))
        elif "name" in captures:
            definition = _read_definition(captures, kinds.of(pattern, captures), code, line_starts)
            if definition:
                key = definition.name_start
                if key not in definition_at or pattern < definition_at[key][0]:
                    definition_at[key] = (pattern, definition)
        elif "comment" in captures or "ignored" in captures:
            _add_comments(by_role, captures, code, line_starts)
        elif "interpolation" in captures:
            by_role.interpolations += [(node.start_byte, node.end_byte) for node in captures["interpolation"]]
        elif "decorator" in captures:
            for node in captures["decorator"]:
                by_role.decorator_rows.update(_own_rows(node.start_byte, node.end_byte, code, line_starts))
        elif "import.module" in captures or "import.part" in captures or "import" in captures:
            _add_import(by_role, captures, import_functions)
    by_role.doc_rows |= by_role.decorator_rows
    return by_role


def _add_comments(
    by_role: Matches, captures: dict[str, list[Node]], code: bytes, line_starts: list[int]
) -> None:
    if "ignored" in captures:
        by_role.ignored += [(node.start_byte, node.end_byte) for node in captures["ignored"]]
    for node in captures["comment" if "comment" in captures else "ignored"]:
        start, end = node.start_byte, node.end_byte
        by_role.comments.append((start, end))
        by_role.doc_rows.update(_own_rows(start, end, code, line_starts))


def _own_rows(start: int, end: int, code: bytes, line_starts: list[int]) -> range:
    """Return the rows of a comment or decorator, or none if it shares a line with code."""
    row = bisect_right(line_starts, start) - 1
    line_start = line_starts[row]
    if line_start < start and not (code[start - 1] in SPACES and code[line_start:start].isspace()):
        return range(0)
    last = bisect_right(line_starts, end, row) - 1
    end_column = end - line_starts[last]
    if end_column and not _BLANK_LINE_END.match(code, end):
        return range(0)
    return range(row, last + (end_column > 0 or last == row))


_BLANK_LINE_END = re.compile(rb"[ \t\r]*(?:\n|\Z)")


def _add_import(by_role: Matches, captures: dict[str, list[Node]], import_functions: frozenset[str]) -> None:
    if "import.part" in captures:
        _add_import_in_parts(by_role, captures)
        return
    if "import.by" in captures and _text(captures["import.by"][0]) not in import_functions:
        return
    by_role.import_statements += [(node.start_byte, node.end_byte) for node in captures.get("import", ())]
    for node in captures.get("import.module", ()):
        module = "::".join([*map(_text, captures.get("import.prefix", ())), _text(node).strip("\"'`<> \n")])
        for last in captures.get("import.last", ()):
            module = module.removesuffix(_text(last)).rstrip(".")
        names = by_role.imported_names.setdefault((node.start_byte, module), [])
        for name in (*captures.get("import.name", ()), *captures.get("import.last", ())):
            names.append(_text(name))


def _add_import_in_parts(by_role: Matches, captures: dict[str, list[Node]]) -> None:
    """Add an import whose module the grammar splits into parts: the last part is the imported name."""
    parts = [_text(node) for node in captures["import.part"]]
    names = [_text(node) for node in captures.get("import.name", ())]
    start = captures["import.part"][0].start_byte
    outer = (start, ".".join(parts[:-1]))
    if names or "import.all" in captures:
        by_role.imported_names.pop(outer, None)
        by_role.imported_names.setdefault((start, ".".join(parts)), []).extend(names)
    elif (start, ".".join(parts)) not in by_role.imported_names:
        by_role.imported_names[outer if len(parts) > 1 else (start, parts[0])] = parts[1:][-1:]


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


class _KindCaptures(dict[int, str]):
    """By pattern: its `definition.KIND` capture, empty if it defines nothing."""

    def of(self, pattern: int, captures: dict[str, list[Node]]) -> str:
        """Return the capture of one match, searching again where a pattern has several kinds."""
        capture = self.get(pattern)
        if capture is None or capture not in captures:
            capture = self[pattern] = next((key for key in captures if key.startswith(DEFINITION_PREFIX)), "")
        return capture


def _read_definition(
    captures: dict[str, list[Node]], capture: str, code: bytes, line_starts: list[int]
) -> RawDefinition | None:
    if not capture:
        return None
    node, name = captures[capture][0], captures["name"][0]
    kind, start, name_start = capture[len(DEFINITION_PREFIX) :], node.start_byte, name.start_byte
    name_end = captures["name.end"][-1].end_byte if "name.end" in captures else name.end_byte
    text = _defined_name(code, name, name_end, kind)
    if not text or b"\n" in text:
        return None
    owner = _owner(captures, code, name) if kind == "module" or "owner" in captures else b""
    end = node.end_byte
    if "body" in captures:
        end = max(end, captures["body"][-1].end_byte)  # in Dart the body is a sibling of the signature
    while end > start and code[end - 1] in SPACES:
        end -= 1
    first_row = bisect_right(line_starts, start) - 1
    name_row = first_row if name_start == start else bisect_right(line_starts, name_start, first_row) - 1
    body, has_body = _body_start(captures, end)
    return RawDefinition(
        start=start,
        end=end,
        first_row=first_row,
        last_row=bisect_right(line_starts, end, first_row) - 1,
        kind=kind,
        name=text,
        name_start=name_start,
        name_row=name_row,
        name_starts=(name_start,),
        body=body,
        has_body=has_body,
        owner=owner,
        forward="forward" in captures,
        clause="clause" in captures,
    )


def _defined_name(code: bytes, name: Node, name_end: int, kind: str) -> bytes:
    """Return the name that a definition gives, as uses write it."""
    text = code[name.start_byte : name_end].strip()
    if kind != "module" or code[name.start_byte - 1 : name.start_byte] not in _QUOTES:
        text = _plain_name(text, kind)
    if b"=" in text and name.type == "word":
        text = text.partition(b"=")[0]  # `alias name=value` in a shell
    if kind == "field" and name.type == "variable":
        text = text.removeprefix(b"$")  # a property in PowerShell, where uses have no sigil
    if text[:1] == b":" and name.type == "simple_symbol":
        text = text.lstrip(b":")
    return text


def _owner(captures: dict[str, list[Node]], code: bytes, name: Node) -> bytes:
    """Return what a definition names as its own type, or what its dotted name begins with."""
    nodes = captures.get("owner")
    if nodes:
        return code[nodes[0].start_byte : nodes[-1].end_byte]
    dotted = name.type == "alias"  # Elixir's `Shop.Cart`
    return code[name.start_byte : name.end_byte].rpartition(b".")[0] if dotted else b""


_QUOTED = re.compile(rb"""(["'`])(.+)\1|(.+?)\s+#+""", re.DOTALL)
_QUOTES = (b'"', b"'", b"`")
DOTTED_KINDS = frozenset({"module", "interface", "implementation"})


def _plain_name(text: bytes, kind: str) -> bytes:
    """Return a name as references write it: unquoted, without a heading's closing marks or a dotted path."""
    quoted = _QUOTED.fullmatch(text) if text[:1] in _QUOTES or b"#" in text else None
    if quoted and (kind == "heading" or quoted[3] is None):
        text = quoted[2] or quoted[3]
    if text.startswith(b"r#"):
        text = text[2:]  # Rust's name that is also a keyword
    if kind in DOTTED_KINDS:
        text = text.rpartition(b".")[2] or text
    return text


def _body_start(captures: dict[str, list[Node]], end: int) -> tuple[int, bool]:
    """Return where the signature ends, and whether a `@body` or `@signature` capture marks it."""
    if "body" in captures:
        body = captures["body"]
        return body[0].start_byte if len(body) == 1 else min(node.start_byte for node in body), True
    if "signature" in captures:
        return max(node.end_byte for node in captures["signature"]), True
    return end, False
