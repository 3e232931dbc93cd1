"""The rules that hold in every language: whose a word is, what stands above, what counts as code."""

import re
import time
from collections import Counter

import pytest
from file_tags import definitions, references
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap.model import Definition, FileTags, Span
from repomap.parsing.languages import BY_NAME, LANGUAGES, PREFIX_WORD, Language, language_of, sniff
from repomap.parsing.parse import language_tools, parse_source, parse_text
from repomap.parsing.words import PROSE

PYTHON = BY_NAME["python"]


def python(text: str) -> FileTags:
    return parse_source(text.encode(), PYTHON)


def named(tags: FileTags, name: str) -> Definition:
    return next(one for one in definitions(tags) if one.name == name)


def words_of(tags: FileTags, owner: int, *, prose: bool = False) -> dict[str, int]:
    """What stands directly inside one definition, or with owner 0 outside all."""
    counts = tags.use_prose if prose else tags.use_code
    return {
        tags.words[word]: times
        for at, word, times in zip(tags.use_owner, tags.use_word, counts, strict=True)
        if at == owner and times
    }


def test_a_word_belongs_to_the_innermost_definition() -> None:
    """A class does not use what its method uses; the file does not use what its class uses."""
    tags = python("first\nclass A:\n    second\n    def m(self):\n        third\n    fourth\nfifth\n")

    assert words_of(tags, 0) == {"first": 1, "fifth": 1}
    assert words_of(tags, 1) == {"second": 1, "fourth": 1}
    assert words_of(tags, 2) == {"third": 1}


def test_two_names_of_one_statement_are_equals() -> None:
    """Neither name stands inside the other."""
    tags = python("a, b = f(), g()\n")

    assert tags.names == ("a", "b")
    assert list(tags.parents) == [-1, -1]


def test_a_definition_does_not_use_its_own_name() -> None:
    """Its name counts only where it stands a second time, as in recursion."""
    tags = python("def f():\n    pass\ndef g():\n    g()\n")

    assert words_of(tags, 1) == {}
    assert words_of(tags, 2) == {"g": 1}


def test_a_function_in_a_class_is_a_method_and_a_function_in_a_function_is_not() -> None:
    """The rule is one for all languages, so the queries need not say it."""
    tags = python("class A:\n    def m(self):\n        def inner(): pass\n")

    assert [one.kind for one in definitions(tags)] == ["class", "method", "function"]
    assert list(tags.parents) == [-1, 0, 1]


def test_a_definition_begins_at_the_comments_and_decorators_above() -> None:
    """Several lines of them, decorators over several lines too, but none behind a blank line."""
    tags = python("# apart\n\n# one\n# two\n@dec(\n    1,\n)\n@other\ndef f():\n    pass\n")

    assert named(tags, "f").span == Span(doc=3, first=9, last=10, signature_first=9, signature_last=9)


def test_a_comment_behind_code_does_not_belong_to_the_next_definition() -> None:
    """It speaks of its own line."""
    assert named(python("x = 1  # of x\ndef f(): pass\n"), "f").span.doc == 2


def test_a_decorator_on_the_line_of_a_definition_does_not_reach_the_next() -> None:
    """`@A int a;` is a line of `a`, not of what follows."""
    tags = parse_source(b"class C {\n  @A int a;\n  int b;\n}\n", BY_NAME["java"])

    assert named(tags, "b").span.doc == 3


def test_words_above_belong_to_the_definition() -> None:
    """What a comment says and a decorator names is found by the definition that it stands above."""
    tags = python("before\n# about frobnication\n@cached\ndef f(): pass\n")

    assert words_of(tags, 1) == {"cached": 1}
    assert words_of(tags, 1, prose=True) == {"about": 1, "frobnication": 1}
    assert words_of(tags, 0) == {"before": 1}


def test_strings_and_comments_are_prose_and_interpolations_are_code() -> None:
    """A name in an f-string is used; the word beside it is not."""
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
    found = references(parse_source(text.encode(), BY_NAME[language]))

    assert "name" in found
    assert not {"words", "more", "n"} & found.keys()


def test_numbers_and_string_prefixes_hold_no_words() -> None:
    """`0xff` does not use `xff`, nor `rb"…"` use `rb`."""
    assert references(python('y = [0xff, 1e5, 10_000, rb"x", f"y"]\n')) == {}


def test_keywords_and_literals_are_no_uses() -> None:
    """Nobody defines them, but soft keywords are names as well."""
    assert references(python("if match is None and True:\n    return case\n")) == {"match": 1, "case": 1}


