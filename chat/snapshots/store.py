"""What every kind of snapshot store offers, and the values that it takes and gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from chat.model import RepoPath

MAX_FILE_BYTES = 20_000_000
"""A larger file is left out of snapshots."""
MAX_NEW_BYTES = 400_000_000
"""What one snapshot reads at most of files that it has not seen."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot of a session."""

    number: int
    """From 1, in the order taken; pruning leaves gaps."""
    id: str
    label: str
    time_s: float
    """Since the epoch."""


@dataclass(frozen=True, slots=True)
class FileState:
    """One file as it is or was."""

    data: bytes
    """Its bytes; of a link, its target."""
    kind: Literal["file", "link", "other"] = "file"
    """`other`: neither a file nor a link, or one that cannot be read."""
    executable: bool = False


States = Mapping[RepoPath, FileState | None]
"""None: not there."""


class SnapshotStore(Protocol):
    """The snapshots of one session. All paths are relative to ``root``."""

    @property
    def root(self) -> Path:
        """The folder whose files are kept."""
        ...

    def take(self, label: str) -> str:
        """Keep the files as they are now and return the snapshot's id. Raises ChatError.

        Touches neither index, branch nor file.
        """
        ...

    def read(self, snapshot: str, path: RepoPath) -> bytes | None:
        """Return the bytes that a file had, of a link its target; None where it was not there."""
        ...

    def states(self, snapshot: str, paths: Sequence[RepoPath]) -> States:
        """Return what the paths were in a snapshot."""
        ...

    def changed(self, before: str, after: str) -> tuple[RepoPath, ...]:
        """Return the paths in which two snapshots differ, sorted."""
        ...

    def diff(self, before: str, after: str) -> str:
        """Return the unified diff from one snapshot to another."""
        ...

    def left_out(self, snapshot: str) -> frozenset[RepoPath]:
        """Return the files that were there and are not in the snapshot, because they are too large."""
        ...

    def snapshots(self) -> tuple[Snapshot, ...]:
        """Return the session's snapshots, oldest first."""
        ...

    def prune(self, age_s: float, number: int) -> int:
        """Drop snapshots older than ``age_s`` and all but the newest ``number``; return how many."""
        ...
