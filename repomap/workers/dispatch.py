"""Distributes one call's files over parse workers, with one thread for each worker.

If a worker dies, the file that it was parsing is reported with the reason, and a new worker takes
over the rest.
"""

import contextlib
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from repomap.model import FileTags, RepoPath
from repomap.parsing import tags_codec
from repomap.workers.child import Child, Limits
from repomap.workers.protocol import (
    OPENED,
    READY,
    RESULT,
    FailureReason,
    FileFacts,
    Frame,
    RequestedFile,
    packed_size,
    unpack_facts,
)

MAX_BATCH_FILES = 256
MIN_BATCH_BYTES, MAX_BATCH_BYTES = 64_000, 1_000_000
"""Source bytes of a batch: large enough to hide the pause between two, small towards the end."""
MAX_REQUEST_BYTES = 3_900
"""A batch takes at most this much, unless it is a single file: every system's pipes hold it, so that
the next batch can be sent ahead without waiting for the worker to read it."""
PAUSE_S, PAUSE_FILES = 0.005, 8
"""While a worker has more than this many files to go, its answers may gather for this long. Otherwise
the parent would wake twice for each file and take the core from a worker."""


@dataclass(frozen=True, slots=True)
class Task:
    """One file to parse."""

    path: RepoPath
    size: int = 0
    """Bytes, as far as known: the largest files are parsed first."""
    content: bytes | None = None
    """What is parsed; None has the worker read the file."""

    def request(self, task_id: int) -> RequestedFile:
        """Return what is sent to a worker."""
        return task_id, self.path.encode("utf-8", "surrogateescape"), self.content


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """The result of one task."""

    path: RepoPath
    facts: FileFacts
    data: bytes
    """The file's tags, encoded by `tags_codec`."""
    failure: FailureReason | None = None
    """Why its worker died, if it did."""
    detail: str = ""
    """How it died, for a warning; as in `ExitReport`."""

    def encoded_tags(self) -> tags_codec.EncodedTags:
        """Return the file's tags without decoding their texts and numbers."""
        return tags_codec.unpack(self.data)

    def tags(self) -> FileTags:
        """Return the file's tags."""
        return tags_codec.decode(self.data)


