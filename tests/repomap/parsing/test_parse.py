"""Rules for every language: which definition a word belongs to, what is above it, what is code."""

import re
import time
from collections import Counter

import pytest
from file_tags import definitions, references
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.model import Definition, FileTags, Span
from repomap.parsing.language_by_text import sniff
from repomap.parsing.languages import BY_NAME, LANGUAGES, PREFIX_WORD, Language, language_of
from repomap.parsing.parse import language_tools, parse_source, parse_text
from repomap.parsing.words import PROSE

PYTHON = BY_NAME["python"]


def python(text: str) -> FileTags:
    return parse_source(text.encode(), PYTHON)


def named(tags: FileTags, name: str) -> Definition:
    return next(item for item in definitions(tags) if item.name == name)


def words_of(tags: FileTags, owner: int, *, prose: bool = False) -> dict[str, int]:
    """The words directly inside one definition, or with owner 0 outside all."""
    counts = tags.use_prose if prose else tags.use_code
    return {
        tags.words[word_id]: count
        for use_owner, word_id, count in zip(tags.use_owner, tags.use_word, counts, strict=True)
        if use_owner == owner and count
    }


def test_a_word_belongs_to_the_innermost_definition() -> None:
    """A class does not use what its method uses; the file does not use what its class uses."""
    tags = python("first\nclass A:\n    second\n    def m(self):\n        third\n    fourth\nfifth\n")

    assert words_of(tags, 0) == {"first": 1, "fifth": 1}
    assert words_of(tags, 1) == {"second": 1, "fourth": 1}
    assert words_of(tags, 2) == {"third": 1}


def test_two_names_of_one_statement_are_siblings() -> None:
    """Neither definition is inside the other."""
    tags = python("a, b = f(), g()\n")

    assert tags.names == ("a", "b")
    assert list(tags.parents) == [-1, -1]


def test_a_definition_does_not_use_its_own_name() -> None:
    """Its name counts only where it occurs again, as in recursion."""
    tags = python("def f():\n    pass\ndef g():\n    g()\n")

    assert words_of(tags, 1) == {}
    assert words_of(tags, 2) == {"g": 1}


def test_a_function_in_a_class_is_a_method_and_a_function_in_a_function_is_not() -> None:
    """One rule for all languages, which the queries need not repeat."""
    tags = python("class A:\n    def m(self):\n        def inner(): pass\n")

    assert [item.kind for item in definitions(tags)] == ["class", "method", "function"]
    assert list(tags.parents) == [-1, 0, 1]


def test_a_definition_begins_at_the_comments_and_decorators_above() -> None:
    """Several lines, and decorators over several lines, but nothing above a blank line."""
    tags = python("# apart\n\n# one\n# two\n@dec(\n    1,\n)\n@other\ndef f():\n    pass\n")

    assert named(tags, "f").span == Span(doc=3, first=9, last=10, signature_first=9, signature_last=9)


def test_a_comment_after_code_does_not_belong_to_the_next_definition() -> None:
    """It is about its own line."""
    assert named(python("x = 1  # of x\ndef f(): pass\n"), "f").span.doc == 2


def test_a_decorator_on_the_line_of_a_definition_does_not_reach_the_next() -> None:
    """`@A int a;` belongs to `a`, not to what follows."""
    tags = parse_source(b"class C {\n  @A int a;\n  int b;\n}\n", BY_NAME["java"])

    assert named(tags, "b").span.doc == 3


def test_words_above_belong_to_the_definition() -> None:
    """The words of comments and decorators count for the definition below them."""
    tags = python("before\n# about frobnication\n@cached\ndef f(): pass\n")

    assert words_of(tags, 1) == {"cached": 1}
    assert words_of(tags, 1, prose=True) == {"about": 1, "frobnication": 1}
    assert words_of(tags, 0) == {"before": 1}


