"""[io] The work tree and the branch of a job: made beside the user's own, and removed without a trace.

Everything is done by way of the repository that the job was begun in, whose index, branch and files are not touched.
"""

import os
import re
import shutil
import stat
import sys
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from chat.errors import ChatError, GitError, UsageError
from chat.git.committer import commit_tree
from chat.git.index_lock import index_copy
from chat.git.process import Git
from chat.git.repository import GitRepository, open_repository
from chat.git.worktrees import run_add
from chat.jobs.processes import JOB_VARIABLE
from chat.jobs.record import JobRecord
from chat.jobs.store import JobFolder
from chat.safety.printable import on_one_line
from chat.sessions.locations import SUFFIX, project_folder, sessions_of
from chat.snapshots.git_snapshots import GitSnapshots, drop_index
from chat.trust.grants import is_git_trusted
from repomap import find_git, find_layout

_CHECKOUT_TIMEOUT_S = 1800.0
_SLUG_CHARS = 32
_MAX_LINE_BYTES = 10_000
_PREFIXES = "trigpoint/", "trigpoint-"
"""Of the branches of jobs."""
_SHOWN_LINES = 3, 2
"""Of a long message: at its beginning and at its end."""
_DIFF = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--binary", "--full-index")


def branch_name(job: str, task: str, prefix: str = "trigpoint/") -> str:
    """Return the branch of a job: its id, and words of its task.

    >>> branch_name("3f9a1c", "Fix the log-in: it fails!")
    'trigpoint/3f9a1c-fix-the-log-in-it-fails'
    """
    ascii_text = unicodedata.normalize("NFKD", task).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")
    if len(slug) > _SLUG_CHARS:
        slug = slug[: _SLUG_CHARS + 1].rpartition("-")[0] or slug[:_SLUG_CHARS]
    return f"{prefix}{job}-{slug or 'job'}"


def branch_prefix(repository: GitRepository) -> str:
    """Return what the branches of jobs begin with: git has no branches below one that is there itself."""
    below, beside = _PREFIXES
    return beside if _tip(repository.work_tree.git, "trigpoint") else below


def repository_of(root: Path) -> GitRepository:
    """Open the repository around a folder, with what the user lets it run. Raises GitError where there is none."""
    repository = open_repository(root, trusted=lambda claim: is_git_trusted(root, claim))
    if repository is None:
        raise GitError(_no_repository(root))
    return repository


def _no_repository(root: Path) -> str:
    """Say why there is no repository around a folder that a job can use, and what to do."""
    if find_git() is None:
        return "git is not installed, or its folder is not in PATH. Nothing was done; jobs need it."
    if (root / "objects").is_dir() and (root / "HEAD").is_file():
        return (
            f"{root} is a bare repository, which has no files to work on. Nothing was done; make a work tree first "
            "(git worktree add PATH), and begin there."
        )
    return (
        f"{root} is not in a git repository. Nothing was done; a job works on a branch of its own, so make a "
        "repository first: git init."
    )


def repository_of_job(record: JobRecord) -> GitRepository:
    """Open the repository that a job belongs to. Raises GitError where that is gone."""
    place = _place_of(record)
    if place is None:
        raise GitError(
            f"The repository of job {record.id} is no longer at {record.root}. Nothing was done; put it back, or "
            f"remove the job: trigpoint discard {record.id}."
        )
    return repository_of(place)


def has_repository(record: JobRecord) -> bool:
    """Whether the repository that a job belongs to is still there."""
    return _place_of(record) is not None


def _place_of(record: JobRecord) -> Path | None:
    """Return a work tree of the job's repository: the one that it was begun in, else the main one."""
    common = os.path.realpath(record.common_dir)
    for place in (Path(record.root), Path(common).parent):
        layout = find_layout(place) if place.is_dir() and os.path.isdir(common) else None
        if layout is not None and os.path.realpath(layout.common_dir) == common:
            return place
    return None


