"""What the impact of a change is, as values."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from repomap.lookup.answers import Symbol
from repomap.model import RepoPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A definition, or the top level of a file, whose code uses what changed."""

    path: RepoPath
    within: str
    """Its name after those of what encloses it, joined by dots; empty for the top level of the file."""
    lines: tuple[int, int] | None
    """First and last line; None for the top level of the file."""
    uses: str
    """The name that it uses."""
    steps: int
    """1 if it uses a changed definition, 2 if it uses one that does, and so on."""
    score: float
    """How much of the change reaches it: 1 for a use that can mean nothing else, halved by each step more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestToRun:
    """A test file that the change may break."""

    path: RepoPath
    score: float
    """Its share of the evidence for all tests; the scores of all tests add up to 1."""
    reasons: tuple[str, ...]
    """What speaks most for it, strongest first: features of docs/graph.md."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A file that the change does not touch and that earlier commits changed together with those that it does."""

    path: RepoPath
    score: float
    """The share of the changed files' commits that touched it, older ones for less; from 0 to 1."""
    commits: int
    """How many recent commits touched it and a file of the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What a change touches and what may have to follow it; each list best first."""

    files: tuple[RepoPath, ...]
    """The files of the change, in its order, whether the index has them or not."""
    definitions: tuple[Symbol, ...]
    """The innermost ones around the changed lines, as they are in the present files."""
    callers: tuple[Caller, ...]
    tests: tuple[TestToRun, ...]
    together: tuple[Companion, ...]
    omitted: MappingProxyType[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """By name of a list: how many more there are."""
    text: str
    """The same for a reader."""
    tokens: int
    """Of `text`, never more than `budget_tokens`."""
    budget_tokens: int


def impact_object(impact: Impact) -> dict[str, Any]:
    """Convert to JSON values, as the schema `impact` describes them."""
    return {
        "version": 1,
        "tokens": impact.tokens,
        "budget": impact.budget_tokens,
        "files": list(impact.files),
        "definitions": [_plain(each) for each in impact.definitions],
        "callers": [_plain(each) for each in impact.callers],
        "tests": [_plain(each) for each in impact.tests],
        "together": [_plain(each) for each in impact.together],
        "omitted": dict(impact.omitted),
    }


def _plain(value: Any) -> dict[str, Any]:
    fields = ((name, getattr(value, name)) for name in type(value).__slots__)
    return {name: list(content) if isinstance(content, tuple) else content for name, content in fields}
