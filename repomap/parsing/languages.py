"""Which language a file is written in, and what parsing it needs.

One row for each language: the grammar in tree-sitter-language-pack, the suffixes and names of its
files, and how its words look where they are not the usual identifiers.
"""

import functools
import os
import re
from dataclasses import dataclass

from repomap.parsing import reserved

PLAIN_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*"
PREFIX_WORD = rb"""[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*+(?!["'])"""
"""What stands against a quote is no name but says how to read the string: `rb"…"`."""
BANG_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*(?:!(?!=))?"
DOTTED_WORD = rb"(?:[A-Za-z\x80-\xff]|\.(?=[A-Za-z_]))[A-Za-z0-9._\x80-\xff]*"
DOLLAR_WORD = rb"(?:[A-Za-z_\x80-\xff]|\$(?!\{))[A-Za-z0-9_$\x80-\xff]*"
ASKING_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*[?!]?"
LISP_WORD = rb"(?:[+-]?[A-Za-z_\x80-\xff]|[*<>=!?$%+-](?=[A-Za-z*<>=!?+-]))[A-Za-z0-9_*+<>=!?&%$\x80-\xff-]*"
STYLE_WORD = rb"(?:--|[$-])?[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff-]*"
SHELL_WORD = rb"[A-Za-z_\x80-\xff](?:[A-Za-z0-9_\x80-\xff]|-(?=[A-Za-z0-9_\x80-\xff]))*"
NIX_WORD = rb"[A-Za-z_](?:[A-Za-z0-9_']|-(?=[A-Za-z0-9_]))*"
PRIMED_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff']*"
VARIABLE_WORD = rb"\$?" + SHELL_WORD

MARKS = {
    PREFIX_WORD: b"\"'",
    BANG_WORD: b"!=",
    DOTTED_WORD: b".",
    DOLLAR_WORD: b"${",
    ASKING_WORD: b"?!",
    LISP_WORD: b"*+<>=!?&%$-",
    STYLE_WORD: b"$-",
    SHELL_WORD: b"-",
    VARIABLE_WORD: b"$-",
    NIX_WORD: b"'-",
    PRIMED_WORD: b"'",
}
"""What each of these looks at beside letters, digits and `_`, in words and behind them."""

USUAL_WORDS = frozenset({PLAIN_WORD, PREFIX_WORD, BANG_WORD, ASKING_WORD, PRIMED_WORD})
"""Where none of these marks is near, such a word begins with no digit, and goes on as long as it can."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: how its files are known and how they are read."""

    name: str
    grammar: str = ""
    """Name in tree-sitter-language-pack; `name` where empty."""
    query: str = ""
    """The tags query, `queries/QUERY.scm`; `name` where empty."""
    suffixes: tuple[str, ...] = ()
    filenames: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    """Programs that a `#!` line may name."""
    word: bytes = PLAIN_WORD
    soft: frozenset[str] = frozenset()
    """Words that the grammar knows and that are names as well; dropping them would lose references."""
    hard: frozenset[str] = frozenset()
    """Words that name nothing although the grammar does not reserve them."""
    loaders: frozenset[str] = frozenset()
    """Functions that import what their first argument names, as `require` does."""
    embedded: bool = False
    """A page whose script alone is parsed, as `script_language` says."""


_PYTHON_SOFT = frozenset("match case type print exec _".split())
_REQUIRE = frozenset({"require"})
_SCRIPT_SOFT = frozenset(
    "get set of from type static target namespace module global accessor meta out is".split()
)

