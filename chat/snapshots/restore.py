"""Makes files what they were in a snapshot: all of them, or none.

A file that is no longer what it was left as has been changed by the user. That change is merged with
what is restored, or the whole step is refused; it is never overwritten.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chat.errors import NothingToUndo
from chat.git.links import real_paths
from chat.git.merge_file import merge_texts
from chat.model import RepoPath
from chat.snapshots.file_states import kind_of, read_state, write_states
from chat.snapshots.store import FileState, SnapshotStore, States
from repomap import escaped

Merge = Callable[[bytes, bytes, bytes], bytes | None]
"""(base, ours, theirs) → the text with both sides' changes, or None where they clash."""
_MAX_NAMES = 10


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    paths: tuple[RepoPath, ...]
    """The files that changed on disk, sorted."""
    merged: tuple[RepoPath, ...] = ()
    """Those of them in which the user's later changes stay."""
    left_out: tuple[RepoPath, ...] = ()
    """Files that no snapshot holds: too large, or ignored."""


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What would be written, before anything is."""

    before: States
    after: States
    merged: tuple[RepoPath, ...]
    left_out: tuple[RepoPath, ...]


def plan_restore(
    store: SnapshotStore, snapshot: str, paths: Sequence[RepoPath] | None, expected: str
) -> RestorePlan:
    """Plan how files become what they were in ``snapshot``; None: all that differ.

    A file that is not as in the snapshot ``expected`` has been changed since: its text is merged.
    Raises NothingToUndo, naming the files, where that cannot be done.
    """
    if paths is None:
        affected = store.changed(snapshot, expected)
    else:  # an edit through a link has changed another file
        affected = tuple(
            dict.fromkeys(real for path in paths for real in (path, *real_paths(store.root, path)))
        )
    missing = store.left_out(snapshot) | store.left_out(expected)
    left_out = tuple(path for path in affected if path in missing)
    affected = tuple(path for path in affected if path not in missing)
    current = {path: read_state(store.root, path) for path in affected}
    target, last = store.states(snapshot, affected), store.states(expected, affected)
    unseen = tuple(path for path in affected if not (target.get(path) or last.get(path)))
    after, merged, refused = decide(target, last, current, merge_texts)
    if refused:
        raise NothingToUndo(
            f"{_named(refused)}: changed since, in the same lines. No file was changed. "
            "Move your changes elsewhere and try again, or edit by hand."
        )
    return RestorePlan({path: current[path] for path in after}, after, merged, (*left_out, *unseen))


def decide(
    target: States, expected: States, current: States, merge: Merge
) -> tuple[dict[RepoPath, FileState | None], tuple[RepoPath, ...], tuple[RepoPath, ...]]:
    """Decide for each current file what it becomes.

    Returns (what is to be written, which of it is merged, which paths are refused).
    """
    after: dict[RepoPath, FileState | None] = {}
    merged, refused = [], []
    for path, here in current.items():
        wanted, last = target.get(path), expected.get(path)
        if _same(here, wanted) or _same(last, wanted):
            continue
        if _same(here, last) and "other" not in (kind_of(here), kind_of(wanted)):
            after[path] = wanted
            continue
        both = _merged(wanted, last, here, merge)
        if both is None:
            refused.append(path)
        elif not _same(both, here):
            after[path] = both
            merged.append(path)
    return after, tuple(merged), tuple(refused)


def carry_out(plan: RestorePlan, root: Path) -> Restored:
    """Write a whole plan; or raise ChatError, and nothing has changed."""
    write_states(root, plan.before, plan.after)
    return Restored(tuple(sorted(plan.after)), plan.merged, plan.left_out)


def revert(plan: RestorePlan, root: Path) -> None:
    """Put back what a plan has changed, where a later step failed."""
    write_states(root, plan.after, plan.before)


def _merged(
    wanted: FileState | None, base: FileState | None, here: FileState | None, merge: Merge
) -> FileState | None:
    if wanted is None or base is None or here is None or {wanted.kind, base.kind, here.kind} != {"file"}:
        return None
    data = merge(base.data, here.data, wanted.data)
    executable = wanted.executable if here.executable == base.executable else here.executable
    return None if data is None else FileState(data, "file", executable)


def _same(first: FileState | None, other: FileState | None) -> bool:
    if first is None or other is None:
        return first is other
    same_mode = os.name == "nt" or first.executable == other.executable
    return (first.kind, first.data) == (other.kind, other.data) and same_mode


def _named(paths: Sequence[RepoPath]) -> str:
    more = f" and {len(paths) - _MAX_NAMES} more" if len(paths) > _MAX_NAMES else ""
    return ", ".join(escaped(path) for path in paths[:_MAX_NAMES]) + more
