"""[io] The jobs of a plan: begun from its branch with a share of its budget, taken up again, and read."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from chat.errors import ChatError
from chat.jobs.launch import change, stop, take_up
from chat.jobs.making import Order, make
from chat.jobs.messages import send
from chat.jobs.record import JobRecord, Merged
from chat.jobs.removing import remove
from chat.jobs.store import JobFolder, children_of, jobs_folder
from chat.jobs.view import JobReader, JobView
from chat.model import Usage
from chat.settings.kinds import Value
from chat.workers.budget import Account, Budget

_OF_THE_PLAN = frozenset(
    "message message-file print goal check checks-decide report output-format json-schema require-changes "
    "max-budget-usd max-tokens-total max-seconds".split()
)
"""Settings of the whole plan, which its jobs do not have or have of their own."""

_OF_A_JOB = frozenset(("mode", "plan", "disallowed-tools"))
"""Settings that a job may have other than the plan, and keeps."""

Start = Callable[[JobFolder], object]
"""Has a process work on a job, and returns once it has begun. Raises ChatError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A job to be begun."""

    note: str
    """Which it is of the plan."""
    task: str
    """In a line, for lists and the names of branches."""
    values: Mapping[str, Value]
    """Its own settings."""
    base: str
    limit: Budget = field(default_factory=Budget)
    seconds: float = 0.0
    """What is left of the plan's time; 0 is no limit."""
    message: str = ""
    """What it reads with its first request."""
    paths: tuple[str, ...] = ()
    """Files of its chat, in the plan's work tree."""


class Children:
    """The jobs that a plan has begun."""

    def __init__(self, record: JobRecord, start: Start) -> None:
        self._record = record
        self._start = start
        self._readers: dict[str, JobReader] = {}

    def make(self, wanted: Wanted, note: Callable[[JobFolder], None]) -> JobFolder:
        """Make a job, and have ``note`` write down that it is there before anything works on it. Raises ChatError."""
        seconds: dict[str, Value] = {"max-seconds": wanted.seconds} if wanted.seconds else {}
        folder = make(
            Order(
                task=wanted.task,
                here=Path(self._record.root, self._record.folder),
                values={**self._inherited(), **wanted.limit.settings(), **seconds, **wanted.values},
                paths=tuple(str(self._in_root(path)) for path in wanted.paths),
                base=wanted.base,
                group=self._record.id,
                note=wanted.note,
            )
        )
        if wanted.message:
            send(folder, wanted.message)
        note(folder)
        return folder

    def start(self, made: Sequence[JobFolder]) -> list[ChatError | None]:
        """Have processes work on jobs that were made; return once all have begun, with what kept any from it.

        They begin at the same time: one that imports what it needs leaves the others half a second behind.
        """
        if not made:
            return []
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(max_workers=len(made)) as pool:
            return list(pool.map(self._started, made))

    def _started(self, folder: JobFolder) -> ChatError | None:
        try:
            self._start(folder)
        except ChatError as error:
            return error
        return None

    def _inherited(self) -> dict[str, Value]:
        """Return the settings of the plan that its jobs have, too."""
        kept = {name: value for name, value in self._record.values.items() if name not in _OF_THE_PLAN}
        return {name: self._in_root(value) for name, value in kept.items()}

    def _in_root(self, value: Value) -> Value:
        """Return a setting in which a path in the plan's work tree is that of the user's, from which it was taken."""
        tree = self._folder(self._record.id).tree(self._record)
        if isinstance(value, tuple):
            items = [self._in_root(item) if isinstance(item, str) else item for item in value]
            return cast("Value", tuple(items))
        is_inside = isinstance(value, str) and value.startswith(f"{tree}{os.sep}")
        return os.path.join(self._record.root, os.path.relpath(str(value), tree)) if is_inside else value

    def take_up(self, job: str, values: Mapping[str, Value], message: str = "") -> None:
        """Go on with a job, with these settings and those of the plan as they are now. Raises ChatError."""
        folder = self._folder(job)
        take_up(folder)
        inherited = self._inherited()
        kept = {name: inherited[name] for name in inherited if name not in _OF_A_JOB}
        change(folder, {**kept, **values})
        if message:
            send(folder, message)
        self._start(folder)

    def view(self, job: str) -> JobView | None:
        """Return a job as it is now, None where it is gone."""
        reader = self._readers.setdefault(job, JobReader(self._folder(job)))
        with suppress(ChatError, OSError):
            return reader.read()
        return None

    def usage(self, job: str) -> Usage:
        """Return what a job has taken so far, nothing where it is gone."""
        view = self.view(job) if job else None
        return view.usage if view else Usage()

    def account(self, job: str, limit: Budget) -> Account:
        """Return what a job counts against the plan's budget."""
        view = self.view(job)
        return Account(usage=self.usage(job), limit=limit, is_over=view is None or not view.state.is_live)

    def note_merged(self, job: str, commit: str, tip: str) -> None:
        """Write down that the work of a job is in the plan's branch, so that nothing is lost with the job."""
        merged = Merged(commit=commit, tip=tip, way="merge", into=self._record.branch, at=time.time())
        self._folder(job).write("merged.json", merged)

    def remove(self, job: str) -> None:
        """Remove a job whose work is not needed; one that cannot be removed stays for `prune`."""
        self._readers.pop(job, None)
        with suppress(ChatError, OSError):
            remove(self._folder(job))

    def remove_others(self, known: frozenset[str]) -> None:
        """Remove the jobs that are not known: a process was killed before it could write down one, or remove it."""
        for folder in children_of(self._record):
            if folder.id not in known:
                self.remove(folder.id)

    def stop(self, jobs: Iterator[str]) -> None:
        """Stop jobs that work, all at once; one that has not begun is still this process's own."""
        from concurrent.futures import ThreadPoolExecutor

        live = [job for job in jobs if (view := self.view(job)) and view.state.is_live and view.facts.start]
        with ThreadPoolExecutor(max_workers=max(1, len(live))) as pool:
            list(pool.map(self._stop, live))

    def _stop(self, job: str) -> None:
        with suppress(ChatError):  # over meanwhile
            stop(self._folder(job))

    @staticmethod
    def _folder(job: str) -> JobFolder:
        return JobFolder(jobs_folder() / job)