_RUST_SOFT = frozenset(
    "default union expr ident ty item literal meta pat path block lifetime vis stmt tt raw gen".split()
)
_JAVA_SOFT = frozenset("record module open opens to with uses provides exports requires".split())
_KOTLIN_SOFT = frozenset(
    "L annotation data delegate dynamic expect actual field file get set init open param property "
    "receiver setparam value where".split()
)
_C_SOFT = frozenset("final import module".split())
_CSHARP_SOFT = frozenset(
    "add alias annotations ascending assembly by checksum descending disable enable equals error field file "
    "from global group hidden into join let line managed method module on param property "
    "record remove required scoped select typevar unmanaged value warning warnings with".split()
)
_C_TYPES = frozenset("void char int float double".split())
_SWIFT_SOFT = frozenset(
    "Protocol Type actor arch available column compiler each file left line macro "
    "operator optional os package prefix postfix infix selector some swift u keyPath".split()
)
_SWIFT_HARD = frozenset({"throws", "rethrows", "where"})
_SCALA_SOFT = frozenset(
    "_end_ident as derives end infix inline into macro opaque open tracked transparent using".split()
)
_GROOVY_HARD = frozenset(
    "abstract as assert boolean break byte case catch char class continue def default do double else enum "
    "extends final finally float for if implements import in instanceof int interface long new package "
    "private protected public return short static switch synchronized throw throws trait transient try "
    "var void volatile while".split()
)
_PERL_SOFT = frozenset(
    "class close each field keys lock log method ref reset role state time times values".split()
)
_LUAU_SOFT = frozenset("type export buffer thread".split())
_JULIA_SOFT = frozenset("as outer public type".split())
_PHP_SOFT = frozenset("default encoding enum list match object print strict_types ticks".split())
_SHELL_FILES = (".bashrc", ".bash_profile", ".profile", ".zshrc", "PKGBUILD", "APKBUILD")
_SQL_SOFT = frozenset(
    "name names key value values user role data date status type version count level".split()
)

