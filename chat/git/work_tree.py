"""Finds the repository around a folder, and says why nothing may be committed there now.

What is found was checked before it is believed (`chat.trust.git_claim`): an unpacked archive may bring
a `.git` that points at another repository of the user's. Runs git and looks into the git folder.
"""

from dataclasses import dataclass
from pathlib import Path

from chat.errors import GitError
from chat.git.guard import Decide, Guard
from chat.git.index_lock import lock_stays
from chat.git.process import Git
from chat.trust.git_claim import ask_git
from repomap import Refusal, escaped, find_git, not_owned, refusal_in

_OPERATIONS = (
    ("MERGE_HEAD", "A merge", "git merge --continue, or git merge --abort"),
    ("rebase-merge", "A rebase", "git rebase --continue, or git rebase --abort"),
    ("rebase-apply", "A rebase or git am", "git rebase --continue or git am --continue, or their --abort"),
    ("CHERRY_PICK_HEAD", "A cherry-pick", "git cherry-pick --continue, or git cherry-pick --abort"),
    ("REVERT_HEAD", "A revert", "git revert --continue, or git revert --abort"),
    ("sequencer", "A cherry-pick or revert", "git cherry-pick --continue, or git cherry-pick --abort"),
    ("BISECT_LOG", "A bisection", "git bisect reset"),
)
"""(file in the git folder, what it is a sign of, how to end that)."""


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A work tree and where its repository is."""

    git: Git
    """Runs at the top of the work tree."""
    prefix: str
    """The folder asked for, from the top; with `/` at the end unless it is the top."""
    git_dir: Path
    common_dir: Path
    """The same, except in a linked work tree."""


def find_work_tree(root: Path, decide: Decide) -> WorkTree | None:
    """Return the work tree around a folder, or None where there is none or git is not installed.

    Raises GitError where git refuses it, or where it may not be the folder's own.
    """
    program = find_git()
    if program is None:
        return None
    guard = Guard(root, decide)
    claim = guard.claim
    if claim.layout is None:
        return None
    guard.permission()
    places, refusal = claim.places, claim.refusal
    if claim.doubts and places is None:  # the user trusts it nevertheless
        places, _, refusal = ask_git(root)
    if refusal:
        _judge_refusal(root, refusal)
    if places is None:
        return None
    git = Git(program, places.top, guard)
    return WorkTree(git, places.prefix, places.git_dir, places.common_dir.resolve())


def blocked(work_tree: WorkTree) -> str:
    """Return why nothing may be committed now and what to do, or "" where it may."""
    reason = unfinished_operation(work_tree)
    holder = "" if reason else lock_stays(work_tree.git_dir)
    return reason or (f"The index is locked, so nothing is committed: {holder}" if holder else "")


def unfinished_operation(work_tree: WorkTree) -> str:
    """Return the same, except for the index's lock, which whoever needs it waits for."""
    for name, operation, advice in _OPERATIONS:
        if (work_tree.git_dir / name).exists():
            return f"{operation} is in progress, so nothing is committed. End it first: {advice}."
    unmerged = {row.partition("\t")[2] for row in work_tree.git.paths("ls-files", "-u", "-z")}
    if unmerged:
        names = ", ".join(escaped(path) for path in sorted(unmerged)[:5])
        return f"There are unresolved conflicts ({names}), so nothing is committed. Resolve and git add them."
    return ""


def _judge_refusal(root: Path, message: str) -> None:
    """Raise GitError with advice, unless the refusal only means that there is no work tree."""
    match refusal_in(message):
        case Refusal.NO_REPOSITORY | Refusal.NO_WORK_TREE:
            return
        case Refusal.NOT_OWNED:
            raise GitError(f"{not_owned(root)} Or go on with --no-git. Nothing was done.")
    raise GitError(f"{message}\nNothing was done. Repair the repository, or go on with --no-git.")
