"""[io] Removes jobs with everything that belongs to them, and says with which nothing is lost."""

import os

from chat.errors import ChatError
from chat.jobs.processes import end_left_over
from chat.jobs.state import JobState
from chat.jobs.store import LOCK_WAIT_S, JobFolder
from chat.jobs.tree import remove_folder, remove_tree, tip_of, uncommitted
from chat.jobs.view import JobView


def is_disposable(view: JobView) -> bool:
    """Whether nothing is lost with a job: it is merged, or failed or was stopped before it had changed anything."""
    if view.state.is_live:
        return False
    tip = tip_of(view.record) if os.path.isdir(view.record.root) else ""
    if view.facts.merged:
        is_past = tip in ("", view.facts.merged.tip)
    else:
        is_past = tip in ("", view.record.base) and view.state in (JobState.FAILED, JobState.STOPPED)
    return is_past and not uncommitted(JobFolder(view.folder), view.record)


def remove(folder: JobFolder) -> None:
    """Remove a job with everything that belongs to it. Raises JobBusy, GitError.

    Of one whose record cannot be read, only its folder.
    """
    try:
        record = folder.record()
    except ChatError:
        remove_folder(folder.path)
        return
    with folder.locked(LOCK_WAIT_S):
        end_left_over(folder)
        remove_tree(folder, record)
    remove_folder(folder.path)
