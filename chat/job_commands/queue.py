"""[io] `trigpoint run --queue FILE`: tasks one after the other, each a job that begins where the last one ended.

What is done is written down after each; a job that was begun and not written down is found by its record. So a queue
goes on after a kill anywhere, and no task is done twice.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import click

from chat.errors import ChatError, UsageError
from chat.job_commands.follow import follow_job
from chat.jobs.launch import start, take_up
from chat.jobs.making import Order, make
from chat.jobs.queue import Done, Entry, Position, read_queue, with_last
from chat.jobs.state import JobState
from chat.jobs.store import JobBusy, JobFolder, all_folders, jobs_folder
from chat.jobs.tree import repository_of, tip_of
from chat.jobs.view import JobReader
from chat.safety.small_file import read_named
from chat.settings.kinds import Value
from chat.settings.table import Settings
from repomap import ExitCode

ValuesOf = Callable[[str, dict[str, Value]], dict[str, Value]]
"""Returns the settings of a job for a task, given those of the command line."""
_POSITION = "position.json"


def run_queue(
    file: str, order: Order, values_of: ValuesOf, loaded: Callable[[Mapping[str, Value]], Settings]
) -> int:
    """Do the tasks of a file that are not done; return 0, or the code of the first that fails, where it stops.

    ``order`` holds what is the same for all. Raises ChatError.
    """
    path = order.here / file
    data = read_named(path, f"--queue {file}", "Nothing was begun", advice="name a file of tasks")
    entries = read_queue(data.decode("utf-8-sig", "replace"), file)
    place = _place_of(path)
    try:
        with place.locked():
            position = place.read(_POSITION, Position) or Position(path=str(path))
            _require_same(entries, position, file)
            return _run(entries, position, place, Queue(order, values_of, loaded))
    except JobBusy as error:
        raise UsageError(f"Another process works on {file}. Nothing was begun.") from error


class Queue:
    """What it takes to do one task."""

    def __init__(
        self, order: Order, values_of: ValuesOf, loaded: Callable[[Mapping[str, Value]], Settings]
    ) -> None:
        self._order = order
        self._values_of = values_of
        self._loaded = loaded

    def do(self, entry: Entry, last: Done | None, group: str) -> tuple[JobFolder, int]:
        """Do a task by a job, a new one or the one that was begun; return it with its exit code."""
        note = f"task {entry.key}" + (f", time {entry.number}" if entry.number > 1 else "")
        values = self._values_of(with_last(entry.task, last), {**self._order.values, **entry.values})
        settings = self._loaded(values)
        folder = _begun(group, note)
        if folder is None:
            folder = make(self._new(entry, values, last, group, note))
            start(folder, values)
            return folder, follow_job(folder, settings)
        view = JobReader(folder).read()
        if view.state is JobState.DONE:
            return folder, 0
        offset = folder.events.stat().st_size if folder.events.exists() else 0
        if not view.state.is_live:
            take_up(folder)
            start(folder, values)
        return folder, follow_job(folder, settings, offset)

    def _new(
        self, entry: Entry, values: Mapping[str, Value], last: Done | None, group: str, note: str
    ) -> Order:
        return replace(
            self._order,
            task=entry.task,
            values={name: value for name, value in values.items() if name != "output-format"},
            paths=(*self._order.paths, *entry.paths),
            base=_base(self._order, last),
            with_changes=self._order.with_changes and last is None,
            group=group,
            note=note,
        )


def _run(entries: list[Entry], position: Position, place: JobFolder, queue: Queue) -> int:
    count = len(entries)
    for number, entry in enumerate(entries[len(position.done) :], len(position.done) + 1):
        click.echo(f"trigpoint: Task {number} of {count}: {entry.task[:200]}", err=True)
        folder, code = queue.do(entry, position.last(), place.id)
        if code:
            click.echo(
                f"trigpoint: Task {number} of {count} failed; the same command goes on with it.", err=True
            )
            return code
        view = JobReader(folder).read()
        answer = str(view.progress.result.get("result") or "")
        done = Done(key=entry.key, job=folder.id, task=entry.task, tip=tip_of(view.record), answer=answer)
        position = replace(position, done=(*position.done, asdict(done)))
        place.write(_POSITION, position)
    click.echo(f"trigpoint: All {count} tasks are done.", err=True)
    return ExitCode.DONE


def _place_of(path: Path) -> JobFolder:
    """Return the folder that keeps the position of a queue, which is made."""
    name = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    place = jobs_folder().parent / "queues" / f"queue-{name}"
    try:
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ChatError(f"{place}: {error.strerror}. Nothing was begun; make the folder writable.") from error
    return JobFolder(place)


def _require_same(entries: list[Entry], position: Position, file: str) -> None:
    """Raise UsageError where tasks that are done are not those of the file any more."""
    keys = [entry.key for entry in entries]
    for place, done in enumerate(position.done):
        if keys[place : place + 1] != [done["key"]]:
            raise UsageError(
                f"{file}: task {place + 1} has changed since it was done ({done['task'][:60]}). Nothing was begun; add "
                "tasks at the end, or give the file another name to begin again."
            )


def _begun(group: str, note: str) -> JobFolder | None:
    """Return the job that was begun for a task, if there is one."""
    for folder in all_folders():
        try:
            record = folder.record()
        except ChatError:
            continue
        if (record.group, record.note) == (group, note):
            return folder
    return None


def _base(order: Order, last: Done | None) -> str:
    """Return the commit that the next job begins on: the last one's, unless it is merged or gone already."""
    if last is None or not last.tip:
        return order.base
    git = repository_of(order.here).work_tree.git
    is_past = git.answer("merge-base", "--is-ancestor", last.tip, "HEAD", accept=(0, 1, 128)).code != 1
    return "" if is_past else last.tip
