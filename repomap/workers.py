"""Hands files to parse workers and gives back what each holds, whatever the files do to a worker.

A grammar that hangs, crashes or eats memory takes one worker with it: the file it was on is named
with the reason, and a new worker goes on with the rest. Workers stay between calls, so that a
long-lived index pays for their start once; each ends when its stdin does, so none outlives its
parent.
"""

import contextlib
import os
import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from repomap import wire
from repomap.child import PROGRAM, Child, Limits, Reason
from repomap.cores import usable_cores
from repomap.errors import WorkersFailed
from repomap.frames import OPENED, READY, RESULT, Facts, file_bytes, unpack_facts
from repomap.model import FileTags, RepoPath

FEW_FILES, FEW_BYTES = 8, 100_000
"""Up to so much work, a second worker costs more than it saves."""
BATCH_FILES = 256
BATCH_BYTES = (64_000, 1_000_000)
"""Bounds of what one batch holds: large enough to hide the pause between two, small at the end."""
REQUEST_BYTES = 3_900
"""What a batch takes at most, save one of a single file: every system's pipes hold that, so that the
next batch can be sent ahead without waiting for the worker to read it."""
PAUSE_S, MANY_PENDING = 0.005, 8
"""While a worker has many files to go, its answers are left to gather for so long, lest the parent
wake twice for each file and take the core from a worker."""


@dataclass(frozen=True, slots=True)
class Task:
    """One file to be parsed."""

    path: RepoPath
    size: int = 0
    """Bytes, as far as known: the largest files go first."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """What came of one task."""

    path: RepoPath
    facts: Facts
    data: bytes
    """The file's tags as `wire` encodes them."""
    failure: Reason | None = None
    """Why its worker died, if it did."""
    detail: str = ""
    """How it died, for a warning: signal or exit status, and the end of what it wrote to stderr."""

    def sheet(self) -> wire.Sheet:
        return wire.unpack(self.data)

    def tags(self) -> FileTags:
        return wire.decode(self.data)


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
        run = _Run(root, tasks, self.limits)
        lanes = [_Lane(run, jobs, self._take_child) for _ in range(jobs)]
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

    def __init__(self, run: "_Run", lanes: "list[_Lane]", idle: list[Child]) -> None:
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