LANGUAGES: tuple[Language, ...] = (
    Language(
        "python",
        suffixes=(".py", ".pyi", ".pyw"),
        filenames=("SConstruct", "SConscript", "wscript"),
        interpreters=("python", "pypy"),
        word=PREFIX_WORD,
        soft=_PYTHON_SOFT,
    ),
    Language(
        "javascript",
        suffixes=(".js", ".mjs", ".cjs", ".jsx"),
        interpreters=("node",),
        word=DOLLAR_WORD,
        soft=_SCRIPT_SOFT,
        loaders=_REQUIRE,
    ),
    Language(
        "typescript",
        suffixes=(".ts", ".mts", ".cts"),
        interpreters=("deno", "bun"),
        word=DOLLAR_WORD,
        soft=_SCRIPT_SOFT,
        loaders=_REQUIRE,
    ),
    Language(
        "tsx",
        suffixes=(".tsx",),
        word=DOLLAR_WORD,
        soft=_SCRIPT_SOFT,
        loaders=_REQUIRE,
    ),
    Language("vue", suffixes=(".vue",), embedded=True),
    Language("svelte", suffixes=(".svelte",), embedded=True),
    Language("go", suffixes=(".go",)),
    Language("rust", suffixes=(".rs",), word=PREFIX_WORD, soft=_RUST_SOFT),
    Language("java", suffixes=(".java",), soft=_JAVA_SOFT),
    Language("kotlin", suffixes=(".kt", ".kts"), soft=_KOTLIN_SOFT),
    Language(
        "scala",
        suffixes=(".scala", ".sc", ".sbt"),
        interpreters=("scala",),
        word=PREFIX_WORD,
        soft=_SCALA_SOFT,
    ),
    Language(
        "groovy",
        suffixes=(".groovy", ".gradle", ".gvy"),
        filenames=("Jenkinsfile",),
        interpreters=("groovy",),
        hard=_GROOVY_HARD,
    ),
    Language("c", suffixes=(".c", ".h"), soft=_C_SOFT, hard=_C_TYPES, word=PREFIX_WORD),
    Language(
        "cpp",
        suffixes=(
            ".cpp",
            ".cc",
            ".cxx",
            ".c++",
            ".hpp",
            ".hh",
            ".hxx",
            ".h++",
            ".ipp",
            ".tpp",
            ".inl",
            ".cu",
            ".cuh",
        ),
        soft=_C_SOFT,
        hard=_C_TYPES,
        word=PREFIX_WORD,
    ),
    Language(
        "objc", suffixes=(".m", ".mm"), soft=_C_SOFT | {"in", "out", "optional", "available"}, hard=_C_TYPES
    ),
    Language("csharp", suffixes=(".cs", ".csx"), soft=_CSHARP_SOFT),
    Language("swift", suffixes=(".swift",), interpreters=("swift",), soft=_SWIFT_SOFT, hard=_SWIFT_HARD),
    Language(
        "ruby",
        suffixes=(".rb", ".rake", ".gemspec", ".ru", ".podspec", ".jbuilder"),
        filenames=(
            "Rakefile",
            "Gemfile",
            "Guardfile",
            "Capfile",
            "Vagrantfile",
            "Podfile",
            "Fastfile",
            "Brewfile",
        ),
        interpreters=("ruby", "jruby", "rake"),
        word=ASKING_WORD,
        loaders=frozenset({"require", "require_relative", "load"}),
    ),
    Language("php", suffixes=(".php", ".phtml", ".inc"), interpreters=("php",), soft=_PHP_SOFT),
    Language(
        "perl",
        suffixes=(".pl", ".pm", ".t", ".psgi"),
        filenames=("Makefile.PL", "Build.PL", "cpanfile"),
        interpreters=("perl",),
        soft=_PERL_SOFT,
    ),
    Language("lua", suffixes=(".lua", ".rockspec"), interpreters=("lua", "luajit"), loaders=_REQUIRE),
    Language("luau", suffixes=(".luau",), soft=_LUAU_SOFT, loaders=_REQUIRE),
    Language(
        "r",
        suffixes=(".r", ".R"),
        filenames=(".Rprofile",),
        interpreters=("Rscript", "r"),
        word=DOTTED_WORD,
        loaders=frozenset({"library", "require", "source", "requireNamespace", "loadNamespace"}),
    ),
    Language(
        "julia",
        suffixes=(".jl",),
        interpreters=("julia",),
        word=BANG_WORD,
        soft=_JULIA_SOFT,
        hard=frozenset({"in", "isa"}),
        loaders=frozenset({"include"}),
    ),
    Language("dart", suffixes=(".dart",), interpreters=("dart",), word=DOLLAR_WORD, hard=reserved.DART),
    Language(
        "elixir",
        suffixes=(".ex", ".exs"),
        interpreters=("elixir",),
        word=ASKING_WORD,
        hard=reserved.ELIXIR,
    ),
    Language("erlang", suffixes=(".erl", ".hrl", ".escript"), interpreters=("escript",)),
    Language(
        "haskell",
        suffixes=(".hs", ".hs-boot"),
        interpreters=("runhaskell", "runghc", "stack"),
        word=PRIMED_WORD,
    ),
    Language("ocaml", suffixes=(".ml",), interpreters=("ocaml",), word=PRIMED_WORD),
    Language("ocaml_interface", suffixes=(".mli",), word=PRIMED_WORD),
    Language("elm", suffixes=(".elm",), hard=reserved.ELM),
    Language(
        "clojure",
        suffixes=(".clj", ".cljs", ".cljc", ".bb"),
        interpreters=("bb", "clojure"),
        word=LISP_WORD,
        hard=reserved.CLOJURE,
    ),
    Language(
        "commonlisp",
        suffixes=(".lisp", ".lsp", ".asd"),
        interpreters=("sbcl",),
        word=LISP_WORD,
        hard=reserved.COMMONLISP,
    ),
    Language("zig", suffixes=(".zig",), hard=reserved.ZIG),
    Language("solidity", suffixes=(".sol",), word=DOLLAR_WORD),
    Language(
        "bash",
        suffixes=(".sh", ".bash", ".zsh", ".ksh", ".bats"),
        filenames=_SHELL_FILES,
        interpreters=("bash", "sh", "zsh", "dash", "ksh", "ash", "bats"),
        word=SHELL_WORD,
        hard=reserved.BASH,
    ),
    Language(
        "powershell",
        suffixes=(".ps1", ".psm1", ".psd1"),
        interpreters=("pwsh",),
        word=VARIABLE_WORD,
        hard=reserved.POWERSHELL,
    ),
    Language("sql", suffixes=(".sql", ".ddl", ".psql"), soft=_SQL_SOFT),
    Language("hcl", suffixes=(".hcl", ".tf", ".tfvars", ".nomad"), word=SHELL_WORD, hard=reserved.HCL),
    Language("protobuf", grammar="proto", suffixes=(".proto",)),
    Language("graphql", suffixes=(".graphql", ".gql", ".graphqls")),
    Language(
        "fortran",
        suffixes=(".f90", ".f95", ".f03", ".f08", ".f", ".for", ".f77", ".ftn"),
        hard=reserved.FORTRAN,
    ),
    Language("d", suffixes=(".d", ".di"), interpreters=("rdmd",), hard=reserved.D),
    Language("nix", suffixes=(".nix",), word=NIX_WORD),
    Language("verilog", suffixes=(".v", ".vh", ".sv", ".svh"), word=DOLLAR_WORD, hard=reserved.VERILOG),
    Language("markdown", suffixes=(".md", ".markdown", ".mdown", ".mkd")),
    Language("css", suffixes=(".css",), word=STYLE_WORD),
    Language("scss", suffixes=(".scss",), word=STYLE_WORD),
    Language(
        "make",
        suffixes=(".mk", ".mak", ".make"),
        filenames=("Makefile", "makefile", "GNUmakefile"),
        interpreters=("make",),
        word=SHELL_WORD,
    ),
    Language(
        "cmake",
        suffixes=(".cmake",),
        filenames=("CMakeLists.txt",),
        word=SHELL_WORD,
        hard=reserved.CMAKE,
    ),
    Language(
        "dockerfile",
        suffixes=(".dockerfile", ".containerfile"),
        filenames=("Dockerfile", "Containerfile"),
        word=SHELL_WORD,
        hard=reserved.DOCKERFILE,
    ),
)

