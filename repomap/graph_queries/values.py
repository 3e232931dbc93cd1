"""The items of answers about the graph."""

from dataclasses import dataclass

from repomap.model import RepoPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependency:
    """A file or a definition that depends on another one, or that another one depends on."""

    path: RepoPath
    name: str
    """The definition after what encloses it, joined by dots; empty for a file or its top level."""
    steps: int
    """1 for a direct dependency."""
    via: str
    """The file or name before it on the way; empty for a direct dependency."""
    names: tuple[str, ...]
    """Between files: some of the names by which the one uses the other, strongest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Files that all depend on each other, directly or by others."""

    size: int
    """How many files there are; `paths` may have some of them."""
    example: tuple[RepoPath, ...]
    """A shortest way around through the first of them: each depends on the next, the last on the first."""
    paths: tuple[RepoPath, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Files that depend on lower layers only; files in a cycle are in one layer."""

    level: int
    """0 for files that depend on no other."""
    size: int
    paths: tuple[RepoPath, ...]
    """Those on which most files depend come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Depended:
    """A file, or a definition, and how much depends on it."""

    path: RepoPath
    name: str
    """Empty for a file."""
    direct: int
    """How many files depend on it directly."""
    all: int
    """How many do directly or by others; for a definition, those that depend on its file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A file on the way from one to another."""

    path: RepoPath
    names: tuple[str, ...]
    """Some of the names by which it uses the next one, strongest first; none for the last file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """Files that depend more on each other than on the rest."""

    name: str
    """The folder that most of them are in, and the file of them on which most depend."""
    size: int
    inside: float
    """Which share of the weight of their links stays inside."""
    paths: tuple[RepoPath, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedFile:
    """A file that is related to the one in question."""

    path: RepoPath
    score: float
    """From 0 to 1; 1 if it is the closest in every respect."""
    uses: tuple[str, ...]
    """Some of the names of this file that the one in question uses, strongest first."""
    used_by: tuple[str, ...]
    """Some of the names of the one in question that this file uses."""
    commits: int
    """How many recent commits changed both; 0 if fewer than two did."""
