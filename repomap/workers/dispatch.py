"""What one call of the workers does: batches of files handed out, and one thread for each worker that takes them.

A file at which a worker dies is named with the reason, and a new worker goes on with the rest.
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
from repomap.workers.child import Child, Limits, Reason
from repomap.workers.protocol import OPENED, READY, RESULT, Facts, file_bytes, unpack_facts

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

    def sheet(self) -> tags_codec.EncodedTags:
        return tags_codec.unpack(self.data)

    def tags(self) -> FileTags:
        return tags_codec.decode(self.data)


class Run:
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

    def results(self, lanes: "Sequence[Lane]") -> Iterator[Parsed]:
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

    def stop(self, lanes: "Sequence[Lane]") -> None:
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


class Lane(threading.Thread):
    """One worker after another, fed with batches until there are none."""

    def __init__(self, work: Run, lanes: int, take_child: Callable[[], Child]) -> None:
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
        data = tags_codec.encode(FileTags(facts.language, 0, "failed"))
        self._work.put([Parsed(self._work.tasks[number].path, facts, data, reason, detail)])

    def kill(self) -> None:
        if child := self.child:
            child.kill()

    def kill_if_overdue(self) -> None:
        since, child = self._since, self.child
        if child and since is not None and time.monotonic() - since > self._work.limits.wall_s:
            child.overdue = True
            child.kill()
