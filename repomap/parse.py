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
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count

from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Query, QueryCursor, Tree
from tree_sitter_language_pack import get_language

from repomap.languages import Language, query_text, script_ranges
from repomap.model import KINDS, FileTags, Import

KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
CLASS_LIKE = frozenset({"class", "struct", "interface", "trait", "enum", "implementation"})
MANY_CHILDREN = 2000
SIGNATURE_LINES = 12
SIGNATURE_CHARS = 240

Match = tuple[int, dict[str, list[Node]]]


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading one language needs, made once for each process."""

    parser: Parser
    query: Query
    word: re.Pattern[bytes]
    keywords: frozenset[bytes]


@functools.cache
def reader(language: Language) -> Reader:
    """The parser, tags query, word pattern and reserved words of a language."""
    grammar = get_language(language.grammar or language.name)
    query = Query(grammar, query_text(language.query or language.name))
    reserved = keywords_of(grammar, language.soft) | {word.encode() for word in language.reserved}
    return Reader(Parser(grammar), query, re.compile(language.word), reserved)


def keywords_of(grammar: Grammar, soft: frozenset[str]) -> frozenset[bytes]:
    """The words that a grammar reserves: its anonymous nodes that look like words, less the soft ones.

    A grammar that minds no case, as SQL's, has named nodes for them instead.
    """
    numbers = range(grammar.node_kind_count)
    kinds = [grammar.node_kind_for_id(number) for number in numbers if not grammar.node_kind_is_named(number)]
    named = [grammar.node_kind_for_id(number) or "" for number in numbers]
    spelt = [kind.removeprefix("keyword_") for kind in named if kind.startswith("keyword_")]
    kinds += spelt + [word.upper() for word in spelt]
    return frozenset(
        kind.encode() for kind in kinds if kind and re.fullmatch(r"\w+", kind) and kind not in soft
    )


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
    clause: bool = False
    """Goes on in the next definition of the same name, as a Haskell function in its equations."""
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
    found, prose, imports, comment_rows = _sort_matches(_matches(tools, code), code)
    if language.name != name:
        prose = [*prose, *_outside(scripts, len(source))]
    definitions = _nest(found)
    _attach_comments(definitions, comment_rows, code)
    return _columns(name, source, code, tools, definitions, sorted(prose), imports)


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


PROSE_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*"


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

    Under a root with very many children, as an unreadable file gives, the query costs quadratic
    time, so there each child is asked by itself (tree-sitter #1972, #1356).
    """
    tree: Tree = tools.parser.parse(code)
    root = tree.root_node
    if root.has_error and root.child_count > MANY_CHILDREN:
        for child in root.children:
            if child.child_count:
                yield from QueryCursor(tools.query).matches(child)
        return
    yield from QueryCursor(tools.query).matches(root)


def _sort_matches(
    matches: Iterable[Match], code: bytes
) -> tuple[list[Found], list[tuple[int, int]], list[Import], set[int]]:
    """Matches by what they are: definitions, ranges of prose, imports, rows that a comment covers."""
    found: dict[tuple[int, int], tuple[int, Found]] = {}
    prose: list[tuple[int, int]] = []
    inner: list[tuple[int, int]] = []
    imported: dict[tuple[int, str], list[str]] = {}
    comment_rows: set[int] = set()
    for pattern, captures in matches:
        if "string" in captures:
            prose += [(node.start_byte, node.end_byte) for node in captures["string"]]
        elif "code" in captures:
            inner += [(node.start_byte, node.end_byte) for node in captures["code"]]
        elif "comment" in captures:
            for node in captures["comment"]:
                prose.append((node.start_byte, node.end_byte))
                comment_rows.update(range(node.start_point.row, node.end_point.row + 1))
        elif "import.module" in captures:
            _note_import(imported, captures)
        else:
            for definition in _read_definition(captures):
                key = (definition.start, definition.end)
                if key not in found or pattern < found[key][0]:
                    found[key] = (pattern, definition)
    imports = [Import(module, tuple(dict.fromkeys(names))) for (_, module), names in imported.items()]
    if inner:
        prose = _without(prose, inner)
    return [definition for _, definition in found.values()], prose, imports, comment_rows


