"""Asks git for a diff between two commits, or between HEAD and what is staged.

Neither reads the files of the work tree, so nothing that the repository configures for them runs.
"""

import re

from repomap.errors import BadRequest
from repomap.files.git import Git
from repomap.files.git_format import EMPTY_TREES
from repomap.safety.printable import escaped

_OPTIONS = (
    *("-p", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--unified=3"),
    *("--find-renames", "--ignore-submodules=all", "--relative"),
)
_RANGE = re.compile(r"(?P<old>(?![-.])[^\s:]*?)(?P<dots>\.{2,3})(?P<new>(?![-.])[^\s:]*)")


def is_range(text: str) -> bool:
    """Return whether a text has the form `A..B` or `A...B`.

    >>> is_range("main...HEAD"), is_range("main.."), is_range("src/app.py"), is_range("--output=x..y")
    (True, True, False, False)
    """
    match = _RANGE.fullmatch(text)
    return match is not None and bool(match["old"] or match["new"])


def diff_of_range(git: Git, commits: str) -> str:
    """Return the diff of `A..B`, or that of B since it left A for `A...B`, below the folder.

    A side that is left out is HEAD. Raises BadRequest for another form, GitFailed if git does not know a
    commit.
    """
    match = _RANGE.fullmatch(commits)
    if match is None or not is_range(commits):
        raise BadRequest(f"{escaped(commits)} is not a range of commits. Write A..B or A...B.")
    since_base = ("--merge-base",) if match["dots"] == "..." else ()
    sides = (match["old"] or "HEAD", match["new"] or "HEAD")
    return _decoded(git.run("diff-tree", "-r", *_OPTIONS, *since_base, *sides, "--"))


def diff_of_index(git: Git) -> str:
    """Return the diff of what is staged, below the folder."""
    head = (
        git.commit
        or EMPTY_TREES[40 if git.run("rev-parse", "--show-object-format").strip() == b"sha1" else 64]
    )
    return _decoded(git.run("diff-index", *_OPTIONS, head, "--"))


def _decoded(diff: bytes) -> str:
    return diff.decode("utf-8", "surrogateescape")