class _Run:
    """The work of one call, shared by its lanes: batches to be done and results not yet handed on."""

    def __init__(self, root: Path, tasks: Sequence[Task], limits: Limits) -> None:
        self.root = os.fsencode(os.path.abspath(root))
        self.tasks = tasks
        self.limits = limits
        self.stopped = False
        self.trouble = ""
        self._numbers = deque(sorted(range(len(tasks)), key=lambda number: (-tasks[number].size, number)))
        self._returned: deque[list[int]] = deque()
        self._left_bytes = sum(task.size for task in tasks)
        self._lock = threading.Lock()
        self._results: queue.SimpleQueue[list[Parsed] | None] = queue.SimpleQueue()

    def next_batch(self, lanes: int) -> list[int]:
        """Files that no lane has taken, the largest first, fewer towards the end; empty when all are."""
        with self._lock:
            if self.stopped:
                return []
            if self._returned:
                return self._returned.popleft()
            target = min(max(self._left_bytes // (4 * lanes), BATCH_BYTES[0]), BATCH_BYTES[1])
            batch: list[int] = []
            size, request = 0, len(self.root)
            while self._numbers and len(batch) < BATCH_FILES and (size < target or not batch):
                request += file_bytes(self.tasks[self._numbers[0]].path)
                if request > REQUEST_BYTES and batch:
                    break
                batch.append(self._numbers.popleft())
                size += self.tasks[batch[-1]].size
            self._left_bytes -= size
            return batch

    def give_back(self, numbers: list[int]) -> None:
        if numbers:
            with self._lock:
                self._returned.append(numbers)

    def put(self, parsed: list[Parsed] | None) -> None:
        """Hands results on, or says, with None, that a lane has ended."""
        self._results.put(parsed)

    def results(self, lanes: "Sequence[_Lane]") -> Iterator[Parsed]:
        """Every result as it comes, until all lanes have ended; kills what is overdue meanwhile."""
        running = len(lanes)
        while running:
            with contextlib.suppress(queue.Empty):
                parsed = self._results.get(timeout=0.2)
                if parsed is not None:
                    yield from parsed
                else:
                    running -= 1
            for lane in lanes:
                lane.kill_if_overdue()

    def left(self) -> Iterator[Parsed]:
        """What had come in when the run was stopped."""
        while not self._results.empty():
            yield from self._results.get() or ()

    def stop(self, lanes: "Sequence[_Lane]") -> None:
        """Ends the run: no batch is handed out any more, every worker is killed and waited for."""
        with self._lock:
            self.stopped = True
        for lane in lanes:
            lane.kill()
        for lane in lanes:
            if lane.ident:
                lane.join()
            if lane.child:
                lane.child.autopsy()


class _Lane(threading.Thread):
    """One worker after another, fed with batches until there are none."""

    def __init__(self, work: _Run, lanes: int, take_child: Callable[[], Child]) -> None:
        super().__init__(daemon=True)
        self.child: Child | None = None
        self._work = work
        self._lanes = lanes
        self._take_child = take_child
        self._since: float | None = None
        """When the worker was last heard of, while it has something to do."""

    def run(self) -> None:
        false_starts = 0
        try:
            while false_starts < 2 and (batch := self._work.next_batch(self._lanes)):
                left, facts = self._feed(batch)
                if not left or self.child is None or self._work.stopped:
                    continue
                child, self.child = self.child, None
                if not child.ready:
                    false_starts += 1
                    self._work.trouble = child.autopsy()[1]
                    self._work.give_back(left)
                else:
                    self._work.give_back(left[1:])
                    self._blame(left[0], facts, child)
        except OSError:
            pass  # `_feed` has said why and given its files back
        finally:
            self._work.put(None)

    def _feed(self, numbers: list[int], *, alone: bool = False) -> tuple[list[int], Facts | None]:
        """Has the worker parse a batch and, unless ``alone``, those after it.

        Returns what is left when it dies, and of the first of these the facts.
        """
        try:
            child = self._start()
        except OSError as error:
            self._work.trouble = str(error)
            self._work.give_back(numbers)
            raise
        pending = deque(numbers)
        newest = self._ask(child, numbers)
        facts: Facts | None = None
        for frames in child.answers():
            self._since = time.monotonic()
            sound, facts = self._take(child, frames, pending, facts)
            if sound and not alone and len(pending) <= newest:
                more = self._work.next_batch(self._lanes)
                pending += more
                newest = self._ask(child, more)
            if not sound or not pending:
                break
            if len(pending) > MANY_PENDING:
                time.sleep(PAUSE_S)
        self._since = None
        return list(pending), facts

    def _ask(self, child: Child, numbers: list[int]) -> int:
        """Sends a batch, and returns how many files it has."""
        if numbers:
            child.send(self._work.root, [(number, self._work.tasks[number].path) for number in numbers])
        return len(numbers)

    def _take(
        self, child: Child, frames: list[tuple[int, int, bytes]], pending: deque[int], facts: Facts | None
    ) -> tuple[bool, Facts | None]:
        """Hands on what the frames hold; whether they are what they should be, and facts still in use."""
        done: list[Parsed] = []
        sound = True
        for kind, number, payload in frames:
            if kind == READY:
                child.ready = True
            elif not pending or number != pending[0]:
                sound = False
                break
            elif kind == OPENED:
                facts = unpack_facts(payload)
            elif kind == RESULT and facts:
                child.finished += 1
                done.append(Parsed(self._work.tasks[pending.popleft()].path, facts, payload))
                facts = None
        if done:
            self._work.put(done)
        return sound, facts

    def _start(self) -> Child:
        self._since = time.monotonic()
        self.child = child = self.child or self._take_child()
        if self._work.stopped:
            child.kill()
        return child

    def _blame(self, number: int, facts: Facts | None, child: Child) -> None:
        """Reports a file whose worker died, unless a fresh worker, for this file alone, can parse it.

        What earlier files left in a worker's memory may be what killed it, and so may its user.
        """
        reason, detail = child.autopsy()
        if child.may_be_innocent(reason):
            left, facts = self._feed([number], alone=True)
            if not left or self.child is None or self._work.stopped:
                return
            reason, detail = self.child.autopsy()
            self.child = None
        facts = facts or Facts(0, 0, b"", "")
        data = wire.encode(FileTags(facts.language, 0, "failed"))
        self._work.put([Parsed(self._work.tasks[number].path, facts, data, reason, detail)])

    def kill(self) -> None:
        if child := self.child:
            child.kill()

    def kill_if_overdue(self) -> None:
        since, child = self._since, self.child
        if child and since is not None and time.monotonic() - since > self._work.limits.wall_s:
            child.overdue = True
            child.kill()
