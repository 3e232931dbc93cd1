"""The values that flow through the map: what a file holds, and what is shown of it.

`FileTags` keeps what parsing found in columns rather than in one object for each symbol: a
repository has a million of them, and workers, caches and the index move them as they are.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

RepoPath = str
"""A path relative to the root, with `/` between its parts; bytes that are no UTF-8 as surrogates."""

DEFAULT_TOKENS = 1024
LEAST_TOKENS = 16
"""Budgets of a map: where none is given, and the least in which a path fits."""

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
"""What a definition can be, as `@definition.KIND` in the tags queries says. The place is the code
in `FileTags.kinds`, so new kinds go to the end."""

SkipReason = Literal[
    "", "binary", "generated", "minified", "large", "failed", "unreadable", "link", "translation"
]
"""Why a file is listed without symbols; empty where it was parsed or has no grammar."""


class Span(NamedTuple):
    """Lines of one definition, 1-based and inclusive."""

    doc: int
    """First line of the comments and decorators directly above; `first` where there are none."""
    first: int
    last: int
    signature_first: int
    signature_last: int


@dataclass(frozen=True, slots=True)
class Focus:
    """What a map is asked for. Empty: the structural overview."""

    request: str = ""
    """The request in plain language: words, quoted code, paths, stack traces."""
    chat: tuple[RepoPath, ...] = ()
    """Files that the reader has already; never shown, but what belongs to them is."""
    mentions: tuple[str, ...] = ()
    """Names of files or symbols that matter, exactly as written."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One symbol, as its language's tags query found it."""

    name: str
    kind: str
    span: Span
    signature: str
    """The text of the signature: its own lines, the first without indentation."""
    parent: int | None
    """Place of the enclosing definition in the same file."""
    owner: str
    """The type a definition says it belongs to where it does not stand inside it, as a Go receiver does."""


class Import(NamedTuple):
    """One import, include or use, as the source writes it."""

    module: str
    """What is named: a dotted module, a path, an include; Python's leading dots are kept."""
    names: tuple[str, ...]
    """What is taken out of it; empty where it is imported whole."""


@dataclass(frozen=True, slots=True)
class FileTags:
    """What parsing found in one file: definitions, the words used and where, imports.

    Definitions stand in the order of their first byte, outer before inner. The four `use_*`
    columns say how often each word stands in code and in prose (comments, strings, text)
    directly inside each definition, not counting the definitions inside that one. A
    definition's own name is no use of it.
    """

    language: str
    """Name of the language, empty where there is no grammar for the file."""
    lines: int
    skipped: SkipReason = ""
    names: tuple[str, ...] = ()
    kinds: bytes = b""
    parents: "array[int]" = field(default_factory=lambda: array("i"))
    """-1 where a definition stands at the top level."""
    spans: "array[int]" = field(default_factory=lambda: array("I"))
    """Five numbers for each definition, in the order of `Span`."""
    signatures: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """Every distinct word of the file, in order of first use."""
    use_owner: "array[int]" = field(default_factory=lambda: array("I"))
    """0 for the file itself, else 1 + the place of the definition."""
    use_word: "array[int]" = field(default_factory=lambda: array("I"))
    use_code: "array[int]" = field(default_factory=lambda: array("H"))
    use_prose: "array[int]" = field(default_factory=lambda: array("H"))
    imports: tuple[Import, ...] = ()

    def __len__(self) -> int:
        """The number of definitions."""
        return len(self.names)

    def definition(self, place: int) -> Definition:
        parent = self.parents[place]
        return Definition(
            self.names[place],
            KINDS[self.kinds[place]],
            self.span(place),
            self.signatures[place],
            parent if parent >= 0 else None,
            self.owners[place],
        )

    def span(self, place: int) -> Span:
        return Span(*self.spans[5 * place : 5 * place + 5])

    def definitions(self) -> Iterator[Definition]:
        return map(self.definition, range(len(self.names)))

    def references(self) -> dict[str, int]:
        """How often each name is used in code, in order of first use; definitions are not counted."""
        counts: dict[str, int] = {}
        for word, code in zip(self.use_word, self.use_code, strict=True):
            if code:
                counts[self.words[word]] = counts.get(self.words[word], 0) + code
        return counts


@dataclass(frozen=True, slots=True)
class ShownDefinition:
    """A definition as a map shows it."""

    name: str
    kind: str
    lines: tuple[int, int]
    """First and last line of the whole definition, 1-based and inclusive."""
    signature: str
    score: float
    parent: str
    """Names of what encloses it, outermost first, joined by dots; empty at the top level."""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file as a map shows it: its path, and those of its definitions that were chosen."""

    path: RepoPath
    language: str
    score: float
    definitions: tuple[ShownDefinition, ...]
    """In the order of the source."""


@dataclass(frozen=True, slots=True)
class RepoMap:
    """The map of a repository within a budget."""

    text: str
    tokens: int
    """Of `text`, never more than `budget_tokens`."""
    budget_tokens: int
    files: tuple[ShownFile, ...]
    """Best first; the text groups them by folder."""
    omitted_files: int
    omitted_definitions: int
    """Of all files, shown or not."""
