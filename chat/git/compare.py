"""Two states of the repository, as `git diff` compares them: the diff, and the files as they are in the newer one.

What a person writes for a range is resolved to commits first, so that no part of it can be an option.
"""

import os
from dataclasses import dataclass

from chat.errors import InputError
from chat.git.repository import DIFF, GitRepository
from chat.model import RepoPath

_NO_COMMIT = 128
"""How git ends where it does not know a revision or an object."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """A diff, and where its newer files are."""

    title: str
    """What is compared, for a person: `uncommitted changes`, `main...HEAD`."""
    diff: str
    objects: str | None
    """What git's names of the newer files begin with: a commit and `:`, or `:` for the index; None for the disk."""


def uncommitted(repository: GitRepository, since: str = "HEAD") -> Comparison:
    """Compare the work tree, new files included, with a commit."""
    title = "uncommitted changes" if since == "HEAD" else f"changes since {since}"
    against = since if since == "HEAD" else commit_of(repository, since)
    return Comparison(title, repository.diff(against=against), None)


def staged(repository: GitRepository) -> Comparison:
    """Compare what is staged with the last commit."""
    head = repository.head() or empty_tree(repository)
    return Comparison("staged changes", _diff(repository, "--cached", head), ":")


def last_commit(repository: GitRepository) -> Comparison:
    """Compare the last commit with the one before it, a merge with its first parent. Raises InputError without one."""
    return one_commit(repository, "HEAD")


def one_commit(repository: GitRepository, revision: str) -> Comparison:
    """Compare a commit with its first parent, the first one with nothing."""
    commit = commit_of(repository, revision)
    parent = _find_commit(repository, f"{commit}^1") or empty_tree(repository)
    subject = f"commit {commit[:9]}, {repository.subject(commit)}"
    return Comparison(subject, _diff(repository, parent, commit), f"{commit}:")


def compare(repository: GitRepository, text: str) -> Comparison:
    """Compare what a range means to `git diff`: `A..B`, `A...B`, `A^!`, or `A` for all changes since.

    Raises InputError for a revision that git does not know.
    """
    if text.endswith("^!"):
        return one_commit(repository, text.removesuffix("^!"))
    for dots in ("...", ".."):
        first, found, second = text.partition(dots)
        if found:
            old, new = (commit_of(repository, each or "HEAD") for each in (first, second))
            if dots == "...":
                old = _merge_base(repository, old, new, text)
            return Comparison(text, _diff(repository, old, new), f"{new}:")
    return uncommitted(repository, text)


def content(repository: GitRepository, comparison: Comparison, path: RepoPath) -> bytes | None:
    """Return a newer file as git holds it; None where there is none, or where it is on the disk only."""
    if comparison.objects is None:
        return None
    name = f"{comparison.objects}{repository.work_tree.prefix}{path}"
    output = repository.work_tree.git.answer("cat-file", "blob", name, accept=(0, _NO_COMMIT))
    return output.stdout if output.code == 0 else None


def commit_of(repository: GitRepository, revision: str) -> str:
    """Return the commit that a revision names. Raises InputError."""
    commit = _find_commit(repository, revision)
    if commit is None:
        raise InputError(
            f"git knows no commit {revision!r} here, so nothing was compared. Give a range as `git diff` takes it: "
            "main...HEAD, HEAD~3..HEAD, or a commit with ^! behind it."
        )
    return commit


def empty_tree(repository: GitRepository) -> str:
    """Return the tree without files, which a first commit is compared with."""
    return repository.work_tree.git.line("hash-object", "-t", "tree", "--stdin", stdin=b"")


def _find_commit(repository: GitRepository, revision: str) -> str | None:
    if not revision or revision.startswith("-") or "\0" in revision:
        return None
    options = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    output = repository.work_tree.git.answer(*options, accept=(0, 1, _NO_COMMIT))
    return os.fsdecode(output.stdout).strip() or None


def _merge_base(repository: GitRepository, old: str, new: str, text: str) -> str:
    output = repository.work_tree.git.answer("merge-base", old, new, accept=(0, 1))
    base = os.fsdecode(output.stdout).strip()
    if not base:
        raise InputError(
            f"{text}: the two have no commit in common, so nothing was compared. Write two dots."
        )
    return base


def _diff(repository: GitRepository, *arguments: str) -> str:
    prefix = repository.work_tree.prefix
    below = [f"--relative={prefix}"] if prefix else []
    paths = [prefix] if prefix else []
    output = repository.work_tree.git.run(*DIFF, *below, *arguments, "--", *paths)
    return output.decode("utf-8", "replace")
