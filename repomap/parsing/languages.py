"""Lists the languages: how their files are called, and what parsing each needs.

One row for each language: the grammar in tree-sitter-language-pack, the suffixes and names of its
files, and the pattern of its words where they are not plain identifiers.
"""

from dataclasses import dataclass

from repomap.parsing import reserved

PLAIN_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*"
PREFIX_WORD = rb"""[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*+(?!["'])"""
"""Letters directly before a quote are a string prefix and not a name: `rb"…"`."""
BANG_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*(?:!(?!=))?"
DOTTED_WORD = rb"(?:[A-Za-z\x80-\xff]|\.(?=[A-Za-z_]))[A-Za-z0-9._\x80-\xff]*"
DOLLAR_WORD = rb"(?:[A-Za-z_\x80-\xff]|\$(?!\{))[A-Za-z0-9_$\x80-\xff]*"
PREDICATE_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*[?!]?"
LISP_WORD = rb"(?:[+-]?[A-Za-z_\x80-\xff]|[*<>=!?$%+-](?=[A-Za-z*<>=!?+-]))[A-Za-z0-9_*+<>=!?&%$\x80-\xff-]*"
STYLE_WORD = rb"(?:--|[$-])?[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff-]*"
SHELL_WORD = rb"[A-Za-z_\x80-\xff](?:[A-Za-z0-9_\x80-\xff]|-(?=[A-Za-z0-9_\x80-\xff]))*"
NIX_WORD = rb"[A-Za-z_](?:[A-Za-z0-9_']|-(?=[A-Za-z0-9_]))*"
PRIMED_WORD = rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff']*"
VARIABLE_WORD = rb"\$?" + SHELL_WORD

WORD_MARKS = {
    PREFIX_WORD: b"\"'",
    BANG_WORD: b"!=",
    DOTTED_WORD: b".",
    DOLLAR_WORD: b"${",
    PREDICATE_WORD: b"?!",
    LISP_WORD: b"*+<>=!?&%$-",
    STYLE_WORD: b"$-",
    SHELL_WORD: b"-",
    VARIABLE_WORD: b"$-",
    NIX_WORD: b"'-",
    PRIMED_WORD: b"'",
}
"""The characters besides letters, digits and `_` that each pattern looks at, in words and behind them."""

PROSE_LIKE_WORDS = frozenset({PLAIN_WORD, PREFIX_WORD, BANG_WORD, PREDICATE_WORD, PRIMED_WORD})
"""In a text without their marks, these match what `PLAIN_WORD` matches, as in prose."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: how its files are recognised and how they are read."""

    name: str
    grammar: str = ""
    """Name in tree-sitter-language-pack; `name` if empty."""
    query: str = ""
    """The tags query, `queries/QUERY.scm`; `name` if empty."""
    suffixes: tuple[str, ...] = ()
    filenames: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    """Programs that a `#!` line may name."""
    word: bytes = PLAIN_WORD
    soft_keywords: frozenset[str] = frozenset()
    """Keywords that are names elsewhere; reserving them would lose references."""
    extra_keywords: frozenset[str] = frozenset()
    """Words that are never names although the grammar does not reserve them."""
    import_functions: frozenset[str] = frozenset()
    """Functions that import the module in their first argument, such as `require`."""
    type_names: frozenset[bytes] = frozenset()
    """Keywords for types that may also be the names of variables."""
    any_method: bool = False
    """Whether any keyword can be the name of a method."""
    embedded: bool = False
    """A page of which only the scripts are parsed; see `language_by_text.script_ranges`."""


_PYTHON_SOFT = frozenset("match case type print exec _".split())
_REQUIRE = frozenset({"require"})
_SCRIPT_SOFT = frozenset(
    "get set of from type static target namespace module global accessor meta out is".split()
)

_SCRIPT_TYPES = frozenset(
    {b"number", b"string", b"symbol", b"object", b"boolean", b"any", b"unknown", b"never", b"bigint"}
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
    "operator optional os package prefix postfix infix selector some swift u keyPath "
    "consume copy discard isolated nonsending of sending unsafe".split()
)
_SWIFT_HARD = frozenset({"throws", "rethrows", "where"})
_SCALA_SOFT = frozenset(
    "_end_ident as cap derives end except infix inline into macro only opaque open rd tracked transparent "
    "uses using".split()
)
_GROOVY_HARD = frozenset(
    "abstract as assert boolean break byte case catch char class continue def default do double else enum "
    "extends final finally float for if implements import in instanceof int interface long new package "
    "private protected public return short static switch synchronized throw throws trait transient try "
    "var void volatile while".split()
)
_PERL_SOFT = frozenset(
    "class close each field keys lock log method ref reset role state time times values accept bind connect "
    "exec format index ioctl join kill link listen open pack pipe push read recv rename reverse say seek "
    "select send shutdown socket splice split symlink system tie truncate unlink unpack unshift warn".split()
)
_LUAU_SOFT = frozenset("type export buffer thread".split())
_JULIA_SOFT = frozenset("as outer public type".split())
_PHP_SOFT = frozenset("default encoding enum list match object print strict_types ticks".split())
_SHELL_FILES = (".bashrc", ".bash_profile", ".profile", ".zshrc", "PKGBUILD", "APKBUILD")
_SQL_SOFT = frozenset(
    "name names key value values user role data date status type version count level policy enable disable "
    "public privileges".split()
)
_POWERSHELL_SOFT = frozenset("assembly base clean".split())
_VERILOG_SOFT = frozenset(
    "atobin atohex atoi atooct atoreal bintoa compare delete find find_first find_first_index find_index "
    "find_last find_last_index first getc hextoa icompare insert itoa last len map max min next num octtoa "
    "pop_back pop_front prev product push_back push_front putc realtoa reverse rsort shuffle size sort "
    "substr sum tolower toupper unique_index".split()
)
"""Methods of the language's own types."""

