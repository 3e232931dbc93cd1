"""[io] Merges two commits without a work tree, by `git merge-tree`: the tree that would result, or the conflict."""

from collections.abc import Sequence
from dataclasses import dataclass

from chat.errors import GitError
from chat.git.committer import commit_tree
from chat.git.process import Git
from repomap import split_zero

_TIMEOUT_S = 1800.0
_OLD_GIT = 129
"""The exit code of git for an option that it does not know."""


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge that could be made."""

    head: str
    tip: str
    tree: str
    """The tree that it would result in."""
    is_forward: bool
    """``head`` is before the tip."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two commits that cannot be merged."""

    tree: str
    """With git's marks of the conflict in its files."""
    paths: tuple[str, ...]


def try_merge(git: Git, head: str, tip: str) -> Merge | Conflict:
    """Merge two commits; nothing but objects is written. Raises GitError where this git cannot."""
    if git.answer("merge-base", "--is-ancestor", head, tip, accept=(0, 1)).code == 0:
        return Merge(head, tip, git.line("rev-parse", f"{tip}^{{tree}}"), True)
    output = git.answer(
        *("merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", head, tip),
        accept=(0, 1, 128, _OLD_GIT),
        timeout_s=_TIMEOUT_S,
    )
    tree, *conflicts = split_zero(output.stdout)
    if output.code == 1:
        return Conflict(tree, tuple(conflicts))
    if output.code:
        raise GitError("This git cannot merge without a work tree; git 2.38 can.")
    return Merge(head, tip, tree, False)


def merge_commit(git: Git, tree: str, parents: Sequence[str], message: str, *, signs: bool = False) -> str:
    """Make a commit of a tree on top of its parents, on no branch; no hook is run. Raises GitError with advice."""
    return commit_tree(git, tree, parents, message.encode(), *(["-S"] if signs else []))


def text_in(git: Git, tree: str, path: str) -> str:
    """Return a file of a tree as text, "" where there is none."""
    found = git.answer("cat-file", "blob", f"{tree}:{path}", accept=(0, 128))
    return "" if found.code else found.stdout.decode("utf-8", "replace")
