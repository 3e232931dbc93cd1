"""A repository as a page shows it. Files are referred to by their index in `Page.files`, likewise definitions."""

from dataclasses import dataclass
from typing import NamedTuple


class PageFile(NamedTuple):
    """A file; its texts are safe to show."""

    path: str
    language: str
    kind: str
    """source, test, docs …"""
    score: float
    """In the overview."""
    centrality: float
    """Its PageRank in units of the mean."""
    lines: int
    commits: int
    """How many of the recent commits touched it."""
    age: int
    """How many commits have been made since the last of these; -1 without any."""
    definitions: int
    """How many it has, also those that the page leaves out."""


class PageDefinition(NamedTuple):
    """A definition of a file."""

    file: int
    name: str
    kind: str
    parent: str
    """The names of what encloses it, joined by dots; empty at the top level."""
    line: int
    """Its first, 1-based."""
    declaration: str
    """On one line, without its body."""
    score: float
    """In the overview: the chance that new code uses it."""
    uses: float
    """How much the files use it so far."""


class Link(NamedTuple):
    """What one file uses of another."""

    source: int
    target: int
    weight: float
    is_dependency: bool
    """Whether it is sure; otherwise the names may mean something else, and each counts for its share."""
    names: tuple[str, ...]
    """The strongest first."""


class Ranking(NamedTuple):
    """The best files for a request, and with files in hand, computed ahead."""

    request: str
    """Empty where only files are in hand."""
    in_hand: tuple[int, ...]
    """Files that the reader has already; they are not in the ranking."""
    files: tuple[int, ...]
    """Best first."""
    definitions: tuple[tuple[int, ...], ...]
    """The best of each of these files."""
    reasons: tuple[tuple[str, ...], ...]
    """Why the first of these files are where they are, as lines of `--why`; empty without a request."""


class LeftOut(NamedTuple):
    """How much of a large repository a page leaves out."""

    files: int
    definitions: int
    links: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Everything that a page shows."""

    title: str
    """The name of the folder."""
    files: tuple[PageFile, ...]
    """Best first, as in the overview."""
    definitions: tuple[PageDefinition, ...]
    """By file, then in source order."""
    links: tuple[Link, ...]
    """Sorted by source and target."""
    rankings: tuple[Ranking, ...]
    """Those of requests first, as they were given."""
    commits: int
    """How many commits the history has."""
    left_out: LeftOut