def test_the_words_of_an_import_statement_that_are_no_names_are_no_uses() -> None:
    """`from` and `type` are names elsewhere, not there."""
    tags = parse_source(b"import { type A } from './a'\nArray.from(a)\n", BY_NAME["typescript"])

    assert references(tags) == {"A": 1, "Array": 1, "from": 1, "a": 1}
    assert tags.imports == (("./a", ("A",)),)


def test_names_of_one_import_statement_are_one_import() -> None:
    """In the order of the source, each once."""
    assert python("from a import (b, c as d,\n    b)\nfrom . import e\n").imports == (
        ("a", ("b", "c")),
        (".", ("e",)),
    )


def test_a_variable_that_holds_an_imported_module_is_no_definition() -> None:
    """`const x = require('x')` is an import; what only looks like it is not."""
    text = b"const x = require('x')\nconst {a, b: c} = require('./y')\nconst z = acquire('z')\n"
    tags = parse_source(text, BY_NAME["javascript"])

    assert tags.names == ("z",)
    assert tags.imports == (("x", ()), ("./y", ("a", "b")))


def test_local_variables_are_no_definitions() -> None:
    """Not even where a grammar cannot tell them from others."""
    assert parse_source(b"int f(void) {\n  int a;\n#ifdef X\n  int b;\n#endif\n}\n", BY_NAME["c"]).names == (
        "f",
    )


def test_a_declaration_of_what_the_file_defines_is_left_out() -> None:
    """A forward declaration is no second definition; a prototype alone is one."""
    tags = parse_source(
        b"static int f(int);\nint g(void);\nstatic int f(int x) { return x; }\n", BY_NAME["c"]
    )

    assert [(one.name, one.span.first) for one in definitions(tags)] == [("g", 2), ("f", 3)]


def test_a_misread_keyword_is_no_definition() -> None:
    """Nor is `_`, which says that nothing is meant."""
    found = parse_source(b"}\nelse if (data) { f(); }\nint g(void) { return 1; }\n", BY_NAME["c"])

    assert found.names == ("g",)
    assert python("_, kept = f()\n").names == ("kept",)


def test_a_name_that_is_said_twice_is_one_definition() -> None:
    """`typedef struct P {…} P` defines one thing, and says its signature in one line."""
    tags = parse_source(b"typedef struct P {\n  int x;\n} P;\n", BY_NAME["c"])

    assert [(one.name, one.kind, one.signature) for one in definitions(tags)] == [
        ("P", "struct", "typedef struct P {…} P")
    ]


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
    """Where it does not stand inside that type, its own words say so."""
    walk = named(parse_source(text.encode(), BY_NAME[language]), "Walk")

    assert (walk.owner, walk.kind) == (owner, kind)


def test_a_signature_has_its_own_lines_without_body_and_comments() -> None:
    """The first line without indentation, the others as they stand."""
    tags = python("class A:\n    def f(\n        self,  # me\n    ) -> int:  # why\n        return 1\n")
    method = named(tags, "f")

    assert method.signature == "def f(\n        self,\n    ) -> int"
    assert (method.span.signature_first, method.span.signature_last) == (2, 4)


def test_a_very_long_signature_is_cut() -> None:
    """Twelve lines and 240 characters a line are more than a map shows."""
    text = "def f(\n" + "".join(f"    a{number}={'x' * 300},\n" for number in range(40)) + "): pass\n"
    lines = named(python(text), "f").signature.split("\n")

    assert len(lines) == 12
    assert max(map(len, lines)) <= 240


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


def test_a_byte_order_mark_is_no_part_of_the_first_word() -> None:
    """Editors write it before the first name of a file."""
    tags = parse_source(b"\xef\xbb\xbfname = other\n", PYTHON)

    assert tags.names == ("name",)
    assert tags.words == ("other",)


def test_bytes_that_are_no_utf8_are_replaced() -> None:
    """A Latin-1 file has a place in the map too."""
    tags = parse_source(b"# caf\xe9\ndef f(x='\xff'): return \xe4b\n", PYTHON)

    assert named(tags, "f").signature == "def f(x='�'): return �b" or tags.names == ("f",)
    assert all(isinstance(word, str) for word in tags.words)


@pytest.mark.parametrize("language", BY_NAME.values(), ids=lambda language: language.name)
def test_an_empty_file_has_nothing(language: Language) -> None:
    """Nor does one of blank lines, in any language."""
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
    """Such lines are generated, but not every one of them is recognised as that."""
    began = time.process_time()
    parse_source(text, PYTHON)

    assert time.process_time() - began < 20


