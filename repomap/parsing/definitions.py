"""Orders and nests the definitions of one file, and cuts their signatures.

Rules that hold in every language are here once rather than in each query.
"""

import re

from repomap.parsing.captures import RawDefinition

CLASS_LIKE = frozenset({"class", "struct", "interface", "trait", "enum", "implementation"})
FUNCTION_LIKE = frozenset({"function", "method", "constructor"})
IN_CLASS = {"function": "method", "variable": "field"}
"""What functions and variables are directly inside a class."""
CONSTRUCTOR_NAMES = frozenset({b"constructor", b"__init__", b"__construct"})
MAX_SIGNATURE_LINES = 60
"""A function of sixty parameters, one a line; what has more is generated."""
MAX_VALUE_LINES = 8
"""Lines of a value or a type that goes on below its name; a table has hundreds."""
MAX_MEMBERS, MAX_MEMBER_CHARS = 12, 240
"""How large a struct or enum may be whose members are part of its signature."""
MAX_LINE_CHARS, MAX_CALLED_CHARS = 240, 800
"""Of one line of a signature: of a value, and of what has parameters, which would be cut among them."""
MAX_SIGNATURE_BYTES = 20_000
"""How much text is searched for a signature; a longer one is generated code."""
SIGNATURE_END = b" \t\r\n\f\v{:=;,\\"
BUILT = frozenset({"struct", "enum"})
VALUES = frozenset({"variable", "constant", "field", "property", "type"})
MAX_DECORATOR_BYTES = 100
CALLING_DECORATOR = re.compile(
    rb"""\s*(?:
    @(?:[\w.]+\.)?(?:(?:cached_?|abstract|class)?property|staticmethod|classmethod|abstractmethod|overload|setter|deleter
      |(?:async)?contextmanager|dataclass|define|attrs|fixture|singledispatch(?:method)?|TypedDict|Deprecated
      |JvmStatic|JvmOverloads|Input|Output|Controller|(?:Get|Post|Put|Delete|Patch|Request)(?:Mapping)?)\b
    |@[\w.]+\.(?:route|get|post|put|delete|patch|head|options|websocket|command|group|task)\b
    |@(?:task|shared_task|command|group|route|hookimpl|pytest\.\w+)\b
    |\[(?:Http\w+|Route|Obsolete)\b
    |\#\[(?:get|post|put|delete|patch|head|route|deprecated|macro_export|proc_macro\w*|tokio::main)\b
    )""",
    re.VERBOSE,
)
"""Decorators, annotations and attributes that change how something is called or built, or name its route."""


def nest(definitions: list[RawDefinition]) -> list[RawDefinition]:
    """Order definitions by first byte, outer before inner, and set each one's parent and kind.

    In every language, a function directly inside a class is a method, a variable in capitals is a
    constant, and a construct that repeats its name (`typedef struct Point {…} Point`) is one
    definition. Variables inside functions are dropped, and so are declarations of functions that
    the file also defines.
    """
    with_body = {
        definition.name for definition in definitions if definition.has_body and not definition.forward
    }
    ordered: list[RawDefinition] = []
    open_indexes: list[int] = []  # into `ordered`: the definitions around the current one
    for definition in _join_clauses(sorted(definitions, key=_source_order)):
        while open_indexes and not _encloses(ordered[open_indexes[-1]], definition):
            open_indexes.pop()
        if definition.forward and definition.name in with_body:
            continue
        if open_indexes:
            parent = ordered[open_indexes[-1]]
            if _is_local(definition, parent) or _repeats(definition, parent):
                continue
            _put_inside(definition, parent, open_indexes[-1])
        _refine_kind(definition)
        open_indexes.append(len(ordered))
        ordered.append(definition)
    return ordered


def _is_local(definition: RawDefinition, parent: RawDefinition) -> bool:
    """Return whether a definition is a variable of a function, or a declaration in one."""
    return parent.kind in FUNCTION_LIKE and (
        definition.forward or definition.kind in ("variable", "constant")
    )


def _put_inside(definition: RawDefinition, parent: RawDefinition, parent_index: int) -> None:
    """Set the parent of a definition, and the kind that it has there."""
    definition.parent = parent_index
    if definition.kind == "property" and parent.kind == "constructor":
        definition.parent = parent.parent  # a parameter of a constructor that is a member of its class
    if parent.kind in CLASS_LIKE:
        definition.kind = IN_CLASS.get(definition.kind, definition.kind)
    if definition.kind == "method" and definition.name == parent.name:
        definition.kind = "constructor"


