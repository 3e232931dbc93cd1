"""The records of what changes files in a journal: snapshots, edits, commits, and what is taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from chat.sessions.records.fields import Fields
from chat.snapshots.turn_record import UndoneCommits


@dataclass(frozen=True, slots=True)
class SnapshotTaken(Fields):
    """The files were kept before a turn's first write."""

    kind: ClassVar[str] = "checkpoint"
    before: str
    """The id of the snapshot."""


@dataclass(frozen=True, slots=True)
class EditIntent(Fields):
    """Files are about to be written."""

    kind: ClassVar[str] = "edit.intent"
    after: Mapping[str, str] = field(default_factory=dict)
    """Path to the digest of its new content; empty for a file that is to be deleted."""
    kept: str = ""
    """The record of what the files hold and of what is written, in the session's `KeptChanges`."""


@dataclass(frozen=True, slots=True)
class EditDone(Fields):
    """The files were written."""

    kind: ClassVar[str] = "edit.done"
    intent: int


@dataclass(frozen=True, slots=True)
class EditAdopted(Fields):
    """A linter or a hook has rewritten what the turn had just written; that is the turn's, too."""

    kind: ClassVar[str] = "edit.adopted"
    kept: str
    """The record of the change."""


@dataclass(frozen=True, slots=True)
class EditRefused(Fields):
    """Edits of a reply could not be applied."""

    kind: ClassVar[str] = "edit.refused"
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CommitIntent(Fields):
    """A commit is about to be made."""

    kind: ClassVar[str] = "commit.intent"
    paths: tuple[str, ...]
    message: str
    head: str
    """Where the branch is before it; empty before the first commit."""
    of_user: bool = False
    """It holds the user's own changes."""
    holds: Mapping[str, str] = field(default_factory=dict)
    """Path to mode and id of what it will hold there; empty for a file that it removes."""


@dataclass(frozen=True, slots=True)
class CommitDone(Fields):
    """A commit was made, or there was nothing to commit."""

    kind: ClassVar[str] = "commit.done"
    commit: str
    """The full id; empty for none."""
    of_user: bool = False
    intent: int | None = None
    """None where a resumed session found the commit of a killed one."""


@dataclass(frozen=True, slots=True)
class RestoreIntent(Fields):
    """A turn is about to be undone or redone, or files and conversation are to be as before one."""

    kind: ClassVar[str] = "restore.intent"
    action: Literal["undo", "redo", "rollback"]
    kept: str
    """The record of what the files hold and of what they will hold."""
    head: str = ""
    """Where the branch is before it."""
    way: UndoneCommits = "files"
    """What becomes of the commits, or for a redo, what had become of them."""
    number: int = 0
    """The turn to go back to."""
    what: Literal["files", "conversation", "both"] = "both"
    """What a rollback puts back."""
    before: str = ""
    """The snapshot of the files that a rollback replaces."""


@dataclass(frozen=True, slots=True)
class RestoreFailed(Fields):
    """It was not done, and nothing has changed."""

    kind: ClassVar[str] = "restore.failed"


@dataclass(frozen=True, slots=True)
class Rollback(Fields):
    """The files were put back to a snapshot; undone like a turn."""

    kind: ClassVar[str] = "rollback"
    request: str
    turn: int
    paths: tuple[str, ...]
    before: str
    after: str = ""
    kept: str = ""
    """The record of what it wrote."""


@dataclass(frozen=True, slots=True)
class Undo(Fields):
    """The last turn that changed files was undone."""

    kind: ClassVar[str] = "undo"
    way: UndoneCommits
    reverts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Redo(Fields):
    """What was undone last was done again."""

    kind: ClassVar[str] = "redo"
    commits: tuple[str, ...] | None = None
    """The commits that it has now."""
