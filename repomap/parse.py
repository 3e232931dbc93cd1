"""Turns the bytes of one source file into `FileTags`.

A tags query finds definitions, imports, comments and strings. References are not asked of the
grammar: what is left of the source once comments and strings are blanked out is code, and every
word in it that the grammar does not reserve is a use of a name. That finds uses in every position
(types, attributes, decorators, base classes) in every language alike, at a third of the cost of a
query that captures identifiers, and the same pass counts the words of each body for relevance.
"""

import functools
import re
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, cast

from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Query, QueryCursor
from tree_sitter_language_pack import get_language

from repomap.languages import Language, query_text, script_ranges
from repomap.model import KINDS, FileTags, Import

KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
CLASS_LIKE = frozenset({"class", "struct", "interface", "trait", "enum", "implementation"})
FUNCTION_LIKE = frozenset({"function", "method", "constructor"})
CONSTRUCTORS = frozenset({b"constructor", b"__init__", b"__construct"})
LITERALS = frozenset(
    "_ void true false null nil this self super undefined True False None TRUE FALSE NULL Self crate mut".split()
)
MANY_CHILDREN = 2000
SIGNATURE_LINES = 12
SIGNATURE_CHARS = 240
NEWLINE = 10
BOM = b"\xef\xbb\xbf"