def base_commit(repository: GitRepository, revision: str = "", *, with_changes: bool = False) -> str:
    """Return the commit that a job begins on. Raises GitError, UsageError.

    ``with_changes`` makes one, on no branch, of HEAD and whatever is not committed; ignored files are left out.
    """
    head = repository.head()
    if head is None:
        raise GitError(
            "The repository has no commit yet, so a job has nothing to begin on. Commit something first."
        )
    if with_changes and revision:
        raise UsageError("--with-changes takes along what differs from HEAD, so it does not go with --base.")
    git = repository.work_tree.git
    if with_changes:
        return _commit_of_changes(repository, head)
    if not revision:
        return head
    found = git.answer(
        *("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"),
        accept=(0, 1, 128),
    )
    if found.code:
        raise UsageError(f"git knows no commit {on_one_line(revision)}. Nothing was begun; correct --base.")
    return os.fsdecode(found.stdout).strip()


def _commit_of_changes(repository: GitRepository, head: str) -> str:
    git, tree = repository.work_tree.git, _tree_on_disk(repository)
    if tree == git.line("rev-parse", f"{head}^{{tree}}"):
        return head
    message = b"Take along what was not committed\n"
    return commit_tree(git, tree, (head,), message)


def _tree_on_disk(repository: GitRepository) -> str:
    """Return a tree of git's with the work tree as it is, new files included."""
    git = repository.work_tree.git
    with index_copy(repository.work_tree.git_dir) as index:
        git.run("add", "--all", "--sparse", index=index)
        return git.line("write-tree", index=index)


def make_tree(folder: JobFolder, record: JobRecord) -> None:
    """Make the work tree and the branch of a job; what a killed process left half made is removed first.

    A branch that has commits already stays as it is. Raises GitError; then nothing of it is left.
    """
    git = repository_of_job(record).work_tree.git
    git = replace(git, environment={**git.environment, JOB_VARIABLE: str(folder.path)})
    _clear(git, folder, record)
    tree = folder.tree(record)
    tree.parent.mkdir(mode=0o700, exist_ok=True)
    has_branch = bool(_tip(git, record.branch))
    new = ("--no-track", "-b", record.branch, str(tree), record.base)
    what = (str(tree), record.branch) if has_branch else new
    try:
        run_add(git, what, lambda: _clear(git, folder, record), _CHECKOUT_TIMEOUT_S)
    except GitError as error:
        raise GitError(
            f"{_shortened(str(error))}\nThe work tree of the job could not be made, so nothing was begun. Remedy that "
            "(is the disk full?), and try again."
        ) from error


def _shortened(text: str) -> str:
    """Return a message of git without its middle: it names each file that it cannot write."""
    first, last = _SHOWN_LINES
    lines = text.split("\n")
    left_out = len(lines) - first - last
    shown = [*lines[:first], f"… {left_out} more lines …", *lines[-last:]] if left_out > 1 else lines
    return "\n".join(shown)


def _clear(git: Git, folder: JobFolder, record: JobRecord) -> None:
    """Remove the work tree, and the branch unless it has commits."""
    _remove_worktree(folder, Path(record.common_dir))
    if _tip(git, record.branch) == record.base:
        _delete_branch(git, record.branch, record.base)


def tip_of(record: JobRecord) -> str:
    """Return the commit that the branch of a job is at, or "" where there is no such branch, or no repository."""
    return _tip(repository_of_job(record).work_tree.git, record.branch) if has_repository(record) else ""


def is_held_elsewhere(record: JobRecord, commit: str) -> bool:
    """Whether a branch that is no job's holds a commit of a job: somebody has merged it by git itself."""
    options = (f"--contains={commit}", "--format=%(refname:strip=2)", "refs/heads")
    names = os.fsdecode(repository_of_job(record).work_tree.git.run("for-each-ref", *options)).splitlines()
    return any(not name.startswith(_PREFIXES) for name in names)


def uncommitted(folder: JobFolder, record: JobRecord) -> tuple[str, ...]:
    """Return the paths in the job's work tree that differ from its branch; none where there is no work tree."""
    tree = folder.tree(record)
    if not (tree / ".git").is_file():
        return ()
    repository = open_repository(tree, trusted=lambda claim: is_git_trusted(tree, claim))
    return repository.changes() if repository else ()


