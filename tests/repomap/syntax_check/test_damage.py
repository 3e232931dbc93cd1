"""What an edit broke is told from what a grammar does not know, in files that parse and in those that never did."""

import pathlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from properties import examples

from repomap import find_damage
from repomap.parsing.language_by_text import sniff
from repomap.parsing.languages import BY_SUFFIX
from repomap.syntax_check.indents import odd_indents
from repomap.syntax_check.lexicons import LEXICONS
from repomap.syntax_check.pairs import scan

SAMPLES = pathlib.Path(__file__).parents[3] / "fixtures" / "repos"
MACROS = (
    "namespace a {\nclass B { void f() EXCLUSIVE(mu_); };\n#if X\nif (a) {\n#else\nif (b) {\n#endif\n}\n}\n"
)
RUBY = "class A\n  def f\n    1 if x\n  end\n\n  def g\n    2\n  end\nend\n"
LUA = "function f()\n  x()\nend\n\nfunction g()\n  y()\nend\n"


@pytest.mark.parametrize(
    ("path", "before", "after", "what"),
    [
        ("a.py", "f(1)\n", "f(1\n", "`(` is not closed"),
        ("a.py", "f('a')\n", "f('a)\n", "the quote is not closed"),
        (
            "a.py",
            "if a:\n    b\n    c\n",
            "if a:\n    b\n  c\n",
            "its indentation is that of no line above it",
        ),
        ("a.py", "if a:\n    b\nc\n", "if a:\nb\nc\n", "the block that the line above it opens is empty"),
        ("a.py", "a\nb\n", "a\n    b\n", "it is indented more than the line above it, which opens no block"),
        ("a.js", "f(`${g({})}`)\n", "f(`${g({)}`)\n", "`{` is not closed"),
        ("a.ts", "f(/[(]/)\n", "f(/[(]/))\n", "`)` closes nothing"),
        ("a.go", "package p\nvar x = `a`\n", "package p\nvar x = `a\n", "the quote is not closed"),
        ("a.rs", "fn f<'a>() { g('{') }\n", "fn f<'a>() { g('{' }\n", "`(` is not closed"),
        ("a.c", "/* a */ int x;\n", "/* a int x;\n", "the comment is not closed"),
        ("a.cc", MACROS, MACROS.replace("f()", "f("), "`(` is not closed"),
        ("a.cc", MACROS, MACROS.replace("#endif\n", "f();\n"), "`#if` has no `#endif`"),
        ("a.h", "#define A(x) f((x))\n", "#define A(x) f((x)\n", "`(` is not closed"),
        ("a.kt", 'val a = "${f("}")}"\n', 'val a = "${f("}")"\n', "the quote is not closed"),
        ("A.java", "class A { char c = '\"'; }\n", "class A { char c = '\"';\n", "`{` is not closed"),
        ("a.json", '{"a": [1]}\n', '{"a": [1}\n', "`[` is not closed"),
        ("a.json", '{"a": [1]}\n', '{"a: [1]}\n', "the quote is not closed"),
        ("a.yml", "a:\n  b: [1]\n", "a:\n  b: [1\n", "`[` is not closed"),
        ("a.yaml", "a:\n  b: 'c'\n", "a:\n  b: 'c\n", "the quote is not closed"),
        ("a.yml", "a:\n  b: 1\n  c: 2\n", "a:\n  b: 1\n c: 2\n", "it cannot be read"),
        ("a.toml", "[a]\nb = [1]\n", "[a]\nb = [1\n", "`[` is not closed"),
        ("a.rb", "f(<<~T, 1)\n  (\nT\n", "f(<<~T, 1\n  (\nT\n", "`(` is not closed"),
    ],
)
def test_a_bracket_quote_or_indentation_that_is_broken_is_damage(
    path: str, before: str, after: str, what: str
) -> None:
    """It is named, whether the grammar could read the file before or not."""
    found = find_damage(path, before.encode(), after.encode())

    assert found is not None
    assert found.certain
    assert found.what == what


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.go", "package p\nvar x *int\n", "package p\nvar x = new(int64(3))\n"),
        ("a.ts", "const a = 1\n", "export type * from './types'\n"),
        ("a.swift", "func f() {}\n", "func f() throws(MyErr) {}\n"),
        ("a.cc", "int a;\n", MACROS),
        ("a.py", "x = 1\n", "print 'x'\n"),
        ("tsconfig.json", "{}\n", '{"a": 1,}\n'),
        ("tsconfig.json", '{"a": "//"}\n', '{"a": "//"} // it"s (\n'),
    ],
)
def test_what_only_the_grammar_does_not_know_is_uncertain(path: str, before: str, after: str) -> None:
    """Brackets and quotes are in order, so the grammar may be behind its language."""
    found = find_damage(path, before.encode(), after.encode())

    assert found is None or not found.certain


