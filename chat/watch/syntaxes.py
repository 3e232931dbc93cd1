"""How comments begin and end, by the suffix of a file, where no grammar reads it. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from repomap import Comment


@dataclass(frozen=True, slots=True)
class Syntax:
    """What comments of a language look like."""

    lines: tuple[str, ...] = ()
    """What begins one that ends with its line; behind code it needs a blank before it."""
    starts: tuple[str, ...] = ()
    """What begins one only at the start of a line."""
    blocks: tuple[tuple[str, str], ...] = ()
    """What begins and ends one of several lines."""


_STARS = (("/*", "*/"),)
_MARKUP = (("<!--", "-->"),)
_NO_WORD = r"(?![^\W_])"
"""What keeps a mark of letters from being the beginning of a word."""
_USUAL = Syntax(("#", "//", "--", ";"), (), (*_STARS, *_MARKUP))
"""For what is not known: the marks that most languages have."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_BY_SUFFIXES: tuple[tuple[str, Syntax], ...] = (
    (".md .markdown .mdx .html .htm .xml .svg .xhtml .vue .svelte .astro .xaml", Syntax((), (), _MARKUP)),
    (".jinja .jinja2 .j2 .twig .liquid", Syntax((), (), (("{#", "#}"), *_MARKUP))),
    (".hbs .handlebars .mustache", Syntax((), (), (("{{!--", "--}}"), ("{{!", "}}"), *_MARKUP))),
    (".jsp .aspx .ascx .erb .ejs", Syntax((), (), (("<%--", "--%>"), ("<%#", "%>"), *_MARKUP))),
    (".cshtml .razor", Syntax(("//",), (), (("@*", "*@"), *_MARKUP))),
    (".ftl", Syntax((), (), (("<#--", "-->"),))),
    (".haml .slim", Syntax((), ("-#", "/"), ())),
    (".pug .jade", Syntax(("//-", "//"), (), ())),
    (".tex .sty .cls .bib .erl .hrl .m .mat .pro .ps .eps", Syntax(("%",), (), (("%{", "%}"),))),
    (".vb .bas .vbs .frm .cls", Syntax(("'",), ("REM",), ())),
    (".bat .cmd", Syntax((), ("REM", "@REM", "::"), ())),
    (".vim .vimrc", Syntax((), ('"',), ())),
    (".f .f90 .f95 .f03 .f08 .for", Syntax(("!",), ("C", "c", "*"), ())),
    (".cob .cbl .cpy", Syntax(("*>",), ("*",), ())),
    (".asm .s .nasm .inc", Syntax((";", "#", "//", "@"), (), _STARS)),
    (".ini .inf .reg .cfg .conf", Syntax((), (";", "#"), ())),
    (".rst", Syntax((), ("..",), ())),
    (".adoc .asciidoc", Syntax((), ("//",), ())),
    (".lisp .el .scm .rkt .clj .cljs .edn .ahk .au3", Syntax((";",), (), (("#|", "|#"),))),
    (".hs .lhs .elm .purs .agda .idr .cabal", Syntax(("--",), (), (("{-", "-}"),))),
    (
        ".sql .ads .adb .vhd .vhdl .lua .applescript",
        Syntax(("--",), (), (("--[[", "]]"), ("(*", "*)"), *_STARS)),
    ),
    (".ml .mli .sml .v .pas .pp .dpr .nb", Syntax(("//",), (), (("(*", "*)"), ("{", "}")))),
    (".fs .fsx .fsi", Syntax(("//",), (), (("(*", "*)"),))),
    (".ps1 .psm1 .psd1", Syntax(("#",), (), (("<#", "#>"),))),
    (".nim", Syntax(("#",), (), (("#[", "]#"),))),
    (".jl", Syntax(("#",), (), (("#=", "=#"),))),
    (".coffee", Syntax(("#",), (), (("###", "###"),))),
    (".m4 .ac .am", Syntax(("dnl", "#"), (), ())),
    (".st", Syntax((), (), (('"', '"'),))),
    (".fth .4th .forth", Syntax(("\\",), (), (("(", ")"),))),
    (".d", Syntax(("//",), (), (("/+", "+/"), *_STARS))),
    (".wat .wast", Syntax((";;",), (), (("(;", ";)"),))),
    (".apl .dyalog", Syntax(("⍝",), (), ())),
    (".sas .do .ado", Syntax((), ("*",), _STARS)),
)


@cache
def _table() -> Mapping[str, Syntax]:
    return {suffix: syntax for suffixes, syntax in _BY_SUFFIXES for suffix in _words(suffixes)}


def comments_by_table(suffix: str, text: str) -> Iterator[Comment]:
    """Yield what looks like comments in a text; strings are not told from code.

    >>> [comment.text for comment in comments_by_table(".bat", "echo AI\\nREM say more AI!")]
    ['REM say more AI!']
    """
    syntax = _table().get(suffix.lower(), _USUAL)
    taken: set[int] = set()
    for comment in _blocks(syntax, text):
        taken |= set(range(comment.first, comment.last + 1))
        yield comment
    pattern = _line_pattern(syntax)
    for number, line in enumerate(text.split("\n"), 1):
        match = pattern.search(line) if pattern and number not in taken else None
        if match:
            found = line[match.start("comment") :].rstrip()
            yield Comment(number, number, found, not line[: match.start("comment")].strip())


def _blocks(syntax: Syntax, text: str) -> Iterator[Comment]:
    """Yield the comments that have an end, in their order."""
    at = 0
    while True:
        starts = [
            (where, opens, closes) for opens, closes in syntax.blocks if (where := text.find(opens, at)) >= 0
        ]
        if not starts:
            return
        where, opens, closes = min(starts, key=lambda start: (start[0], -len(start[1])))
        end = text.find(closes, where + len(opens))
        if end < 0:
            at = where + len(opens)
            continue
        at = end + len(closes)
        first = text.count("\n", 0, where) + 1
        found = text[where:at]
        before = text[text.rfind("\n", 0, where) + 1 : where]
        yield Comment(first, first + found.count("\n"), found, not before.strip())


@cache
def _line_pattern(syntax: Syntax) -> re.Pattern[str] | None:
    """Return what finds a comment that ends with its line."""
    behind = [rf"(?:^|(?<=\s)){re.escape(mark)}" for mark in _longest_first(syntax.lines)]
    first = [
        rf"^\s*{re.escape(mark)}{_NO_WORD if mark[-1].isalnum() else ''}"
        for mark in _longest_first(syntax.starts)
    ]
    return re.compile(f"(?P<comment>{'|'.join((*behind, *first))})") if behind or first else None


def _longest_first(marks: tuple[str, ...]) -> list[str]:
    return sorted(marks, key=len, reverse=True)
