"""What people write for a change → the two states that it lies between, and the diff from one to the other.

What they write is resolved to commits first, so that no part of it can be an option. Only commits and the index are
compared here: the files of the work tree are not read, so nothing that the repository configures for them runs.
"""

import os
import re
from dataclasses import dataclass
from typing import Protocol

from repomap.errors import BadRequest, GitFailed
from repomap.files.git_format import EMPTY_TREES
from repomap.files.git_runner import GitOutput
from repomap.safety.printable import escaped

DIFF_OPTIONS = (
    *("-p", "--no-color", "--no-ext-diff", "--no-textconv", "--unified=3", "--inter-hunk-context=0"),
    *(
        "--src-prefix=a/",
        "--dst-prefix=b/",
        "--find-renames",
        "--submodule=short",
        "--ignore-submodules=dirty",
    ),
)
"""The same diff for everybody, whatever is configured."""
_RANGE = re.compile(r"(?P<old>(?![-.])[^\s:]*?)(?:\.{2,3}(?P<new>(?![-.])[^\s:]*)|(?<=.)\^!)")
_NOT_FOUND = (0, 1, 128)
"""How git ends where it does not know a revision."""


class AsksGit(Protocol):
    """A folder in which git can be asked."""

    def answer(self, *args: str, accept: tuple[int, ...] = (0,)) -> GitOutput:
        """Run git; the codes to ``accept`` are no failure."""
        ...


@dataclass(frozen=True, slots=True)
class TwoStates:
    """What a change lies between."""

    old: str
    """A commit, or the tree without files."""
    new: str
    """A commit."""


def is_range(text: str) -> bool:
    """Return whether a text has the form `A..B`, `A...B` or `A^!`.

    >>> is_range("main...HEAD"), is_range("main.."), is_range("HEAD^!"), is_range("src/app.py"), is_range("--o=x..y")
    (True, True, True, False, False)
    """
    match = _RANGE.fullmatch(text)
    return match is not None and bool(match["old"] or match["new"])


def states_of(git: AsksGit, text: str) -> TwoStates:
    """Resolve `A..B`, `A...B` (B since it left A), or `A^!` (what the commit A changed).

    A side that is left out is HEAD. Raises BadRequest for another form, GitFailed for a commit that git does not know
    and for two without a commit in common.
    """
    if text.endswith("^!"):
        return states_of_commit(git, text.removesuffix("^!"))
    dots = "..." if "..." in text else ".."
    first, found, second = text.partition(dots)
    if not found or not (first or second):
        raise BadRequest(
            f"{escaped(text)} is not a range of commits. Write A..B, A...B, or A^! for one commit."
        )
    old, new = (commit_of(git, each or "HEAD") for each in (first, second))
    return TwoStates(_merge_base(git, old, new, text) if dots == "..." else old, new)


def states_of_commit(git: AsksGit, revision: str) -> TwoStates:
    """Return a commit and its first parent, the tree without files for the first one. Raises GitFailed."""
    commit = commit_of(git, revision)
    return TwoStates(find_commit(git, f"{commit}^1") or empty_tree(git), commit)


def diff_of_states(git: AsksGit, states: TwoStates, *limits: str) -> bytes:
    """Return the diff; ``limits`` are options and paths that say which files it is of."""
    return git.answer("diff-tree", "-r", *DIFF_OPTIONS, states.old, states.new, *limits).stdout


def diff_of_index(git: AsksGit, *limits: str) -> bytes:
    """Return the diff of what is staged, against the last commit if there is one."""
    head = find_commit(git, "HEAD") or empty_tree(git)
    return git.answer("diff-index", "--cached", *DIFF_OPTIONS, head, *limits).stdout


def commit_of(git: AsksGit, revision: str) -> str:
    """Return the commit that a revision names. Raises GitFailed."""
    commit = find_commit(git, revision)
    if commit is None:
        raise GitFailed(
            f"git knows no commit {escaped(repr(revision))} here, so nothing was compared. Give a range as `git diff` "
            "takes it: main...HEAD, HEAD~3..HEAD, or a commit with ^! behind it."
        )
    return commit


def find_commit(git: AsksGit, revision: str) -> str | None:
    """Return the commit that a revision names, or None."""
    if not revision or revision.startswith("-") or "\0" in revision:
        return None
    options = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    return os.fsdecode(git.answer(*options, accept=_NOT_FOUND).stdout).strip() or None


def empty_tree(git: AsksGit) -> str:
    """Return the tree without files, which a first commit is compared with."""
    form = git.answer("rev-parse", "--show-object-format").stdout.strip()
    return EMPTY_TREES[40 if form == b"sha1" else 64]


def _merge_base(git: AsksGit, old: str, new: str, text: str) -> str:
    base = os.fsdecode(git.answer("merge-base", old, new, accept=(0, 1)).stdout).strip()
    if not base:
        raise GitFailed(
            f"{escaped(text)}: the two have no commit in common, so nothing was compared. Write two dots."
        )
    return base
