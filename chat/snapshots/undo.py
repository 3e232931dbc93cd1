"""[io] A turn's record → its files and commits taken back, or put back again.

Files and branch go together or not at all. What the user has done since stays: their edits are
merged or the step is refused, their commits stay where they are, and what has been pushed is taken
back by a commit that reverts it.
"""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from chat.errors import GitError
from chat.git.repository import GitRepository
from chat.snapshots.restore import (
    Restored,
    RestorePlan,
    Snapshots,
    plan_restore,
    write_restored,
    write_states,
)
from chat.snapshots.turn_record import TurnRecord, Undone, UndoneCommits
from repomap import escaped


class Keeper(Snapshots, Protocol):
    """Snapshots of a folder, by git or without."""

    @property
    def root(self) -> Path:
        """The folder that paths are relative to."""
        ...

    def take(self, label: str) -> str:
        """Keeps the files as they are now."""
        ...


def undo(record: TurnRecord, keeper: Keeper, repository: GitRepository | None) -> tuple[Undone, Restored]:
    """Undo a turn; gives how it was undone, and the files that were restored.

    Raises NothingToUndo or GitError, and then nothing has changed.
    """
    way = _way(record, repository)
    plan = plan_restore(keeper, keeper.root, record.before, record.paths, record.after)
    if repository is not None and way in ("taken off", "reverted"):
        _insist(repository)
    restored = write_restored(keeper.root, plan)
    reverts: tuple[str, ...] = ()
    try:
        if repository is not None and way == "taken off":
            why = f"trigpoint: undo turn {record.turn}"
            repository.move(record.commits[-1], _base(record, repository), why)
        elif repository is not None and way == "reverted":
            reverts = _revert(record, repository)
        elif repository is not None and record.staged:
            repository.stage(record.paths)
    except BaseException:
        _put_back(keeper.root, plan)
        raise
    return Undone(record, way, reverts), restored


def undo_message(undone: Undone, restored: Restored) -> str:
    """Tell the user what an undo did."""
    record = undone.record
    files = _count(len(restored.paths), "file")
    commits = {
        "files": "",
        "gone": " Its commit is no longer on the branch.",
        "taken off": f" {_commits(record.commits)} taken off the branch.",
        "reverted": f" {_commits(record.commits)} reverted by {_commits(undone.reverts)}.",
    }[undone.way]
    merged = ", ".join(map(escaped, restored.merged))
    kept = f" Your later changes stay in {merged}." if merged else ""
    left_out = ", ".join(map(escaped, restored.left_out))
    left = (
        f" Not kept in the snapshot, being too large or ignored, so left as it is: {left_out}."
        if left_out
        else ""
    )
    return f"Turn {record.turn} undone: {files} put back.{commits}{kept}{left}"


def redo(undone: Undone, keeper: Keeper, repository: GitRepository | None) -> TurnRecord:
    """Does again what was undone; gives the record with the commits that it has now.

    Raises NothingToUndo or GitError, and then nothing has changed.
    """
    record = undone.record
    plan = plan_restore(keeper, keeper.root, record.after, record.paths, record.before)
    with_branch = repository is not None and undone.way in ("taken off", "reverted")
    if repository is not None and with_branch:
        _insist(repository)
    write_restored(keeper.root, plan)
    try:
        if repository is not None and with_branch:
            return _redo_commits(undone, repository)
        if repository is not None and record.staged:
            repository.stage(record.paths)
    except BaseException:
        _put_back(keeper.root, plan)
        raise
    return record


def rollback(keeper: Keeper, snapshot: str, turn: int) -> tuple[Restored, TurnRecord]:
    """Makes every file as it was in a snapshot; the branch stays.

    Gives what was done, and a record by which it can be undone like a turn.
    """
    before = keeper.take(f"before rollback to {snapshot[:12]}")
    restored = write_restored(keeper.root, plan_restore(keeper, keeper.root, snapshot, None, before))
    after = keeper.take(f"rollback to {snapshot[:12]}")
    return restored, TurnRecord(turn, before, after, restored.paths)


def _way(record: TurnRecord, repository: GitRepository | None) -> UndoneCommits:
    """What can be done about a turn's commits."""
    if repository is None or not record.commits:
        return "files"
    if not all(map(repository.holds, record.commits)):
        return "gone"
    base = _base(record, repository)
    movable = (
        repository.head() == record.commits[-1]
        and _unbroken(record, repository)
        and not repository.pushed(record.commits[0])
        and (base is not None or repository.on_branch())
    )
    return "taken off" if movable else "reverted"


def _unbroken(record: TurnRecord, repository: GitRepository) -> bool:
    """Whether nothing of the user's stands between the turn's commits."""
    before = record.commits[:-1]
    parents = tuple(map(repository.parent, record.commits))
    start = parents[0] == record.base or record.base is None or parents[0] == repository.parent(record.base)
    return start and parents[1:] == before


def _base(record: TurnRecord, repository: GitRepository) -> str | None:
    return record.base or repository.parent(record.commits[0])


def _revert(record: TurnRecord, repository: GitRepository) -> tuple[str, ...]:
    """Reverts the turn's commits, the newest first; all or none."""
    start = repository.head()
    made: list[str] = []
    single = len(record.commits) == 1 and record.base is not None
    try:
        for commit in reversed(record.commits):
            old = record.base if single else repository.parent(commit)
            message = f'Revert "{repository.subject(commit)}"\n\nThis reverts commit {commit}.'
            done = repository.reverse(old, commit, message)
            made += [done.id] if done else []
    except BaseException:
        if made:
            repository.move(made[-1], start, f"trigpoint: undo of turn {record.turn} failed")
        raise
    return tuple(made)


def _redo_commits(undone: Undone, repository: GitRepository) -> TurnRecord:
    """Puts the turn's commits back on the branch, as they were where that is possible."""
    record = undone.record
    why = f"trigpoint: redo turn {record.turn}"
    head = repository.head()
    if undone.way == "taken off":
        base = _base(record, repository)
        if head == base:
            repository.move(base, record.commits[-1], why)
            return record
        last = record.commits[-1]
        if base is None:
            raise GitError(
                "The branch has commits of its own by now, so the turn's first commit cannot come back."
            )
        done = repository.reverse(last, base, repository.message(last))
        return replace(record, commits=(done.id,) if done else (), base=None)
    if undone.reverts and head == undone.reverts[-1] and not repository.pushed(undone.reverts[0]):
        repository.move(head, repository.parent(undone.reverts[0]), why)
        return record
    made = []
    for revert in reversed(undone.reverts):
        message = f'Reapply "{repository.subject(revert)}"\n\nThis reverts commit {revert}.'
        done = repository.reverse(repository.parent(revert), revert, message)
        made += [done.id] if done else []
    return replace(record, commits=tuple(made), base=None)


def _insist(repository: GitRepository) -> None:
    why = repository.blocked()
    if why:
        raise GitError(why)


def _put_back(root: Path, plan: RestorePlan) -> None:
    write_states(root, plan.after, plan.before)


def _commits(ids: tuple[str, ...]) -> str:
    return ", ".join(each[:9] for each in ids) or "nothing"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
