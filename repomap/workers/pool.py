"""Hands files to parse workers and gives back what each holds, whatever the files do to a worker.

A grammar that hangs, crashes or eats memory takes one worker with it: the file it was on is named
with the reason, and a new worker goes on with the rest. Workers stay between calls, so that a
long-lived index pays for their start once; each ends when its stdin does, so none outlives its
parent.
"""

import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from repomap.arrays.threads import usable_cores
from repomap.errors import WorkersFailed
from repomap.workers.child import PROGRAM, Child, Limits
from repomap.workers.dispatch import Lane, Parsed, Run, Task

FEW_FILES, FEW_BYTES = 8, 100_000
"""Up to so much work, a second worker costs more than it saves."""

OnResult = Callable[[Parsed], None]
OnProgress = Callable[[int, int], None]


def parse_files(
    root: Path,
    tasks: Sequence[Task],
    *,
    on_result: OnResult,
    on_progress: OnProgress | None = None,
    jobs: int | None = None,
    limits: Limits | None = None,
) -> list[Parsed]:
    """Parse files with workers of this call's own; see `Workers.parse`."""
    with Workers(jobs, limits) as workers:
        return workers.parse(root, tasks, on_result=on_result, on_progress=on_progress)


class Workers:
    """Up to `jobs` parse workers, started when there is work for them."""

    def __init__(
        self, jobs: int | None = None, limits: Limits | None = None, *, program: str = PROGRAM
    ) -> None:
        self.jobs = max(1, jobs or usable_cores())
        self.limits = limits or Limits()
        self._program = program
        self._idle: list[Child] = []

    def __enter__(self) -> "Workers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, most: int) -> None:
        """Start up to so many workers now, so that they are ready when the files are known."""
        with contextlib.suppress(OSError):  # `parse` tries again, and says what is wrong
            while len(self._idle) < min(self.jobs, most):
                self._idle.append(Child(self._program, self.limits))

    def close(self) -> None:
        """End all workers. They start again when there is work."""
        while self._idle:
            self._idle.pop().end()

    def parse(
        self,
        root: Path,
        tasks: Sequence[Task],
        *,
        on_result: OnResult,
        on_progress: OnProgress | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> list[Parsed]:
        """Parse each task's file below `root`, and return those whose worker died, by path.

        `on_result` is called in this thread, once for each task, in no certain order, those that
        failed included; `on_progress` with the number done and of all; `meanwhile` once, when the
        workers have their first files. An interrupt kills the workers at once, hands what was
        already parsed to `on_result` and goes on up. Raises WorkersFailed when no worker can be
        started.
        """
        return self.begin(root, tasks).finish(
            on_result=on_result, on_progress=on_progress, meanwhile=meanwhile
        )

    def begin(self, root: Path, tasks: Sequence[Task]) -> "Parsing":
        """Begin what `parse` does, and have it go on until somebody waits for it."""
        jobs = self._useful_jobs(tasks)
        run = Run(root, tasks, self.limits)
        lanes = [Lane(run, jobs, self._take_child) for _ in range(jobs)]
        try:
            for lane in lanes:
                lane.start()
        except BaseException:
            run.stop(lanes)
            raise
        return Parsing(run, lanes, self._idle)

    def _useful_jobs(self, tasks: Sequence[Task]) -> int:
        if len(tasks) <= FEW_FILES and sum(task.size for task in tasks) <= FEW_BYTES:
            return min(1, len(tasks))
        return min(self.jobs, len(tasks))

    def _take_child(self) -> Child:
        try:
            return self._idle.pop()
        except IndexError:
            return Child(self._program, self.limits)


class Parsing:
    """Files that are being parsed. Either `finish` or `stop` has to be called, once."""

    def __init__(self, run: Run, lanes: list[Lane], idle: list[Child]) -> None:
        """``idle`` is where workers go that are done."""
        self._run, self._lanes, self._idle = run, lanes, idle

    @property
    def tasks(self) -> Sequence[Task]:
        return self._run.tasks

    def finish(
        self,
        *,
        on_result: OnResult,
        on_progress: OnProgress | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> list[Parsed]:
        """Wait for the results; as `Workers.parse` says."""
        run, tasks = self._run, self._run.tasks
        failed: list[Parsed] = []
        done = 0
        try:
            if meanwhile:
                meanwhile()
            for parsed in run.results(self._lanes):
                done += 1
                if parsed.failure:
                    failed.append(parsed)
                on_result(parsed)
                if on_progress:
                    on_progress(done, len(tasks))
        except BaseException:
            self.stop()
            for parsed in run.left():
                on_result(parsed)
            raise
        self._idle += [lane.child for lane in self._lanes if lane.child]
        if done < len(tasks):
            raise WorkersFailed(
                f"no parse worker could be started, so {len(tasks) - done} files were not parsed: "
                f"{run.trouble}. Check that {sys.executable} runs and that tree-sitter is installed with it."
            )
        return sorted(failed, key=lambda parsed: parsed.path)

    def stop(self) -> None:
        """Kill the workers, and let what they had to do be."""
        self._run.stop(self._lanes)
