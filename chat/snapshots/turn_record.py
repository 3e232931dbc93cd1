"""What a turn changed, and how it was undone: the records that undo, redo, rollback and resuming share."""

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from chat.model import RepoPath

UndoneCommits = Literal["files", "gone", "taken off", "reverted"]
"""What became of an undone turn's commits: there are none; the branch no longer has them; the branch was
moved back from them; another commit reverts them."""


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """What a finished turn changed."""

    turn: int
    before: str
    """The snapshot just before its first write."""
    after: str
    """The snapshot when all was over; "" where ``writes`` says what the turn did."""
    paths: tuple[RepoPath, ...]
    """The files that it changed, sorted."""
    _: KW_ONLY
    commits: tuple[str, ...] = ()
    """Its own, oldest first; not the one that holds the user's earlier changes."""
    base: str | None = None
    """Where the branch was, if that is not the parent of the first commit: it was amended."""
    staged: bool = False
    """Its files were put into the index instead of a commit."""
    writes: tuple[str, ...] = ()
    """The records of what it wrote, oldest first, in the session's `KeptChanges`. None of these, and ``after``
    instead, is what an earlier version recorded."""


@dataclass(frozen=True, slots=True)
class Undone:
    """A turn that was undone, with what it takes to do it again."""

    record: TurnRecord
    way: UndoneCommits
    reverts: tuple[str, ...] = ()
    """The commits that revert its commits, oldest first."""
