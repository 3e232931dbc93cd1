"""What git says of where its repository is, and what its refusals mean -> values.

For the one question that comes before every other, in `repomap` and in `chat`. Pure.
"""

import os
import re
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from repomap.safety.printable import escaped

ASK_PLACES = (
    *("--is-inside-work-tree", "--is-inside-git-dir", "--is-bare-repository"),
    *("--absolute-git-dir", "--git-common-dir", "--show-prefix", "--default", "HEAD", "--revs-only"),
)
"""The arguments of `git rev-parse` whose answer `read_places` reads."""


class Refusal(Enum):
    """Why git does not work in a folder."""

    NO_REPOSITORY = auto()
    NO_WORK_TREE = auto()
    """A bare repository, or git's own data."""
    NOT_OWNED = auto()
    """It belongs to another user."""
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class GitPlaces:
    """Where git finds its repository from a folder."""

    in_work_tree: bool
    in_own_data: bool
    """In a bare repository or below `.git`."""
    git_dir: Path
    common_dir: Path
    """The same, except in a linked work tree."""
    top: Path
    """Of the work tree, without links."""
    prefix: str
    """The folder, from the top; with `/` at the end unless it is the top."""
    commit: str | None
    """HEAD's commit id; None before the first commit."""


def read_places(answer: bytes, folder: Path) -> GitPlaces:
    """Read what `git rev-parse` wrote in a folder.

    Lines that a line feed in the name of a git folder adds end up in the wrong place. That is why
    what is read here has to be compared with the files (`git_layout.doubts_about`).
    """
    in_tree, in_git_dir, bare, git_dir, common_dir, rest = os.fsdecode(answer).split("\n", 5)
    prefix, commit = _split_prefix(rest)
    depth = prefix.count("/")
    real = Path(os.path.realpath(folder))
    top = real.parents[depth - 1] if 0 < depth <= len(real.parents) else real
    return GitPlaces(
        in_tree == "true",
        "true" in (in_git_dir, bare),
        Path(git_dir),
        folder / common_dir,
        top,
        prefix,
        commit,
    )


def refusal_in(message: str) -> Refusal:
    """Return what the message of a git that refuses to work in a folder means.

    >>> refusal_in("fatal: not a git repository (or any of the parent directories): .git")
    <Refusal.NO_REPOSITORY: 1>
    """
    for part, refusal in (
        ("dubious ownership", Refusal.NOT_OWNED),
        ("cannot use bare repository", Refusal.NO_WORK_TREE),
        ("must be run in a work tree", Refusal.NO_WORK_TREE),
        ("not a git repository", Refusal.NO_REPOSITORY),
    ):
        if part in message:
            return refusal
    return Refusal.OTHER


def not_owned(folder: Path) -> str:
    """Return why git refuses the repository of another user around a folder, and what makes it accept that."""
    return (
        f"{escaped(str(folder))}: the repository belongs to another user, so git refuses it. If you trust it: "
        f"git config --global --add safe.directory '{escaped(os.path.realpath(folder))}'."
    )


def _split_prefix(rest: str) -> tuple[str, str | None]:
    """Split "prefix\\n" and, once there is a commit, "id\\n"; the prefix may hold newlines."""
    match = re.search(r"(?:\A|\n)([0-9a-f]{40,64})\n\Z", rest)
    if match is None:
        return rest.removesuffix("\n"), None
    return rest[: match.start()], match[1]