def test_what_is_readable_of_a_broken_file_is_found() -> None:
    """Also when its root has so many children that each is asked by itself."""
    text = "def f():\n    pass\n" * 1500 + ") ) (\n" * 500 + "class Last:\n    pass\n"
    tags = python(text)

    assert tags.names.count("f") > 1400


def test_a_page_gives_its_scripts_and_the_rest_is_prose() -> None:
    """Places are those of the page."""
    page = b"<p>words</p>\n<script lang=ts>\nfunction f(a: A) {}\n</script>\n"
    tags = parse_source(page, BY_NAME["vue"])

    assert tags.language == "vue"
    assert named(tags, "f").span.first == 3
    assert "words" in words_of(tags, 0, prose=True)
    assert references(tags) == {"a": 1, "A": 1}


def test_a_file_without_a_grammar_has_only_prose() -> None:
    """Its words still say what it is about."""
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
def test_what_a_file_is_written_in_shows_in_its_text(path: str, text: bytes, language: str) -> None:
    """Headers are C unless they show otherwise; scripts say it in their first line."""
    found = sniff(path, text)

    assert found is not None
    assert found.name == language


def test_the_language_of_a_name() -> None:
    """By suffix whatever its case, by whole name, or not at all."""
    found = [language_of(path) for path in ("a/B.PY", "Rakefile", "x.zzz", "Makefile.py")]

    assert [language and language.name for language in found] == ["python", "ruby", None, "python"]


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
def test_any_bytes_give_columns_that_hold_together(source: bytes, language: Language) -> None:
    """Owners and parents in range, parents before children and around them, spans in order."""
    tags = parse_source(source, language)

    count = len(tags.names)
    assert len(tags.kinds) == len(tags.parents) == len(tags.signatures) == len(tags.owners) == count
    assert len(tags.spans) == 5 * count
    assert len(tags.use_owner) == len(tags.use_word) == len(tags.use_code) == len(tags.use_prose)
    assert all(owner <= count for owner in tags.use_owner)
    assert all(word < len(tags.words) for word in tags.use_word)
    assert len(set(zip(tags.use_owner, tags.use_word, strict=True))) == len(tags.use_word)
    for place, one in enumerate(definitions(tags)):
        span = one.span
        assert 1 <= span.doc <= span.first <= span.signature_first <= span.signature_last <= tags.lines
        assert span.first <= span.last <= tags.lines
        if one.parent is not None:
            outer = definitions(tags)[one.parent].span
            assert one.parent < place
            assert outer.first <= span.first <= span.last <= outer.last


@examples(200)
@given(
    st.lists(
        st.sampled_from(["def f():\n", " pass\n", "x = y\n", "class A:\n", "  z(0x1f)\n", "@d\n", "if x:\n"])
    )
)
def test_no_word_of_code_is_lost_or_counted_twice(lines: list[str]) -> None:
    """Text without strings and comments: the counts are those of its words, less keywords and own names."""
    source = "".join(lines).encode()
    tags = parse_source(source, PYTHON)

    expected = Counter(re.findall(rb"(?<![0-9A-Za-z_])(?:" + PREFIX_WORD + rb")", source))
    expected -= Counter(name.encode() for name in tags.names)
    for keyword in language_tools(PYTHON).keywords:
        del expected[keyword]
    assert references(tags) == {word.decode(): times for word, times in expected.items()}


@examples(300)
@given(
    st.sampled_from(LANGUAGES),
    st.text(st.sampled_from("ab_Z09é \n\"'!=.${}?*+<>&%-,()/\\#:@"), max_size=40),
)
def test_the_words_of_a_text_are_those_of_its_runs(language: Language, text: str) -> None:
    """Cutting a text into runs first finds exactly the words that the language's pattern finds in it."""
    word_rules = language_tools(language).word_rules if not language.embedded else PROSE
    source = text.encode()
    expected = Counter(word for word in word_rules.find_words(source) if word not in word_rules.reserved)
    counted = word_rules.count({0: source.translate(word_rules.runs_table).split()})
    assert list(counted[0].items()) == list(expected.items())


@examples(300)
@given(st.sampled_from(LANGUAGES), st.text(st.sampled_from("ab_Zdefif09é \n\"'!=.$?,(;:@"), max_size=60))
def test_a_usual_text_has_the_words_that_any_text_has(language: Language, text: str) -> None:
    """No pattern is asked where none is needed, and nothing else comes of it."""
    word_rules = language_tools(language).word_rules if not language.embedded else PROSE
    only = text.encode().translate(word_rules.runs_table)
    if word_rules.is_prose_like(only):
        runs = {0: only.split()}
        assert list(word_rules.count(runs, prose_like=True)[0].items()) == list(
            word_rules.count(runs)[0].items()
        )