def test_strings_and_comments_are_prose_and_interpolations_are_code() -> None:
    """A name in an f-string is a use; the text around it is not."""
    tags = python('value = f"text {name!r} more"  # remark\n')

    assert references(tags) == {"name": 1, "r": 1}
    assert words_of(tags, 1, prose=True) == {"text": 1, "more": 1}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("scala", r's"words ${name} more\n"'),
        ("ruby", r'"words #{name} more\n"'),
        ("javascript", r"`words ${name} more\n`"),
        ("kotlin", r'val x = "words ${name} more\n"'),
        ("csharp", r'$"words {name} more\n";'),
        ("swift", r'let x = "words \(name) more\n"'),
        ("php", r'<?php "words {$name} more\n";'),
        ("julia", r'"words $(name) more\n"'),
        ("groovy", r'def x = "words ${name} more\n"'),
        ("perl", r'my $x = "words $name more\n";'),
        ("luau", r"local x = `words {name} more\n`"),
    ],
)
def test_interpolated_names_are_uses_in_every_language(language: str, text: str) -> None:
    """The words around them are prose."""
    names = references(parse_source(text.encode(), BY_NAME[language])).keys()

    assert "name" in names
    assert not {"words", "more", "n"} & names


def test_numbers_and_string_prefixes_contain_no_words() -> None:
    """`0xff` does not use `xff`, nor `rb"…"` use `rb`."""
    assert references(python('y = [0xff, 1e5, 10_000, rb"x", f"y"]\n')) == {}


def test_keywords_and_literals_are_not_uses() -> None:
    """Nobody defines them, but soft keywords can be names."""
    assert references(python("if match is None and True:\n    return case\n")) == {"match": 1, "case": 1}


def test_soft_keywords_of_an_import_statement_are_not_uses() -> None:
    """`from` and `type` are names elsewhere, but not there."""
    tags = parse_source(b"import { type A } from './a'\nArray.from(a)\n", BY_NAME["typescript"])

    assert references(tags) == {"A": 1, "Array": 1, "from": 1, "a": 1}
    assert tags.imports == (("./a", ("A",)),)


def test_names_of_one_import_statement_are_one_import() -> None:
    """In the order of the source, each once."""
    assert python("from a import (b, c as d,\n    b)\nfrom . import e\n").imports == (
        ("a", ("b", "c")),
        (".", ("e",)),
    )


def test_a_variable_that_holds_an_imported_module_is_not_a_definition() -> None:
    """`const x = require('x')` is an import; a similar call is not."""
    text = b"const x = require('x')\nconst {a, b: c} = require('./y')\nconst z = acquire('z')\n"
    tags = parse_source(text, BY_NAME["javascript"])

    assert tags.names == ("z",)
    assert tags.imports == (("x", ()), ("./y", ("a", "b")))


def test_local_variables_are_not_definitions() -> None:
    """Not even where the grammar does not distinguish them from others."""
    assert parse_source(b"int f(void) {\n  int a;\n#ifdef X\n  int b;\n#endif\n}\n", BY_NAME["c"]).names == (
        "f",
    )


def test_a_declaration_of_what_the_file_defines_is_left_out() -> None:
    """A forward declaration is not a second definition; a prototype alone is one."""
    tags = parse_source(
        b"static int f(int);\nint g(void);\nstatic int f(int x) { return x; }\n", BY_NAME["c"]
    )

    assert [(item.name, item.span.first) for item in definitions(tags)] == [("g", 2), ("f", 3)]


def test_a_misread_keyword_is_not_a_definition() -> None:
    """Nor is `_`, the name for a value that is not used."""
    tags = parse_source(b"}\nelse if (data) { f(); }\nint g(void) { return 1; }\n", BY_NAME["c"])

    assert tags.names == ("g",)
    assert python("_, kept = f()\n").names == ("kept",)


def test_a_name_that_is_repeated_is_one_definition() -> None:
    """`typedef struct P {…} P` defines one type; it is named once before its members, too."""
    nested = b"typedef struct P {\n  struct { int y; } x;\n} P;\n"
    for source, signature in (
        (nested, "typedef struct P {…} P"),
        (b"typedef struct P {\n  int x;\n} P;\n", "typedef struct P {\nint x\n}"),
        (b"typedef struct p_s {\n  int x;\n} P;\n", "typedef struct p_s P {\nint x\n}"),
    ):
        found = [item for item in definitions(parse_source(source, BY_NAME["c"])) if item.name == "P"]

        assert [(item.kind, item.signature) for item in found] == [("struct", signature)]