Match = tuple[int, dict[str, list[Node]]]


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading one language needs, made once for each process."""

    parser: Parser
    query: Query
    word: re.Pattern[bytes]
    keywords: frozenset[bytes]
    soft: re.Pattern[bytes] | None
    """The words of import statements (`from`, `type`) that are names elsewhere."""


@functools.cache
def reader(language: Language) -> Reader:
    """The parser, tags query, word pattern and reserved words of a language."""
    grammar = get_language(cast("Any", language.grammar or language.name))
    query = Query(grammar, query_text(language.query or language.name))
    return Reader(
        Parser(grammar),
        query,
        re.compile(NOT_IN_NUMBER + b"(?:" + language.word + b")"),
        keywords_of(grammar, language),
        re.compile(rf"\b(?:{'|'.join(sorted(language.soft))})\b".encode()) if language.soft else None,
    )


def keywords_of(grammar: Grammar, language: Language) -> frozenset[bytes]:
    """The words that name nothing: those that a grammar reserves, less the soft ones, and literals.

    A grammar that minds no case, as SQL's, has named nodes for its keywords: `keyword_select`.
    """
    reserved = (
        grammar.node_kind_for_id(number) or ""
        for number in range(1, grammar.node_kind_count)  # 0 is the end of the text, called `end`
        if grammar.node_kind_is_visible(number) and not grammar.node_kind_is_named(number)
    )
    words = {kind.lstrip("#@") for kind in reserved if re.fullmatch(r"[#@]?\w+", kind)}
    named = (grammar.node_kind_for_id(number) or "" for number in range(grammar.node_kind_count))
    spelt = {kind.removeprefix("keyword_") for kind in named if kind.startswith("keyword_")}
    words = (words | spelt | set(map(str.upper, spelt))) - language.soft
    return frozenset(word.encode() for word in words | language.hard | language.loaders | LITERALS)


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


def parse_source(source: bytes, language: Language) -> FileTags:
    """The definitions, word counts and imports of a source text.

    Bytes that are no UTF-8 are replaced in names and signatures. Raises nothing of its own; a
    hostile text may take for ever or crash the process, which is why workers call this.
    """
    name = language.name
    if language.embedded:
        language, scripts = script_ranges(source)
        code = _blank_outside(source, scripts)
    else:
        code = source
    tools = reader(language)
    matches = _sort_matches(_matches(tools, code), code, language.loaders)
    if language.name != name:
        matches.strings += _outside(scripts, len(source))
    definitions = _nest(matches.definitions(tools.keywords))
    _attach_comments(definitions, matches.above)
    return _columns(name, source, code, tools, definitions, matches)


def parse_text(source: bytes) -> FileTags:
    """A file without a grammar: its words, all of them prose."""
    words = Counter(re.findall(PROSE_WORD, source))
    return FileTags(
        "",
        source.count(b"\n") + 1,
        words=tuple(word.decode("utf-8", "replace") for word in words),
        use_owner=array("I", bytes(4 * len(words))),
        use_word=array("I", range(len(words))),
        use_code=array("H", bytes(2 * len(words))),
        use_prose=array("H", (min(times, 65535) for times in words.values())),
    )


def parses_cleanly(source: bytes, language: Language) -> bool:
    """Whether the grammar reads the whole text without an error."""
    if language.embedded:
        language, scripts = script_ranges(source)
        source = _blank_outside(source, scripts)
    return not reader(language).parser.parse(source).root_node.has_error


NOT_IN_NUMBER = rb"(?<![0-9A-Za-z_\x80-\xff])"
PROSE_WORD = NOT_IN_NUMBER + rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*"


def _blank_outside(source: bytes, ranges: list[tuple[int, int]]) -> bytes:
    """The source with everything outside the ranges blanked, newlines kept, so that places stay."""
    blank = bytearray(re.sub(rb"[^\n]", b" ", source))
    for start, end in ranges:
        blank[start:end] = source[start:end]
    return bytes(blank)


def _outside(ranges: list[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    edges = [0, *(edge for pair in ranges for edge in pair), size]
    return ((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


def _matches(tools: Reader, code: bytes) -> Iterable[Match]:
    """All matches of the tags query.

    Under a node with very many children, as an unreadable file gives, the query costs quadratic
    time, so there each child is asked by itself (tree-sitter #1972, #1356).
    """
    cursor = QueryCursor(tools.query)
    pending = [tools.parser.parse(code).root_node]
    while pending:
        node = pending.pop()
        if node.has_error and _is_wide(node):
            pending += [child for child in node.children if child.child_count or child.is_extra]
        else:
            yield from cursor.matches(node)


def _is_wide(node: Node) -> bool:
    """Whether a node, or the unreadable part that is nearly all of it, has very many children."""
    if node.child_count > MANY_CHILDREN:
        return True
    return any(child.child_count > MANY_CHILDREN and child.has_error for child in node.children)


@dataclass(slots=True)
class Sorted:
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
        """What was found, less variables that hold an imported module or are a misread keyword."""
        starts = {start for start, _ in self.statements}
        return [
            one
            for _, one in self.found.values()
            if one.start not in starts and not (one.kind == "variable" and one.name in keywords)
        ]


def _sort_matches(matches: Iterable[Match], code: bytes, loaders: frozenset[str]) -> Sorted:
    """Each match in one of its roles; where two patterns name the same thing, the earlier one has it."""
    by_role = Sorted()
    for pattern, captures in matches:
        if "string" in captures:
            by_role.strings += _ranges(captures["string"])
        elif "comment" in captures:
            for node in captures["comment"]:
                by_role.comments.append((node.start_byte, node.end_byte))
                by_role.above.update(_own_rows(node, code))
        elif "interpolation" in captures:
            by_role.interpolated += _ranges(captures["interpolation"])
        elif "decorator" in captures:
            for node in captures["decorator"]:
                by_role.decorated.update(_own_rows(node, code))
        elif "import.module" in captures or "import.part" in captures or "import" in captures:
            _note_import(by_role, captures, loaders)
        elif "name" in captures:
            for definition in _read_definition(captures, code):
                key = definition.name_start
                if key not in by_role.found or pattern < by_role.found[key][0]:
                    by_role.found[key] = (pattern, definition)
    by_role.above |= by_role.decorated
    return by_role


def _ranges(nodes: list[Node]) -> list[tuple[int, int]]:
    return [(node.start_byte, node.end_byte) for node in nodes]


def _own_rows(node: Node, code: bytes) -> range:
    """The rows that a comment or decorator has for itself; none where it shares a line with something else."""
    (row, column), (last, end_column), start = node.start_point, node.end_point, node.start_byte
    if column and not code[start - column : start].isspace():
        return range(0)
    if end_column and not _BLANK_LINE_END.match(code, node.end_byte):
        return range(0)
    return range(row, last + (end_column > 0 or last == row))


_BLANK_LINE_END = re.compile(rb"[ \t\r]*(?:\n|\Z)")


def _note_import(by_role: Sorted, captures: dict[str, list[Node]], loaders: frozenset[str]) -> None:
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


def _note_path(by_role: Sorted, captures: dict[str, list[Node]]) -> None:
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


def _read_definition(captures: dict[str, list[Node]], code: bytes) -> Iterator[Found]:
    kind = next((key for key in captures if key.startswith("definition.")), None)
    if kind is None:
        return
    node, name = captures[kind][0], captures["name"][0]
    text = _plain_name((name.text or b"").strip(), kind.removeprefix("definition."))
    if name.type == "simple_symbol":
        text = text.lstrip(b":")
    if not text or text == b"_" or b"\n" in text:
        return
    owner = captures.get("owner")
    last = captures["body"][-1] if "body" in captures else node  # Dart's body stands beside its signature
    last = last if last.end_byte > node.end_byte else node
    start, end, last_row = node.start_byte, last.end_byte, last.end_point.row
    while end > start and code[end - 1 : end].isspace():
        end -= 1
        last_row -= code[end] == NEWLINE
    body, has_body = _body_start(captures, end)
    yield Found(
        start,
        end,
        node.start_point.row,
        last_row,
        kind.removeprefix("definition."),
        text,
        name.start_byte,
        name.start_point.row,
        body,
        has_body,
        (owner[0].text or b"") if owner else b"",
        "forward" in captures,
        "clause" in captures,
    )


_QUOTED = re.compile(rb"""(["'`])(.+)\1|(.+?)\s+#+""", re.DOTALL)
DOTTED_KINDS = frozenset({"module", "interface", "implementation"})


def _plain_name(text: bytes, kind: str) -> bytes:
    """A name as uses write it: no quotes, no closing marks of a heading, of a dotted name the last part."""
    quoted = _QUOTED.fullmatch(text)
    if quoted and (kind == "heading" or quoted[3] is None):
        text = quoted[2] or quoted[3]
    if kind in DOTTED_KINDS:
        text = text.rpartition(b".")[2] or text
    return text


def _body_start(captures: dict[str, list[Node]], end: int) -> tuple[int, bool]:
    """Where the signature ends, and whether the query says so: before a body or after a `@signature`."""
    if "body" in captures:
        return min(node.start_byte for node in captures["body"]), True
    if "signature" in captures:
        return max(node.end_byte for node in captures["signature"]), True
    return end, False


def _nest(found: list[Found]) -> list[Found]:
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


def _attach_comments(definitions: list[Found], above: set[int]) -> None:
    """Lets each definition begin at the comments and decorators that stand directly above it."""
    for one in definitions:
        row = one.first_row
        while row - 1 in above:
            row -= 1
        one.doc_row = row


def _columns(
    language: str,
    source: bytes,
    code: bytes,
    tools: Reader,
    definitions: list[Found],
    matches: Sorted,
) -> FileTags:
    """Everything found, as columns."""
    line_starts = [0, *(found.end() for found in re.finditer(b"\n", source))]
    shown = bytearray(source.replace(BOM, b"   ", 1) if source.startswith(BOM) else source)
    bare, told = _code_and_prose(source, code, matches)
    if tools.soft:
        for start, end in matches.statements:
            bare[start:end] = tools.soft.sub(lambda word: b" " * len(word[0]), bare[start:end])
    numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
    columns = [array("I"), array("I"), array("H"), array("H")]
    uses = _count_uses(definitions, line_starts, bare, told, tools)
    for owner, (in_code, in_prose) in enumerate(uses):
        _append_uses(columns, owner, in_code, in_prose, numbers)
    for start, end in matches.comments:
        shown[start:end] = b" " * (end - start)
    spans, signatures = array("I"), []
    for one in definitions:
        first_row, last_row, text = _signature(one, shown, line_starts, matches.decorated)
        spans.extend((one.doc_row + 1, one.first_row + 1, one.last_row + 1, first_row + 1, last_row + 1))
        signatures.append(text)
    return FileTags(
        language,
        len(line_starts) - (line_starts[-1] == len(source) and len(source) > 0),
        "",
        tuple(one.name.decode("utf-8", "replace") for one in definitions),
        bytes(KIND_CODE[one.kind] for one in definitions),
        array("i", (one.parent for one in definitions)),
        spans,
        tuple(signatures),
        tuple(one.owner.decode("utf-8", "replace") for one in definitions),
        tuple(word.decode("utf-8", "replace") for word in numbers),
        columns[0],
        columns[1],
        columns[2],
        columns[3],
        tuple(matches.imports()),
    )


def _code_and_prose(source: bytes, code: bytes, matches: Sorted) -> tuple[bytearray, bytearray]:
    """The source with its comments and strings blanked, and those alone with all else blanked."""
    bare, told = bytearray(code), bytearray(b" ") * len(source)
    parts = [(*span, True) for span in (*matches.comments, *matches.strings)]
    if matches.interpolated:
        parts += [(*span, False) for span in matches.interpolated]
        parts.sort(key=lambda part: (part[0], -part[1]))
    for start, end, is_prose in parts:
        told[start:end] = source[start:end] if is_prose else b" " * (end - start)
        bare[start:end] = b" " * (end - start) if is_prose else code[start:end]
    if source.startswith(BOM):
        bare[:3] = told[:3] = b"   "
    return bare, told


def _count_uses(
    definitions: list[Found], line_starts: list[int], bare: bytearray, told: bytearray, tools: Reader
) -> list[tuple[Counter[bytes], Counter[bytes]]]:
    """Words in code and in prose, first of the file outside any definition, then of each definition."""
    uses: list[tuple[Counter[bytes], Counter[bytes]]] = [
        (Counter(), Counter()) for _ in range(len(definitions) + 1)
    ]
    find_code, find_prose = tools.word.findall, re.compile(PROSE_WORD).findall
    for owner, start, end in _segments(definitions, line_starts, len(bare)):
        uses[owner][0].update(find_code(bare, start, end))
        uses[owner][1].update(find_prose(told, start, end))
    for in_code, _ in uses:
        for word in in_code.keys() & tools.keywords:
            del in_code[word]
    for place, one in enumerate(definitions):
        for word in find_code(one.name) * one.clauses:
            _take_one(uses[place + 1][0], word)
    return uses


def _take_one(counts: Counter[bytes], word: bytes) -> None:
    if counts[word] > 1:
        counts[word] -= 1
    else:
        del counts[word]


def _segments(definitions: list[Found], line_starts: list[int], size: int) -> Iterator[tuple[int, int, int]]:
    """Cuts the file where definitions begin and end: (owner, first byte, end), owner 0 outside all.

    What stands directly above a definition (its comments, its decorators) is the definition's.
    """
    place, open_owners = 0, [(0, size)]
    for number, one in enumerate(definitions, 1):
        start = max(place, line_starts[one.doc_row] if one.doc_row < one.first_row else one.start)
        while open_owners[-1][1] <= start:
            owner, end = open_owners.pop()
            if place < end:
                yield owner, place, end
                place = end
        if place < start:
            yield open_owners[-1][0], place, start
            place = start
        open_owners.append((number, one.end))
    for owner, end in reversed(open_owners):
        if place < end:
            yield owner, place, end
            place = end


def _append_uses(
    columns: "list[array[int]]",
    owner: int,
    in_code: Counter[bytes],
    in_prose: Counter[bytes],
    numbers: defaultdict[bytes, int],
) -> None:
    """Adds one owner's counts to the columns: its words in code first, then those in prose alone."""
    use_owner, use_word, use_code, use_prose = columns
    only_prose = [word for word in in_prose if word not in in_code]
    use_word.extend(map(numbers.__getitem__, in_code))
    use_word.extend(map(numbers.__getitem__, only_prose))
    use_code.extend(min(times, 65535) for times in in_code.values())
    use_code.extend(array("H", bytes(2 * len(only_prose))))
    use_prose.extend(min(in_prose[word], 65535) if word in in_prose else 0 for word in in_code)
    use_prose.extend(min(in_prose[word], 65535) for word in only_prose)
    use_owner.extend(array("I", [owner]) * (len(in_code) + len(only_prose)))


def _signature(
    one: Found, source: bytearray, line_starts: list[int], decorated: set[int]
) -> tuple[int, int, str]:
    """First and last row of a signature, and its text.

    It begins with the line on which the definition begins, decorators left out, and ends where
    the body begins; without a body it is the line of the name alone.
    """
    row = one.first_row
    while row < one.name_row and row in decorated:
        row += 1
    start = line_starts[row] if row > one.first_row else _line_head(source, line_starts[row], one.start)
    if one.has_body:
        end = one.body
    else:
        line_end = line_starts[one.name_row + 1] if one.name_row + 1 < len(line_starts) else len(source)
        end = min(max(one.end, one.name_start + len(one.name)), line_end)
    tail = _SIGNATURE_END.search(
        source, start if one.name_start > one.body else one.name_start + len(one.name), end
    )
    lines = source[start : tail.start() if tail else end].split(b"\n")[:SIGNATURE_LINES]
    lines[0] = lines[0].lstrip()
    if one.name_start > one.body:
        lines[-1] += b" {\xe2\x80\xa6} " + one.name
    text = "\n".join(line.decode("utf-8", "replace").rstrip()[:SIGNATURE_CHARS] for line in lines)
    return row, row + len(lines) - 1, text


_SIGNATURE_END = re.compile(rb"(?:[\s{:=;,\\]|->)+\Z")


def _line_head(source: bytearray, line_start: int, start: int) -> int:
    """Where the line of a definition begins to say something of it: `export const f = …` at `export`."""
    head = source[line_start:start]
    return start if re.search(rb"[;{}(]", head) else line_start
