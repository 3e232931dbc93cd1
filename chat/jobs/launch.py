"""[io] Makes a job, has a process work on it, takes it up again, stops it, removes it.

Each step leaves files by which the next process can go on: the record is written before the work tree is made, and
a run begins with its mark. So a job that was killed anywhere is found, and taken up or removed.
"""

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from chat.errors import ChatError, UsageError
from chat.jobs.processes import Worker, end_left_over, end_worker, start_worker
from chat.jobs.record import JobRecord, RunEnd, RunStart
from chat.jobs.state import JobState
from chat.jobs.store import LOCK_WAIT_S, JobFolder, new_folder
from chat.jobs.tree import (
    base_commit,
    branch_name,
    make_tree,
    remove_folder,
    remove_tree,
    repository_of,
    tip_of,
    uncommitted,
)
from chat.jobs.view import JobReader, JobView
from chat.safety.masks import Masks, known_values
from chat.safety.secrets import is_secret_variable, secret_values
from chat.settings.kinds import Value
from chat.settings.table import ROWS
from repomap import ExitCode

SECRETS_VARIABLE = "_TRIGPOINT_JOB_KEYS"
"""Holds the settings that are not kept, as JSON, for the worker alone."""
_BEGIN_S = 60.0
"""How long a worker may take to begin; far above what a busy machine needs."""
_POLL_S = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A job to be made."""

    task: str
    here: Path
    """The folder that it is begun in."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """Settings for it, by name: what the command line of `trigpoint -p` would set."""
    paths: tuple[str, ...] = ()
    """Files for its chat, relative to ``here``."""
    base: str = ""
    """The revision that it begins on; "" is HEAD."""
    with_changes: bool = False
    """Take along what is not committed."""
    group: str = ""
    note: str = ""


def make(order: Order) -> JobFolder:
    """Make a job with its work tree; nothing works on it yet. Raises ChatError; then nothing is left of it."""
    from edits import own_mark

    repository = repository_of(order.here)
    base = base_commit(repository, order.base, with_changes=order.with_changes)
    top = repository.work_tree.git.folder
    kept, _ = split_secrets(order.values)
    # it names the branch, and stands in lists and commit messages
    task = Masks(known_values(secret_values(os.environ))).hidden(order.task)

    def record_for(job: str) -> JobRecord:
        return JobRecord(
            id=job,
            task=task,
            created=time.time(),
            root=str(top),
            common_dir=str(repository.work_tree.common_dir),
            folder=repository.work_tree.prefix.rstrip("/"),
            branch=branch_name(job, task),
            base=base,
            values=kept,
            paths=order.paths,
            maker=own_mark(),
            group=order.group,
            note=order.note,
        )

    folder = new_folder(record_for)
    record = folder.record()
    try:
        with folder.locked(LOCK_WAIT_S):
            make_tree(folder, record)
            folder.write_record(_ready(folder, record, order.here))
    except BaseException:
        with suppress(ChatError):
            remove(folder)
        raise
    return folder


def _ready(folder: JobFolder, record: JobRecord, here: Path) -> JobRecord:
    """Return the record of a job whose work tree is there, with paths that lead into it."""
    tree = folder.tree(record)
    paths = tuple(_into_tree(path, here, Path(record.root), tree) for path in record.paths)
    values = {
        name: _value_in_tree(name, value, here, Path(record.root), tree)
        for name, value in record.values.items()
    }
    return replace(record, paths=paths, values=values, ready=True)


def _value_in_tree(name: str, value: Value, here: Path, root: Path, tree: Path) -> Value:
    """Return a setting that names files as the worker has to read it."""
    is_path = getattr(ROWS[name].kind, "path", False)
    if name == "json-schema" and isinstance(value, str):
        is_path = not value.lstrip().startswith("{")
    if not is_path or not value:
        return value
    if isinstance(value, str):
        return value if value == "-" else _into_tree(value, here, root, tree)
    return (
        tuple(_into_tree(str(path), here, root, tree) for path in value)
        if isinstance(value, tuple)
        else value
    )


def _into_tree(path: str, here: Path, root: Path, tree: Path) -> str:
    """Return a path of the user's as one in the work tree, where there is such a file; as it is otherwise, absolute.

    A file that is to be made is made in the work tree, too.
    """
    full = os.path.abspath(os.path.join(here, os.path.expanduser(path)))
    relative = os.path.relpath(full, root)
    is_inside = relative.split(os.sep)[0] != os.pardir and not os.path.isabs(relative)
    if is_inside and (os.path.lexists(tree / relative) or not os.path.lexists(full)):
        return str(tree / relative)
    return full


def split_secrets(values: Mapping[str, Value]) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return the settings that are kept with a job, and those that hold keys and are not."""
    kept: dict[str, Value] = {}
    secret: dict[str, Value] = {}
    for name, value in values.items():
        if name == "set-env" and isinstance(value, tuple):
            pairs = [pair for pair in value if isinstance(pair, tuple)]
            plain = tuple(pair for pair in pairs if not is_secret_variable(pair[0]))
            kept[name] = plain
            secret[name] = tuple(pair for pair in pairs if pair not in plain)
        else:
            (secret if ROWS[name].secret else kept)[name] = value
    return {name: value for name, value in kept.items() if value != ()}, {
        name: value for name, value in secret.items() if value != ()
    }


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

    Raises UsageError where a process works on it, or where there is nothing left to do.
    """
    view = JobReader(folder).read()
    if view.state.is_live:
        raise UsageError(f"Job {folder.id} is {view.state.value}. Nothing was done; it goes on by itself.")
    if view.facts.merged:
        raise UsageError(f"Job {folder.id} is merged. Nothing was done; begin another with trigpoint run.")
    with folder.locked(LOCK_WAIT_S):
        end_left_over(folder)
        record = view.record
        if not (record.ready and (view.tree / ".git").is_file()):
            make_tree(folder, record)
            record = _ready(folder, record, Path(record.root, record.folder))
            folder.write_record(record)
    return record


def change(folder: JobFolder, values: Mapping[str, Value]) -> None:
    """Replace settings of a job that nothing works on. Keys are not kept."""
    record = folder.record()
    kept, _ = split_secrets(values)
    if kept:
        folder.write_record(_ready(folder, replace(record, values={**record.values, **kept}), Path.cwd()))


def stop(folder: JobFolder) -> JobState:
    """Stop the process that works on a job, and return what the job is then: it may have been quicker.

    Raises UsageError where none works on it.
    """
    view = JobReader(folder).read()
    start_ = view.facts.start
    if not view.state.is_live:
        raise UsageError(f"Job {folder.id} is {view.state.value}, so there is nothing to stop.")
    mark = start_.mark if start_ else view.record.maker
    end_worker(mark, folder)
    with folder.locked(LOCK_WAIT_S):
        if start_ and JobReader(folder).read().state is JobState.LOST:  # killed, so it could not say so
            end = RunEnd(
                number=start_.number, exit_code=ExitCode.TERMINATED, at=time.time(), reason="It was stopped."
            )
            folder.write("end.json", end)
    return JobReader(folder).read().state


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
