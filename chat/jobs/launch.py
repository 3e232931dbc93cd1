"""[io] Has a process work on a job, takes the job up again, stops it.

Each step leaves files by which the next process can go on: the record is written before the work tree is made, and
a run begins with its mark. So a job that was killed anywhere is found, and can be taken up or removed.
"""

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from chat.errors import ChatError, UsageError
from chat.jobs.making import placed, split_secrets
from chat.jobs.processes import Worker, end_left_over, end_worker, start_worker
from chat.jobs.record import JobRecord, RunEnd, RunStart
from chat.jobs.state import JobState
from chat.jobs.store import LOCK_WAIT_S, JobFolder, children_of
from chat.jobs.tree import make_tree, repository_of_job
from chat.jobs.view import JobReader
from chat.settings.kinds import Value
from repomap import ExitCode

SECRETS_VARIABLE = "_TRIGPOINT_JOB_KEYS"
"""Holds the settings that are not kept, as JSON, for the worker alone."""
_BEGIN_S = 60.0
"""How long a worker may take to begin; far above what a busy machine needs."""
_POLL_S = 0.02


def start(folder: JobFolder, values: Mapping[str, Value] | None = None) -> Worker:
    """Have a process work on a job, from the beginning or from where it was; return once it has begun.

    ``values`` are settings of which the keys are handed on. Raises ChatError where it does not begin.
    """
    _, secret = split_secrets(values or {})
    before = folder.start()
    number = before.number if before else 0
    try:
        worker = start_worker(folder, {SECRETS_VARIABLE: json.dumps(secret)} if secret else {})
    except OSError as error:
        raise ChatError(f"The process for job {folder.id} could not be started: {error.strerror}.") from error
    deadline = time.monotonic() + _BEGIN_S
    while time.monotonic() < deadline:
        begun = folder.start()
        if begun and begun.number > number:
            return worker
        if worker.poll() is not None:
            break
        time.sleep(_POLL_S)
    raise ChatError(f"The process for job {folder.id} did not begin:\n{_last_words(folder)}")


def _last_words(folder: JobFolder) -> str:
    from chat.safety.printable import without_escapes

    with suppress(OSError):
        lines = folder.messages.read_text("utf-8", "replace").strip().split("\n")
        return without_escapes("\n".join(lines[-10:]))
    return "It left no message."


def take_up(folder: JobFolder) -> JobRecord:
    """Make a job ready to be worked on again; what a killed process left half made is made anew.

    Raises UsageError where a process works on it, or where there is nothing left to do; GitError where its repository
    is gone.
    """
    view = JobReader(folder).read()
    if view.state.is_live:
        raise UsageError(f"Job {folder.id} is {view.state.value}. Nothing was done; it goes on by itself.")
    if view.facts.merged:
        raise UsageError(f"Job {folder.id} is merged. Nothing was done; begin another with trigpoint run.")
    repository_of_job(view.record)
    with folder.locked(LOCK_WAIT_S):
        end_left_over(folder)
        record = view.record
        if not (record.ready and (view.tree / ".git").is_file()):
            make_tree(folder, record)
            record = placed(folder, record, Path(record.root, record.folder))
            folder.write_record(record)
    return record


def change(folder: JobFolder, values: Mapping[str, Value]) -> None:
    """Replace settings of a job that nothing works on. Keys are not kept."""
    record = folder.record()
    kept, _ = split_secrets(values)
    if kept:
        folder.write_record(placed(folder, replace(record, values={**record.values, **kept}), Path.cwd()))


def stop(folder: JobFolder) -> JobState:
    """Stop the process that works on a job, and return what the job is then: it may have been quicker.

    The jobs that it has begun are stopped with it. Raises UsageError where no process works on any.
    """
    view = JobReader(folder).read()
    start_ = view.facts.start
    if not view.state.is_live:
        if _stop_children(view.record):
            return view.state
        raise UsageError(f"Job {folder.id} is {view.state.value}, so there is nothing to stop.")
    mark = start_.mark if start_ else view.record.maker
    end_worker(mark, folder)
    with folder.locked(LOCK_WAIT_S):
        if start_ and JobReader(folder).read().state is JobState.LOST:  # killed, so it could not say so
            end = RunEnd(
                number=start_.number, exit_code=ExitCode.TERMINATED, at=time.time(), reason="It was stopped."
            )
            folder.write("end.json", end)
    _stop_children(view.record)
    return JobReader(folder).read().state


def _stop_children(record: JobRecord) -> bool:
    """Stop the jobs that a job has begun, which go on where it was killed; return whether there were any."""
    live = [child for child in children_of(record) if JobReader(child).read().state.is_live]
    for child in live:
        with suppress(UsageError):  # over meanwhile
            stop(child)
    return bool(live)


def begin_run(folder: JobFolder) -> RunStart:
    """Write down that this process works on a job. Only under its lock."""
    from edits import own_mark

    before = folder.start()
    begun = RunStart(number=1 + (before.number if before else 0), mark=own_mark(), at=time.time())
    folder.write("start.json", begun)
    return begun


def note_attended(folder: JobFolder) -> None:
    """Write down that the user has worked on a job in person, and left it as it is. Only under its lock."""
    begun = begin_run(folder)
    folder.write("end.json", RunEnd(number=begun.number, exit_code=ExitCode.DONE, at=time.time()))