LANGUAGES: tuple[Language, ...] = (
    Language(
        "python",
        suffixes=(".py", ".pyi", ".pyw", ".pyx", ".pxd", ".bzl", ".star"),
        filenames=("SConstruct", "SConscript", "wscript", "BUILD.bazel", "WORKSPACE.bazel", "MODULE.bazel"),
        interpreters=("python", "pypy"),
        word=PREFIX_WORD,
        soft_keywords=_PYTHON_SOFT,
    ),
    Language(
        "javascript",
        type_names=_SCRIPT_TYPES,
        any_method=True,
        suffixes=(".js", ".mjs", ".cjs", ".jsx", ".es6", ".jsm", ".js.flow"),
        interpreters=("node",),
        word=DOLLAR_WORD,
        soft_keywords=_SCRIPT_SOFT,
        import_functions=_REQUIRE,
    ),
    Language(
        "typescript",
        type_names=_SCRIPT_TYPES,
        any_method=True,
        suffixes=(".ts", ".mts", ".cts"),
        interpreters=("deno", "bun"),
        word=DOLLAR_WORD,
        soft_keywords=_SCRIPT_SOFT,
        import_functions=_REQUIRE,
    ),
    Language(
        "tsx",
        type_names=_SCRIPT_TYPES,
        any_method=True,
        suffixes=(".tsx",),
        word=DOLLAR_WORD,
        soft_keywords=_SCRIPT_SOFT,
        import_functions=_REQUIRE,
    ),
    Language("vue", suffixes=(".vue",), embedded=True),
    Language("svelte", suffixes=(".svelte",), embedded=True),
    Language("go", suffixes=(".go",)),
    Language("rust", suffixes=(".rs",), word=PREFIX_WORD, soft_keywords=_RUST_SOFT),
    Language("java", suffixes=(".java",), soft_keywords=_JAVA_SOFT),
    Language("kotlin", suffixes=(".kt", ".kts"), soft_keywords=_KOTLIN_SOFT),
    Language(
        "scala",
        suffixes=(".scala", ".sc", ".sbt"),
        interpreters=("scala",),
        word=PREFIX_WORD,
        soft_keywords=_SCALA_SOFT,
    ),
    Language(
        "groovy",
        suffixes=(".groovy", ".gradle", ".gvy"),
        filenames=("Jenkinsfile",),
        interpreters=("groovy",),
        extra_keywords=_GROOVY_HARD,
    ),
    Language("c", suffixes=(".c", ".h"), soft_keywords=_C_SOFT, extra_keywords=_C_TYPES, word=PREFIX_WORD),
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
            *(".ino", ".pde"),
            *(".tcc", ".txx", ".ixx", ".cppm", ".ccm", ".cxxm"),
        ),
        soft_keywords=_C_SOFT,
        extra_keywords=_C_TYPES,
        word=PREFIX_WORD,
    ),
    Language(
        "objc",
        suffixes=(".m", ".mm"),
        soft_keywords=_C_SOFT | {"in", "out", "optional", "available"},
        extra_keywords=_C_TYPES,
    ),
    Language("csharp", suffixes=(".cs", ".csx"), soft_keywords=_CSHARP_SOFT),
    Language(
        "swift",
        suffixes=(".swift",),
        interpreters=("swift",),
        soft_keywords=_SWIFT_SOFT,
        extra_keywords=_SWIFT_HARD,
    ),
    Language(
        "ruby",
        any_method=True,
        suffixes=(".rb", ".rbi", ".rbw", ".rake", ".gemspec", ".ru", ".podspec", ".jbuilder"),
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
        word=PREDICATE_WORD,
        import_functions=frozenset({"require", "require_relative", "load", "autoload"}),
    ),
    Language(
        "php",
        any_method=True,
        suffixes=(".php", ".phtml", ".inc", ".module", ".install", ".theme", ".ctp"),
        interpreters=("php",),
        soft_keywords=_PHP_SOFT,
    ),
    Language(
        "perl",
        suffixes=(".pl", ".pm", ".t", ".psgi"),
        filenames=("Makefile.PL", "Build.PL", "cpanfile"),
        interpreters=("perl",),
        soft_keywords=_PERL_SOFT,
    ),
    Language(
        "lua", suffixes=(".lua", ".rockspec"), interpreters=("lua", "luajit"), import_functions=_REQUIRE
    ),
    Language("luau", suffixes=(".luau",), soft_keywords=_LUAU_SOFT, import_functions=_REQUIRE),
    Language(
        "r",
        suffixes=(".r", ".R"),
        filenames=(".Rprofile",),
        interpreters=("Rscript", "r"),
        word=DOTTED_WORD,
        import_functions=frozenset({"library", "require", "source", "requireNamespace", "loadNamespace"}),
    ),
    Language(
        "julia",
        suffixes=(".jl",),
        interpreters=("julia",),
        word=BANG_WORD,
        soft_keywords=_JULIA_SOFT,
        extra_keywords=frozenset({"in", "isa"}),
        import_functions=frozenset({"include"}),
    ),
    Language(
        "dart",
        suffixes=(".dart",),
        interpreters=("dart",),
        word=DOLLAR_WORD,
        extra_keywords=reserved.DART,
    ),
    Language(
        "elixir",
        suffixes=(".ex", ".exs"),
        interpreters=("elixir",),
        word=PREDICATE_WORD,
        extra_keywords=reserved.ELIXIR,
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
    Language("elm", suffixes=(".elm",), extra_keywords=reserved.ELM),
    Language(
        "clojure",
        suffixes=(".clj", ".cljs", ".cljc", ".bb"),
        interpreters=("bb", "clojure"),
        word=LISP_WORD,
        extra_keywords=reserved.CLOJURE,
    ),
    Language(
        "commonlisp",
        suffixes=(".lisp", ".lsp", ".asd"),
        interpreters=("sbcl",),
        word=LISP_WORD,
        extra_keywords=reserved.COMMONLISP,
    ),
    Language("zig", suffixes=(".zig",), extra_keywords=reserved.ZIG),
    Language("solidity", suffixes=(".sol",), word=DOLLAR_WORD),
    Language(
        "bash",
        suffixes=(".sh", ".bash", ".zsh", ".ksh", ".bats"),
        filenames=_SHELL_FILES,
        interpreters=("bash", "sh", "zsh", "dash", "ksh", "ash", "bats"),
        word=SHELL_WORD,
        extra_keywords=reserved.BASH,
    ),
    Language(
        "powershell",
        suffixes=(".ps1", ".psm1", ".psd1"),
        interpreters=("pwsh",),
        word=VARIABLE_WORD,
        soft_keywords=_POWERSHELL_SOFT,
        extra_keywords=reserved.POWERSHELL,
    ),
    Language("sql", suffixes=(".sql", ".ddl", ".psql"), soft_keywords=_SQL_SOFT),
    Language(
        "hcl", suffixes=(".hcl", ".tf", ".tfvars", ".nomad"), word=SHELL_WORD, extra_keywords=reserved.HCL
    ),
    Language("protobuf", grammar="proto", suffixes=(".proto",)),
    Language("graphql", suffixes=(".graphql", ".gql", ".graphqls")),
    Language(
        "fortran",
        suffixes=(".f90", ".f95", ".f03", ".f08", ".f", ".for", ".f77", ".ftn"),
        extra_keywords=reserved.FORTRAN,
    ),
    Language("d", suffixes=(".d", ".di"), interpreters=("rdmd",), extra_keywords=reserved.D),
    Language("nix", suffixes=(".nix",), word=NIX_WORD),
    Language(
        "verilog",
        suffixes=(".v", ".vh", ".sv", ".svh"),
        word=DOLLAR_WORD,
        soft_keywords=_VERILOG_SOFT,
        extra_keywords=reserved.VERILOG,
    ),
    Language("markdown", suffixes=(".md", ".markdown", ".mdown", ".mkd", ".mdx")),
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
        extra_keywords=reserved.CMAKE,
    ),
    Language(
        "dockerfile",
        suffixes=(".dockerfile", ".containerfile"),
        filenames=("Dockerfile", "Containerfile"),
        word=SHELL_WORD,
        extra_keywords=reserved.DOCKERFILE,
    ),
)

BY_NAME = {language.name: language for language in LANGUAGES}
BY_SUFFIX = {suffix: language for language in LANGUAGES for suffix in language.suffixes}
BY_FILENAME = {name: language for language in LANGUAGES for name in language.filenames}
BY_INTERPRETER = {name: language for language in LANGUAGES for name in language.interpreters}


def language_of(path: str) -> Language | None:
    """Return the language that a file's name implies, or None; `language_by_text.sniff` also reads the text.

    >>> language_of("src/app.tsx").name, language_of("Dockerfile.dev").name, language_of("notes.txt")
    ('tsx', 'dockerfile', None)
    """
    name = path.rpartition("/")[2]
    language = BY_FILENAME.get(name)
    if language is None and "." in name:
        suffix = name[name.rindex(".") :]
        language = BY_SUFFIX.get(suffix) or BY_SUFFIX.get(suffix.lower())
        if language is None and name.endswith(".js.flow"):
            language = BY_SUFFIX[".js.flow"]
    return language or BY_FILENAME.get(name.partition(".")[0])  # Dockerfile.dev, Makefile.am
