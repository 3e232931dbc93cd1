"""[io] Removes jobs with everything that belongs to them, and says with which nothing is lost."""

from contextlib import suppress

from chat.errors import ChatError
from chat.jobs.processes import end_left_over, end_worker
from chat.jobs.state import JobState
from chat.jobs.store import LOCK_WAIT_S, JobFolder, children_of, jobs_folder
from chat.jobs.tree import (
    has_repository,
    is_held_elsewhere,
    remove_folder,
    remove_tree,
    tip_of,
    uncommitted,
)
from chat.jobs.view import JobReader, JobView


def is_disposable(view: JobView) -> bool:
    """Whether nothing is lost with a job: it is merged, or failed or was stopped before it had changed anything.

    A merge by git itself, which shows in another branch, counts, too. All that is so only if it is true of the jobs
    that it has begun as well. What a job of a repository that is gone has changed cannot be told: it may only have
    been moved.
    """
    if view.state.is_live or not (view.facts.merged or has_repository(view.record)):
        return False
    if not view.facts.merged and any(map(_has_work, children_of(view.record))):
        return False
    tip = tip_of(view.record)
    if view.facts.merged:
        is_past = tip in ("", view.facts.merged.tip)
    elif view.state is JobState.DONE:
        is_past = tip not in ("", view.record.base) and is_held_elsewhere(view.record, tip)
    else:
        is_past = tip in ("", view.record.base) and view.state in (JobState.FAILED, JobState.STOPPED)
    return is_past and not uncommitted(JobFolder(view.folder), view.record)


def goes_with_another(view: JobView) -> bool:
    """Whether a job was begun by another one that is there, with which it is removed."""
    parent = view.record.parent
    return bool(parent) and (jobs_folder() / parent / "job.json").exists()


def _has_work(folder: JobFolder) -> bool:
    """Whether the branch of a job holds commits that were merged nowhere."""
    record = folder.record()
    tip = tip_of(record)
    return tip not in ("", record.base) and folder.merged() is None


def _end(folder: JobFolder) -> None:
    """End the process that works on a job, if one does."""
    with suppress(ChatError):
        view = JobReader(folder).read()
        if view.state.is_live and view.facts.start:
            end_worker(view.facts.start.mark, folder)


def remove(folder: JobFolder) -> None:
    """Remove a job with everything that belongs to it, and the jobs that it has begun. Raises JobBusy, GitError.

    Of one whose record cannot be read, only its folder and its processes.
    """
    try:
        record = folder.record()
    except ChatError:
        with folder.locked(LOCK_WAIT_S):
            end_left_over(folder)
        remove_folder(folder.path)
        return
    for child in children_of(record):
        _end(child)
        remove(child)
    with folder.locked(LOCK_WAIT_S):
        end_left_over(folder)
        remove_tree(folder, record)
    remove_folder(folder.path)
