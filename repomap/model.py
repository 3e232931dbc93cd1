"""The values that pass between the stages: what parsing finds in a file, and what a map shows of it.

`FileTags` keeps symbols in columns rather than in one object each: a repository has a million of
them, and workers, caches and the index pass the columns on without looking inside.
"""

from array import array
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from typing import Literal, NamedTuple

RepoPath = str
"""A path relative to the root with `/` between its parts; bytes that are not UTF-8 are surrogates."""

Progress = Callable[[str, int, int], None]
"""Called with the name of a task, how much of it is done, and how much there is."""

CountTokens = Callable[[str], int]
"""Counts the tokens of a text, as the model that will read it does."""

ReadFile = Callable[[RepoPath], bytes | None]
"""Reads a file of the repository; None if it is gone, too large or not a regular file."""

DEFAULT_TOKENS = 1024
"""The budget of a map where none is given."""
LOOKUP_TOKENS = 2048
"""The budget of a lookup where none is given."""
LEAST_TOKENS = 16
"""The smallest budget that any command accepts; a path or a line fits."""

GRAPH_LIMIT = 50
"""How many items the answer to a question about the graph shows where no limit is given."""
IMPACT_LIMIT = 10
"""How many items of each list the impact of a change shows where no limit is given."""
IMPACT_DEPTH = 3
"""For how many steps it follows callers."""

KINDS = (
    "class",
    "struct",
    "interface",
    "trait",
    "enum",
    "type",
    "implementation",
    "function",
    "method",
    "constructor",
    "property",
    "macro",
    "module",
    "namespace",
    "constant",
    "variable",
    "field",
    "heading",
    "rule",
    "target",
    "table",
    "resource",
    "message",
    "service",
    "test",
)
"""Kinds of definitions: `@definition.KIND` in the tags queries. The index is the code in
`FileTags.kinds`, which caches store, so new kinds go to the end."""

SkipReason = Literal[
    "", "binary", "generated", "minified", "large", "failed", "unreadable", "link", "translation"
]
"""Why a file is listed without symbols; empty if it was parsed or has no grammar."""


class Span(NamedTuple):
    """The lines of one definition, 1-based and inclusive."""

    doc: int
    """First line of the comments and decorators directly above; `first` if there are none."""
    first: int
    last: int
    signature_first: int
    signature_last: int


@dataclass(frozen=True, slots=True)
class Focus:
    """What a map is for. An empty focus gives the structural overview."""

    request: str = ""
    """A request in plain language: words, quoted code, paths, stack traces."""
    chat: tuple[RepoPath, ...] = ()
    """Files that the reader has already: they are not shown, what is related to them is."""
    mentions: tuple[str, ...] = ()
    """Exact names of files or symbols that matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One symbol, as its language's tags query found it."""

    name: str
    kind: str
    span: Span
    signature: str
    """The source lines of the signature, the first without its indentation."""
    parent: int | None
    """Index of the enclosing definition in the same file; None at the top level."""
    owner: str
    """The type that it names as its own without being inside it, such as a Go receiver; else empty."""


class Import(NamedTuple):
    """One import, include or use, as the source writes it."""

    module: str
    """The name of the source: a dotted module, a path, an include. Python's leading dots are kept."""
    names: tuple[str, ...]
    """The names taken from it; empty if it is imported whole."""


@dataclass(frozen=True, slots=True)
class FileTags:
    """Definitions, uses of words and imports of one file, as columns.

    Definitions are in the order of their first byte, outer before inner. The four `use_*` columns
    have one row for each word that occurs directly inside a definition (not counting nested ones):
    how often in code, how often in prose (comments, strings, text). A definition's own name does
    not count as a use of it.
    """

    language: str
    """Name of the language; empty if there is no grammar for the file."""
    lines: int
    _: KW_ONLY
    skipped: SkipReason = ""
    names: tuple[str, ...] = ()
    kinds: bytes = b""
    parents: "array[int]" = field(default_factory=lambda: array("i"))
    """By definition: index of the enclosing one; -1 at the top level."""
    spans: "array[int]" = field(default_factory=lambda: array("I"))
    """Five numbers for each definition, in the order of `Span`."""
    signatures: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """Every distinct word of the file, in order of first use; `use_word` points into it."""
    use_owner: "array[int]" = field(default_factory=lambda: array("I"))
    """0 for the file itself, else 1 + the index of the definition."""
    use_word: "array[int]" = field(default_factory=lambda: array("I"))
    use_code: "array[int]" = field(default_factory=lambda: array("H"))
    use_prose: "array[int]" = field(default_factory=lambda: array("H"))
    imports: tuple[Import, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDefinition:
    """A definition as a map shows it."""

    name: str
    kind: str
    lines: tuple[int, int]
    """First and last line of the whole definition, 1-based and inclusive."""
    signature: str
    score: float
    changed: float | None
    """The chance that the work changes it; None where the focus has no words."""
    used: float
    """The chance that new code uses it."""
    parent: str
    """The names of what encloses it, outermost first, joined by dots; empty at the top level."""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file as a map shows it: its path and the definitions chosen from it."""

    path: RepoPath
    language: str
    score: float
    definitions: tuple[ShownDefinition, ...]
    """In source order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoMap:
    """A map of a repository that fits its token budget."""

    text: str
    tokens: int
    """Of `text`, never more than `budget_tokens`."""
    budget_tokens: int
    files: tuple[ShownFile, ...]
    """Best first; the text groups them by folder."""
    omitted_files: int
    omitted_definitions: int
    """Definitions that are not shown, in shown files and others."""