@pytest.mark.parametrize(
    ("language", "text", "owner", "kind"),
    [
        ("go", "package a\nfunc (t *Tree[K]) Walk() {}\n", "Tree", "method"),
        ("javascript", "Tree.prototype.Walk = function () {}\n", "Tree", "method"),
        ("cpp", "void a::Tree<T>::Walk() {}\n", "Tree", "method"),
        ("lua", "function Tree:Walk() end\n", "Tree", "method"),
        ("kotlin", "fun Tree.Walk() {}\n", "Tree", "function"),
        ("javascript", "exports.Walk = function () {}\n", "", "function"),
    ],
)
def test_a_definition_names_the_type_it_belongs_to(language: str, text: str, owner: str, kind: str) -> None:
    """If it is not inside that type, its own text names it."""
    walk = named(parse_source(text.encode(), BY_NAME[language]), "Walk")

    assert (walk.owner, walk.kind) == (owner, kind)


def test_a_signature_has_its_own_lines_without_body_and_comments() -> None:
    """The first line without indentation, the others unchanged."""
    tags = python("class A:\n    def f(\n        self,  # me\n    ) -> int:  # why\n        return 1\n")
    method = named(tags, "f")

    assert method.signature == "def f(\n        self,\n    ) -> int"
    assert (method.span.signature_first, method.span.signature_last) == (2, 4)


def test_a_very_long_signature_is_cut() -> None:
    """Sixty lines and 800 characters a line are more than anybody writes by hand."""
    text = (
        "def f(\n"
        + "".join(f"    a{number}={'x' * (900 - 10 * number)},\n" for number in (*range(10), *[80] * 70))
        + "): pass\n"
    )
    lines = named(python(text), "f").signature.split("\n")

    assert len(lines) == 60
    assert max(map(len, lines)) == 800


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_line_endings_change_nothing(newline: str, end: str) -> None:
    """CRLF and a missing final newline give the same definitions, lines and signatures."""
    lines = ["# above", "def f(", "    x,", "):", "    return g(x)", "YES = 'a'"]
    tags = parse_source((newline.join(lines) + end).encode(), PYTHON)

    assert tags.lines == 6
    assert definitions(tags) == [
        Definition(
            name="f",
            kind="function",
            span=Span(1, 2, 5, 2, 4),
            signature="def f(\n    x,\n)",
            parent=None,
            owner="",
        ),
        Definition(
            name="YES",
            kind="constant",
            span=Span(6, 6, 6, 6, 6),
            signature="YES = 'a'",
            parent=None,
            owner="",
        ),
    ]
    assert references(tags) == {"x": 2, "g": 1}


def test_a_byte_order_mark_is_not_part_of_the_first_word() -> None:
    """Some editors write it at the start of a file."""
    tags = parse_source(b"\xef\xbb\xbfname = other\n", PYTHON)

    assert tags.names == ("name",)
    assert tags.words == ("other",)


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    """A Latin-1 file can be mapped too."""
    tags = parse_source(b"# caf\xe9\ndef f(x='\xff'): return \xe4b\n", PYTHON)

    assert named(tags, "f").signature == "def f(x='�'): return �b" or tags.names == ("f",)
    assert all(isinstance(word, str) for word in tags.words)


@pytest.mark.parametrize("language", BY_NAME.values(), ids=lambda language: language.name)
def test_an_empty_file_has_nothing(language: Language) -> None:
    """And neither has one of blank lines, in any language."""
    empty, blank = parse_source(b"", language), parse_source(b"\n \n", language)

    assert (len(empty.names), empty.words, empty.imports) == (0, (), ())
    assert (len(blank.names), blank.words, blank.lines) == (0, (), 2)


def test_an_unreadable_file_does_not_take_quadratic_time() -> None:
    """A query over a node with very many children does; the deadline is far above what is needed."""
    began = time.process_time()
    parse_source(b"(" * 1_000_000, PYTHON)

    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    "text", [b"def f(" + b" " * 400_000 + b"x): pass", b"x = 1; " * 50_000, b"#" * 400_000]
)
def test_one_very_long_line_does_not_take_quadratic_time(text: bytes) -> None:
    """Such lines are generated, but not all of them are recognised as that."""
    began = time.process_time()
    parse_source(text, PYTHON)

    assert time.process_time() - began < 20


