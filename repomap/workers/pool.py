"""Parses files with a pool of worker processes, whatever the files do to a worker.

A grammar that hangs, crashes or exhausts memory takes one worker with it: the file that it was
parsing is reported with the reason, and a new worker takes over the rest. Workers stay alive
between calls, so that a long-lived index pays for their start once; each exits when its stdin is
closed, so none outlives its parent.
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from repomap.arrays.threads import usable_cores
from repomap.errors import WorkersFailed
from repomap.workers.child import PROGRAM, Child, Limits
from repomap.workers.dispatch import Job, ParsedFile, Task, WorkerThread

FEW_FILES, FEW_BYTES = 8, 100_000
"""Up to this much work, a second worker costs more than it saves."""

OnResult = Callable[[ParsedFile], None]
OnProgress = Callable[[int, int], None]
"""Called with the number of files done, and of all."""


class FileParser(Protocol):
    """Parses files in processes that can be killed; `Workers` does, or an executor elsewhere."""

    def parse(
        self,
        root: Path,
        tasks: Sequence[Task],
        *,
        on_result: OnResult,
        on_progress: OnProgress | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> list[ParsedFile]:
        """Parse each task's file as `Workers.parse` does."""
        ...

    def take_warnings(self) -> list[str]:
        """Return what went wrong without a file being to blame, since this was last called."""
        ...

    def close(self) -> None:
        """End all processes of its own. They start again when there is work."""
        ...


class Received:
    """Passes on the results of a call as they come, counts them, and keeps those whose worker died."""

    def __init__(self, on_result: OnResult, on_progress: OnProgress | None, of_all: int) -> None:
        self.count = 0
        self._on_result = on_result
        self._on_progress = on_progress
        self._of_all = of_all
        self._failed: list[ParsedFile] = []

    def add(self, parsed: ParsedFile) -> None:
        """Take the next result."""
        self.count += 1
        if parsed.failure:
            self._failed.append(parsed)
        self._on_result(parsed)
        if self._on_progress:
            self._on_progress(self.count, self._of_all)

    def failed(self) -> list[ParsedFile]:
        """Return those whose worker died, by path."""
        return sorted(self._failed, key=lambda parsed: parsed.path)


class Workers:
    """Up to `jobs` parse workers, started when there is work for them."""

    def __init__(
        self, jobs: int | None = None, limits: Limits | None = None, *, program: str = PROGRAM
    ) -> None:
        """``jobs`` is the number of usable cores unless given."""
        self.jobs = max(1, jobs or usable_cores())
        self.limits = limits or Limits()
        self._program = program
        self._idle: list[Child] = []

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all workers. They start again when there is work."""
        while self._idle:
            self._idle.pop().end()

    def take_warnings(self) -> list[str]:
        """Return nothing: without a worker, `parse` fails."""
        return []

    def parse(
        self,
        root: Path,
        tasks: Sequence[Task],
        *,
        on_result: OnResult,
        on_progress: OnProgress | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> list[ParsedFile]:
        """Parse each task's file below `root`, and return those whose worker died, by path.

        `on_result` is called in this thread, once for each task, failed ones included, in no
        particular order; `on_progress` after each; `meanwhile` once, when the workers have their
        first files. An interrupt kills the workers at once, passes what was already parsed to
        `on_result` and propagates. Raises WorkersFailed if no worker can be started.
        """
        job = Job(root, tasks, self.limits)
        threads = self._start_threads(job)
        received = Received(on_result, on_progress, len(tasks))
        try:
            if meanwhile:
                meanwhile()
            for parsed in job.results(threads):
                received.add(parsed)
        except BaseException:
            job.stop(threads)
            for parsed in job.remaining_results():
                on_result(parsed)
            raise
        self._idle += [thread.child for thread in threads if thread.child]
        if missing := len(tasks) - received.count:
            raise WorkersFailed(
                f"No parse worker could be started, so {missing} files were not parsed: "
                f"{job.start_error}. Check that {sys.executable} runs and that tree-sitter is installed with it."
            )
        return received.failed()

    def _start_threads(self, job: Job) -> list[WorkerThread]:
        thread_count = self._useful_jobs(job.tasks)
        threads = [WorkerThread(job, thread_count, self._take_child) for _ in range(thread_count)]
        try:
            for thread in threads:
                thread.start()
        except BaseException:
            job.stop(threads)
            raise
        return threads

    def _useful_jobs(self, tasks: Sequence[Task]) -> int:
        if len(tasks) <= FEW_FILES and sum(task.size for task in tasks) <= FEW_BYTES:
            return min(1, len(tasks))
        return min(self.jobs, len(tasks))

    def _take_child(self) -> Child:
        try:
            return self._idle.pop()
        except IndexError:
            return Child(self._program, self.limits)
