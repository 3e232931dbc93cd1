"""[io] A folder → the repository around it; and why nothing may be committed there now.

What is found is checked before it is believed: an unpacked archive may bring a `.git` that points
at another repository of the user's.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from chat.errors import GitError
from chat.git.index_lock import lock_stays
from chat.git.process import Git
from repomap import escaped, find_git, read_if_regular

_MAX_LINE_BYTES = 10_000
_UNDER_WAY = (
    ("MERGE_HEAD", "a merge", "git merge --continue, or git merge --abort"),
    ("rebase-merge", "a rebase", "git rebase --continue, or git rebase --abort"),
    ("rebase-apply", "a rebase or git am", "git rebase --continue or git am --continue, or their --abort"),
    ("CHERRY_PICK_HEAD", "a cherry-pick", "git cherry-pick --continue, or git cherry-pick --abort"),
    ("REVERT_HEAD", "a revert", "git revert --continue, or git revert --abort"),
    ("sequencer", "a cherry-pick or revert", "git cherry-pick --continue, or git cherry-pick --abort"),
    ("BISECT_LOG", "a bisection", "git bisect reset"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A work tree and where its repository is."""

    git: Git
    """Runs at the top of the work tree."""
    prefix: str
    """The folder asked for, from the top; with `/` at the end unless it is the top."""
    git_dir: Path
    common_dir: Path
    """The same but in a linked work tree."""


def find_repository(root: Path, trusted: bool) -> Found | None:
    """The repository around a folder, or None where there is none or git is not installed.

    Raises GitError where git refuses it, or where it is not what it seems.
    """
    program = find_git()
    if program is None:
        return None
    git = Git(program, root, trusted)
    try:
        said = git.run(
            *("rev-parse", "--is-inside-work-tree", "--absolute-git-dir", "--git-common-dir", "--show-prefix")
        )
    except GitError as error:
        _judge_refusal(root, str(error))
        return None
    inside, git_dir, common, prefix = os.fsdecode(said).removesuffix("\n").split("\n", 3)
    if inside != "true":
        return None
    depth = prefix.count("/")
    top = Path(os.path.realpath(root))
    top = top.parents[depth - 1] if depth else top
    found = Found(Git(program, top, trusted), prefix, Path(git_dir), (root / common).resolve())
    if not trusted:
        _check(found)
    return Found(found.git.shielded(), prefix, found.git_dir, found.common_dir)


def blocked(found: Found) -> str:
    """Why nothing may be committed now and what to do, or "" where it may."""
    why = under_way(found)
    who = "" if why else lock_stays(found.git_dir)
    return why or (f"The index is locked, so nothing is committed: {who}" if who else "")


def under_way(found: Found) -> str:
    """The same but for the index's lock, which whoever needs it waits for."""
    for name, what, advice in _UNDER_WAY:
        if (found.git_dir / name).exists():
            return (
                f"{what[0].upper()}{what[1:]} is under way, so nothing is committed. End it first: {advice}."
            )
    unmerged = {row.partition("\t")[2] for row in found.git.paths("ls-files", "-u", "-z")}
    if unmerged:
        some = ", ".join(escaped(path) for path in sorted(unmerged)[:5])
        return f"There are unresolved conflicts ({some}), so nothing is committed. Resolve and git add them."
    return ""


def _check(found: Found) -> None:
    """Raises GitError where `.git` of an untrusted folder points somewhere that does not point back."""
    link = found.git.folder / ".git"
    if link.is_dir():
        honest = os.path.samefile(link, found.git_dir) and os.path.samefile(found.git_dir, found.common_dir)
    else:
        honest = link.is_file() and _points_back(found, link)
    if not honest:
        raise GitError(
            f"{escaped(str(found.git.folder))}: git would take {escaped(str(found.common_dir))} for this "
            "folder's repository, but that does not say so, and the folder is not trusted; nothing was done. "
            "If it is yours, trust it with trigpoint trust, or go on with --no-git."
        )


def _points_back(found: Found, link: Path) -> bool:
    """A linked work tree's folder holds the path of its `.git`; a submodule's settings that of its files."""
    gitdir = read_if_regular(found.git_dir / "gitdir", _MAX_LINE_BYTES)
    if gitdir is not None:
        with suppress(OSError, ValueError):
            return os.path.samefile(found.git_dir / os.fsdecode(gitdir).removesuffix("\n"), link)
    said = found.git.answer("config", "--local", "--get", "core.worktree", accept=(0, 1))
    back = Path(os.fsdecode(said.stdout).rstrip("\n"))
    return bool(said.stdout) and os.path.realpath(found.git_dir / back) == os.path.realpath(found.git.folder)


def _judge_refusal(root: Path, message: str) -> None:
    """Raises GitError with advice, unless the refusal only means that there is no work tree."""
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
    raise GitError(f"{message}\nNothing was done. Mend the repository, or go on with --no-git.")
