"""Undoes a turn by its record, or does it again: files, commits and index together, or nothing.

Whatever the user has done since is kept: their edits are merged or the step is refused, their
commits stay where they are, and commits that have been pushed are undone by a reverting commit.
"""

from dataclasses import replace

from chat.errors import GitError
from chat.git.repository import GitRepository
from chat.snapshots.restore import Restored, carry_out, plan_restore, revert
from chat.snapshots.store import SnapshotStore
from chat.snapshots.turn_record import TurnRecord, Undone, UndoneCommits
from repomap import escaped

_SHOWN_ID_CHARS = 9


def undo(
    record: TurnRecord, store: SnapshotStore, repository: GitRepository | None
) -> tuple[Undone, Restored]:
    """Undo a turn; return how it was undone, and the files that were restored.

    Raises NothingToUndo or GitError, and then nothing has changed.
    """
    way = _way(record, repository)
    plan = plan_restore(store, record.before, record.paths, record.after)
    if repository is not None and way in ("taken off", "reverted"):
        _require_unblocked(repository)
    restored = carry_out(plan, store.root)
    reverts: tuple[str, ...] = ()
    try:
        if repository is not None and way == "taken off":
            reason = f"trigpoint: undo turn {record.turn}"
            repository.move(record.commits[-1], _base(record, repository), reason)
        elif repository is not None and way == "reverted":
            reverts = _revert_commits(record, repository)
        elif repository is not None and record.staged:
            repository.stage(record.paths)
    except BaseException:
        revert(plan, store.root)
        raise
    return Undone(record, way, reverts), restored


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
    files = f"{count} file{'' if count == 1 else 's'}"
    return f"Turn {record.turn} was undone: {files} restored.{commits}{kept}{unchanged}"


def redo(undone: Undone, store: SnapshotStore, repository: GitRepository | None) -> TurnRecord:
    """Do an undone turn again; return its record with the commits that it has now.

    Raises NothingToUndo or GitError, and then nothing has changed.
    """
    record = undone.record
    plan = plan_restore(store, record.after, record.paths, record.before)
    with_branch = repository is not None and undone.way in ("taken off", "reverted")
    if repository is not None and with_branch:
        _require_unblocked(repository)
    carry_out(plan, store.root)
    try:
        if repository is not None and with_branch:
            return _redo_commits(undone, repository)
        if repository is not None and record.staged:
            repository.stage(record.paths)
    except BaseException:
        revert(plan, store.root)
        raise
    return record


def rollback(store: SnapshotStore, snapshot: str, turn: int) -> tuple[Restored, TurnRecord]:
    """Make every file what it was in a snapshot; the branch stays.

    Returns what was done, and a record by which it can be undone like a turn.
    """
    before = store.take(f"before rollback to {snapshot[:12]}")
    restored = carry_out(plan_restore(store, snapshot, None, before), store.root)
    after = store.take(f"rollback to {snapshot[:12]}")
    return restored, TurnRecord(turn, before, after, restored.paths)


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


def _revert_commits(record: TurnRecord, repository: GitRepository) -> tuple[str, ...]:
    """Revert the turn's commits, the newest first; all or none."""
    head = repository.head()
    reverts: list[str] = []
    was_amended = len(record.commits) == 1 and record.base is not None
    try:
        for commit in reversed(record.commits):
            base = record.base if was_amended else repository.parent(commit)
            message = f'Revert "{repository.subject(commit)}"\n\nThis reverts commit {commit}.'
            revert_commit = repository.reverse(base, commit, message)
            reverts += [revert_commit.id] if revert_commit else []
    except BaseException:
        if reverts:
            repository.move(reverts[-1], head, f"trigpoint: undo of turn {record.turn} failed")
        raise
    return tuple(reverts)


def _redo_commits(undone: Undone, repository: GitRepository) -> TurnRecord:
    """Put the turn's commits back on the branch, the very same where that is possible."""
    record = undone.record
    reason = f"trigpoint: redo turn {record.turn}"
    head = repository.head()
    if undone.way == "taken off":
        base, last = _base(record, repository), record.commits[-1]
        if head == base:
            repository.move(base, last, reason)
            return record
        if base is None:
            raise GitError(
                "The branch has commits of its own now, so the turn's first commit cannot come back. "
                "Nothing was redone."
            )
        commit = repository.reverse(last, base, repository.message(last))
        return replace(record, commits=(commit.id,) if commit else (), base=None)
    if undone.reverts and head == undone.reverts[-1] and not repository.pushed(undone.reverts[0]):
        repository.move(head, repository.parent(undone.reverts[0]), reason)
        return record
    commits = []
    for revert_id in reversed(undone.reverts):
        message = f'Reapply "{repository.subject(revert_id)}"\n\nThis reverts commit {revert_id}.'
        commit = repository.reverse(repository.parent(revert_id), revert_id, message)
        commits += [commit.id] if commit else []
    return replace(record, commits=tuple(commits), base=None)


def _require_unblocked(repository: GitRepository) -> None:
    reason = repository.blocked()
    if reason:
        raise GitError(reason)


def _short_ids(commits: tuple[str, ...]) -> str:
    return ", ".join(commit[:_SHOWN_ID_CHARS] for commit in commits) or "nothing"
