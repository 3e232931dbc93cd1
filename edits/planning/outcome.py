"""What one block does, before it counts: the drafts that it leaves, and its result."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edits.model import Applied, RepoPath
from edits.planning.draft import Draft


@dataclass(frozen=True, slots=True)
class Outcome:
    """A block that fits."""

    result: Applied
    drafts: Mapping[RepoPath, Draft] = field(default_factory=dict)
    """The files that it leaves in another state."""
    new_lines: tuple[str, ...] = ()
    """The lines that it brings, in no order."""
    reply_end: int = 0
    """The 1-based reply line where a listing turned out to end; 0 where that is as parsed."""
