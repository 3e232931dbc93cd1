"""Has any `concurrent.futures.Executor` parse files: contents go out, tags come back.

The executor's processes may be on other machines, so a batch carries what its files hold; they need this package and
nothing else. Where it arrives, a parse worker reads it: a grammar that hangs or crashes costs one file there as it does
here. What the executor fails at is parsed in this process's own workers.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path

from repomap.errors import WorkersFailed
from repomap.files.skipped_files import is_binary
from repomap.safety.printable import escaped
from repomap.safety.regular_file import read_if_regular
from repomap.workers.child import MAX_DETAIL_CHARS
from repomap.workers.dispatch import MAX_BATCH_BYTES, MAX_BATCH_FILES, ParsedFile, Task
from repomap.workers.parsing_version import version_of_all
from repomap.workers.pool import OnProgress, OnResult, Received, Workers
from repomap.workers.protocol import MAX_SOURCE_BYTES, digest_of

MIN_SENT_BYTES = 200_000
"""Of a batch, towards the end: a fifth of a second for a worker, and worth what a scheduler takes for it."""
MOST_FAILED_BATCHES = 3
"""An executor that fails more often is given no more."""
OWN_WORKERS = Workers(1)
"""Those of a process of an executor, kept for its next batch; they exit when this process does."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Files to parse elsewhere, with their contents."""

    version: bytes
    """What decides the tags here; the other side has to have the same."""
    tasks: tuple[Task, ...]


class OtherVersion(Exception):
    """The executor's process would find other tags than this one."""


def parse_batch(batch: Batch) -> list[ParsedFile]:
    """Parse a batch in this process's workers, in any order. Raises OtherVersion, WorkersFailed."""
    if batch.version != version_of_all():
        raise OtherVersion
    parsed: list[ParsedFile] = []
    OWN_WORKERS.parse(Path(), batch.tasks, on_result=parsed.append)
    return parsed


class ExecutorWorkers:
    """Takes the place of `Workers`, and has an executor do the work."""

    def __init__(self, executor: Executor, local: Workers, in_flight: int) -> None:
        """``local`` parses what the executor fails at, which stays open and gets ``in_flight`` batches at once."""
        self._executor = executor
        self._local = local
        self._in_flight = in_flight
        self._failed_batches = 0
        self._trouble = ""

    def close(self) -> None:
        """End the local workers."""
        self._local.close()

    def take_warnings(self) -> list[str]:
        """Return what there is to say about the executor since this was last called."""
        trouble, self._trouble = self._trouble, ""
        if not trouble:
            return []
        return [f"The executor failed, so files were parsed here instead: {trouble}"]

    def parse(
        self,
        root: Path,
        tasks: Sequence[Task],
        *,
        on_result: OnResult,
        on_progress: OnProgress | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> list[ParsedFile]:
        """Parse each task's file below `root`, as `Workers.parse` does.

        Raises WorkersFailed if the executor's processes have another version of the parsers.
        """
        received = Received(on_result, on_progress, len(tasks))
        remaining = self._by_executor(root, tasks, received.add, meanwhile)
        self._local.parse(root, remaining, on_result=received.add)
        return received.failed()

    def _by_executor(
        self, root: Path, tasks: Sequence[Task], receive: OnResult, meanwhile: Callable[[], None] | None
    ) -> list[Task]:
        """Have the executor parse what it can; return what remains."""
        batches, remaining = _batches(tasks), list[Task]()
        pending: dict[Future[list[ParsedFile]], Batch] = {}
        try:
            self._submit(root, batches, pending, remaining)
            if meanwhile:
                meanwhile()
            while pending:
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    batch = pending.pop(future)
                    remaining += self._take(future, batch, receive)
                self._submit(root, batches, pending, remaining)
        finally:
            for future in pending:
                future.cancel()
        return remaining + [task for batch in batches for task in batch]

    def _submit(
        self,
        root: Path,
        batches: Iterator[list[Task]],
        pending: dict[Future[list[ParsedFile]], Batch],
        remaining: list[Task],
    ) -> None:
        """Fill up what the executor has to do; files that cannot be read here are left to the local workers."""
        while self._is_usable and len(pending) < self._in_flight and (tasks := next(batches, None)):
            loaded = [_with_content(root, task) for task in tasks]
            remaining += [task for task, content in zip(tasks, loaded, strict=True) if content is None]
            batch = Batch(version_of_all(), tuple(task for task in loaded if task))
            if not batch.tasks:
                continue
            try:
                pending[self._executor.submit(parse_batch, batch)] = batch
            except Exception as error:  # an executor that was shut down or lost its processes
                self._note(error, MOST_FAILED_BATCHES)
                remaining += _without_content(batch.tasks)

    def _take(self, future: Future[list[ParsedFile]], batch: Batch, receive: OnResult) -> list[Task]:
        """Pass the results of a batch on; return what has to be parsed here instead."""
        expected = {task.path: task for task in batch.tasks}
        try:
            results = future.result()
        except OtherVersion:
            raise WorkersFailed(
                "The executor's processes have another version of Trigpoint or of its grammars, and would find other "
                "symbols, so nothing was parsed. Install there what is installed here."
            ) from None
        except Exception as error:  # whatever happened to a process elsewhere
            self._note(error)
            results = []
        for parsed in results:
            task = expected.get(parsed.path)
            if task and parsed.facts.digest in (b"", digest_of(task.content or b"")):
                receive(parsed)
                del expected[parsed.path]
        return _without_content(expected.values())

    @property
    def _is_usable(self) -> bool:
        return self._failed_batches <= MOST_FAILED_BATCHES

    def _note(self, error: Exception, failed_batches: int = 0) -> None:
        self._failed_batches += 1 + failed_batches
        self._trouble = escaped(f"{type(error).__name__}: {error}"[:MAX_DETAIL_CHARS])


def _batches(tasks: Sequence[Task]) -> Iterator[list[Task]]:
    """Yield all tasks in batches, the largest files first, and smaller batches towards the end."""
    order = sorted(tasks, key=lambda task: (-task.size, task.path))
    left, start = sum(task.size for task in order), 0
    while start < len(order):
        target = min(max(left // 64, MIN_SENT_BYTES), MAX_BATCH_BYTES)
        end, size = start, 0
        while end < len(order) and end - start < MAX_BATCH_FILES and (size < target or end == start):
            size += order[end].size
            end += 1
        yield order[start:end]
        left, start = left - size, end


def _with_content(root: Path, task: Task) -> Task | None:
    """Read a task's file; None if it is gone, too large, not a regular file, or not worth sending."""
    path = os.path.join(os.fsencode(os.path.abspath(root)), task.path.encode("utf-8", "surrogateescape"))
    content = read_if_regular(path, MAX_SOURCE_BYTES)
    return None if content is None or is_binary(content) else replace(task, content=content)


def _without_content(tasks: Iterable[Task]) -> list[Task]:
    """Leave the reading to the local workers, which say why a file cannot be read."""
    return [replace(task, content=None) for task in tasks]
