"""[io] Brings a job's branch into the user's, or says why not; nothing of the user's is ever in the way of that.

The merge is made without a work tree first. Only when it is known to be whole, and to touch nothing that the user has
changed, is the branch moved, as a fast-forward by git itself.
"""

import os
import time
from pathlib import Path
from typing import Literal

from chat.errors import GitError
from chat.git.merge_tree import Conflict, Merge, merge_commit, try_merge
from chat.git.repository import GitRepository
from chat.jobs.record import JobRecord, Merged
from chat.jobs.state import JobState
from chat.jobs.store import JobFolder
from chat.jobs.tree import repository_of, tip_of, uncommitted
from chat.jobs.view import JobView
from chat.safety.printable import on_one_line
from repomap import escaped

Way = Literal["", "squash", "ff-only", "no-ff"]
_MAX_NAMES = 5
_TIMEOUT_S = 1800.0
_NOT_ENDED = {
    JobState.QUEUED: "it has not begun yet",
    JobState.RUNNING: "it is still running (`trigpoint stop {id}` ends it)",
    JobState.WAITING: "it waits for an answer",
    JobState.LOST: "its process was killed before it was through (`trigpoint resume {id}` goes on)",
    JobState.STOPPED: "it was stopped before it was through (`trigpoint resume {id}` goes on)",
}


def merge(view: JobView, here: Path, way: Way = "") -> Merged:
    """Merge a job's branch into the branch of the work tree around ``here``. Raises GitError with all reasons."""
    record = view.record
    repository = repository_of(here)
    folder = JobFolder(view.folder)
    reasons = [*_of_job(view, folder), *_of_place(repository, record)]
    plan = None if reasons else _plan(repository, record, way)
    if isinstance(plan, Merge):
        reasons = _in_the_way(repository, plan)
    elif plan:
        reasons = [plan]
    if reasons or not isinstance(plan, Merge):
        raise GitError(
            f"Job {record.id} was not merged: {'; '.join(reason.rstrip('.') for reason in reasons)}. Nothing was "
            "changed. Its branch is "
            f"{record.branch}, which git itself can merge, too."
        )
    merged = _carry_out(repository, record, plan, way)
    folder.write("merged.json", merged)
    return merged


def _of_job(view: JobView, folder: JobFolder) -> list[str]:
    """Return what of the job stands against merging it."""
    record = view.record
    if view.state in _NOT_ENDED:
        return [_NOT_ENDED[view.state].format(id=record.id)]
    reasons = []
    if view.state is JobState.FAILED:
        red = [command for command, code in view.progress.checks if code]
        what = f"a check is red ({on_one_line(red[0])})" if red else "it failed"
        reasons.append(f"{what}: {on_one_line(view.reason)}" if view.reason and not red else what)
    if left := uncommitted(folder, record):
        reasons.append(f"its work tree holds what is not committed ({_first(left)})")
    tip = tip_of(record)
    if not tip:
        reasons.append("its branch is gone")
    elif tip == record.base:
        reasons.append("it has made no commit")
    elif view.facts.merged and view.facts.merged.tip == tip:
        reasons.append(f"it was merged already, into {view.facts.merged.into}")
    return reasons


def _of_place(repository: GitRepository, record: JobRecord) -> list[str]:
    """Return what of the user's work tree stands against it."""
    if os.path.realpath(repository.work_tree.common_dir) != os.path.realpath(record.common_dir):
        return [f"it belongs to the repository of {record.root}, and this is another one"]
    if not repository.on_branch():
        return ["HEAD is on no branch here (git switch BRANCH)"]
    blocked = repository.blocked()
    return [blocked.rstrip(".")] if blocked else []


def _plan(repository: GitRepository, record: JobRecord, way: Way) -> Merge | str:
    """Return the merge, or why there can be none."""
    head, tip = repository.head(), tip_of(record)
    if head is None:
        return "there is no commit here yet"
    if repository.holds(tip):
        return f"{repository.branch()} holds all of it already (`trigpoint jobs prune` removes the job)"
    try:
        found = try_merge(repository.work_tree.git, head, tip)
    except GitError as error:
        return str(error).rstrip(".")
    if isinstance(found, Conflict):
        return f"it conflicts with {repository.branch()} in {_first(found.paths)}"
    if way == "ff-only" and not found.is_forward:
        return f"{repository.branch()} has commits that its branch lacks, so it cannot be fast-forwarded"
    return found


def _in_the_way(repository: GitRepository, plan: Merge) -> list[str]:
    """Return what the user has changed in the files that the merge would change."""
    git = repository.work_tree.git
    differing = set(git.paths("diff", "--name-only", "--no-renames", "-z", plan.head, plan.tree, "--"))
    top = git.folder
    changed = {
        os.path.relpath(top / repository.work_tree.prefix / path, top).replace(os.sep, "/")
        for path in repository.changes()
    }
    changed |= {path for path in differing if _is_there_unknown(repository, plan, path)}
    both = tuple(sorted(differing & changed))
    return [f"you have changes in the same files ({_first(both)}); commit them first"] if both else []


def _is_there_unknown(repository: GitRepository, plan: Merge, path: str) -> bool:
    """Whether the merge would write a file that HEAD does not have and that is there all the same, ignored."""
    git = repository.work_tree.git
    if not os.path.lexists(git.folder / path):
        return False
    return git.answer("cat-file", "-e", f"{plan.head}:{path}", accept=(0, 1, 128)).code != 0


def _carry_out(repository: GitRepository, record: JobRecord, plan: Merge, way: Way) -> Merged:
    git = repository.work_tree.git
    target = plan.tip
    kind: Literal["ff", "merge", "squash"] = "ff"
    if way == "squash" or way == "no-ff" or not plan.is_forward:
        kind = "squash" if way == "squash" else "merge"
        parents = (plan.head,) if way == "squash" else (plan.head, plan.tip)
        message = _message(repository, record, plan, kind)
        signs = git.trusted and _signs(repository)
        target = merge_commit(git, plan.tree, parents, message, signs=signs)
    if repository.head() != plan.head:
        raise GitError(
            f"The branch has moved on meanwhile. Nothing was changed; merge job {record.id} again."
        )
    git.answer("merge", "--ff-only", "--quiet", target, timeout_s=_TIMEOUT_S)
    return Merged(
        commit=target,
        tip=plan.tip,
        way=kind,
        into=repository.branch(),
        at=time.time(),
    )


def _signs(repository: GitRepository) -> bool:
    output = repository.work_tree.git.answer("config", "--type=bool", "commit.gpgSign", accept=(0, 1))
    return output.stdout.strip() == b"true"


def _message(repository: GitRepository, record: JobRecord, plan: Merge, kind: str) -> str:
    if kind == "merge":
        return f"Merge branch '{record.branch}'\n\n{record.task.strip()}\n"
    git = repository.work_tree.git
    form = "%s%n%n%b" if git.line("rev-list", "--count", f"{record.base}..{plan.tip}") == "1" else "* %s"
    messages = git.line("log", "--reverse", f"--format={form}", f"{record.base}..{plan.tip}").strip()
    return messages + "\n" if form != "* %s" else f"{on_one_line(record.task, 72)}\n\n{messages}\n"


def _first(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _MAX_NAMES} more" if len(names) > _MAX_NAMES else ""
    return ", ".join(map(escaped, names[:_MAX_NAMES])) + more
