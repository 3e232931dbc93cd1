"""Reads a repository's last commits -> their subjects and paths, newest first, for the ranking.

Where people work at present, and which files change together, is written nowhere in the files
themselves. One bounded `git log` shows it. It needs only commits and trees, so it works in shallow
and in blobless clones, and nothing in it depends on the clock.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from repomap.errors import GitFailed
from repomap.files.collector import decode_path
from repomap.files.git import Git

MAX_COMMITS = 2000
"""Read in 0.1 to 0.2 s; twice as many add nothing to recency, and 5 % to co-change at twice the time."""
MAX_COMMIT_FILES = 300
"""A commit of more files is a reformatting or an import and is left out."""

_SUBJECT_MARK = b":"  # keeps an empty subject from looking like the end of a commit's names


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit that is not a merge."""

    subject: str
    paths: tuple[str, ...]
    """The files it touched, spelled as in a listing of the same root; never empty."""


def read_history(git: Git, *, max_commits: int = MAX_COMMITS) -> tuple[Commit, ...]:
    """Read the last ``max_commits`` commits behind HEAD that are not merges, newest first.

    Paths are relative to ``git.folder``; commits that touched nothing below it, or more than 300
    files, are left out. Renames are not followed. The history is empty before the first commit,
    and where git cannot read its own history (a clone without trees, a damaged one).
    """
    if git.commit is None:
        return ()
    try:
        log = git.run(
            "log",
            "-z",
            f"--max-count={max_commits}",
            "--no-merges",
            "--name-only",
            "--no-renames",
            "--relative",
            "--no-mailmap",
            "--no-color",
            "--encoding=UTF-8",
            f"--format=tformat:%x00{_SUBJECT_MARK.decode()}%s",
            git.commit,
            "--",
        )
        return tuple(_read_log(log))
    except (GitFailed, ValueError):
        return ()


def _read_log(log: bytes) -> Iterable[Commit]:
    r"""Parse the log: for each commit "\0:subject\0", then its names if any, each followed by "\0".

    The first name has "\n" before it. Names are never empty, so an empty field ends them.
    """
    fields = log.split(b"\0")
    position, end = 0, len(fields)
    while position < end:
        if not fields[position]:
            position += 1
            continue
        subject = fields[position].removeprefix(_SUBJECT_MARK)
        position = start = position + 1
        while position < end and fields[position]:
            position += 1
        names = fields[start:position]
        if 0 < len(names) <= MAX_COMMIT_FILES:
            names[0] = names[0].removeprefix(b"\n")
            yield Commit(subject.decode("utf-8", "replace"), tuple(map(decode_path, names)))
