"""Rewrites what a grammar does not know, without moving anything, so that it can read the rest.

Some constructs are valid and newer than the grammar, and macros can be anything. One such place can cost
all definitions below it. Each rule here replaces it by spaces, or by something simpler of the same
length, in the text that is parsed and nowhere else: words and signatures come from the original.
"""

import functools
import re
from collections.abc import Callable

from repomap.parsing.blanks import Change, apply_changes

_Replacement = bytes | Callable[[re.Match[bytes]], bytes]
_Rule = tuple[str, _Replacement]
"""A pattern, compiled when its language is first met; and what is written over its group `cut`, or over
the whole match, and padded with spaces."""


def prepared(code: bytes, language: str) -> bytes:
    """Return a text as it is parsed first: without what a grammar misreads and finds no error in.

    That are the macros of C and its relatives, and a few constructs of others. If there are none, the
    very same object is returned.
    """
    if language in _C_LIKE:
        from repomap.parsing.c_macros import without_macros  # late: compiling its patterns takes 20 ms

        return without_macros(code)
    return _apply(code, _misread(language))


def simplified(code: bytes, language: str) -> bytes:
    """Return a text without what the grammar of its language cannot read; the same object if there is none."""
    if language in HAVE_CONDITIONS:
        from repomap.parsing.c_specifiers import without_specifiers, without_suffixes
        from repomap.parsing.conditionals import first_branches

        is_csharp = language == "csharp"
        code = _without_extension_blocks(code) if is_csharp else without_specifiers(without_suffixes(code))
        code = first_branches(code)
    return _apply(code, _unreadable(language))


@functools.cache
def _misread(language: str) -> list[tuple[re.Pattern[bytes], _Replacement]]:
    return [(re.compile(pattern.encode(), re.MULTILINE), new) for pattern, new in _MISREAD.get(language, ())]


@functools.cache
def _unreadable(language: str) -> list[tuple[re.Pattern[bytes], _Replacement]]:
    return [
        (re.compile(pattern.encode(), re.MULTILINE), new) for pattern, new in _UNREADABLE.get(language, ())
    ]


def _apply(code: bytes, rules: list[tuple[re.Pattern[bytes], _Replacement]]) -> bytes:
    for pattern, replacement in rules:
        code = apply_changes(code, [_change(match, replacement) for match in pattern.finditer(code)])
    return code


def _change(match: re.Match[bytes], replacement: _Replacement) -> Change:
    group = "cut" if "cut" in match.re.groupindex else 0
    text = replacement if isinstance(replacement, bytes) else replacement(match)
    return (*match.span(group), text)


def _rule(pattern: str, replacement: _Replacement = b"") -> _Rule:
    return pattern, replacement


def _on_one_line(match: re.Match[bytes]) -> bytes:
    """Write spaces over line ends, too."""
    return b" " * len(match["cut"])


def _unless_annotated(match: re.Match[bytes]) -> bytes:
    """End a statement before the annotations of the next one, but not between two annotations."""
    line_start = match.string.rfind(b"\n", 0, match.start("cut")) + 1
    return match["cut"] if match.string[line_start : line_start + 1] == b"@" else b";"


def _spaced(match: re.Match[bytes]) -> bytes:
    """Write `[a name]` as one plain name."""
    return b" " + match[1].replace(b" ", b"_") + b" "


_EXTENSION_BLOCK = rb"\bextension\s*(?:<[^<>]*>\s*)?\([^()]*\)[^{};]*\{"


def _without_extension_blocks(code: bytes) -> bytes:
    """Blank out `extension(string s) {` and its `}`: what is between them are members of the class around it."""
    changes: list[Change] = []
    for head in re.finditer(_EXTENSION_BLOCK, code):
        depth = 1
        for brace in re.compile(rb"[{}]").finditer(code, head.end()):
            depth += 1 if brace[0] == b"{" else -1
            if depth == 0:
                changes += [(*head.span(), b""), (*brace.span(), b"")]
                break
    return apply_changes(code, changes)


_C_LIKE = frozenset({"c", "cpp", "objc"})
HAVE_CONDITIONS = _C_LIKE | {"csharp"}
"""The languages whose files say by `#if` what is compiled."""
_USING = _rule(r"^[ \t]*(?P<cut>(?:await[ \t]+)?using)[ \t]+(?=[\w$]+\s*=)", b"const")
_KOTLIN_HEAD = r"(?:\)|\bobject|\b(?:class|interface)\s+\w+(?:<[^<>{}]*>)?)\s*:\s*[^={}()\n]*?"

