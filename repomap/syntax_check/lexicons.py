r"""What comments and strings look like, by language: enough to find the brackets and quotes of the code.

It is far less than a grammar knows, and so it reads new syntax as well as old. Each string or comment is a
row with the pattern that opens it. A group in that pattern may be quoted by the one that closes it: `\1`.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Literal:
    """A string or comment: how it begins, how it ends, and what may stand inside."""

    opens: str
    r"""A pattern with at most one group, whose text `\1` in `closes` stands for."""
    closes: str
    escape: str = r"\\."
    """What inside does not end it; "" for nothing."""
    code: str = ""
    """A pattern for what begins code inside; its last character is the bracket that ends it."""
    one_line: bool = False
    """It must end on its line, so that it is broken where it does not."""
    nested: str = ""
    """A pattern for what begins another one inside, where they nest."""
    below: bool = False
    """Its text begins on the next line, as that of a here-document does."""
    name: str = "quote"
    """What a message calls it."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The literals of a language, tried in this order, and what merely looks like one."""

    literals: tuple[Literal, ...]
    skipped: tuple[str, ...] = ()
    """Patterns whose text is neither a bracket nor a quote: `'a'` in Rust, `#error don't` in C."""
    regex_words: str = ""
    """Words after which `/` begins a regular expression, where the language has those."""
    lone: str = ""
    """Closing brackets that may stand alone, as in a shell's `case`."""
    branches: bool = False
    """`#if`, `#else` and `#endif` choose between pieces of text."""
    macros: bool = False
    """Code may stand in macros, where no grammar reads it."""
    blocks: str = "brackets"
    """What bounds blocks: brackets, indentation below a colon, or words such as `end`."""


def _comment(opens: str, closes: str = r"(?=\n)|\Z", *, nests: bool = False) -> Literal:
    return Literal(opens, closes, escape="", nested=opens if nests else "", name="comment")


def _line(quote: str, opens: str = "", code: str = "", escape: str = r"\\(?:\r\n|.)") -> Literal:
    return Literal(opens or quote, quote, escape, code, one_line=True)


_SLASHES, _HASH, _DASHES, _SEMICOLON, _PERCENT = map(_comment, ("//", "#", "--", ";", "%"))
_STARS = _comment(r"/\*", r"\*/")
_NESTED_STARS = replace(_STARS, nested=_STARS.opens)
_BRACES = _comment(r"\{-", r"-\}", nests=True)
_DOLLAR = r"\$\{"
_HASHED = r"#\{"
_CHAR = r"'(?:\\[^\n']{1,10}|\\'|[^\\'\n])'"
_TRIPLE = Literal('"""', '"""')
_END = r"\n[ \t]*\1\b"


def _here(opens: str) -> Literal:
    return Literal(opens, _END, escape="", below=True, name="here-document")


_C_NUMBER = r"\b\d[\w.]{0,40}(?:'\w{1,40})+"
_C_DIRECTIVE = r"(?m:^)[ \t]*#[ \t]*(?:error|warning|pragma|region|endregion|line)\b[^\n]*"
_C = Lexicon(
    (_SLASHES, _STARS, _line('"'), _line("'")), (_C_NUMBER, _C_DIRECTIVE), branches=True, macros=True
)
_RAW_CPP = Literal(r'\bu?8?[LU]?R"([^\s()\\"]{0,16})\(', r'\)\1"', escape="")
_PLAIN = Lexicon((_SLASHES, _STARS, _line('"'), _line("'")))
_JS_WORDS = "return typeof case in of do else void delete throw new yield await"
_SCRIPT = Lexicon(
    (_SLASHES, _STARS, Literal("`", "`", code=_DOLLAR), _line('"'), _line("'")), regex_words=_JS_WORDS
)
_SCRIPT_HTML = r"</|/>|<!--|-->"
_PERCENT_STRINGS = tuple(
    Literal(rf"(?<![\w)\]}}])%[wWiIqQrxs]?{left}", right, code=_HASHED, nested=left if left != right else "")
    for left, right in (
        (r"\(", r"\)"),
        (r"\[", r"\]"),
        (r"\{", r"\}"),
        ("<", ">"),
        (r"\|", r"\|"),
        ("!", "!"),
    )
)
_LISP = Lexicon((_SEMICOLON, Literal('"', '"')), (r"#?\\(?:\w+|.)",))
_SHARP = Literal('"', '"', code=_HASHED)

