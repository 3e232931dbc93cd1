"""Blanks out the macros that hide declarations from the grammars of C, C++ and Objective-C.

The grammars cannot expand macros, so `class EXPORT Store {` is a function for them, and after a line
with nothing but `Q_OBJECT` a class ends early. A macro that stands where only a macro can stand is
replaced by spaces before parsing. Nothing moves, and the words of the file are counted in the original
text, where a macro is a use of its name.
"""

import re
from collections.abc import Iterator

from repomap.parsing.blanks import Change, apply_changes

NAME = rb"[A-Z][A-Z0-9_]+\b"
PARENTHESES = rb"\((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))*\)"
"""Parentheses on one line, three levels deep."""
CALL = rb"(?:" + NAME + rb"|__attribute__|__declspec)(?:[ \t]*" + PARENTHESES + rb")?"

_BEFORE_TYPE_NAME = re.compile(
    rb"\b(?:class|struct|union|interface)(?P<macros>(?:\s+(?!final\b)[A-Za-z_]\w*(?:[ \t]*"
    + PARENTHESES
    + rb")?){1,3})(?=\s+(?!final\b)[A-Za-z_]\w*(?:\s*<[^<>;{}()]*>)?(?:\s+final)?\s*(?:\{|:(?!:)))"
)
"""`EXPORT` in `class EXPORT Store : Base {`: of several names before a body, the last is the type's."""

_QT_SECTION = re.compile(
    rb"\n[ \t]*(?:(?:public|private|protected)[ \t]+(?P<slots>slots|Q_SLOTS)"
    rb"|(?P<signals>signals|Q_SIGNALS))[ \t]*:(?!:)"
)
_NAMED_ENUM = re.compile(
    rb"(?:\btypedef\s+)?\b(?:NS|CF)_(?:CLOSED_|ERROR_)?(?:ENUM|OPTIONS)\s*\([^,()]*,\s*(?P<name>\w+)\s*\)(?=\s*\{)"
)
_CALLING_CONVENTION = re.compile(rb"\(\s*(?P<macros>" + NAME + rb")(?=\s*\*+\s*\w+\s*\)\s*\()")
"""`WINAPI` in `(WINAPI *function)(int)`."""
_TYPE_BY_MACRO = re.compile(rb"typedef\s+" + NAME + rb"(?P<macros>" + PARENTHESES + rb")(?=\s*[\w*]+\s*;)")

FIRST = re.compile(rb"\n[ \t]*(?P<macros>" + CALL + rb"(?:[ \t]+" + CALL + rb")*)(?=[ \t\r\n@])")
"""Macros that begin a line."""
_TYPE = rb"(?:\w+[ \t]+)*?(?:[A-Za-z_]\w*(?:::\w+)*)(?:[ \t]*<[^;{}()\n]*>)?"
DECLARATION = re.compile(
    rb"[ \t]*(?:@|#|(?:template|extern|namespace|class|struct|union|enum|typedef|inline|static|constexpr|using"
    rb"|virtual|explicit|friend)\b|" + _TYPE + rb"(?:[ \t]*[*&]+[ \t]*|[ \t]+)(?:\(\s*\*|\(\w+\)\s*\("
    rb"|(?:[A-Za-z_~]\w*(?:<[^;{}()\n]*>)?::)*(?:[A-Za-z_~]\w*\s*[(;,=\[{]|operator\s*[^\w\s]{1,3}\s*\()))"
)
"""What follows a macro that is no type itself: a declaration with a type of its own."""
_AFTER_LINE = re.compile(rb"\s*(?:/(?:/[^\n]*|\*.*?\*/)\s*)*", re.DOTALL)
_MACRO_LINE = re.compile(CALL + rb"[ \t]*\r?\n[ \t]*[\w@#~\[]")
_CALLED = re.compile(rb"~?\w+(?:::~?\w+)*[ \t]*\(")
_STARTS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_#@~}[-+")
_ENDS = frozenset(b";{}:")


def without_macros(code: bytes) -> bytes:
    """Blank out macros before the names of types, before declarations, and on lines of their own.

    >>> without_macros(b"class EXPORT Store {};")
    b'class        Store {};'
    """
    text = b"\n" + code  # searching is fast for patterns that begin with a newline
    changes = [*_in_types(text), *_in_sections(text), *_before_declarations(text)]
    return apply_changes(code, ((start - 1, end - 1, new) for start, end, new in changes))


