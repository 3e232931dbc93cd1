"""Blanks out the macros of C, C++ and Objective-C that make a text unreadable, once that has been found.

Each stands among the parts of a declaration: before its body, among its specifiers, in the head of a template, or for
a word of the language. In a text that can be read, some of these are names of types. So they are not blanked out at
first, and the result counts only where more can be read then.
"""

import re
from collections.abc import Iterator

from repomap.parsing.blanks import Change, apply_changes
from repomap.parsing.c_macros import CALL, DECLARATION, FIRST, NAME, in_template, stands_alone

_SUFFIXES = (
    rb"[ \t\n]+(?P<macros>" + CALL + rb"(?:\s+" + CALL + rb")*)"
    rb"(?=\s*(?:[;{]|->|=\s*0|:[^:]|(?:override|final|const|noexcept)\b))"
)
_AFTER_HEAD = re.compile(
    rb"\)(?:\s*\b(?:const|noexcept|override|final|volatile|throw\s*\(\s*\)))*" + _SUFFIXES
)
_AFTER_PROPERTY = re.compile(rb"@property[^;{}]*?\w" + _SUFFIXES)
_NO_HEAD = re.compile(
    rb"=|\b(?:return|case|goto|if|while|for|switch|else|do|throw|delete|new|typedef|define|enum|struct|class)\b"
)


def without_suffixes(code: bytes) -> bytes:
    """Blank out macros between the head of a function or property and its body or end."""
    changes: list[Change] = [(*match.span("macros"), b"") for match in _AFTER_PROPERTY.finditer(code)]
    for match in _AFTER_HEAD.finditer(code):
        start = match.start()
        head_start = max(
            code.rfind(mark, max(0, start - 2000), start) for mark in (b";", b"{", b"}", b"\n\n")
        )
        if not _NO_HEAD.search(code, head_start + 1, match.start("macros")):
            changes.append((*match.span("macros"), b""))
    return apply_changes(code, changes)


_LONG_PARENTHESES = rb"[ \t]*\((?:[^(){};]|\((?:[^(){};]|\([^(){};]*\))*\))*\)"
"""Parentheses on any number of lines, three levels deep."""
_SPECIFIERS = re.compile(
    rb"(?:\b(?:static|inline|constexpr|virtual|explicit|friend|extern)|>)[ \t]+(?P<macros>"
    + CALL
    + rb"(?:[ \t]+"
    + CALL
    + rb")*)(?=[ \t])"
)
"""`CONSTEXPR` in `static CONSTEXPR void grow()` and `template <typename T> CONSTEXPR void grow()`."""
_TYPE_NAME = re.compile(rb"\b(?:class|struct|union)\s+(?:" + CALL + rb"\s+)*([A-Za-z_]\w*)")
_CONSTRUCTOR = re.compile(rb"[ \t]*(?:(?:explicit|constexpr|inline)[ \t]+)*~?(\w+)\s*\(")
_OF_A_TEMPLATE = re.compile(rb",\s*" + NAME + _LONG_PARENTHESES + rb"(?=\s*[,>])")
"""`, ENABLE_IF(is_number<T>::value)` among the parameters of a template."""
_ON_LINES = re.compile(rb"\n[ \t]*(?P<macros>" + NAME + _LONG_PARENTHESES + rb")(?=[ \t]*(?://[^\n]*)?\r?\n)")
_CONDITION = re.compile(rb"\bif[ \t]+(?P<macros>" + NAME + rb")(?=[ \t]*\()")
"""`CONSTEXPR17` in `if CONSTEXPR17 (has_size)`."""
_EXCEPTION = re.compile(rb"\b(?:[A-Z][A-Z0-9_]*_)?(?:(?P<try>TRY)(?=\s*\{)|(?P<catch>CATCH)(?=\s*\())")
"""`BOOST_TRY {` and `BOOST_CATCH (`."""
_SECTION = re.compile(rb"\n[ \t]*(?P<macros>[A-Z][A-Z0-9_]{5,})(?=[ \t]*:[ \t]*\r?\n)")
"""`PRIVATE_UNLESS_TESTED` on a line with nothing but a colon; a shorter name has no room for another word."""


def without_specifiers(code: bytes) -> bytes:
    """Blank out macros that stand for a specifier or a parameter of a template; write words that others stand for.

    >>> without_specifiers(b"struct S { static EXPR void f(); MAYBE_TRY { f(); } };").split()[3:7]
    [b'static', b'void', b'f();', b'try']
    """
    changes = [*_specifiers(code), *_on_lines(code), *_of_templates(code), *_words(code)]
    return apply_changes(code, changes)


def _specifiers(code: bytes) -> Iterator[Change]:
    """Find the macros among specifiers, and those before a constructor, which a grammar takes for its type."""
    types = set(_TYPE_NAME.findall(code))
    for pattern in (_SPECIFIERS, FIRST):
        for match in pattern.finditer(code):
            after = match.end("macros")
            constructor = _CONSTRUCTOR.match(code, after)
            is_constructor = constructor is not None and constructor[1] in types
            if is_constructor or (pattern is _SPECIFIERS and DECLARATION.match(code, after)):
                yield *match.span("macros"), b""


def _on_lines(code: bytes) -> Iterator[Change]:
    """Find the macros before declarations whose arguments take several lines."""
    for match in _ON_LINES.finditer(code):
        start, end = match.span("macros")
        if b"\n" in match["macros"] and stands_alone(code, start, end, code.find(b"\n", end), 0):
            yield start, end, b""


def _of_templates(code: bytes) -> Iterator[Change]:
    for match in _OF_A_TEMPLATE.finditer(code):
        if in_template(code, match.start()):
            yield *match.span(), b""


def _words(code: bytes) -> Iterator[Change]:
    """Find the macros that stand for words of the language."""
    for match in _CONDITION.finditer(code):
        yield *match.span("macros"), b""
    for match in _EXCEPTION.finditer(code):
        yield *match.span(), b"try" if match["try"] else b"catch"
    for match in _SECTION.finditer(code):
        if b"goto " + match["macros"] not in code:  # else it is a label
            yield *match.span("macros"), b"public"
