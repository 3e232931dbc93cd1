"""Makes files what they were: all of them, or none.

What is restored follows from the steps of a turn (`own_changes`), or from two snapshots. A file that is no
longer what it was left as has been changed by the user. That change is merged with what is restored, or the
whole step is refused; it is never overwritten.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chat.errors import NothingToUndo
from chat.git.links import real_paths
from chat.git.merge_file import merge_texts
from chat.model import RepoPath
from chat.safety.secret_forms import MASK
from chat.snapshots.file_states import read_state, write_states
from chat.snapshots.kept_changes import KeptChanges
from chat.snapshots.own_changes import OwnChange, carried, way_back
from chat.snapshots.store import FileState, SnapshotStore, States
from chat.snapshots.turn_record import TurnRecord
from repomap import escaped

_MAX_NAMES = 10


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    paths: tuple[RepoPath, ...]
    """The files that changed on disk, sorted."""
    merged: tuple[RepoPath, ...] = ()
    """Those of them in which the user's later changes stay."""
    left_out: tuple[RepoPath, ...] = ()
    """Files of which nothing is kept: too large, or ignored."""


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What would be written, before anything is."""

    before: States
    after: States
    merged: tuple[RepoPath, ...] = ()
    left_out: tuple[RepoPath, ...] = ()

    def changes(self) -> tuple[OwnChange, ...]:
        """Return what this writes, as a record that a killed process can be finished by."""
        return tuple(OwnChange(path, self.before[path], state) for path, state in sorted(self.after.items()))


def changes_of(
    record: TurnRecord, store: SnapshotStore, kept: KeptChanges
) -> tuple[tuple[OwnChange, ...], tuple[RepoPath, ...]]:
    """Return what a turn changed, in order, and the files of which nothing is kept. Raises ChatError.

    Where an earlier version recorded the turn, two snapshots stand for its steps.
    """
    if record.writes:
        return kept.read(record.writes), ()
    if any(MASK in path for path in record.paths):
        raise NothingToUndo(
            f"An earlier version put {MASK} into the names of the files of turn {record.turn}, so it cannot be undone. "
            "Nothing was done. If it was committed, git revert undoes the commit."
        )
    # an edit through a link has changed another file
    affected = tuple(
        dict.fromkeys(real for path in record.paths for real in (path, *real_paths(store.root, path)))
    )
    return _between(store, record.before, record.after, affected)


def plan_steps(root: Path, steps: Sequence[OwnChange], left_out: tuple[RepoPath, ...] = ()) -> RestorePlan:
    """Plan how files take these steps from where they are now.

    Raises NothingToUndo, naming the files, where the user's changes are in the way.
    """
    current = {step.path: read_state(root, step.path) for step in steps}
    becomes = carried(current, steps, merge_texts)
    if becomes.clashing:
        raise NothingToUndo(
            f"{_named(becomes.clashing)}: changed since, in the same lines. No file was changed. "
            "Move your changes elsewhere and try again, or edit by hand."
        )
    return _plan(current, becomes.states, becomes.merged, left_out)


def plan_rollback(
    store: SnapshotStore, snapshot: str, expected: str, later: Sequence[OwnChange] = ()
) -> RestorePlan:
    """Plan how all files become what they were in ``snapshot``; ``expected`` is a snapshot of them as they are.

    ``later`` is what turns have written since: it counts for files that no snapshot holds. Raises NothingToUndo.
    """
    changes, left_out = _between(store, snapshot, expected, store.changed(snapshot, expected))
    paths = tuple(dict.fromkeys(change.path for change in later))
    held = {
        path for name in (snapshot, expected) for path, state in store.states(name, paths).items() if state
    }
    unheld = tuple(change for change in later if change.path not in held)
    return plan_steps(store.root, way_back((*changes, *unheld)), left_out)


def plan_to_finish(root: Path, changes: Sequence[OwnChange]) -> tuple[RestorePlan, tuple[RepoPath, ...]]:
    """Plan the rest of a restore whose process was killed; return also the files that are left as they are.

    Those have been changed since. A file that is gone had been moved aside to make room.
    """
    current = {change.path: read_state(root, change.path) for change in changes}
    moved = [
        change.path for change in changes if current[change.path] is None and change.before and change.after
    ]
    steps = [
        OwnChange(change.path, None, change.after) if change.path in moved else change for change in changes
    ]
    becomes = carried(current, steps, merge_texts)
    return _plan(current, becomes.states, becomes.merged), becomes.clashing


def carry_out(plan: RestorePlan, root: Path) -> Restored:
    """Write a whole plan; or raise ChatError, and nothing has changed."""
    write_states(root, plan.before, plan.after)
    return Restored(tuple(sorted(plan.after)), plan.merged, plan.left_out)


def revert(plan: RestorePlan, root: Path) -> None:
    """Put back what a plan has changed, where a later step failed."""
    write_states(root, plan.after, plan.before)


def _between(
    store: SnapshotStore, before: str, after: str, paths: Sequence[RepoPath]
) -> tuple[tuple[OwnChange, ...], tuple[RepoPath, ...]]:
    """Return how files differ between two snapshots, and those of the paths that neither of them holds."""
    missing = store.left_out(before) | store.left_out(after)
    left_out = tuple(path for path in paths if path in missing)
    paths = tuple(path for path in paths if path not in missing)
    old, new = store.states(before, paths), store.states(after, paths)
    unseen = tuple(path for path in paths if not (old.get(path) or new.get(path)))
    changes = tuple(OwnChange(path, old.get(path), new.get(path)) for path in paths if path not in unseen)
    return changes, (*left_out, *unseen)


def _plan(
    current: States,
    after: Mapping[RepoPath, FileState | None],
    merged: tuple[RepoPath, ...],
    left_out: tuple[RepoPath, ...] = (),
) -> RestorePlan:
    return RestorePlan({path: current[path] for path in after}, after, merged, left_out)


def _named(paths: Sequence[RepoPath]) -> str:
    more = f" and {len(paths) - _MAX_NAMES} more" if len(paths) > _MAX_NAMES else ""
    return ", ".join(escaped(path) for path in paths[:_MAX_NAMES]) + more