def test_the_readable_parts_of_a_broken_file_are_found() -> None:
    """Even if its root has so many children that the query runs on each of them."""
    text = "def f():\n    pass\n" * 1500 + ") ) (\n" * 500 + "class Last:\n    pass\n"
    tags = python(text)

    assert tags.names.count("f") > 1400


def test_only_the_scripts_of_a_page_are_parsed_and_the_rest_is_prose() -> None:
    """Line numbers are those of the page."""
    page = b"<p>words</p>\n<script lang=ts>\nfunction f(a: A) {}\n</script>\n"
    tags = parse_source(page, BY_NAME["vue"])

    assert tags.language == "vue"
    assert named(tags, "f").span.first == 3
    assert "words" in words_of(tags, 0, prose=True)
    assert references(tags) == {"a": 1, "A": 1}


def test_a_file_without_a_grammar_has_only_prose() -> None:
    """Its words still show what it is about."""
    tags = parse_text(b"one two\ntwo\n")

    assert (tags.words, list(tags.use_prose), list(tags.use_code)) == (("one", "two"), [1, 2], [0, 0])


@pytest.mark.parametrize(
    ("path", "text", "language"),
    [
        ("a.h", b"struct a;\n/* class of things */\nint f(void);\n", "c"),
        ("a.h", b'#ifdef __cplusplus\nextern "C" {\n#endif\n', "c"),
        ("a.h", b"namespace a {\n", "cpp"),
        ("a.h", b"class A : public B {\n", "cpp"),
        ("a.h", b"#pragma once\nstd::string f();\n", "cpp"),
        ("a.h", b"#import <A/A.h>\n@interface A : B\n", "objc"),
        ("run", b"#!/usr/bin/env -S python3.12 -u\n", "python"),
        ("run", b"#!/bin/ruby\n", "ruby"),
    ],
)
def test_the_text_of_a_file_shows_its_language(path: str, text: bytes, language: str) -> None:
    """Headers are C unless they look otherwise; scripts name their language in the first line."""
    detected = sniff(path, text)

    assert detected is not None
    assert detected.name == language


def test_the_language_of_a_name() -> None:
    """By suffix in any case, by the whole name, or not at all."""
    languages = [language_of(path) for path in ("a/B.PY", "Rakefile", "x.zzz", "Makefile.py")]

    assert [language and language.name for language in languages] == ["python", "ruby", None, "python"]


SNIPPETS = st.sampled_from(
    """def f(x): class A: { } ( ) [ ] ; , = => -> "text" 'c' `t ${x}` # //c /*c*/ @dec import a from b function g()
    const x = 1 struct S fn h() impl end \n \r\n \t é 名 \x00 0xff """.split(" ")
)
SOURCES = st.one_of(
    st.binary(max_size=300), st.lists(SNIPPETS, max_size=60).map(lambda parts: " ".join(parts).encode())
)
FUZZED = [
    BY_NAME[name]
    for name in ("python", "javascript", "tsx", "go", "rust", "java", "c", "cpp", "ruby", "php", "vue")
]


@examples(300)
@given(source=SOURCES, language=st.sampled_from(FUZZED))
def test_any_bytes_give_consistent_columns(source: bytes, language: Language) -> None:
    """Owners and parents in range, parents before children and around them, spans in order."""
    tags = parse_source(source, language)

    count = len(tags.names)
    assert len(tags.kinds) == len(tags.parents) == len(tags.signatures) == len(tags.owners) == count
    assert len(tags.spans) == 5 * count
    assert len(tags.use_owner) == len(tags.use_word) == len(tags.use_code) == len(tags.use_prose)
    assert all(owner <= count for owner in tags.use_owner)
    assert all(word < len(tags.words) for word in tags.use_word)
    assert len(set(zip(tags.use_owner, tags.use_word, strict=True))) == len(tags.use_word)
    all_definitions = definitions(tags)
    for index, definition in enumerate(all_definitions):
        span = definition.span
        assert 1 <= span.doc <= span.first <= span.signature_first <= span.signature_last <= tags.lines
        assert span.first <= span.last <= tags.lines
        if definition.parent is not None:
            outer = all_definitions[definition.parent].span
            assert definition.parent < index
            assert outer.first <= span.first <= span.last <= outer.last


