"""[io] Where snapshots of the files are kept: by git, or in plain files where there is no repository."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from chat.git.repository import GitRepository
from chat.model import RepoPath
from chat.sessions.locations import new_id, project_folder
from chat.snapshots.kept_changes import KeptChanges
from chat.snapshots.store import SnapshotStore

_KEPT_DAYS, _KEPT_SNAPSHOTS = 30, 500
_DAY_S = 86_400.0


def open_snapshots(
    repository: GitRepository | None, session_id: str, root: Path, paths: Callable[[], Sequence[RepoPath]]
) -> SnapshotStore:
    """Open the snapshots of a session; ``paths`` lists the files to keep where there is no git."""
    name = session_id or new_id()
    if repository is not None:
        from chat.snapshots.git_snapshots import GitSnapshots

        return GitSnapshots(repository, name)
    from chat.snapshots.file_snapshots import FileSnapshots

    return FileSnapshots(root, project_folder(root) / f"{name}.snapshots", paths)


def prune_snapshots(snapshots: SnapshotStore, kept: KeptChanges) -> None:
    """Delete what is too old or too many of both; a failure must not keep the chat from closing."""
    with suppress(Exception):
        kept.prune(_KEPT_SNAPSHOTS)
        snapshots.prune(_KEPT_DAYS * _DAY_S, _KEPT_SNAPSHOTS)
