"""Comments that ask for something, in the syntax of any language."""

import pytest

from chat.watch.comments import action_of, marked_comments

SYNTAXES = [
    ("a.py", "x = 1  # do it AI!"),
    ("a.rb", "# do it AI!"),
    ("a.sh", "ls # do it AI!"),
    ("a.yaml", "a: 1 # do it AI!"),
    ("a.toml", "a = 1 # do it AI!"),
    ("Makefile", "# do it AI!"),
    ("Dockerfile", "# do it AI!"),
    ("a.r", "# do it AI!"),
    ("a.pl", "# do it AI!"),
    ("a.ex", "# do it AI!"),
    ("a.js", "f(); // do it AI!"),
    ("a.ts", "/* do it AI! */"),
    ("a.tsx", "const a = <p>{/* do it AI! */}</p>;"),
    ("a.go", "// do it AI!"),
    ("a.rs", "/// do it AI!"),
    ("a.c", "/*\n * do it AI!\n */"),
    ("a.cpp", "int a; // do it AI!"),
    ("a.cs", "// do it AI!"),
    ("a.java", "/** do it AI! */"),
    ("a.kt", "// do it AI!"),
    ("a.swift", "// do it AI!"),
    ("a.scala", "// do it AI!"),
    ("a.php", "<?php\n# do it AI!\n"),
    ("a.dart", "// do it AI!"),
    ("a.zig", "// do it AI!"),
    ("a.css", "a { } /* do it AI! */"),
    ("a.scss", "// do it AI!"),
    ("a.sql", "SELECT 1; -- do it AI!"),
    ("a.lua", "--[[ do it AI! ]]"),
    ("a.hs", "{- do it AI! -}"),
    ("a.elm", "-- do it AI!"),
    ("a.ml", "(* do it AI! *)"),
    ("a.fs", "// do it AI!"),
    ("a.clj", ";; do it AI!"),
    ("a.el", "; do it AI!"),
    ("a.erl", "% do it AI!"),
    ("a.tex", "text % do it AI!"),
    ("a.m4", "dnl do it AI!"),
    ("a.bat", "REM do it AI!"),
    ("a.cmd", ":: do it AI!"),
    ("a.vb", "x = 1 ' do it AI!"),
    ("a.vim", '" do it AI!'),
    ("a.f90", "x = 1 ! do it AI!"),
    ("a.f", "C do it AI!"),
    ("a.cbl", "*> do it AI!"),
    ("a.asm", "mov a, b ; do it AI!"),
    ("a.ini", "; do it AI!"),
    ("a.rst", ".. do it AI!"),
    ("a.ps1", "<# do it AI! #>"),
    ("a.nim", "#[ do it AI! ]#"),
    ("a.jl", "#= do it AI! =#"),
    ("a.html", "<p><!-- do it AI! --></p>"),
    ("a.md", "# Title\n\n<!-- do it AI! -->\n"),
    ("a.vue", "<template><!-- do it AI! --></template>"),
    ("a.j2", "{# do it AI! #}"),
    ("a.hbs", "{{!-- do it AI! --}}"),
    ("a.jsp", "<%-- do it AI! --%>"),
    ("a.cshtml", "@* do it AI! *@"),
    ("a.haml", "-# do it AI!"),
    ("a.pug", "//- do it AI!"),
    ("a.fth", "\\ do it AI!"),
    ("a.wat", "(; do it AI! ;)"),
    ("a.unknown", "a # do it AI!"),
    ("a.d", "/+ do it AI! +/"),
]


@pytest.mark.parametrize(("path", "text"), SYNTAXES)
def test_a_mark_is_found_in_any_syntax(path: str, text: str) -> None:
    """At the end, at the beginning, and with a question mark."""
    assert [each.action for each in marked_comments(path, text.encode())] == ["!"]
    asked = text.replace("do it AI!", "is it right ai?")
    assert [each.action for each in marked_comments(path, asked.encode())] == ["?"]
    first = text.replace("do it AI!", "AI! do it")
    assert [each.action for each in marked_comments(path, first.encode())] == ["!"]
    without = text.replace("do it AI!", "do it")
    assert marked_comments(path, without.encode()) == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "print('# do it AI!')"),
        ("a.js", 'say("// do it AI!")'),
        ("a.py", "ai = 1\nif ai: pass"),
        ("a.py", "# OpenAI!"),
        ("a.py", "# see http://x.ai"),
        ("a.py", "# fail! said it"),
        ("a.bin", "\0# do it AI!"),
        ("a.md", "# do it AI!"),
    ],
)
def test_what_is_no_marked_comment_is_none(path: str, text: str) -> None:
    """Strings, code, other words, headings."""
    assert [each for each in marked_comments(path, text.encode()) if each.action] == []


def test_lines_below_each_other_are_one_comment() -> None:
    """Its mark may be in any of them; a comment behind code is one by itself."""
    text = b"# Split this\n# into two. AI!\ndef f(): pass  # AI\n# other\n"
    assert [(each.first, each.last, each.action) for each in marked_comments("a.py", text)] == [
        (1, 2, "!"),
        (3, 3, ""),
    ]


@pytest.mark.parametrize(
    ("comment", "action"),
    [
        ("# AI: keep this in mind", ""),
        ("# keep this in mind AI", ""),
        ("# why ai?", "?"),
        ("# Ai! now", "!"),
        ("// (AI!)", "!"),
        ("# do it AI! please", None),
    ],
)
def test_the_mark_is_what_aider_takes(comment: str, action: str | None) -> None:
    """First or last in a line, in either case; without `!` or `?` it is only taken into account."""
    assert action_of(comment) == action