class Job:
    """The work of one call, shared by its threads: batches to do, and results to collect."""

    def __init__(self, root: Path, tasks: Sequence[Task], limits: Limits) -> None:
        self.root = os.fsencode(os.path.abspath(root))
        self.tasks = tasks
        self.limits = limits
        self.sends_content = any(task.content is not None for task in tasks)
        """Whether batches are larger than a pipe: none is sent ahead then, or both sides might wait to write."""
        self.stopped = False
        self.start_error = ""
        """Why the last worker that could not start did not."""
        self._task_ids = deque(sorted(range(len(tasks)), key=lambda task_id: (-tasks[task_id].size, task_id)))
        self._returned: deque[list[int]] = deque()
        self._bytes_left = sum(task.size for task in tasks)
        self._lock = threading.Lock()
        self._results: queue.SimpleQueue[list[ParsedFile] | None] = queue.SimpleQueue()

    def next_batch(self, thread_count: int) -> list[int]:
        """Return task ids that no thread has taken, largest files first, or none.

        Batches become smaller towards the end so that all threads finish at about the same time.
        """
        with self._lock:
            if self.stopped:
                return []
            if self._returned:
                return self._returned.popleft()
            target = min(max(self._bytes_left // (4 * thread_count), MIN_BATCH_BYTES), MAX_BATCH_BYTES)
            batch: list[int] = []
            size, request = 0, len(self.root)
            while self._task_ids and len(batch) < MAX_BATCH_FILES and (size < target or not batch):
                request += packed_size(self.tasks[self._task_ids[0]].path)
                if request > MAX_REQUEST_BYTES and batch:
                    break
                batch.append(self._task_ids.popleft())
                size += self.tasks[batch[-1]].size
            self._bytes_left -= size
            return batch

    def give_back(self, task_ids: list[int]) -> None:
        """Return the tasks of a dead worker, for another thread to take."""
        if task_ids:
            with self._lock:
                self._returned.append(task_ids)

    def put(self, parsed: list[ParsedFile] | None) -> None:
        """Add results; None marks the end of a thread."""
        self._results.put(parsed)

    def results(self, threads: "Sequence[WorkerThread]") -> Iterator[ParsedFile]:
        """Yield results until all threads have ended, and kill overdue workers meanwhile."""
        running = len(threads)
        while running:
            with contextlib.suppress(queue.Empty):
                parsed = self._results.get(timeout=0.2)
                if parsed is not None:
                    yield from parsed
                else:
                    running -= 1
            for thread in threads:
                thread.kill_if_overdue()

    def remaining_results(self) -> Iterator[ParsedFile]:
        """Yield the results that had arrived when the job was stopped."""
        while not self._results.empty():
            yield from self._results.get() or ()

    def stop(self, threads: "Sequence[WorkerThread]") -> None:
        """End the job: hand out no more batches, kill every worker and wait for it."""
        with self._lock:
            self.stopped = True
        for thread in threads:
            thread.kill()
        for thread in threads:
            if thread.ident:
                thread.join()
            if thread.child:
                thread.child.exit_report()


class WorkerThread(threading.Thread):
    """Feeds batches to a worker, and to a new one if it dies, until there are none."""

    def __init__(self, job: Job, thread_count: int, take_child: Callable[[], Child]) -> None:
        super().__init__(daemon=True)
        self.child: Child | None = None
        self._job = job
        self._thread_count = thread_count
        self._take_child = take_child
        self._last_answer_s: float | None = None
        """Monotonic time of the busy worker's last answer; None while it is idle."""

    def run(self) -> None:
        failed_starts = 0
        try:
            while failed_starts < 2 and (batch := self._job.next_batch(self._thread_count)):
                unfinished, facts = self._parse_batches(batch, alone=self._job.sends_content)
                if not unfinished or self.child is None or self._job.stopped:
                    continue
                child, self.child = self.child, None
                if not child.ready:
                    failed_starts += 1
                    self._job.start_error = child.exit_report().detail
                    self._job.give_back(unfinished)
                else:
                    self._job.give_back(unfinished[1:])
                    self._report_failure(unfinished[0], facts, child)
        except OSError:
            pass  # `_parse_batches` has stored the reason and given its files back
        finally:
            self._job.put(None)

    def _parse_batches(
        self, task_ids: list[int], *, alone: bool = False
    ) -> tuple[list[int], FileFacts | None]:
        """Have the worker parse a batch and, unless ``alone``, the batches after it.

        Returns what is unfinished when the worker dies, and the facts of the first of these files.
        """
        try:
            child = self._start()
        except OSError as error:
            self._job.start_error = str(error)
            self._job.give_back(task_ids)
            raise
        pending = deque(task_ids)
        newest_size = self._send(child, task_ids)
        facts: FileFacts | None = None
        for frames in child.answers():
            self._last_answer_s = time.monotonic()
            valid, facts = self._take(child, frames, pending, facts)
            if valid and not alone and len(pending) <= newest_size:
                batch = self._job.next_batch(self._thread_count)
                pending += batch
                newest_size = self._send(child, batch)
            if not valid or not pending:
                break
            if len(pending) > PAUSE_FILES:
                time.sleep(PAUSE_S)
        self._last_answer_s = None
        return list(pending), facts

    def _send(self, child: Child, task_ids: list[int]) -> int:
        """Send a batch and return its number of files."""
        if task_ids:
            child.send(self._job.root, [self._job.tasks[task_id].request(task_id) for task_id in task_ids])
        return len(task_ids)

    def _take(
        self, child: Child, frames: list[Frame], pending: deque[int], facts: FileFacts | None
    ) -> tuple[bool, FileFacts | None]:
        """Add the results in some frames.

        Returns whether the frames follow the protocol, and the facts of the file being parsed.
        """
        done: list[ParsedFile] = []
        valid = True
        for kind, task_id, payload in frames:
            if kind == READY:
                child.ready = True
            elif not pending or task_id != pending[0]:
                valid = False
                break
            elif kind == OPENED:
                facts = unpack_facts(payload)
            elif kind == RESULT and facts:
                child.finished_files += 1
                done.append(ParsedFile(self._job.tasks[pending.popleft()].path, facts, payload))
                facts = None
        if done:
            self._job.put(done)
        return valid, facts

    def _start(self) -> Child:
        self._last_answer_s = time.monotonic()
        self.child = child = self.child or self._take_child()
        if self._job.stopped:
            child.kill()
        return child

    def _report_failure(self, task_id: int, facts: FileFacts | None, child: Child) -> None:
        """Report a file whose worker died, unless a fresh worker can parse it alone.

        The worker may have died of what earlier files left in its memory, or its user may have
        killed it.
        """
        reason, detail = child.exit_report()
        if child.should_retry_alone(reason):
            unfinished, facts = self._parse_batches([task_id], alone=True)
            if not unfinished or self.child is None or self._job.stopped:
                return
            reason, detail = self.child.exit_report()
            self.child = None
        facts = facts or FileFacts(0, 0, b"", "")
        data = tags_codec.encode(FileTags(facts.language, 0, skipped="failed"))
        self._job.put([ParsedFile(self._job.tasks[task_id].path, facts, data, reason, detail)])

    def kill(self) -> None:
        """Kill the worker, if there is one."""
        if child := self.child:
            child.kill()

    def kill_if_overdue(self) -> None:
        """Kill the worker if its last answer is longer ago than the wall clock limit."""
        last_answer_s, child = self._last_answer_s, self.child
        if not child or last_answer_s is None:
            return
        if time.monotonic() - last_answer_s > self._job.limits.wall_s:
            child.overdue = True
            child.kill()
