"""[io] A folder → the project around it: its root, its git repository, its instructions for agents."""

import os
from collections.abc import Sequence
from pathlib import Path

from chat.errors import GitError, InputError
from chat.events import Emit, Notice
from chat.git.guard import Decide
from chat.git.repository import GitRepository, open_repository
from chat.model import RepoPath
from chat.prompt.instructions import NAMES, load_instructions
from chat.safety.small_file import reader_below
from chat.settings.table import Settings
from chat.trust.claims import find_root
from chat.trust.git_claim import GitClaim
from chat.trust.grants import git_notice, is_git_trusted
from repomap import escaped, find_git

_WITHOUT_GIT = "edits are made without git, so nothing is committed"


def root_of(settings: Settings, folder: Path) -> Path:
    """Return the top of the git work tree around a folder, unless the settings keep to the folder."""
    if settings.subtree_only or not settings.git:
        return folder
    return find_root(folder) or folder


def below_root(folder: Path, root: Path) -> RepoPath:
    """Return a folder relative to the root; "" is the root itself."""
    path = os.path.relpath(os.path.realpath(folder), os.path.realpath(root)).replace(os.sep, "/")
    return "" if path == "." else path


def open_git(settings: Settings, root: Path, emit: Emit) -> GitRepository | None:
    """Open the git repository around the root; None, perhaps with a warning, where the chat goes without git."""
    if not settings.git:
        return None
    decide = decide_trust(settings, root, emit)
    try:
        repository = open_repository(root, trusted=decide, verify=settings.commit_verify)
    except GitError as error:
        emit(Notice(f"{error} The chat continues without git.", "warning"))
        return None
    if unused := unused_git(root, repository.work_tree.git_dir if repository else None):
        emit(Notice(unused, "warning"))
    if repository is not None:
        repository.clear_up()
    return repository


def decide_trust(settings: Settings, root: Path, emit: Emit) -> Decide:
    """Return what decides whether git may run what a repository asks for, and says so where it may not."""

    def is_trusted(claim: GitClaim) -> bool:
        if not settings.bare and is_git_trusted(root, claim):
            return True
        if not claim.doubts and (notice := git_notice(root, claim)):
            emit(Notice(notice))
        return False

    return is_trusted


def unused_git(root: Path, git_dir: Path | None) -> str:
    """Return what the user may take for the repository of a folder although it is not used; "" for nothing.

    ``git_dir`` is that of the repository which is used, None without one.
    """
    variable = os.environ.get("GIT_DIR", "")
    if variable and (git_dir is None or os.path.realpath(variable) != os.path.realpath(git_dir)):
        used = "commits go to the repository of the folder" if git_dir else _WITHOUT_GIT
        return (
            f"GIT_DIR ({escaped(variable)}) is set, but only a `.git` in or above the folder counts: {used}."
        )
    if git_dir is not None or not os.path.lexists(root / ".git"):
        return ""
    if find_git() is None:
        return f"There is a repository in {escaped(str(root))}, but git is not installed or not found: {_WITHOUT_GIT}."
    return (
        f"git takes {escaped(str(root / '.git'))} for no repository with a work tree: {_WITHOUT_GIT}. "
        "See `git status` and `git config core.bare`."
    )


def instructions_of(
    settings: Settings, root: Path, folder: RepoPath, emit: Emit, names: Sequence[str] = NAMES
) -> tuple[tuple[str, str], ...]:
    """Return the titles and texts of the instructions that hold in a folder, the nearest last."""
    if settings.bare:
        return ()
    try:
        instructions = load_instructions(reader_below(root), folder, names)
    except InputError as error:
        emit(Notice(f"{error} The chat continues without the project's instructions.", "warning"))
        return ()
    if instructions.notice:
        emit(Notice(instructions.notice, "warning"))
    return tuple(
        (f"Instructions of the project, from {instruction.path}", instruction.text)
        for instruction in instructions.texts
    )