def _without(prose: list[tuple[int, int]], inner: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The ranges of prose less the code inside them, but with the strings that stand in that code."""
    left: list[tuple[int, int]] = []
    open_ends: list[tuple[int, bool]] = []
    place = 0

    def go_to(target: int) -> None:
        nonlocal place
        if open_ends and open_ends[-1][1] and place < target:
            left.append((place, target))
        place = max(place, target)

    edges = sorted([(start, -end, True) for start, end in prose] + [(start, -end, False) for start, end in inner])
    for start, minus_end, is_prose in edges:
        while open_ends and open_ends[-1][0] <= start:
            go_to(open_ends[-1][0])
            open_ends.pop()
        go_to(start)
        open_ends.append((-minus_end, is_prose))
    while open_ends:
        go_to(open_ends[-1][0])
        open_ends.pop()
    return left


def _note_import(imported: dict[tuple[int, str], list[str]], captures: dict[str, list[Node]]) -> None:
    for node in captures["import.module"]:
        text = (node.text or b"").decode("utf-8", "replace").strip("\"'`<>")
        names = imported.setdefault((node.start_byte, text), [])
        names += [(name.text or b"").decode("utf-8", "replace") for name in captures.get("import.name", ())]


def _read_definition(captures: dict[str, list[Node]]) -> Iterator[Found]:
    names = captures.get("name")
    kind = next((key for key in captures if key.startswith("definition.")), None)
    if not names or kind is None:
        return
    node, name = captures[kind][0], names[0]
    text = _plain_name((name.text or b"").strip(), kind.removeprefix("definition."))
    if not text or b"\n" in text:
        return
    body = captures.get("body")
    owner = captures.get("owner")
    last = body[-1] if body and body[-1].end_byte > node.end_byte else node
    start, end = node.start_point.row, last.end_point
    yield Found(
        node.start_byte,
        last.end_byte,
        start,
        end.row - (end.column == 0 and end.row > start),
        kind.removeprefix("definition."),
        text,
        name.start_byte,
        name.start_point.row,
        body[0].start_byte if body else node.end_byte,
        body is not None or "signature" in captures,
        (owner[0].text or b"") if owner else b"",
        "clause" in captures,
    )


def _plain_name(text: bytes, kind: str) -> bytes:
    """A name as uses write it: without quotes, and of a dotted module its last part."""
    if len(text) > 2 and (text[:1] == text[-1:] and text[:1] in b"'\"`" or text[:1] + text[-1:] == b"[]"):
        text = text[1:-1]
    if kind in ("module", "namespace", "interface", "implementation"):
        text = text.rpartition(b".")[2] or text
    return re.sub(rb"\s+#+\Z", b"", text) if kind == "heading" else text


def _nest(found: list[Found]) -> list[Found]:
    """Definitions in the order of their first byte, outer before inner, each with its parent's place.

    A function directly inside a class is a method, and a variable in capitals a constant,
    in every language.
    """
    ordered = _join_clauses(sorted(found, key=lambda one: (one.start, -one.end)))
    open_places: list[int] = []
    for place, one in enumerate(ordered):
        while open_places and ordered[open_places[-1]].end < one.end:
            open_places.pop()
        while open_places and ordered[open_places[-1]].end <= one.start:
            open_places.pop()
        if open_places:
            one.parent = open_places[-1]
            if one.kind == "function" and ordered[one.parent].kind in CLASS_LIKE:
                one.kind = "method"
        if one.kind == "variable" and one.name.isupper():
            one.kind = "constant"
        open_places.append(place)
    return ordered


def _join_clauses(ordered: list[Found]) -> list[Found]:
    """Makes one definition of the clauses of a function, and of its type signature, that follow each other."""
    joined: list[Found] = []
    open_ones: list[Found] = []
    for one in ordered:
        before = None
        while open_ones and open_ones[-1].end <= one.start:
            before = open_ones.pop()
        if before and before.clause and one.clause and before.name == one.name and before.kind == one.kind:
            if not before.has_body:
                before.body, before.has_body = one.start, True
            before.end, before.last_row = one.end, one.last_row
            before.clauses += 1
            one = before
        else:
            joined.append(one)
        open_ones.append(one)
    return joined


_ABOVE = re.compile(rb"\s*(?:@|#\[|\[[A-Z]|//|#|--|;|%|\*|/\*)")


def _attach_comments(definitions: list[Found], comment_rows: set[int], code: bytes) -> None:
    """Lets each definition begin at the comments and decorators that stand directly above it."""
    lines = code.split(b"\n")
    for one in definitions:
        row = one.first_row
        while row > 0 and (
            (row - 1 in comment_rows and _ABOVE.match(lines[row - 1])) or lines[row - 1].lstrip()[:1] == b"@"
        ):
            row -= 1
        one.doc_row = row


def _columns(
    language: str,
    source: bytes,
    code: bytes,
    tools: Reader,
    definitions: list[Found],
    prose: list[tuple[int, int]],
    imports: list[Import],
) -> FileTags:
    """Everything found, as columns."""
    line_starts = [0, *(found.end() for found in re.finditer(b"\n", source))]
    bare, told = bytearray(code), bytearray(b" ") * len(source)
    for start, end in prose:
        told[start:end] = source[start:end]
        bare[start:end] = b" " * (end - start)
    numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
    columns = [array("I"), array("I"), array("H"), array("H")]
    uses = _count_uses(definitions, line_starts, bare, told, tools)
    for owner, (in_code, in_prose) in enumerate(uses):
        _append_uses(columns, owner, in_code, in_prose, numbers)
    spans, signatures = array("I"), []
    for one in definitions:
        first_row, last_row, text = _signature(one, source, line_starts)
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
        *columns,
        tuple(imports),
    )


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


def _segments(
    definitions: list[Found], line_starts: list[int], size: int
) -> Iterator[tuple[int, int, int]]:
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


_DECORATION = re.compile(rb"\s*(?:@|#\[|\[[A-Z]\w*|//|/\*)")


_TAIL = re.compile(r"\s*(?:\{|:|=>?|->|,)\Z")


def _signature(one: Found, source: bytes, line_starts: list[int]) -> tuple[int, int, str]:
    """First and last row of a signature, and its text.

    It begins with the line on which the definition begins, decorators left out, and ends where
    the body begins; without a body it is the line of the name alone.
    """
    row = one.first_row
    while row < one.name_row and _DECORATION.match(source, line_starts[row]):
        row += 1
    start = line_starts[row] if row > one.first_row else _line_head(source, line_starts[row], one.start)
    if one.has_body:
        end = max(one.body, one.name_start + len(one.name))
    else:
        line_end = line_starts[one.name_row + 1] if one.name_row + 1 < len(line_starts) else len(source)
        end = min(max(one.end, one.name_start + len(one.name)), line_end)
    text = _TAIL.sub("", source[start:end].decode("utf-8", "replace").strip())
    lines = text.split("\n")[:SIGNATURE_LINES]
    last_row = min(bisect_right(line_starts, max(start, end - 1)) - 1, row + len(lines) - 1)
    return row, last_row, "\n".join(line.rstrip()[:SIGNATURE_CHARS] for line in lines)


def _line_head(source: bytes, line_start: int, start: int) -> int:
    """Where the line of a definition begins to say something of it: `export const f = …` at `export`."""
    head = source[line_start:start]
    return start if re.search(rb"[;{}]", head) else line_start