BY_NAME = {language.name: language for language in LANGUAGES}
BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
BY_FILENAME = {name: language for language in LANGUAGES for name in language.filenames}
BY_INTERPRETER = {name: language for language in LANGUAGES for name in language.interpreters}


def language_of(path: str) -> Language | None:
    """The language that a file's name tells, or None. `sniff` may know better once the text is read."""
    name = path.rpartition("/")[2]
    found = BY_FILENAME.get(name)
    if found is None and "." in name:
        found = BY_SUFFIX.get(name[name.rindex(".") :]) or BY_SUFFIX.get(name[name.rindex(".") :].lower())
    return found or BY_FILENAME.get(name.partition(".")[0])  # Dockerfile.dev, Makefile.am


HEADER_BYTES = 100_000
"""How much of a header is looked at; what it is shows early, and some are generated and huge."""
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
    """What a `.h` file is written in: C, unless its text shows C++ or Objective-C."""
    head = b"\n" + source[:HEADER_BYTES]  # a pattern that begins with a newline is searched for quickly
    told = b"std::" in head or b"constexpr" in head
    if _CPP_HEADER.search(head) or (told and _CPP_WORD.search(head)):
        return BY_NAME["cpp"]
    return BY_NAME["objc" if _OBJC_HEADER.search(head) else "c"]


def sniff(path: str, source: bytes) -> Language | None:
    """The language of a file once its text is known: it tells headers apart, and may begin with `#!`."""
    language = language_of(path)
    if path.endswith((".h", ".H")):
        return _header_language(source)
    if language is None and source.startswith(b"#!"):
        found = _SHEBANG.match(source[:200])
        if found:
            program = found[2] if found[1] == b"env" and found[2] else found[1]
            language = BY_INTERPRETER.get(re.sub(r"[\d.]+$", "", program.decode("ascii", "replace")))
    return language


_SCRIPT = re.compile(rb"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_TYPESCRIPT = re.compile(rb"""\blang\s*=\s*["']?tsx?\b""")


def script_ranges(source: bytes) -> tuple[Language, list[tuple[int, int]]]:
    """The language of a page's scripts, and the byte ranges in which they stand."""
    found = list(_SCRIPT.finditer(source))
    typed = any(_TYPESCRIPT.search(script[1]) for script in found)
    return BY_NAME["typescript" if typed else "javascript"], [script.span(2) for script in found]


@functools.cache
def query_text(name: str) -> str:
    """The tags query of that name, with those that its first line `; inherits: NAME…` names after it."""
    with open(os.path.join(os.path.dirname(__file__), "queries", f"{name}.scm"), encoding="utf-8") as file:
        text = file.read()  # `importlib.resources` takes as long to import as all else in this module
    first = text.split("\n", 1)[0]
    if first.startswith("; inherits:"):
        return "\n".join([text, *map(query_text, first.removeprefix("; inherits:").split())])
    return text
