"""[io] What an attempt has changed, as its judge is shown it."""

import hashlib
import os
from collections.abc import Callable

from chat.attempts.judging import Candidate
from chat.conversation.long_output import condensed
from chat.jobs.record import JobRecord
from chat.jobs.tree import repository_of_job
from chat.model import RepoPath
from chat.state.tokens import count_once

DIFF_TOKENS = 6_000
"""Of each of two changes that are compared; the middle of a longer one is left out."""
_MOST_CHARS = 400_000
"""Of a diff that is looked at at all: counting tokens takes time."""
_DIFF = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames")


def candidate(record: JobRecord, may_read: Callable[[RepoPath], bool]) -> Candidate:
    """Return an attempt with its change; the files that no model may read are only named. Raises GitError."""
    git = repository_of_job(record).work_tree.git
    span = (record.base, f"refs/heads/{record.branch}")
    paths = git.paths(*_DIFF, "--name-only", "-z", *span, "--")
    shown = [path for path in paths if may_read(path)]
    digest = hashlib.sha256(git.run("diff-tree", "-r", "-z", "--full-index", *span)).hexdigest()
    diff = os.fsdecode(git.run(*_DIFF, *span, "--", *shown)) if shown else ""
    hidden = [f"(changed, and not shown: {path})" for path in paths if path not in shown]
    text = "\n".join(filter(None, (_bounded(diff), *hidden)))
    return Candidate(job=record.id, diff=text, digest=digest)


def _bounded(diff: str) -> str:
    if len(diff) > _MOST_CHARS:
        half = _MOST_CHARS // 2
        diff = f"{diff[:half]}\n[…]\n{diff[-half:]}"
    return condensed(diff, DIFF_TOKENS, count_once)
