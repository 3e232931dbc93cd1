"""[io] A turn's record → its files and commits taken back, or put back again.

Files and branch go together or not at all. What the user has done since stays: their edits are
merged or the step is refused, their commits stay where they are, and what has been pushed is taken
back by a commit that reverts it.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol

from chat.errors import GitError
from chat.git.repository import GitRepository
from chat.model import RepoPath
from chat.snapshots.restore import (
    Restored,
    RestorePlan,
    Snapshots,
    plan_restore,
    write_restored,
    write_states,
)
from repomap import escaped

Way = Literal["files", "gone", "taken off", "reverted"]
"""What became of a turn's commits: it has none, none that the branch still holds, the branch has
moved back from them, or another commit reverts them."""


class Keeper(Snapshots, Protocol):
    """Snapshots of a folder, by git or without."""

    @property
    def root(self) -> Path:
        """The folder that paths are relative to."""
        ...

    def take(self, label: str) -> str:
        """Keeps the files as they are now."""
        ...


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """What is known of a turn once it is over; all of it is in the journal."""

    turn: int
    before: str
    """The snapshot from just before its files were written."""
    after: str
    """The one from after it was all over: edits, hooks and commits."""
    paths: tuple[RepoPath, ...]
    """The files that it changed."""
    commits: tuple[str, ...] = ()
    """Those of the turn itself, oldest first; not the one that holds the user's own earlier changes."""
    base: str | None = None
    """Where the branch was before its commits; None for the parent of the first."""
    staged: bool = False
    """Its files were put into the index instead of a commit."""


@dataclass(frozen=True, slots=True)
class Undone:
    """A turn that was taken back, with all that it takes to do it again."""

    record: TurnRecord
    restored: Restored
    way: Way
    reverts: tuple[str, ...] = ()
    """The commits that revert its commits, oldest first."""

    def __str__(self) -> str:
        """What was done, for the user."""
        files = _count(len(self.restored.paths), "file")
        merged = ", ".join(map(escaped, self.restored.merged))
        said = {
            "files": "",
            "gone": " Its commit is no longer on the branch.",
            "taken off": f" {_commits(self.record.commits)} taken off the branch.",
            "reverted": f" {_commits(self.record.commits)} reverted by {_commits(self.reverts)}.",
        }[self.way]
        kept = f" Your later changes stay in {merged}." if merged else ""
        left = (
            " Not kept in the snapshot, being too large or ignored, so left as it is: "
            f"{', '.join(map(escaped, self.restored.left_out))}."
        )
        return f"Turn {self.record.turn} undone: {files} put back.{said}{kept}" + (
            left if self.restored.left_out else ""
        )


def undo(record: TurnRecord, keeper: Keeper, repository: GitRepository | None) -> Undone:
    """Takes a turn back. Raises NothingToUndo or GitError, and then nothing has changed."""
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
    return Undone(record, restored, way, reverts)


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


def _way(record: TurnRecord, repository: GitRepository | None) -> Way:
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