def _in_types(code: bytes) -> Iterator[Change]:
    """Find the macros before the names of types, and those that stand for a part of a type."""
    for match in _BEFORE_TYPE_NAME.finditer(code):
        if not match["macros"].lstrip().startswith(b"alignas") and not _in_comment(code, match.start()):
            yield *match.span("macros"), b""
    for pattern in (_CALLING_CONVENTION, _TYPE_BY_MACRO):
        for match in pattern.finditer(code):
            yield *match.span("macros"), b""
    if b"_ENUM" in code or b"_OPTIONS" in code:
        for match in _NAMED_ENUM.finditer(code):
            room = match.start("name") - match.start() - len(b"enum")
            yield *match.span(), b"enum" + b" " * room + match["name"]


def _in_comment(code: bytes, position: int) -> bool:
    """Return whether a word is one of a comment, which may go on in the code below: `// its interface`."""
    if code.find(b"//", code.rfind(b"\n", 0, position) + 1, position) >= 0:
        return True
    opened = code.rfind(b"/*", 0, position)
    return opened >= 0 and code.find(b"*/", opened, position) < 0


def _in_sections(code: bytes) -> Iterator[Change]:
    """Find what Qt adds to `public:` and its like."""
    if any(word in code for word in (b"slots", b"signals", b"Q_SLOTS", b"Q_SIGNALS")):
        for match in _QT_SECTION.finditer(code):
            word = match.lastgroup or ""
            yield *match.span(word), b"public" if word == "signals" else b""


def _before_declarations(code: bytes) -> Iterator[Change]:
    """Find the macros before declarations, on the same line or on lines of their own."""
    ended = 0  # where the macro line before ended, so that several may follow each other
    for match in FIRST.finditer(code):
        start, end = match.span("macros")
        line_end = code.find(b"\n", end)
        line_end = len(code) if line_end < 0 else line_end
        rest = code[end:line_end].strip()
        if code[max(0, match.start() - 2) : match.start()].endswith((b"\\", b"\\\r")):
            continue  # a line of a macro's own definition
        if rest and not rest.startswith((b"//", b"/*")):
            if DECLARATION.match(code, end):
                yield start, end, b""
        elif stands_alone(code, start, end, line_end, ended):
            yield start, end, b""
            ended = line_end


def stands_alone(code: bytes, start: int, end: int, line_end: int, ended: int) -> bool:
    """Return whether a line of macros is neither a type, a head with a body, nor part of an expression."""
    after = _AFTER_LINE.match(code, line_end)
    following = after.end() if after else line_end
    if following < len(code) and code[following] not in _STARTS:
        return False
    if (
        code[end - 1] != ord(b")")
        and _CALLED.match(code, following)
        and not _MACRO_LINE.match(code, following)
    ):
        return False  # the type of a function, on a line of its own
    before = _significant_before(code, start)
    if before <= ended and ended:
        return True
    if before < 0:
        return True
    if code[before] not in _ENDS and not _in_directive(code, before) and not _ends_template(code, before):
        return False
    # the only value of an enum
    return not (code[before] == ord(b"{") and code[following : following + 1] == b"}")


def _ends_template(code: bytes, position: int) -> bool:
    """Return whether the byte at ``position`` closes the parameters of a template."""
    return code[position] == ord(b">") and in_template(code, position)


def in_template(code: bytes, position: int) -> bool:
    """Return whether a place is among the parameters of a template, or at their end."""
    head = code.rfind(b"template", max(0, position - 1000), position)
    return head >= 0 and not re.search(rb"[;{}]", code[head:position])


def _significant_before(code: bytes, start: int) -> int:
    """Return the place of the last byte before ``start`` that is neither blank nor comment, or -1."""
    position = start
    while True:
        text = code[max(0, position - 4000) : position].rstrip()
        position = max(0, position - 4000) + len(text)
        if not text:
            return -1
        if text.endswith(b"*/"):
            opened = code.rfind(b"/*", 0, position - 2)
            if opened < 0:
                return position - 1
            position = opened
            continue
        line_start = code.rfind(b"\n", 0, position) + 1
        comment = code.find(b"//", line_start, position)
        if comment < 0:
            return position - 1
        position = comment


def _in_directive(code: bytes, position: int) -> bool:
    """Return whether the byte at ``position`` ends a directive that the next line does not continue."""
    if code[position] == ord(b"\\"):
        return False
    line_start = code.rfind(b"\n", 0, position) + 1
    return code[line_start : position + 1].lstrip().startswith(b"#")
