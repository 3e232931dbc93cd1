"""Real work trees in every state that a user may leave one in."""

import os
import subprocess
from pathlib import Path

from repositories import IDENTITY, make_repository


def git(root: Path, *args: str, check: bool = True, given: bytes = b"", **variables: str) -> str:
    """What one git command says, bytes that are no text kept; it must succeed unless told otherwise."""
    done = subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *IDENTITY, *args],
        cwd=root,
        env=os.environ | variables,
        input=given,
        capture_output=True,
        check=False,
    )
    assert not check or done.returncode == 0, done.stderr.decode(errors="replace")
    return os.fsdecode(done.stdout).rstrip("\n")


def make(root: Path, **files: str) -> Path:
    """A repository with one commit of some files; `a_txt` becomes `a.txt`."""
    texts = files or {"a_txt": "one\n", "b_txt": "one\n"}
    return make_repository(root, {name.replace("_", "."): text for name, text in texts.items()}, ["First"])


def write(root: Path, path: str, text: str | bytes) -> None:
    """Writes bytes as they are; folders as needed."""
    full = root / path
    full.parent.mkdir(parents=True, exist_ok=True)
    full.write_bytes(text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text)


def conflict(root: Path) -> None:
    """Commit different changes of the same line on two branches; `other` is the one to merge."""
    git(root, "checkout", "-qb", "other")
    write(root, "a.txt", "theirs\n")
    git(root, "commit", "-qam", "Theirs")
    git(root, "checkout", "-q", "-")
    write(root, "a.txt", "ours\n")
    git(root, "commit", "-qam", "Ours")


def staged(root: Path) -> str:
    """All that the index holds: modes, blobs, stages and marks, without stat data."""
    return git(root, "ls-files", "-s", "-z") + git(root, "ls-files", "-v", "-z")


def looks(root: Path) -> dict[str, str]:
    """All that a step must not change by the way: branch, commit, index, files, state of git."""
    return {
        "head": git(root, "rev-parse", "-q", "--verify", "HEAD", check=False),
        "branch": git(root, "symbolic-ref", "-q", "HEAD", check=False),
        "index": staged(root),
        "files": git(root, "status", "--porcelain=v2", "-z", "--untracked-files=all"),
        "refs": git(
            root, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/tags", "refs/stash"
        ),
    }


def executable(path: Path, text: str) -> None:
    """A script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
