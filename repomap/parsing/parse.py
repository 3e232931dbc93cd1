"""Parses the bytes of one source file into `FileTags`.

A tags query finds definitions, imports, comments and strings. References do not come from the
grammar: once comments and strings are blanked out, every word of the code that the language does
not reserve is a use of a name. That finds uses in every position (types, attributes, decorators,
base classes) of every language, at a third of the cost of a query that captures identifiers, and
the same pass counts the words of each body for relevance.
"""

import functools
import importlib
import re
import warnings
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
from repomap.parsing.captures import Match, Matches, RawDefinition, sort_matches
from repomap.parsing.definitions import attach_comments, nest, signature
from repomap.parsing.grammars import SINGLE_GRAMMARS
from repomap.parsing.in_source_tests import mark_tests
from repomap.parsing.language_by_text import script_ranges
from repomap.parsing.languages import PROSE_LIKE_WORDS, WORD_MARKS, Language
from repomap.parsing.query_files import member_query_text, query_text
from repomap.parsing.repairs import HAVE_CONDITIONS, prepared, simplified
from repomap.parsing.words import (
    BOM,
    PROSE,
    CodeText,
    UseColumns,
    WordRules,
    code_and_prose,
    code_text_of,
    count_uses,
    to_uint16,
    use_columns,
)

KIND_CODE = {kind: code for code, kind in enumerate(KINDS)}
LITERALS = frozenset(
    "_ void true false null nil this self super undefined "
    "True False None TRUE FALSE NULL Self crate mut".split()
)
WIDE_NODE_CHILDREN = 2000
"""From how many children on a query is run on each child separately."""
FEW_UNREAD_BYTES = 64
"""Up to this many are no reason to suspect the macros that were blanked out."""


@dataclass(frozen=True, slots=True)
class LanguageTools:
    """What reading one language needs, made once in each process."""

    parser: Parser
    query: Query
    word_rules: WordRules
    keywords: frozenset[bytes]
    soft_keyword: re.Pattern[bytes] | None
    """Matches words that are keywords in import statements (`from`, `type`) and names elsewhere."""


@functools.cache
def language_tools(language: Language) -> LanguageTools:
    """Return the parser, tags query, word rules and keywords of a language."""
    grammar = _grammar(language)
    query = Query(grammar, query_text(language.query or language.name))
    keywords = keywords_of(grammar, language)
    marks = WORD_MARKS.get(language.word, b"")
    prose_like = language.word in PROSE_LIKE_WORDS
    soft = "|".join(sorted(language.soft_keywords))
    return LanguageTools(
        parser=Parser(grammar),
        query=query,
        word_rules=WordRules(language.word, marks, keywords, prose_like=prose_like),
        keywords=keywords,
        soft_keyword=re.compile(rf"\b(?:{soft})\b".encode()) if soft else None,
    )


def _grammar(language: Language) -> Grammar:
    package = SINGLE_GRAMMARS.get(language.name)
    if package is None:
        packed: Grammar = get_language(cast("Any", language.grammar or language.name))
        return packed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # some packages pass the pointer as a number
        pointer: object = importlib.import_module(package).language()
        return Grammar(pointer)


@functools.cache
def _member_query(language: Language) -> Query:
    return Query(_grammar(language), member_query_text(language.query or language.name))


def keywords_of(grammar: Grammar, language: Language) -> frozenset[bytes]:
    """Return the words that are never names: literals, and the grammar's keywords except soft ones.

    In a grammar that ignores case, such as SQL's, keywords are named nodes: `keyword_select`.
    """
    unnamed = (
        grammar.node_kind_for_id(number) or ""
        for number in range(1, grammar.node_kind_count)  # 0 is the end of the text, called `end`
        if grammar.node_kind_is_visible(number) and not grammar.node_kind_is_named(number)
    )
    words = {kind.lstrip("#@") for kind in unnamed if re.fullmatch(r"[#@]?\w+", kind)}
    all_kinds = (grammar.node_kind_for_id(number) or "" for number in range(grammar.node_kind_count))
    lower_case = {kind.removeprefix("keyword_") for kind in all_kinds if kind.startswith("keyword_")}
    words = (words | lower_case | set(map(str.upper, lower_case))) - language.soft_keywords
    return frozenset(
        word.encode() for word in words | language.extra_keywords | language.import_functions | LITERALS
    )