def left_by_checks(folder: JobFolder, record: JobRecord) -> tuple[str, ...]:
    """Return the files in the job's work tree that git does not track, ignored ones left out."""
    tree = folder.tree(record)
    repository = open_repository(tree, trusted=lambda claim: is_git_trusted(tree, claim))
    if repository is None:
        return ()
    return repository.work_tree.git.paths("ls-files", "--others", "--exclude-standard", "-z")


def patch_of(folder: JobFolder, record: JobRecord) -> bytes:
    """Return what the job has changed since its base, committed or not, as a patch that `git apply` takes."""
    repository, tree = repository_of_job(record), folder.tree(record)
    has_tree = (tree / ".git").is_file()
    if has_tree:
        repository = repository_of(tree)
    git = repository.work_tree.git
    now = _tree_on_disk(repository) if has_tree else _tip(git, record.branch) or record.base
    return git.run(*_DIFF, record.base, now, "--")


def remove_tree(folder: JobFolder, record: JobRecord) -> None:
    """Remove work tree, branch, sessions and snapshots of a job. Raises GitError where git refuses.

    Of a repository that is gone, only what is in the user's state folder is left to remove.
    """
    sessions = project_folder(folder.tree(record))
    names = [session.name.removesuffix(SUFFIX) for session in sessions_of(sessions)]
    if has_repository(record):
        repository = repository_of_job(record)
        for name in names:
            GitSnapshots(repository, name).drop()
        _remove_worktree(folder, Path(record.common_dir))
        git = repository.work_tree.git
        if record.branch and (tip := _tip(git, record.branch)):
            _delete_branch(git, record.branch, tip)
    for name in names:
        drop_index(name)
    remove_folder(folder.tree_place)
    remove_folder(sessions)


def remove_folder(path: Path) -> None:
    """Remove a folder with everything in it, also what is not writable. Raises ChatError where something stays."""
    if not path.exists():
        return
    handler: dict[str, Any] = {"onexc" if sys.version_info >= (3, 12) else "onerror": _make_writable}
    shutil.rmtree(path, **handler)
    if path.exists():
        raise ChatError(f"{path} cannot be removed. Close the programs that use it, then try again.")


def _make_writable(remove: Callable[[str], object], path: str, _error: object) -> None:
    with suppress(OSError):
        os.chmod(os.path.dirname(path), stat.S_IRWXU)
        os.chmod(path, stat.S_IRWXU)
        remove(path)


def _remove_worktree(folder: JobFolder, common_dir: Path) -> None:
    """Remove the work tree, and what the repository keeps of it, also where one of the two is gone or half made."""
    remove_folder(folder.tree_place)
    for admin in _admin_folders(folder, common_dir):
        remove_folder(admin)
    with suppress(OSError):  # git, too, keeps no empty one
        (common_dir / "worktrees").rmdir()


def _admin_folders(folder: JobFolder, common_dir: Path) -> Iterator[Path]:
    """Yield the folders that a repository keeps for work trees below a job's folder."""
    place = os.path.normcase(os.path.realpath(folder.tree_place)) + os.sep
    with suppress(OSError):
        for admin in sorted((common_dir / "worktrees").iterdir()):
            with suppress(OSError):
                named = (admin / "gitdir").read_bytes()[:_MAX_LINE_BYTES].rstrip(b"\n")
                if os.path.normcase(os.path.realpath(os.fsdecode(named))).startswith(place):
                    yield admin


def _tip(git: Git, branch: str) -> str:
    found = git.answer("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}", accept=(0, 1))
    return os.fsdecode(found.stdout).strip()


def _delete_branch(git: Git, branch: str, tip: str) -> None:
    git.run("update-ref", "-d", f"refs/heads/{branch}", tip)
    with suppress(GitError):  # there is none unless it was pushed with --set-upstream
        git.run("config", "--local", "--remove-section", f"branch.{branch}")