_ROWS: dict[str, Lexicon] = {
    "c": _C,
    "cpp": replace(_C, literals=(_RAW_CPP, *_C.literals)),
    "objc": _C,
    "csharp": Lexicon(
        (
            _SLASHES,
            _STARS,
            Literal(r'\${0,9}("{3,})', r"\1", escape=""),
            Literal(r'(?:\$@|@\$)"', '"(?!")', escape=r'""|\{\{', code=r"\{"),
            Literal('@"', '"(?!")', escape='""'),
            _line('"', r'\$"', escape=r"\\.|\{\{", code=r"\{"),
            _line('"'),
            _line("'"),
        ),
        (_C_DIRECTIVE,),
        branches=True,
    ),
    "java": Lexicon((_SLASHES, _STARS, _TRIPLE, _line('"'), _line("'"))),
    "kotlin": Lexicon(
        (
            _SLASHES,
            _NESTED_STARS,
            Literal('"""', '"""+', escape="", code=_DOLLAR),
            _line('"', code=_DOLLAR),
            _line("'"),
        )
    ),
    "scala": Lexicon(
        (
            _SLASHES,
            _NESTED_STARS,
            Literal(r'\b\w+"""', '"""+', escape="", code=_DOLLAR),
            Literal('"""', '"""+', escape=""),
            _line('"', r'\b\w+"', code=_DOLLAR),
            _line('"'),
        ),
        (_CHAR,),
    ),
    "groovy": Lexicon(
        (
            _SLASHES,
            _STARS,
            Literal('"""', '"""', code=_DOLLAR),
            Literal("'''", "'''"),
            _line('"', code=_DOLLAR),
            _line("'"),
        ),
        regex_words="return case in",
    ),
    "swift": Lexicon(
        (
            _SLASHES,
            _NESTED_STARS,
            Literal(r'(#{1,9})"(?:"")?', r'"\1', escape=""),
            Literal('"""', '"""', code=r"\\\("),
            _line('"', code=r"\\\("),
        ),
        branches=True,
    ),
    "go": Lexicon((_SLASHES, _STARS, Literal("`", "`", escape=""), _line('"'), _line("'"))),
    "rust": Lexicon(
        (
            _SLASHES,
            _NESTED_STARS,
            Literal(r'\b(?:b|c)?r(#*)"', r'"\1', escape=""),
            Literal('"', '"'),
        ),
        (r"b?'(?:\\(?:u\{[^}']*\}|x\w\w|.)|[^\\'\n])'", r"'\w+"),
    ),
    "dart": Lexicon(
        (
            _SLASHES,
            _NESTED_STARS,
            Literal(r"r('''|\"\"\")", r"\1", escape=""),
            Literal(r"('''|\"\"\")", r"\1", code=_DOLLAR),
            _line(r"\1", r"\br(['\"])", escape=""),
            _line(r"\1", r"(['\"])", code=_DOLLAR),
        )
    ),
    "javascript": replace(_SCRIPT, skipped=(_SCRIPT_HTML,)),
    "typescript": _SCRIPT,
    "tsx": replace(_SCRIPT, skipped=(_SCRIPT_HTML,)),
    "php": Lexicon(
        (
            _SLASHES,
            _STARS,
            _comment(r"#(?!\[)"),
            _here(r"<<<[ \t]*[\"']?(\w+)[\"']?"),
            Literal("'", "'"),
            Literal('"', '"'),
        ),
        (r"(?s:\?>.*?(?:<\?(?:php|=)|\Z))", r"(?s:\A(?!<\?).*?(?:<\?(?:php|=)|\Z))"),
    ),
    "zig": Lexicon((_SLASHES, _line('"'), _line("'")), (r"\\\\[^\n]*",)),
    "solidity": _PLAIN,
    "d": Lexicon(
        (
            _SLASHES,
            _STARS,
            _comment(r"/\+", r"\+/", nests=True),
            Literal('`|r"', '[`"]', escape=""),
            Literal('"', '"'),
            _line("'"),
        )
    ),
    "verilog": Lexicon((_SLASHES, _STARS, _line('"'))),
    "protobuf": _PLAIN,
    "hcl": Lexicon((_HASH, _SLASHES, _STARS, _here(r"<<-?([A-Za-z_]\w*)"), _line('"', code=r"[$%]\{"))),
    "css": Lexicon((_STARS, _line('"'), _line("'")), (r"url\(\s{0,9}[^'\")\s][^)\n]{0,999}\)",)),
    "scss": Lexicon((_STARS, _SLASHES, _line('"'), _line("'")), (r"url\(\s{0,9}[^'\")\s][^)\n]{0,999}\)",)),
    "graphql": Lexicon((_HASH, _TRIPLE, _line('"'))),
    "nix": Lexicon(
        (
            _HASH,
            _STARS,
            Literal("''", "''(?![$'\\\\])", escape=r"''['$]|''\\.", code=_DOLLAR),
            Literal('"', '"', code=_DOLLAR),
        )
    ),
    "python": Lexicon(
        (_HASH, Literal(r"('''|\"\"\")", r"\1", escape=r"\\(?s:.)"), _line(r"\1", r"(['\"])")),
        blocks="indentation",
    ),
    "ruby": Lexicon(
        (
            _comment(r"(?m:^)=begin\b", r"\n=end\b[^\n]*"),
            _comment(r"(?m:^)__END__\s*$", r"\Z"),
            _HASH,
            _here(r"<<[-~][\"'`]?([A-Za-z_]\w*)[\"'`]?|(?<=[\s(=,])<<[\"'`]?([A-Z_]\w*)[\"'`]?"),
            *_PERCENT_STRINGS,
            Literal("'", "'"),
            _SHARP,
            Literal("`", "`", code=_HASHED),
        ),
        (r"\$[\"'`/;,.<>_~&+:!@?$*\\]", r"(?<![\w)\]}])\?(?:\\(?:\w{1,8}|[^\w\s])|\S)(?!\w)"),
        regex_words="if unless while until when and or not in return then elsif puts match split scan",
    ),
    "perl": Lexicon(
        (_HASH, _here(r"<<[~]?[\"']?([A-Z_]\w*)[\"']?"), Literal("'", "'"), Literal('"', '"')),
        (r"\$#|\$[\"'`]",),
    ),
    "lua": Lexicon(
        (
            _comment(r"--\[(=*)\[", r"\]\1\]"),
            _DASHES,
            Literal(r"\[(=*)\[", r"\]\1\]", escape=""),
            _line('"'),
            _line("'"),
        )
    ),
    "r": Lexicon((_HASH, Literal('"', '"'), Literal("'", "'"), _line("`"))),
    "julia": Lexicon(
        (
            _comment("#=", "=#", nests=True),
            _HASH,
            Literal('"""', '"""', code=r"\$\("),
            Literal('"', '"', code=r"\$\("),
        ),
        (rf"(?<![\w)\]}}'.]){_CHAR}",),
    ),
    "elixir": Lexicon(
        (
            _HASH,
            Literal('~[A-Z]"""', '"""', escape=""),
            Literal('(?:~[a-z])?"""', '"""', code=_HASHED),
            *(
                Literal(rf"~[a-zA-Z]+{left}", right, code=_HASHED)
                for left, right in (
                    ("/", "/"),
                    (r"\(", r"\)"),
                    (r"\[", r"\]"),
                    (r"\{", r"\}"),
                    (r"\|", r"\|"),
                    ("<", ">"),
                )
            ),
            _SHARP,
            Literal("'", "'", code=_HASHED),
        ),
        (r"(?<![\w)\]}])\?(?:\\.|.)",),
    ),
    "erlang": Lexicon((_PERCENT, Literal('"', '"'), _line("'")), (r"\$(?:\\.|.)",)),
    "haskell": Lexicon(
        (_BRACES, _comment(r"--+(?![!#$%&*+./<=>?@\\^|~:])"), _line('"')), (rf"(?<!\w){_CHAR}",)
    ),
    "ocaml": Lexicon(
        (
            _comment(r"\(\*(?!\))", r"\*\)", nests=True),
            Literal(r"\{(\w*)\|", r"\|\1\}", escape=""),
            Literal('"', '"'),
        ),
        (_CHAR,),
    ),
    "elm": Lexicon((_DASHES, _BRACES, _TRIPLE, _line('"')), (_CHAR,)),
    "clojure": _LISP,
    "commonlisp": replace(_LISP, literals=(_comment(r"#\|", r"\|#", nests=True), *_LISP.literals)),
    "bash": Lexicon(
        (
            _comment(r"(?:(?<=[\s;(|&])|\A)#"),
            _here(r"(?<!<)<<-?[ \t]*[\"'\\]?([A-Za-z_]\w*)[\"']?"),
            Literal(r"\$'", "'"),
            Literal("'", "'", escape=""),
            Literal('"', '"', code=r"\$\(|\$\{"),
        ),
        (r"\\(?s:.)", r"\$[#'\"]"),
        lone=")",
    ),
    "powershell": Lexicon(
        (
            _comment("<#", "#>"),
            _HASH,
            Literal('@"', r'\n"@', escape=""),
            Literal("@'", r"\n'@", escape=""),
            Literal('"', '"', escape='`.|""', code=r"\$\("),
            Literal("'", "'", escape="''"),
        ),
        ("`.",),
    ),
    "sql": Lexicon(
        (_DASHES, _STARS, Literal(r"(\$\w*\$)", r"\1", escape=""), Literal("'", "'", escape="''"), _line('"'))
    ),
    "cmake": Lexicon(
        (
            _comment(r"#\[(=*)\[", r"\]\1\]"),
            _HASH,
            Literal(r"\[(=*)\[", r"\]\1\]", escape=""),
            Literal('"', '"'),
        ),
        (r"\\.",),
    ),
    "make": Lexicon((_HASH,), (r"\\.",)),
    "dockerfile": Lexicon((_comment(r"(?m:^)[ \t]*#"),), (r"\\.",)),
    "fortran": Lexicon((_comment("!"), _line('"', escape='""'), _line("'", escape="''"))),
}
_BY_WORDS = ("ruby", "lua", "julia", "elixir", "bash", "fortran", "verilog")
LEXICONS = {
    **_ROWS,
    **{name: replace(_ROWS[name], blocks="words") for name in _BY_WORDS},
    "luau": replace(_ROWS["lua"], blocks="words"),
    "ocaml_interface": _ROWS["ocaml"],
}
"""By the name of the language."""
