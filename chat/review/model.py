"""The values of a review. All are frozen."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from chat.model import RepoPath

if TYPE_CHECKING:
    from repomap import Hunk


class Severity(StrEnum):
    """How bad it would be, the worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)

    def reaches(self, other: "Severity") -> bool:
        """Whether this is at least as bad.

        >>> Severity.HIGH.reaches(Severity.MEDIUM), Severity.LOW.reaches(Severity.MEDIUM)
        (True, False)
        """
        return self.rank <= other.rank


FileStatus = Literal["added", "deleted", "modified", "renamed"]
Skipped = Literal[
    "",
    "binary",
    "generated",
    "vendored",
    "minified",
    "submodule",
    "link",
    "unchanged text",
    "may not be read",
]
"""Why a changed file is not reviewed; empty if it is."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file as a diff changes it."""

    path: RepoPath
    """In the newer state; the older path of a deleted file."""
    status: FileStatus
    hunks: tuple["Hunk", ...]
    _: KW_ONLY
    old_path: RepoPath
    skipped: Skipped = ""

    @property
    def added(self) -> int:
        """How many lines are new."""
        return sum(line.kind == "+" for hunk in self.hunks for line in hunk.lines)

    @property
    def removed(self) -> int:
        """How many lines are gone."""
        return sum(line.kind == "-" for hunk in self.hunks for line in hunk.lines)


@dataclass(frozen=True, slots=True)
class FileText:
    """The lines of a file as far as they are known, by their number."""

    lines: Mapping[int, str]
    is_whole: bool
    """Otherwise only what a diff shows of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is wrong, at lines of the newer file."""

    path: RepoPath
    line: int
    """1-based, in the newer file, where it exists."""
    end_line: int
    severity: Severity
    confidence: float
    """From 0 to 1, as the model estimates it."""
    title: str
    why: str
    suggestion: str
    quote: str
    """The lines themselves, as they are in the file."""
    moved_from: int | None = None
    """The line that the model named, where what it quoted stands elsewhere."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A finding that does not count, and why."""

    path: str
    """As the model wrote it."""
    line: int
    title: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a review has found so far."""

    title: str
    """What was compared."""
    model: str = ""
    files: tuple[ChangedFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    """The worst first."""
    dropped: tuple[Dropped, ...] = ()
    notes: tuple[str, ...] = ()
    """What the reader should know of how the review was made."""
    calls: int = 0
    failed_parts: int = 0
    """Parts of the change that no valid answer came for."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Tokens of the calls: `input_tokens`, `output_tokens`, `cache_read_input_tokens`."""
    cost_usd: float | None = 0.0
    duration_ms: int = 0
    error: str = ""
    """Why the review is incomplete; empty if it is not."""
    exit_code: int = 0

    @property
    def reviewed(self) -> tuple[ChangedFile, ...]:
        """The files that the model was shown."""
        return tuple(file for file in self.files if not file.skipped)
