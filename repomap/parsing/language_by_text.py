"""Decides the language of a file by its text: headers, scripts, pages, and suffixes that several languages share."""

import re

from repomap.parsing.languages import BY_INTERPRETER, BY_NAME, Language, language_of

HEADER_BYTES = 100_000
"""How much of a header is searched: the language shows early, and some headers are generated and huge."""
_SHEBANG = re.compile(rb"#!\s*(?:\S*/)?([^/\s]+)(?:[ \t]+(?:-\S+[ \t]+)*([^\s/]+))?")


_OBJC_HEADER = re.compile(rb"\n[ \t]*(?:@(?:interface|protocol|class|import|end)\b|#\s*import\b)")
_CPP_HEADER = re.compile(
    rb"\n[ \t]*(?:(?:inline[ \t]+)?namespace\b[^;()\n]*(?:\{|$)"
    rb"|class[ \t]+\w[^.;()\n]*[;{:]?[ \t]*\r?$|template[ \t]*<"
    rb"|(?:public|private|protected)[ \t]*:|using[ \t]+\w|virtual[ \t])",
    re.MULTILINE,
)
_CPP_WORD = re.compile(rb"\b(?:std::|constexpr\b)")


def _header_language(source: bytes) -> Language:
    """Return the language of a `.h` file: C unless its text shows C++ or Objective-C."""
    head = b"\n" + source[:HEADER_BYTES]  # searching is fast for patterns that begin with a newline
    may_be_cpp = b"std::" in head or b"constexpr" in head
    if _CPP_HEADER.search(head) or (may_be_cpp and _CPP_WORD.search(head)):
        return BY_NAME["cpp"]
    return BY_NAME["objc" if _OBJC_HEADER.search(head) else "c"]


def sniff(path: str, source: bytes) -> Language | None:
    """Return the language of a file by its name and text, or None.

    The text decides between C, C++ and Objective-C headers, and its `#!` line where the name says
    nothing.

    >>> sniff("bin/run", b"#!/usr/bin/env python3\\n").name
    'python'
    """
    language = language_of(path)
    if path.endswith((".h", ".H")):
        return _header_language(source)
    if language is not None and not source.startswith(b"#!"):
        return _by_text(path, source, language)
    if language is None and source.startswith(b"#!"):
        shebang = _SHEBANG.match(source[:200])
        if shebang:
            program = shebang[2] if shebang[1] == b"env" and shebang[2] else shebang[1]
            language = BY_INTERPRETER.get(re.sub(r"[\d.]+$", "", program.decode("ascii", "replace")))
    return language


_IS_OTHER: dict[str, tuple[tuple[bytes, str], ...]] = {
    # tests of cram, and facts of Prolog
    ".t": ((rb"(?m)^  \$ ", ""),),
    ".pl": ((rb"(?m)^:-\s|^[a-z]\w*\([^)\n]*\)\s*(?::-|\.)\s*$", ""),),
    # Coq, and V
    ".v": (
        (rb"(?m)^\s*(?:(?:From\s+\S+\s+)?Require\b|Theorem\b|Lemma\b|Inductive\b|Proof\b|Module\s)", ""),
        (rb"(?m)^(?:pub\s+)?fn\s+\w+\s*\(", ""),
    ),
    # what is included is written in the language that includes it
    ".inc": (
        (rb"<\?(?:php|=|\s)", "php"),
        (rb"(?m)^[ \t]*#[ \t]*(?:include|define|ifn?def|if|pragma)\b|^[^\n'!]*[;{][ \t]*\r?$|/\*", "c"),
        (
            (
                rb"(?mi)^[ \t]*(?:integer|real|double\s+precision|logical|character|complex|parameter|common|implicit"
                rb"|dimension|subroutine|function|module|use|type)\b"
            ),
            "fortran",
        ),
        (rb"", ""),
    ),
    # MATLAB, and translations of Qt
    ".m": ((rb"\A(?:\s*%[^\n]*\n)*\s*(?:function\b|classdef\b)", ""),),
    ".ts": ((rb"\A(?:\xef\xbb\xbf)?\s*<(?:\?xml|!DOCTYPE TS)", ""),),
    **dict.fromkeys((".module", ".install", ".theme", ".ctp"), ((rb"\A(?![\s\S]*<\?(?:php|=|\s))", ""),)),
}
"""By suffix that several languages share: patterns that show another than the suffix's own, with its name."""


def _by_text(path: str, source: bytes, language: Language) -> Language | None:
    """Return the language that a text shows where a suffix is used by several; none has no grammar."""
    head = source[:HEADER_BYTES]
    for pattern, name in _IS_OTHER.get(path[path.rfind(".") :].lower(), ()):
        if re.search(pattern, head):
            return BY_NAME.get(name)
    return language


_SCRIPT = re.compile(rb"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_TYPESCRIPT = re.compile(rb"""\blang\s*=\s*["']?tsx?\b""")


def script_ranges(source: bytes) -> tuple[Language, list[tuple[int, int]]]:
    """Return the language of a page's scripts, and their byte ranges (start, end)."""
    scripts = list(_SCRIPT.finditer(source))
    typed = any(_TYPESCRIPT.search(script[1]) for script in scripts)
    return BY_NAME["typescript" if typed else "javascript"], [script.span(2) for script in scripts]