@dataclass(frozen=True, slots=True)
class _Analysis:
    """What a grammar and a tags query find in a text."""

    source: bytes
    code: bytes
    """The part of the text that is parsed; the rest is blank."""
    tools: LanguageTools
    definitions: list[RawDefinition]
    matches: Matches
    line_starts: list[int]


def parse_source(source: bytes, language: Language, *, members: bool = False) -> FileTags:
    """Find the definitions, word counts and imports of a source text; with ``members``, these, too.

    Bytes that are not UTF-8 are replaced in names and signatures. Raises nothing of its own, but a
    hostile text may take forever or crash the process, which is why worker processes call this.
    """
    return _file_tags(language.name, _analyse(source, language, members=members))


def code_of(source: bytes, language: Language) -> CodeText:
    """Find the code of a text, and which definition each part of it belongs to.

    Owners are numbered as in `FileTags.use_owner`. Like `parse_source`, for texts known to be harmless.
    """
    found = _analyse(source, language, members=False)
    code_text, _ = _code_and_prose(found)
    rules = found.tools.word_rules
    return code_text_of(found.definitions, found.line_starts, rules.without_prefixes(code_text), rules)


def _analyse(source: bytes, language: Language, *, members: bool) -> _Analysis:
    name = language.name
    if language.embedded:
        language, scripts = script_ranges(source)
        code = _blank_outside(source, scripts)
    else:
        code = source
    tools = language_tools(language)
    query = _member_query(language) if members else tools.query
    found = [match for tree in _trees(tools.parser, code, language) for match in _matches(query, tree)]
    line_starts = list(map(add, accumulate(map(len, source.split(b"\n")), initial=0), count()))[:-1]
    matches = sort_matches(found, code, line_starts, language.import_functions)
    if language.name != name:
        matches.strings += _outside(scripts, len(source))
    names = tools.keywords - language.type_names if language.type_names else tools.keywords
    definitions = nest(matches.definitions(names, any_method=language.any_method))
    attach_comments(definitions, matches.doc_rows)
    mark_tests(definitions, code, line_starts, matches.decorator_rows, language.name)
    return _Analysis(source, code, tools, definitions, matches, line_starts)


def parse_text(source: bytes) -> FileTags:
    """Count the words of a file without a grammar, all of them as prose."""
    counts = PROSE.count({0: source.translate(PROSE.runs_table).split()}, prose_like=True)[0]
    return FileTags(
        "",
        source.count(b"\n") + 1,
        words=_decoded(counts),
        use_owner=array("I", bytes(4 * len(counts))),
        use_word=array("I", range(len(counts))),
        use_code=array("H", bytes(2 * len(counts))),
        use_prose=to_uint16(counts.values()),
    )


def _blank_outside(source: bytes, ranges: list[tuple[int, int]]) -> bytes:
    """Blank everything outside the ranges but keep newlines, so that offsets and rows stay."""
    blank = bytearray(re.sub(rb"[^\n]", b" ", source))
    for start, end in ranges:
        blank[start:end] = source[start:end]
    return bytes(blank)


