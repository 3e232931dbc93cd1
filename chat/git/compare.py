"""Two states of the repository, as `git diff` compares them: the diff, and the files as they are in the newer one.

`repomap` resolves what a person writes for a range, and compares commits and the index.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chat.errors import InputError
from chat.git.repository import GitRepository
from chat.model import RepoPath
from repomap import (
    RepoMapError,
    TwoStates,
    commit_of,
    diff_of_index,
    diff_of_states,
    states_of,
    states_of_commit,
)

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
    """Compare the work tree, new files included, with a commit. Raises InputError for one that git does not know."""
    if since == "HEAD":
        return Comparison("uncommitted changes", repository.diff(), None)
    with _unknown_is_an_input():
        against = commit_of(repository.work_tree.git, since)
    return Comparison(f"changes since {since}", repository.diff(against=against), None)


def staged(repository: GitRepository) -> Comparison:
    """Compare what is staged with the last commit."""
    diff = diff_of_index(repository.work_tree.git, *_limits(repository))
    return Comparison("staged changes", _text(diff), ":")


def last_commit(repository: GitRepository) -> Comparison:
    """Compare the last commit with the one before it, a merge with its first parent. Raises InputError without one."""
    return one_commit(repository, "HEAD")


def one_commit(repository: GitRepository, revision: str) -> Comparison:
    """Compare a commit with its first parent, the first one with nothing."""
    with _unknown_is_an_input():
        states = states_of_commit(repository.work_tree.git, revision)
    return _between(repository, states, f"commit {states.new[:9]}, {repository.subject(states.new)}")


def compare(repository: GitRepository, text: str) -> Comparison:
    """Compare what a range means to `git diff`: `A..B`, `A...B`, `A^!`, or `A` for all changes since.

    Raises InputError for a revision that git does not know.
    """
    if text.endswith("^!"):
        return one_commit(repository, text.removesuffix("^!"))
    if ".." not in text:
        return uncommitted(repository, text)
    with _unknown_is_an_input():
        states = states_of(repository.work_tree.git, text)
    return _between(repository, states, text)


def content(repository: GitRepository, comparison: Comparison, path: RepoPath) -> bytes | None:
    """Return a newer file as git holds it; None where there is none, or where it is on the disk only."""
    if comparison.objects is None:
        return None
    name = f"{comparison.objects}{repository.work_tree.prefix}{path}"
    output = repository.work_tree.git.answer("cat-file", "blob", name, accept=(0, _NO_COMMIT))
    return output.stdout if output.code == 0 else None


def _between(repository: GitRepository, states: TwoStates, title: str) -> Comparison:
    diff = diff_of_states(repository.work_tree.git, states, *_limits(repository))
    return Comparison(title, _text(diff), f"{states.new}:")


def _limits(repository: GitRepository) -> tuple[str, ...]:
    """Return what limits a diff to the folder."""
    prefix = repository.work_tree.prefix
    return (f"--relative={prefix}", "--", prefix) if prefix else ()


def _text(diff: bytes) -> str:
    return diff.decode("utf-8", "replace")


@contextmanager
def _unknown_is_an_input() -> Iterator[None]:
    try:
        yield
    except RepoMapError as error:
        raise InputError(str(error)) from error
