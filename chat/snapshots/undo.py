"""Undoes a turn by its record, or does it again: files, commits and index together, or nothing.

Whatever the user has done since is kept: their edits are merged or the step is refused, their
commits stay where they are, and commits that have been pushed are undone by a reverting commit.

Each step is planned first, so that the journal has the plan before anything changes. A step whose process was
killed is finished by that: files that are done already are left, and so are commits, which are known by what
they hold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from chat.display.amounts import counted
from chat.errors import GitError
from chat.git.repository import GitRepository
from chat.model import RepoPath
from chat.snapshots.kept_changes import KeptChanges
from chat.snapshots.own_changes import OwnChange, way_back
from chat.snapshots.restore import (
    Restored,
    RestorePlan,
    carry_out,
    changes_of,
    plan_rollback,
    plan_steps,
    plan_to_finish,
    revert,
)
from chat.snapshots.store import SnapshotStore
from chat.snapshots.turn_record import TurnRecord, Undone, UndoneCommits
from repomap import escaped

Result = TypeVar("Result")

_SHOWN_ID_CHARS = 9


@dataclass(frozen=True, slots=True)
class StepBack:
    """An undo or a redo as it is planned."""

    files: RestorePlan
    way: UndoneCommits
    """What becomes of the turn's commits, or for a redo, what had become of them."""
    head: str
    """Where the branch is before it; empty before the first commit."""


def plan_undo(
    record: TurnRecord, store: SnapshotStore, repository: GitRepository | None, kept: KeptChanges
) -> StepBack:
    """Plan how a turn is undone. Raises NothingToUndo, GitError, ChatError."""
    way = _way(record, repository)
    changes, left_out = changes_of(record, store, kept)
    files = plan_steps(store.root, way_back(changes), left_out)
    if repository is not None and way in ("taken off", "reverted"):
        _require_unblocked(repository)
    return StepBack(files, way, _head(repository))


def carry_out_undo(
    plan: StepBack, record: TurnRecord, store: SnapshotStore, repository: GitRepository | None
) -> tuple[Undone, Restored]:
    """Undo a turn as planned; return how it was undone, and the files that were restored.

    Raises ChatError, and then nothing has changed.
    """

    def undo_commits() -> tuple[str, ...]:
        if repository is not None and plan.way == "taken off":
            _take_off(record, repository)
        elif repository is not None and plan.way == "reverted":
            return _revert_commits(record, repository, plan.head)
        elif repository is not None and record.staged:
            repository.stage(record.paths)
        return ()

    restored, reverts = _all_or_nothing(plan.files, store, undo_commits)
    return Undone(record, plan.way, reverts), restored


def plan_redo(
    undone: Undone, store: SnapshotStore, repository: GitRepository | None, kept: KeptChanges
) -> StepBack:
    """Plan how an undone turn is done again. Raises NothingToUndo, GitError, ChatError."""
    changes, left_out = changes_of(undone.record, store, kept)
    files = plan_steps(store.root, changes, left_out)
    if repository is not None and undone.way in ("taken off", "reverted"):
        _require_unblocked(repository)
    return StepBack(files, undone.way, _head(repository))


def carry_out_redo(
    plan: StepBack, undone: Undone, store: SnapshotStore, repository: GitRepository | None
) -> TurnRecord:
    """Do an undone turn again as planned; return its record with the commits that it has now.

    Raises ChatError, and then nothing has changed.
    """
    record = undone.record

    def redo_commits() -> TurnRecord:
        if repository is not None and undone.way in ("taken off", "reverted"):
            return _redo_commits(undone, repository, plan.head)
        if repository is not None and record.staged:
            repository.stage(record.paths)
        return record

    return _all_or_nothing(plan.files, store, redo_commits)[1]


def remaining(
    store: SnapshotStore, changes: Sequence[OwnChange], way: UndoneCommits = "files", head: str = ""
) -> tuple[StepBack, tuple[RepoPath, ...]]:
    """Plan what is left of a step that was cut off; also return the files that were changed since."""
    files, kept_as_is = plan_to_finish(store.root, changes)
    return StepBack(files, way, head), kept_as_is


def plan_files(
    store: SnapshotStore, snapshot: str, later: Sequence[OwnChange] = ()
) -> tuple[RestorePlan, str]:
    """Plan how every file becomes what it was in a snapshot; return also a snapshot of them as they are now.

    ``later`` is what turns have written since that snapshot.
    """
    now = store.take(f"before rollback to {snapshot[:12]}")
    return plan_rollback(store, snapshot, now, later), now


def undo(
    record: TurnRecord,
    store: SnapshotStore,
    repository: GitRepository | None,
    kept: KeptChanges | None = None,
) -> tuple[Undone, Restored]:
    """Plan and undo a turn at once. Raises NothingToUndo or GitError, and then nothing has changed."""
    plan = plan_undo(record, store, repository, kept or KeptChanges())
    return carry_out_undo(plan, record, store, repository)


def redo(
    undone: Undone,
    store: SnapshotStore,
    repository: GitRepository | None,
    kept: KeptChanges | None = None,
) -> TurnRecord:
    """Plan and redo a turn at once. Raises NothingToUndo or GitError, and then nothing has changed."""
    plan = plan_redo(undone, store, repository, kept or KeptChanges())
    return carry_out_redo(plan, undone, store, repository)