def _repeats(definition: RawDefinition, parent: RawDefinition) -> bool:
    """Return whether a definition is a second one of what is around it, as in `typedef struct P {…} P`."""
    if definition.kind in ("method", "function") and parent.kind in CLASS_LIKE:
        return False  # a constructor that has the name of its class
    return parent.name == definition.name and parent.first_row == definition.first_row


def _source_order(definition: RawDefinition) -> tuple[int, int, int]:
    return definition.start, -definition.end, definition.name_start


def _refine_kind(definition: RawDefinition) -> None:
    """Recognise constructors and constants by their names."""
    kind, name = definition.kind, definition.name
    if kind == "method" and (name in CONSTRUCTOR_NAMES or name == definition.owner):
        definition.kind = "constructor"
    if kind in ("variable", "field", "property") and len(name) > 1 and name.isupper():
        definition.kind = "constant"


def _join_clauses(definitions: list[RawDefinition]) -> list[RawDefinition]:
    """Join a function's type signature and clauses into one definition if they follow each other."""
    joined: list[RawDefinition] = []
    enclosing: list[RawDefinition] = []
    for definition in definitions:
        previous = None
        while enclosing and enclosing[-1].end <= definition.start:
            previous = enclosing.pop()
        if previous and _continues(definition, previous):
            previous.end, previous.last_row = definition.end, definition.last_row
            previous.name_starts += definition.name_starts
            enclosing.append(previous)
        else:
            joined.append(definition)
            enclosing.append(definition)
    return joined


def _continues(definition: RawDefinition, previous: RawDefinition) -> bool:
    """Return whether a definition is the next clause of the one before it."""
    same_name = (previous.name, previous.kind) == (definition.name, definition.kind)
    return previous.clause and definition.clause and same_name


def _encloses(outer: RawDefinition, inner: RawDefinition) -> bool:
    """Return whether one definition contains another; two names of one statement are siblings."""
    same_range = (outer.start, outer.end) == (inner.start, inner.end)
    return outer.end >= inner.end and outer.end > inner.start and not same_range


def attach_comments(definitions: list[RawDefinition], doc_rows: set[int]) -> None:
    """Set each definition's `doc_row` to the first comment or decorator directly above it."""
    for definition in definitions:
        row = definition.first_row
        while row - 1 in doc_rows:
            row -= 1
        definition.doc_row = row


def signature(
    definition: RawDefinition, source: bytes, line_starts: list[int], decorator_rows: set[int]
) -> tuple[int, int, str]:
    """Return the first and last row of a signature, and its text.

    It starts at the definition's first line after the decorators and ends where the body begins; decorators
    that change how it is called stand before it, on its first line. Without a body it is the line that holds
    the name, and those after it where brackets are open. The members of a small struct or enum follow in
    braces, on one line of their own.
    """
    row = definition.first_row
    while row < definition.name_row and row in decorator_rows:
        row += 1
    start = line_starts[row]
    if row == definition.first_row:
        start = _line_head(source, start, definition.start)
    name_end = definition.name_start + len(definition.name)
    name_is_first = definition.name_start <= definition.body
    end = definition.body if definition.has_body else _end_of_value(definition, source, line_starts)
    text = _trimmed(
        source[start : min(end, start + MAX_SIGNATURE_BYTES)], name_end - start if name_is_first else 0
    )
    decorators = _calling_decorators(source, line_starts, decorator_rows, row) if decorator_rows else ""
    most = MAX_LINE_CHARS if definition.kind in VALUES else MAX_CALLED_CHARS
    members = _small_body(definition, source) if definition.kind in BUILT and definition.has_body else ""
    members = members and f" {{\n{members}\n}}"
    if name_is_first and b"\n" not in text:
        return row, row, decorators + _line_text(text.lstrip(), most) + members
    lines = text.split(b"\n")[:MAX_SIGNATURE_LINES]
    lines[0] = lines[0].lstrip()
    if not name_is_first:  # as in `typedef struct { … } Name`
        lines[-1] += _name_behind(lines[-1], definition.name, has_members=bool(members))
    return (
        row,
        row + len(lines) - 1,
        decorators + "\n".join(_line_text(line, most) for line in lines) + members,
    )


def _name_behind(head: bytes, name: bytes, *, has_members: bool) -> bytes:
    """Return what names a type behind its body; before its members, nothing if the head has the name already."""
    if not has_members:
        return b" {\xe2\x80\xa6} " + name
    return b"" if head.split()[-1:] == [name] else b" " + name


