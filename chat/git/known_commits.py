"""Knows a commit again by what it holds, since hooks may change its message and add to it. Runs git."""

from collections.abc import Iterable, Sequence

from chat.git.committer import Committer, Entries, changes_between, chunks
from chat.git.process import Git

_MAX_COMMITS_SEARCHED = 500


def commit_holding(
    committer: Committer, since: str, entries: Entries, paths: Iterable[str] = ()
) -> str | None:
    """Return the oldest commit behind ``since`` that holds all entries; None where there is none.

    What a commit hook has rewritten is not as it was given: where hooks run, and where the entries are not known,
    a commit that changes all of ``paths`` counts, too. ``since`` is empty before the first commit.
    """
    head, git = committer.head(), committer.git
    if head is None or head == since:
        return None
    behind = [f"^{since}"] if since else []
    commits = git.line("rev-list", "--topo-order", "--reverse", head, *behind).split()[:_MAX_COMMITS_SEARCHED]
    for commit in commits:
        if entries and entries_of(git, commit, tuple(entries)) == entries:
            return commit
    wanted = {*paths, *entries}
    if entries and not (git.trusted and committer.has_hooks()):
        return None
    for commit in commits if wanted else ():
        parent = next(iter(committer.parents(commit)), None)
        if wanted <= {change.path for change in changes_between(git, parent, commit)}:
            return commit
    return None


def entries_of(git: Git, tree: str, paths: Sequence[str]) -> Entries:
    """Return what a commit or tree holds at these paths."""
    entries = dict.fromkeys(paths, "")
    for part in chunks(paths):
        for row in git.paths("ls-tree", "-r", "-z", "--full-tree", tree, "--", *part):
            description, _, path = row.partition("\t")
            mode, _, object_id = description.split(" ")
            if path in entries:
                entries[path] = f"{mode} {object_id}"
    return entries
