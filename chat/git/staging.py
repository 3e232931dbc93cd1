"""Puts paths into an index as they are on disk, once it is sure that git may have them.

Runs git and looks for nested repositories in the work tree.
"""

import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath

from chat.errors import GitError
from chat.git.committer import chunks, index_row
from chat.git.links import real_paths
from chat.git.process import Git
from repomap import EXECUTABLE_MODE, SUBMODULE_MODE, escaped, join_zero, split_zero

_FILE_MODE = "100644"


def stageable(git: Git, paths: Sequence[str]) -> tuple[str, ...]:
    """Return the paths, from the top, that may be staged: links followed, ignored ones left out.

    Raises GitError for those that git would refuse or store as something else.
    """
    real = _real_paths(git, paths)
    ignored = {
        path
        for part in chunks(real)
        for path in git.paths("ls-files", "-o", "-i", "--exclude-standard", "-z", "--", *part)
    }
    kept = tuple(path for path in real if path not in ignored)
    permission = git.permission()
    if not permission.trusted:
        _refuse_filtered(git, permission.overrides, kept)
    return kept


def add_to_index(git: Git, paths: Sequence[str], index: Path) -> None:
    """Put paths into an index as they are on disk, also those marked as not to be looked at."""
    rows = (
        row for part in chunks(paths) for row in git.paths("ls-files", "-v", "-z", "--", *part, index=index)
    )
    marked = [row[2:] for row in rows if row[0] == "S" or row[0].islower()]
    for mark in ("--no-skip-worktree", "--no-assume-unchanged") if marked else ():
        git.run("update-index", mark, "-z", "--stdin", stdin=join_zero(marked), index=index)
    removed_first = sorted(paths, key=lambda path: os.path.lexists(git.folder / path))
    git.run(
        *("update-index", "--add", "--remove", "--replace", "-z", "--stdin"),
        stdin=join_zero(removed_first),
        index=index,
    )


def put_contents(git: Git, contents: Mapping[str, bytes | None], index: Path) -> None:
    """Put bytes that are not those on disk into an index, in the form in which git keeps them; None removes."""
    modes = {
        path: row.partition(" ")[0]
        for part in chunks(tuple(contents))
        for row in git.paths("ls-files", "-s", "-z", "--", *part, index=index)
        for path in [row.partition("\t")[2]]
    }
    gone = [path for path, data in contents.items() if data is None]
    if gone:
        git.run("update-index", "--force-remove", "-z", "--stdin", stdin=join_zero(gone), index=index)
    rows = []
    for path, data in contents.items():
        if data is not None:
            object_id = git.line("hash-object", "-w", "--stdin", f"--path={path}", stdin=data)
            rows.append(index_row(modes.get(path) or _mode(git.folder / path), object_id, path))
    if rows:
        git.run("update-index", "--replace", "-z", "--index-info", stdin=join_zero(rows), index=index)


def _mode(path: Path) -> str:
    with suppress(OSError):
        if path.stat().st_mode & stat.S_IXUSR and os.name != "nt":
            return EXECUTABLE_MODE
    return _FILE_MODE


def untracked(git: Git, paths: Sequence[str], index: Path) -> list[str]:
    """Return the files below the paths that an index lacks and git does not ignore; all without paths."""
    from edits import is_temporary

    new = [
        path
        for part in (chunks(paths) if paths else [()])
        for path in git.paths("ls-files", "-o", "--exclude-standard", "-z", "--", *part, index=index)
    ]
    return [path for path in new if not (path.endswith("/") or is_temporary(path))]


def _real_paths(git: Git, paths: Sequence[str]) -> tuple[str, ...]:
    """Return paths as git knows them. Raises GitError for those in a nested repository."""
    absent = _absent_submodules(git, paths)
    for path in paths:
        if nested := _nested_repository(git.folder, path):
            raise GitError(
                f"{escaped(path)} is in {escaped(nested)}, which is a repository of its own; nothing was "
                "committed. Start trigpoint in that folder to commit there."
            )
        if missing := absent.intersection(_folders_above(path)):
            raise GitError(
                f"{escaped(path)} is in {escaped(missing.pop())}, a submodule that is not checked out here; nothing "
                "was committed. Start trigpoint in a checkout of that repository (git submodule update --init)."
            )
    return tuple(dict.fromkeys(real for path in paths for real in real_paths(git.folder, path)))


def _absent_submodules(git: Git, paths: Sequence[str]) -> set[str]:
    """Return the submodules above the paths, whether or not anything is checked out there.

    A file in one whose folder is empty looks like any other, and would take the submodule's place in the commit. One
    that is no longer in the index is none: the user has removed it.
    """
    folders = tuple(dict.fromkeys(folder for path in paths for folder in _folders_above(path)))
    found = [
        row.partition("\t")[2]
        for part in chunks(folders)
        for row in split_zero(git.answer("ls-tree", "-z", "HEAD", "--", *part, accept=(0, 128)).stdout)
        if row.startswith(SUBMODULE_MODE)
    ]
    rows = (row for part in chunks(found) for row in git.paths("ls-files", "-s", "-z", "--", *part))
    return {row.partition("\t")[2] for row in rows if row.startswith(SUBMODULE_MODE)}


def _nested_repository(top: Path, path: str) -> str:
    """Return the innermost folder above a path that is a repository of its own, or ""."""
    return next((folder for folder in _folders_above(path) if os.path.lexists(top / folder / ".git")), "")


def _folders_above(path: str) -> tuple[str, ...]:
    """Return the folders above a path, the innermost first.

    >>> _folders_above("a/b/c.py"), _folders_above("c.py")
    (('a/b', 'a'), ())
    """
    return tuple(parent.as_posix() for parent in PurePosixPath(path).parents)[:-1]


def _refuse_filtered(git: Git, overrides: Mapping[str, str], paths: Sequence[str]) -> None:
    """Raise GitError for content that should pass a filter which must not run.

    It would be committed as what it is not.
    """
    switched_off = {key.split(".", 1)[1].rpartition(".")[0] for key in overrides if key.startswith("filter.")}
    if not switched_off:
        return
    fields = git.paths("check-attr", "-z", "--stdin", "filter", stdin=join_zero(paths))
    for path, _, name in zip(fields[::3], fields[1::3], fields[2::3], strict=True):
        if name in switched_off and not _is_users_filter(overrides, name):
            raise GitError(
                f"{escaped(path)} passes the filter {escaped(name)}, a program that this repository's own "
                "settings name and that is not run because the repository is not trusted; nothing was "
                "committed. Trust it with `trigpoint trust`, or commit yourself."
            )


def _is_users_filter(overrides: Mapping[str, str], name: str) -> bool:
    """Whether the user's own settings define a filter, too; then that one is used."""
    return any(overrides.get(f"filter.{name}.{way}") for way in ("clean", "process"))