_MISREAD: dict[str, tuple[_Rule, ...]] = {
    "javascript": (_USING,),
    "typescript": (_USING,),
    "tsx": (_USING,),
    # a delegate and the body after it are taken for a call with a lambda
    "kotlin": (_rule(_KOTLIN_HEAD + r"(?P<cut>\bby\s+[\w.]+(?:\([^()\n]*\))?)(?=\s*[,{])"),),
}
_SCRIPT: tuple[_Rule, ...] = (
    _rule(r"\b(?P<cut>accessor)[ \t]+(?=[\w$#\[\]]+\s*[:=;!?])"),
    _rule(r"^[ \t]*export[ \t]+(?P<cut>type)[ \t]*\*"),
    _rule(r"^[ \t]*import[ \t]+(?P<cut>defer)[ \t]*\*"),
    _rule(r"[<,][ \t\r\n]*(?P<cut>in[ \t]+out|in|out)[ \t]+(?=[A-Za-z_$][\w$]*[ \t]*(?:extends\b|[,>=]))"),
)
_UNREADABLE: dict[str, tuple[_Rule, ...]] = {
    "javascript": (_SCRIPT[0], _SCRIPT[2]),
    "typescript": (
        *_SCRIPT,
        # a signature without a name may follow another without a semicolon
        _rule(
            r"""(?<=[\w>)\]}'"])[ \t]*(?://[^\n]*)?\r?\n(?:[ \t]*(?://[^\n]*)?\r?\n)*(?P<cut>[ \t])(?=[ \t]*[<(])""",
            b";",
        ),
    ),
    "tsx": (
        *_SCRIPT,
        _rule(r"""=(?P<cut>"[^"\n]*&[^"\n]*")""", lambda match: match["cut"].replace(b"&", b"-")),
    ),
    "kotlin": (
        _rule(
            r"\bclass\s+\w+(?:<[^<>{}]*>)?(?P<cut>\s*\n\s*"
            r"(?:(?:@[\w.]+(?:\([^()]*\))?|internal|private|protected|public)\s+)*constructor\s*)(?=\()",
            _on_one_line,
        ),
        _rule(r"""\$(?P<cut>\$+)(?=")"""),
        _rule(r"""(?P<cut>\$)(?=[ \t]*")"""),
        _rule(r"""(?<=[\w)}\]"'>])(?P<cut>\n)(?=\n*@[A-Z])""", _unless_annotated),
        _rule(r"(?<=\{)(?P<cut>[ \t])(?=[^\n]*[ \t]\})", b"\n"),
        _rule(r"(?P<cut>[ \t])(?=\})", b"\n"),
    ),
    # Cython
    "python": (
        _rule(r"^[ \t]*(?P<cut>cdef[ \t]+class)\b", b"class"),
        _rule(r"^[ \t]*(?P<cut>cp?def[ \t]+(?:[\w.\[\]*]+[ \t*]+)*)(?=\w+[ \t]*\()", b"def"),
        _rule(r"^[ \t]*(?P<cut>cdef[ \t]+(?![^\n]*[:(])[^\r\n]+)", b"0"),
        _rule(r"[(,][ \t]*(?P<cut>[\w.\[\]]+[ \t*]+)(?=\w+[ \t]*[,)=])"),
    ),
    "rust": (_rule(r"\b(?P<cut>safe|gen)[ \t]+(?=(?:unsafe[ \t]+)?fn\b)"),),
    "scss": (
        _rule(r"[ \t]*![ \t]*(?:default|global)\b"),
        _rule(r"^[ \t]*@(?:use|forward)[^;\n]*?(?P<cut>\bwith[ \t]*\([^()]*\))"),
        _rule(r"@include[ \t]+(?P<cut>[\w-]+\.)(?=[\w-])"),
        _rule(r"@extend[ \t]+(?P<cut>%)", b"."),
        _rule(r"#\{[^{}\n]*\}", lambda match: b"0" * len(match[0])),
        _rule(r":[ \t]*(?P<cut>\\[0-9a-fA-F]+)(?=[ \t]*[;}])", b"0"),
        _rule(r"\$[\w-]+[ \t]*:[ \t]*(?P<cut>\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))", b"0"),
    ),
    "css": (
        _rule(r"@(?:media|container)[^{}\n]*?(?P<cut>[<>]=?)", b":"),
        _rule(r"@import[^;{}]*?(?P<cut>\b(?:layer|supports)\b(?:\([^()]*\))?)(?=[^;{}]*;)"),
    ),
    "bash": (
        _rule(r"""\$\{[^{}\n]*(?P<cut>\$\{[^{}\n]*\})[^{}\n]*\}"""),
        _rule(r'"(?P<cut>\$\((?:[^()\n]|\([^()\n]*\))*\))"'),
    ),
    "sql": (
        _rule(r"\[([A-Za-z_][\w $-]*)\]", _spaced),
        _rule(r"^[ \t]*DELIMITER\b[^\n]*"),
        _rule(r"^[ \t]*GO[ \t]*(?=\r?$)", b";"),
        _rule(r"(?P<cut>//|\$\$)[ \t]*(?=\r?$)(?=[^$]*\Z)", b";"),
        _rule(r"\bCREATE\s+(?P<cut>AGGREGATE)\b", b"FUNCTION"),
        _rule(r"(?P<cut>@extschema(?::\w+)?@\.)"),
    ),
}
