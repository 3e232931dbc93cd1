"""[io] The branch of a plan in its own work tree: what is merged into it, and put back where a check objects.

The user's own work tree is never touched. What checks leave in this one, other than ignored files, is thrown away.
"""

from pathlib import Path

from chat.errors import GitError
from chat.git.merge_tree import Conflict, Merge, merge_commit, text_in, try_merge
from chat.jobs.record import JobRecord
from chat.jobs.tree import repository_of
from chat.safety.printable import plain_message
from chat.workers.texts import conflict_text

_MAX_FILES = 10
_DIFF = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames")


class PlanBranch:
    """The branch that the pieces of a plan are merged into."""

    def __init__(self, tree: Path, branch: str) -> None:
        """``tree`` is its work tree. Raises GitError where there is none."""
        self.root = tree
        self._repository = repository_of(tree)
        self._git = self._repository.work_tree.git
        self._ref = f"refs/heads/{branch}"

    def put(self, commit: str) -> None:
        """Have branch, index and files be as a commit, whatever they are now. Raises GitError."""
        self._repository.clear_up()
        self._git.run("symbolic-ref", "HEAD", self._ref)
        self._git.run("update-ref", self._ref, commit)
        self._git.run("read-tree", "-u", "--reset", commit)
        self._git.run("clean", "-ffdq")

    def added(self, known: str) -> str:
        """Return the commit that the branch is at if it has grown beyond a known one, otherwise ""."""
        tip = self._git.line("rev-parse", self._ref)
        is_grown = self._git.answer("merge-base", "--is-ancestor", known, tip, accept=(0, 1)).code == 0
        return tip if is_grown and tip != known else ""

    def merged(self, tip: str, job: JobRecord, onto: str) -> str | Conflict:
        """Return a commit with the work of a job on top of another, on no branch yet, or the conflict.

        It is the tip itself where nothing else has come in meanwhile.
        """
        found = try_merge(self._git, onto, tip)
        if isinstance(found, Merge) and not found.is_forward:
            message = f"Merge branch '{job.branch}'\n\n{plain_message(job.task).strip()}\n"
            return merge_commit(self._git, found.tree, (onto, tip), message)
        return tip if isinstance(found, Merge) else found

    def conflict(self, found: Conflict) -> str:
        """Return the conflicts with git's marks."""
        return conflict_text(
            (path, text_in(self._git, found.tree, path)) for path in found.paths[:_MAX_FILES]
        )

    def diff(self, base: str, tip: str) -> str:
        """Return what has changed between two commits, "" where git cannot tell."""
        try:
            return self._git.run(*_DIFF, base, tip, "--").decode("utf-8", "replace")
        except GitError:
            return ""

    def files(self, base: str, tip: str) -> tuple[str, ...]:
        """Return the paths that differ between two commits."""
        return self._git.paths("diff", "--name-only", "--no-renames", "-z", base, tip, "--")