@pytest.mark.parametrize(
    ("path", "before", "lost"),
    [("a.rb", RUBY, "  end\n\n"), ("a.lua", LUA, "end\n\n")],
)
def test_an_end_that_is_lost_is_seen_in_the_definitions_below(path: str, before: str, lost: str) -> None:
    """Where a word ends a block, what stood below the edit is swallowed."""
    found = find_damage(path, before.encode(), before.replace(lost, "  z()\n", 1).encode())

    assert found is not None
    assert found.certain


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.js", "f(\n1)\ng()\n", "f(\ng()\n"),
        ("a.py", "if a:\n    b\nc\n", "if a:\nc\n"),
        ("a.js", "if (a) {\nf()\n}\ng()\n", "}\nif (a) {\nf()\ng()\n"),
        ("a.rb", RUBY, RUBY.replace("  end\n", "", 1)),
    ],
)
def test_an_edit_that_only_deletes_or_moves_lines_may_be_meant(path: str, before: str, after: str) -> None:
    """It may be half of a change, so the damage is named and uncertain."""
    found = find_damage(path, before.encode(), after.encode())

    assert found is not None
    assert not found.certain


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("a.py", "def broken(:\nx = 1\n", "def broken(:\nx = 2\n"),
        ("a.cc", MACROS, MACROS.replace("mu_", "mutex_")),
        ("a.c", "#ifdef A\n}\n#endif\nint x;\n", "#ifdef A\n}\n#endif\nint y;\n"),
        ("notes.txt", "(", "(("),
        ("a.yml", "a: {{ x }}\nb: 1\n", "a: {{ x }}\nb: it's (\n"),
        ("a.yml", "a: 1\n", "a: it's (1\n"),
        ("a.json", "// not JSON\n{}\n", "// not JSON\n{\n"),
        ("a.py", "if a:\n  b\n c\n", "if a:\n  b\n d\n"),
        ("a.py", "if a:\n\tb\n", "if a:\n\tb\n\n# c\n\tx = '''\n  y\n'''\n\tf(\n1)\n"),
    ],
)
def test_what_was_wrong_before_is_not_held_against_an_edit(path: str, before: str, after: str) -> None:
    """Nothing is broken that was not broken already, or nobody can tell."""
    found = find_damage(path, before.encode(), after.encode())

    assert found is None or not found.certain


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_sample_code_has_no_faults(language: str) -> None:
    """In the sample files of each language every bracket and quote has its partner."""
    found = []
    for path in sorted(SAMPLES.rglob("*")):
        if not path.is_file() or path.suffix not in BY_SUFFIX:
            continue
        data = path.read_bytes()
        known = sniff(path.name, data)
        if known and known.name == language:
            scanned = scan(data.decode("latin-1"), LEXICONS[language])
            odd = odd_indents(scanned) if language == "python" else ()
            found += [(path.name, fault) for fault in (*scanned.faults, *odd)]

    assert found == []


PIECES = st.lists(
    st.sampled_from(
        [*"()[]{}'\"`/\\#\n $%?", "//", "/*", "*/", '"""', "<<~A", "A", "${", "#{", "#if", "#endif", "r#"]
    )
).map("".join)


@examples(40)
@given(text=PIECES, language=st.sampled_from(sorted(LEXICONS)))
def test_no_text_stops_the_scan(text: str, language: str) -> None:
    """Whatever a text holds, its scan ends, and what is blanked out keeps its place."""
    scanned = scan(text, LEXICONS[language])

    assert len(scanned.code) == len(text)
    assert all(0 <= fault.row <= text.count("\n") for fault in scanned.faults)


@pytest.mark.parametrize(
    ("language", "piece"),
    [
        ("csharp", "$"),
        ("swift", "#"),
        ("ruby", "/["),
        ("tsx", "[/"),
        ("cpp", "1.1"),
        ("dockerfile", "\n"),
        ("nix", '"'),
    ],
)
def test_a_scan_takes_time_in_proportion_to_the_text(language: str, piece: str) -> None:
    """No text makes a pattern try the same characters over and over."""
    before = time.process_time()

    scan(piece * 20_000, LEXICONS[language])

    assert time.process_time() - before < 2


@examples(20)
@given(
    before=PIECES,
    after=PIECES,
    suffix=st.sampled_from(["py", "rb", "tsx", "cc", "lua", "json", "toml", "yml", "sh"]),
)
def test_no_edit_stops_the_check(before: str, after: str, suffix: str) -> None:
    """Whatever a file becomes, there is an answer."""
    found = find_damage(f"a.{suffix}", before.encode(), after.encode())

    assert found is None or 1 <= found.line <= after.count("\n") + 2
