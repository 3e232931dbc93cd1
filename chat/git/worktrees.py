"""[io] Work trees beside the user's own, each for one piece of work: made, seen through and removed.

Their folders are in the user's state folder. One that is only for the length of a block bears the mark of its
process, so that the next start removes it where that was killed; git's own note of it goes with it.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from chat.errors import GitError
from chat.git.process import TIMEOUT_S, Git
from chat.git.work_tree import WorkTree
from chat.model import RepoPath
from chat.safety.running import is_left_over, marked_folder
from chat.safety.stopping import sleep
from repomap import escaped, read_if_regular

_MAX_POINTER_BYTES = 10_000
_TRIES, _PAUSE_S = 4, 0.1
_NOTES = "worktrees"
"""The folder of git's notes of work trees. git removes it with the last of them, at which another one that is just made
fails, and so it does at the note of yet another one that is not written whole."""
_KIND = "worktree"


def add_worktree(git: Git, path: Path, commit: str, branch: str = "") -> Git:
    """Make a work tree at a path that is free, at a commit, and return git in it.

    It gets a new ``branch``, or none: then HEAD is detached. Raises GitError; then nothing was made.
    """
    if path.exists():
        raise GitError(f"{escaped(str(path))} is there already, so no work tree was made.")
    on = ("-b", branch) if branch else ("--detach",)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    git.run("rev-parse", "--quiet", "--verify", f"{commit}^{{commit}}")
    is_new = bool(branch) and git.answer(*_tip_of(branch), accept=(0, 1)).code == 1

    def undo() -> None:
        remove_worktree(git, path)
        if is_new:  # git makes it first
            git.answer("update-ref", "-d", f"refs/heads/{branch}", accept=(0, 1, 128))

    run_add(git, (*on, str(path), commit), undo)
    return replace(git, folder=path)


def _tip_of(branch: str) -> tuple[str, ...]:
    return "rev-parse", "--quiet", "--verify", f"refs/heads/{branch}"


def run_add(
    git: Git, arguments: Sequence[str], undo: Callable[[], None], timeout_s: float = TIMEOUT_S
) -> None:
    """Run `git worktree add`; again where another work tree that was made or removed meanwhile kept git from it.

    ``undo`` removes what a run that failed has left. Raises GitError.
    """
    for left in reversed(range(_TRIES)):
        try:
            git.answer("worktree", "add", "--quiet", *arguments, timeout_s=timeout_s)
        except BaseException as error:
            undo()
            if not (left and isinstance(error, GitError) and _NOTES in str(error)):
                raise
            sleep(_PAUSE_S)
        else:
            break


def remove_worktree(git: Git, path: Path) -> None:
    """Remove a work tree with all that is in it; its branch stays. One that is not there is no error."""
    with suppress(GitError):
        git.run("worktree", "remove", "--force", "--force", str(path))
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def passing_worktree(work_tree: WorkTree) -> Iterator[Git]:
    """Give a detached work tree at HEAD that is gone afterwards, or after the next start where this process is killed.

    Raises GitError.
    """
    path = marked_folder(_KIND)
    try:
        yield add_worktree(work_tree.git, path, "HEAD")
    finally:
        remove_worktree(work_tree.git, path)


def changed_in(git: Git, prefix: str = "") -> tuple[RepoPath, ...]:
    """Return every path of a work tree that differs from its HEAD, new files included; sorted.

    ``prefix`` is the folder that paths are below of and relative to, with `/` at its end. Raises GitError.
    """
    rows = git.paths(
        *("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"),
        *("--ignore-submodules=all", "--", *([prefix] if prefix else [])),
    )
    names = (row[3:] for row in rows)
    return tuple(sorted(name.removeprefix(prefix) for name in names if name.startswith(prefix)))


def at_head(git: Git, path: str) -> bytes | None:
    """Return what HEAD holds at a path from the top, as git writes it to disk; None for no file."""
    output = git.answer("cat-file", "--filters", f"HEAD:{path}", accept=(0, 128))
    return output.stdout if output.code == 0 else None


def clear_up_worktrees(work_tree: WorkTree) -> None:
    """Remove the work trees that killed processes have left in a repository."""
    for pointer in sorted((work_tree.common_dir / "worktrees").glob("*/gitdir")):
        data = read_if_regular(pointer, _MAX_POINTER_BYTES) or b""
        folder = Path(data.decode("utf-8", "replace").rstrip("\n")).parent
        if is_left_over(folder, _KIND):
            remove_worktree(work_tree.git, folder)