def _small_body(definition: RawDefinition, source: bytes) -> str:
    """Return the members of a struct or enum, joined by commas; empty if they are many, nested or functions.

    Languages that write them without braces are not read.
    """
    end = definition.end if definition.name_start <= definition.body else definition.name_start
    body = source[definition.body : min(end, definition.body + MAX_SIGNATURE_BYTES)]
    first, last = body.find(b"{"), body.rfind(b"}")
    inner = body[first + 1 : last].strip() if 0 <= first < last else b""
    if definition.kind == "enum":
        before, semicolon, _ = inner.partition(b";")
        inner = before if semicolon and b"," in before else inner  # then come fields, constructors, methods
    if not inner or re.search(rb"[{}]|=>", inner):
        return ""
    lines = (line.strip().rstrip(b",;") for line in inner.split(b"\n"))
    members = [_line_text(line) for line in lines if line and not line.startswith((b"#", b"@", b"["))]
    text = ", ".join(members)
    return text if len(members) <= MAX_MEMBERS and len(text) <= MAX_MEMBER_CHARS else ""


def _calling_decorators(source: bytes, line_starts: list[int], decorator_rows: set[int], row: int) -> str:
    """Return the decorators directly above a row that change how it is called, each followed by a space."""
    kept: list[str] = []
    while (row := row - 1) in decorator_rows:
        line = source[line_starts[row] : line_starts[row + 1]].strip()
        if len(line) <= MAX_DECORATOR_BYTES and CALLING_DECORATOR.match(line):
            kept.insert(0, _closed(_line_text(line)) + " ")
    return "".join(kept)


def _closed(line: str) -> str:
    """Return the first line of what goes on below it, with what it leaves open closed.

    >>> [_closed(line) for line in ("#[deprecated(", "@command('go',", "@task", "[Route(")]
    ['#[deprecated(\u2026)]', "@command('go', \u2026)", '@task', '[Route(\u2026)]']
    """
    if not line.endswith(("(", ",")):
        return line
    closing = ""
    for letter in line:
        if letter in "([{":
            closing = ")]}"["([{".index(letter)] + closing
        elif letter in ")]}":
            closing = closing[1:]
    return f"{line}{' ' * line.endswith(',')}\u2026{closing}"


def _end_of_value(definition: RawDefinition, source: bytes, line_starts: list[int]) -> int:
    """Return where the text of a definition without a body ends: below its name line only if that is unfinished.

    What stands in braces is code, except in a type and in the value of a plain assignment.
    """
    end = _end_of_name_line(definition, source, line_starts)
    if definition.kind not in VALUES or end >= definition.end or definition.name_row != definition.first_row:
        return end
    line = source[definition.start : end].rstrip()
    has_parameters = definition.kind == "type" and line.endswith(b"(")
    most_lines = MAX_SIGNATURE_LINES if has_parameters else MAX_VALUE_LINES
    last_row = min(definition.name_row + most_lines, len(line_starts))
    whole = definition.end if last_row == len(line_starts) else min(definition.end, line_starts[last_row])
    below = source[end:whole].lstrip()
    if line.endswith(b"{") and definition.kind != "type":
        is_table = _TABLE.search(line) and definition.kind in ("variable", "constant")
        return whole if is_table and whole == definition.end else end
    goes_on = line[-1:] in b"[(<|&=," or line.endswith(b"{") or below[:1] in b"|&"
    return whole if goes_on and not _ARROW.search(line) else end


_TABLE = re.compile(rb"[=:]\s*\{$")
_ARROW = re.compile(rb"=>\s*\(?$")


def _end_of_name_line(definition: RawDefinition, source: bytes, line_starts: list[int]) -> int:
    """Return where the definition ends, at most the end of the line that holds its name."""
    next_row = definition.name_row + 1
    line_end = line_starts[next_row] if next_row < len(line_starts) else len(source)
    return min(max(definition.end, definition.name_start + len(definition.name)), line_end)


def _line_text(line: bytes, most: int = MAX_LINE_CHARS) -> str:
    return line.decode("utf-8", "replace").rstrip()[:most]


def _trimmed(text: bytes, keep_bytes: int) -> bytes:
    """Cut the spaces and marks before a body from a signature's end, but keep its first bytes."""
    cut = text.rstrip(SIGNATURE_END)
    while cut.endswith(b"->"):
        cut = cut[:-2].rstrip(SIGNATURE_END)
    return cut if len(cut) >= keep_bytes else text[:keep_bytes]


_STATEMENT_BREAK = re.compile(rb"[;{}(]")


def _line_head(source: bytes, line_start: int, start: int) -> int:
    """Return where a definition's first line starts to belong to it: `export const f = …` at `export`."""
    if line_start == start:
        return start
    return start if _STATEMENT_BREAK.search(source, line_start, start) else line_start
