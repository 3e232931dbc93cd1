"""Finds the repository around a folder, and says why nothing may be committed there now.

What is found is checked before it is believed: an unpacked archive may bring a `.git` that points
at another repository of the user's. Runs git and looks into the git folder.
"""

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from chat.errors import GitError
from chat.git.index_lock import lock_stays
from chat.git.process import Git
from repomap import escaped, find_git, read_if_regular

_MAX_LINE_BYTES = 10_000
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


def find_work_tree(root: Path, trusted: bool) -> WorkTree | None:
    """Return the work tree around a folder, or None where there is none or git is not installed.

    Raises GitError where git refuses it, or where it is not what it seems.
    """
    program = find_git()
    if program is None:
        return None
    git = Git(program, root, trusted)
    try:
        output = git.run(
            *("rev-parse", "--is-inside-work-tree", "--absolute-git-dir", "--git-common-dir", "--show-prefix")
        )
    except GitError as error:
        _judge_refusal(root, str(error))
        return None
    is_inside, git_dir, common_dir, prefix = os.fsdecode(output).removesuffix("\n").split("\n", 3)
    if is_inside != "true":
        return None
    depth = prefix.count("/")
    real_root = Path(os.path.realpath(root))
    top = real_root.parents[depth - 1] if depth else real_root
    work_tree = WorkTree(Git(program, top, trusted), prefix, Path(git_dir), (root / common_dir).resolve())
    if not trusted:
        _require_honest(work_tree)
    return replace(work_tree, git=work_tree.git.shielded())


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


def _require_honest(work_tree: WorkTree) -> None:
    """Raise GitError where an untrusted folder's `.git` leads somewhere that does not point back."""
    link = work_tree.git.folder / ".git"
    if link.is_dir():
        is_honest = os.path.samefile(link, work_tree.git_dir) and os.path.samefile(
            work_tree.git_dir, work_tree.common_dir
        )
    else:
        is_honest = link.is_file() and _points_back(work_tree, link)
    if not is_honest:
        raise GitError(
            f"{escaped(str(work_tree.git.folder))}: git would take {escaped(str(work_tree.common_dir))} for "
            "this folder's repository, but that does not say so, and the folder is not trusted. Nothing was "
            "done. If it is yours, trust it with `trigpoint trust`, or go on with --no-git."
        )


def _points_back(work_tree: WorkTree, link: Path) -> bool:
    """Whether a git folder names the work tree: a linked one its `.git`, a submodule's its files."""
    gitdir = read_if_regular(work_tree.git_dir / "gitdir", _MAX_LINE_BYTES)
    if gitdir is not None:
        with suppress(OSError, ValueError):
            return os.path.samefile(work_tree.git_dir / os.fsdecode(gitdir).removesuffix("\n"), link)
    output = work_tree.git.answer("config", "--local", "--get", "core.worktree", accept=(0, 1)).stdout
    files = os.path.realpath(work_tree.git_dir / os.fsdecode(output).removesuffix("\n"))
    return bool(output) and files == os.path.realpath(work_tree.git.folder)


def _judge_refusal(root: Path, message: str) -> None:
    """Raise GitError with advice, unless the refusal only means that there is no work tree."""
    if "not a git repository" in message or "cannot use bare repository" in message:
        return
    if "must be run in a work tree" in message:
        return
    if "dubious ownership" in message:
        raise GitError(
            f"{escaped(str(root))}: the repository belongs to another user, so git refuses it and nothing was "
            f"done. If you trust it: git config --global --add safe.directory '{escaped(os.path.realpath(root))}'; "
            "or go on with --no-git."
        )
    raise GitError(f"{message}\nNothing was done. Repair the repository, or go on with --no-git.")