def _outside(ranges: list[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    edges = [0, *(edge for pair in ranges for edge in pair), size]
    return ((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


def _trees(parser: Parser, code: bytes, language: Language) -> Iterator[Node]:
    """Parse a text -> the root of its tree, and of that of what its macros contain, if anything."""
    root = readable_tree(parser, code, language)
    yield root
    if language.name == "rust":
        from repomap.parsing.rust_macros import item_bodies  # late: other languages do without

        items = item_bodies(root, code)
        if items:
            yield parser.parse(items).root_node


def readable_tree(parser: Parser, code: bytes, language: Language) -> Node:
    """Parse a text; where the grammar finds errors, again without what it is known not to know.

    Returns the root of the tree with the least unread text.
    """
    first = prepared(code, language.name)
    root = parser.parse(first).root_node
    if not root.has_error:
        return root
    second = simplified(first, language.name)
    if second is not first:
        others = (root, parser.parse(second).root_node)
        root = min(others if first is not code else others[::-1], key=unread_bytes)
    if first is not code and unread_bytes(root) > FEW_UNREAD_BYTES:
        root = min(root, parser.parse(code).root_node, key=unread_bytes)
    return root


def unread_bytes(node: Node) -> int:
    """Return how many bytes the grammar could not read, and one for each token that it missed."""
    if node.is_error:
        return node.end_byte - node.start_byte
    if not node.has_error:
        return int(node.is_missing)
    return sum(map(unread_bytes, node.children))


def _matches(query: Query, root: Node) -> list[Match]:
    """Run a tags query over a tree.

    Under a node with very many children, as in an unreadable file, the query takes quadratic time,
    so it is run on each of these children separately (tree-sitter #1972, #1356).
    """
    cursor = QueryCursor(query)
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
    """Return whether a node, or the unreadable child that is most of it, has very many children."""
    if node.child_count > WIDE_NODE_CHILDREN:
        return True
    return any(child.child_count > WIDE_NODE_CHILDREN and child.has_error for child in node.children)


def _decoded(words: Iterable[bytes]) -> tuple[str, ...]:
    """Decode all words in one call; this works because no word contains a NUL."""
    joined = b"\0".join(words)
    return tuple(joined.decode("utf-8", "replace").split("\0")) if joined else ()


def _file_tags(language: str, found: _Analysis) -> FileTags:
    """Write definitions, uses and imports into the columns of `FileTags`."""
    source, definitions, line_starts = found.source, found.definitions, found.line_starts
    uses = _uses(found)
    uncommented = _without_comments(source, found.matches)
    if language in HAVE_CONDITIONS and b"#" in uncommented:
        from repomap.parsing.conditionals import without_conditions  # late: other languages do without

        uncommented = without_conditions(uncommented)
    spans, signatures = array("I"), []
    for item in definitions:
        first_row, last_row, text = signature(item, uncommented, line_starts, found.matches.decorator_rows)
        rows = (item.doc_row, item.first_row, item.last_row, first_row, last_row)
        spans.extend([row + 1 for row in rows])
        signatures.append(text)
    return FileTags(
        language,
        len(line_starts) - (line_starts[-1] == len(source) and len(source) > 0),
        names=tuple(item.name.decode("utf-8", "replace") for item in definitions),
        kinds=bytes(KIND_CODE[item.kind] for item in definitions),
        parents=array("i", (item.parent for item in definitions)),
        spans=spans,
        signatures=tuple(signatures),
        owners=tuple(item.owner.decode("utf-8", "replace") for item in definitions),
        words=_decoded(uses.words),
        use_owner=uses.owner,
        use_word=uses.word,
        use_code=uses.code,
        use_prose=uses.prose,
        imports=tuple(found.matches.imports()),
    )


def _uses(found: _Analysis) -> UseColumns:
    code_text, prose_text = _code_and_prose(found)
    rules = found.tools.word_rules
    runs = rules.without_prefixes(code_text)
    return use_columns(count_uses(found.definitions, found.line_starts, runs, bytes(prose_text), rules))


def _code_and_prose(found: _Analysis) -> tuple[bytearray, bytearray]:
    """Return the runs of the code and those of the prose, without the soft keywords of imports."""
    code_text, prose_text = code_and_prose(found.source, found.code, found.matches, found.tools.word_rules)
    if found.tools.soft_keyword:
        for start, end in found.matches.import_statements:
            statement = code_text[start:end]
            code_text[start:end] = found.tools.soft_keyword.sub(lambda word: b" " * len(word[0]), statement)
    return code_text, prose_text


def _without_comments(source: bytes, matches: Matches) -> bytes:
    """Blank the comments and the byte order mark, for signatures."""
    text = bytearray(source.replace(BOM, b"   ", 1) if source.startswith(BOM) else source)
    for start, end in matches.comments:
        text[start:end] = b" " * (end - start)
    return bytes(text)
