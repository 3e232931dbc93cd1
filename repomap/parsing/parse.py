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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, count
from operator import add
from typing import Any, cast

from tree_sitter import Language as Grammar
from tree_sitter import Node, Parser, Query, QueryCursor
from tree_sitter_language_pack import get_language

from repomap.model import KINDS, FileTags
from repomap.parsing.captures import Found, Match, Matches, sort_matches
from repomap.parsing.definitions import attach_comments, nest, signature
from repomap.parsing.languages import MARKS, USUAL_WORDS, Language, query_text, script_ranges
from repomap.parsing.words import BOM, PROSE, Wording, code_and_prose, count_uses, shorts, use_columns

KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
LITERALS = frozenset(
    "_ void true false null nil this self super undefined "
    "True False None TRUE FALSE NULL Self crate mut".split()
)
MANY_CHILDREN = 2000


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading one language needs, made once for each process."""

    parser: Parser
    query: Query
    wording: Wording
    keywords: frozenset[bytes]
    soft: re.Pattern[bytes] | None
    """The words of import statements (`from`, `type`) that are names elsewhere."""


@functools.cache
def reader(language: Language) -> Reader:
    """The parser, tags query, word pattern and reserved words of a language."""
    grammar = get_language(cast("Any", language.grammar or language.name))
    query = Query(grammar, query_text(language.query or language.name))
    keywords = keywords_of(grammar, language)
    return Reader(
        Parser(grammar),
        query,
        Wording(
            language.word,
            MARKS.get(language.word, b""),
            keywords,
            usual=language.word in USUAL_WORDS,
        ),
        keywords,
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
    matches = sort_matches(_matches(tools, code), code, language.loaders)
    if language.name != name:
        matches.strings += _outside(scripts, len(source))
    definitions = nest(matches.definitions(tools.keywords))
    attach_comments(definitions, matches.above)
    return _columns(name, source, code, tools, definitions, matches)


def parse_text(source: bytes) -> FileTags:
    """A file without a grammar: its words, all of them prose."""
    counts = PROSE.count({0: source.translate(PROSE.only).split()}, usual=True)[0]
    return FileTags(
        "",
        source.count(b"\n") + 1,
        words=_decoded(counts),
        use_owner=array("I", bytes(4 * len(counts))),
        use_word=array("I", range(len(counts))),
        use_code=array("H", bytes(2 * len(counts))),
        use_prose=shorts(counts.values()),
    )


def _blank_outside(source: bytes, ranges: list[tuple[int, int]]) -> bytes:
    """The source with everything outside the ranges blanked, newlines kept, so that places stay."""
    blank = bytearray(re.sub(rb"[^\n]", b" ", source))
    for start, end in ranges:
        blank[start:end] = source[start:end]
    return bytes(blank)


def _outside(ranges: list[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    edges = [0, *(edge for pair in ranges for edge in pair), size]
    return ((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


def _matches(tools: Reader, code: bytes) -> list[Match]:
    """All matches of the tags query.

    Under a node with very many children, as an unreadable file gives, the query costs quadratic
    time, so there each child is asked by itself (tree-sitter #1972, #1356).
    """
    cursor = QueryCursor(tools.query)
    root = tools.parser.parse(code).root_node
    if not (root.has_error and _is_wide(root)):
        return cursor.matches(root)
    matches: list[Match] = []
    pending = [root]
    while pending:
        node = pending.pop()
        if node.has_error and _is_wide(node):
            pending += [child for child in node.children if child.child_count or child.is_extra]
        else:
            matches += cursor.matches(node)
    return matches


def _is_wide(node: Node) -> bool:
    """Whether a node, or the unreadable part that is nearly all of it, has very many children."""
    if node.child_count > MANY_CHILDREN:
        return True
    return any(child.child_count > MANY_CHILDREN and child.has_error for child in node.children)


def _decoded(words: Iterable[bytes]) -> tuple[str, ...]:
    """The words as text, all at once: no word holds a NUL."""
    joined = b"\0".join(words)
    return tuple(joined.decode("utf-8", "replace").split("\0")) if joined else ()


def _columns(
    language: str,
    source: bytes,
    code: bytes,
    tools: Reader,
    definitions: list[Found],
    matches: Matches,
) -> FileTags:
    """Everything found, as columns."""
    line_starts = list(map(add, accumulate(map(len, source.split(b"\n")), initial=0), count()))[:-1]
    shown = bytearray(source.replace(BOM, b"   ", 1) if source.startswith(BOM) else source)
    bare, told = code_and_prose(source, code, matches, tools.wording)
    if tools.soft:
        for start, end in matches.statements:
            bare[start:end] = tools.soft.sub(lambda word: b" " * len(word[0]), bare[start:end])
    runs = tools.wording.settled(bare)
    uses = use_columns(count_uses(definitions, line_starts, runs, bytes(told), tools.wording))
    for start, end in matches.comments:
        shown[start:end] = b" " * (end - start)
    spans, signatures, text_shown = array("I"), [], bytes(shown)
    for one in definitions:
        first_row, last_row, text = signature(one, text_shown, line_starts, matches.decorated)
        spans.extend((one.doc_row + 1, one.first_row + 1, one.last_row + 1, first_row + 1, last_row + 1))
        signatures.append(text)
    return FileTags(
        language,
        len(line_starts) - (line_starts[-1] == len(source) and len(source) > 0),
        names=tuple(one.name.decode("utf-8", "replace") for one in definitions),
        kinds=bytes(KIND_CODE[one.kind] for one in definitions),
        parents=array("i", (one.parent for one in definitions)),
        spans=spans,
        signatures=tuple(signatures),
        owners=tuple(one.owner.decode("utf-8", "replace") for one in definitions),
        words=_decoded(uses.words),
        use_owner=uses.owner,
        use_word=uses.word,
        use_code=uses.code,
        use_prose=uses.prose,
        imports=tuple(matches.imports()),
    )