@examples(200)
@given(
    st.lists(
        st.sampled_from(["def f():\n", " pass\n", "x = y\n", "class A:\n", "  z(0x1f)\n", "@d\n", "if x:\n"])
    )
)
def test_no_word_of_code_is_lost_or_counted_twice(lines: list[str]) -> None:
    """In text without strings and comments, every word counts except keywords and defined names."""
    source = "".join(lines).encode()
    tags = parse_source(source, PYTHON)

    expected = Counter(re.findall(rb"(?<![0-9A-Za-z_])(?:" + PREFIX_WORD + rb")", source))
    expected -= Counter(name.encode() for name in tags.names)
    for keyword in language_tools(PYTHON).keywords:
        del expected[keyword]
    assert references(tags) == {word.decode(): count for word, count in expected.items()}


@examples(300)
@given(
    st.sampled_from(LANGUAGES),
    st.text(st.sampled_from("ab_Z09é \n\"'!=.${}?*+<>&%-,()/\\#:@"), max_size=40),
)
def test_the_words_of_a_text_are_those_of_its_runs(language: Language, text: str) -> None:
    """Splitting a text into runs first finds the same words as the language's pattern."""
    word_rules = language_tools(language).word_rules if not language.embedded else PROSE
    source = text.encode()
    expected = Counter(word for word in word_rules.find_words(source) if word not in word_rules.reserved)
    counted = word_rules.count({0: source.translate(word_rules.runs_table).split()})
    assert list(counted[0].items()) == list(expected.items())


@examples(300)
@given(st.sampled_from(LANGUAGES), st.text(st.sampled_from("ab_Zdefif09é \n\"'!=.$?,(;:@"), max_size=60))
def test_a_prose_like_text_has_the_same_words_without_the_pattern(language: Language, text: str) -> None:
    """Leaving out the pattern is only a shortcut."""
    word_rules = language_tools(language).word_rules if not language.embedded else PROSE
    spaced = text.encode().translate(word_rules.runs_table)
    if word_rules.is_prose_like(spaced):
        runs = {0: spaced.split()}
        assert list(word_rules.count(runs, prose_like=True)[0].items()) == list(
            word_rules.count(runs)[0].items()
        )


@pytest.mark.parametrize(
    ("language", "text", "name", "signature"),
    [
        ("python", "@property\ndef size(self): ...\n", "size", "@property def size(self)"),
        ("python", "@app.get('/x')\n@cache\ndef x(): ...\n", "x", "@app.get('/x') def x()"),
        ("python", "@cli.command(\n    'go',\n)\ndef go(): ...\n", "go", "@cli.command(…) def go()"),
        (
            "rust",
            '#[deprecated(\n    since = "1",\n)]\npub fn go() {}\n',
            "go",
            "#[deprecated(…)] pub fn go()",
        ),
        ("java", "class A {\n @Deprecated\n int x() { return 1; }\n}\n", "x", "@Deprecated int x()"),
        ("csharp", 'class A {\n [HttpGet("a")]\n int X() { return 1; }\n}\n', "X", '[HttpGet("a")] int X()'),
        ("rust", '#[get("/")]\n#[inline]\nfn index() {}\n', "index", '#[get("/")] fn index()'),
    ],
)
def test_a_decorator_that_changes_the_call_is_part_of_the_signature(
    language: str, text: str, name: str, signature: str
) -> None:
    """A property is read, a route is requested; one that only traces or caches says nothing to a caller."""
    assert named(parse_source(text.encode(), BY_NAME[language]), name).signature == signature


@pytest.mark.parametrize(
    ("language", "text", "name", "signature"),
    [
        ("python", "Key = Union[\n    int,\n    str,\n]\n", "Key", "Key = Union[\n    int,\n    str,\n]"),
        ("python", "SIZES = {\n    'a': 1,\n}\n", "SIZES", "SIZES = {\n    'a': 1,\n}"),
        ("typescript", "type A =\n  | 'a'\n  | 'b'\n", "A", "type A =\n  | 'a'\n  | 'b'"),
        ("javascript", "const f = memo((a) => {\n  return a\n})\n", "f", "const f = memo((a) =>"),
    ],
)
def test_a_value_goes_on_where_its_first_line_is_unfinished(
    language: str, text: str, name: str, signature: str
) -> None:
    """`Key = Union[` says nothing; the body of a function is not shown."""
    assert named(parse_source(text.encode(), BY_NAME[language]), name).signature == signature