def undo_message(undone: Undone, restored: Restored) -> str:
    """Tell the user what an undo did."""
    record = undone.record
    count = len(restored.paths)
    commit_ids = f"{_short_ids(record.commits)} {'was' if len(record.commits) == 1 else 'were'}"
    commits = {
        "files": "",
        "gone": " Its commit is no longer on the branch.",
        "taken off": f" {commit_ids} taken off the branch.",
        "reverted": f" {commit_ids} reverted by {_short_ids(undone.reverts)}.",
    }[undone.way]
    merged = ", ".join(map(escaped, restored.merged))
    kept = f" Your later changes stay in {merged}." if merged else ""
    left_out = ", ".join(map(escaped, restored.left_out))
    unchanged = f" Left as they are, since no snapshot holds them: {left_out}." if left_out else ""
    files = counted(count, "file")
    return f"Turn {record.turn} was undone: {files} restored.{commits}{kept}{unchanged}"


def _all_or_nothing(
    files: RestorePlan, store: SnapshotStore, move_commits: Callable[[], Result]
) -> tuple[Restored, Result]:
    """Write the files, then move the commits; where that fails, put the files back."""
    restored = carry_out(files, store.root)
    try:
        return restored, move_commits()
    except BaseException:
        revert(files, store.root)
        raise


def _way(record: TurnRecord, repository: GitRepository | None) -> UndoneCommits:
    """Decide what can be done about a turn's commits."""
    if repository is None or not record.commits:
        return "files"
    if not all(map(repository.holds, record.commits)):
        return "gone"
    base = _base(record, repository)
    is_movable = (
        repository.head() == record.commits[-1]
        and _is_unbroken(record, repository)
        and not repository.pushed(record.commits[0])
        and (base is not None or repository.on_branch())
    )
    return "taken off" if is_movable else "reverted"


def _is_unbroken(record: TurnRecord, repository: GitRepository) -> bool:
    """Whether no commit of the user's is between the turn's commits."""
    parents = tuple(map(repository.parent, record.commits))
    starts_at_base = (
        record.base is None or parents[0] == record.base or parents[0] == repository.parent(record.base)
    )
    return starts_at_base and parents[1:] == record.commits[:-1]


def _base(record: TurnRecord, repository: GitRepository) -> str | None:
    return record.base or repository.parent(record.commits[0])


def _take_off(record: TurnRecord, repository: GitRepository) -> None:
    """Move the branch back from the turn's commits, unless a killed process has done so."""
    base = _base(record, repository)
    if repository.head() != base:
        repository.move(record.commits[-1], base, f"trigpoint: undo turn {record.turn}")


def _revert_commits(record: TurnRecord, repository: GitRepository, head: str) -> tuple[str, ...]:
    """Revert the turn's commits, the newest first; all or none."""
    start = repository.head()
    reverts: list[str] = []
    was_amended = len(record.commits) == 1 and record.base is not None
    try:
        for commit in reversed(record.commits):
            base = record.base if was_amended else repository.parent(commit)
            message = f'Revert "{repository.subject(commit)}"\n\nThis reverts commit {commit}.'
            revert_commit = repository.reverse(base, commit, message, since=head)
            reverts += [revert_commit.id] if revert_commit else []
    except BaseException:
        if reverts and repository.head() != start:
            repository.move(repository.head(), start, f"trigpoint: undo of turn {record.turn} failed")
        raise
    return tuple(reverts)


def _redo_commits(undone: Undone, repository: GitRepository, start: str) -> TurnRecord:
    """Put the turn's commits back on the branch, the very same where that is possible."""
    record = undone.record
    reason = f"trigpoint: redo turn {record.turn}"
    head = repository.head()
    if undone.way == "taken off":
        base, last = _base(record, repository), record.commits[-1]
        if head in (base, last):
            if head != last:
                repository.move(base, last, reason)
            return record
        if base is None:
            raise GitError(
                "The branch has commits of its own now, so the turn's first commit cannot come back. "
                "Nothing was redone."
            )
        commit = repository.reverse(last, base, repository.message(last), since=start)
        return replace(record, commits=(commit.id,) if commit else (), base=None)
    before = repository.parent(undone.reverts[0]) if undone.reverts else None
    if undone.reverts and start == undone.reverts[-1] and not repository.pushed(undone.reverts[0]):
        if head == start:
            repository.move(head, before, reason)
        return record
    commits = []
    for revert_id in reversed(undone.reverts):
        message = f'Reapply "{repository.subject(revert_id)}"\n\nThis reverts commit {revert_id}.'
        commit = repository.reverse(repository.parent(revert_id), revert_id, message, since=start)
        commits += [commit.id] if commit else []
    return replace(record, commits=tuple(commits), base=None)


def _head(repository: GitRepository | None) -> str:
    return (repository.head() or "") if repository else ""


def _require_unblocked(repository: GitRepository) -> None:
    reason = repository.blocked()
    if reason:
        raise GitError(reason)


def _short_ids(commits: tuple[str, ...]) -> str:
    return ", ".join(commit[:_SHOWN_ID_CHARS] for commit in commits) or "nothing"
