"""A folder → its names, and what seems to need parsing on its way to the workers, before anything else.

Importing numpy and the index takes as long as parsing a hundred files, and so does starting a worker.
So a command lists its folder before it imports them, and the index takes over what has come by then:
of a folder that nobody has mapped yet the first parsed files, of another a worker that has started,
where a file is newer than what is known.
"""

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from repomap.errors import RepoMapError
from repomap.files.collector import Collector, EntryKind, collect
from repomap.files.file_kinds import is_translation
from repomap.index.locations import index_written_ns

if TYPE_CHECKING:
    from repomap.files.listing import FileListing
    from repomap.workers.dispatch import ParsedFile, Task
    from repomap.workers.pool import OnProgress, OnResult, RunningJob, Workers

LASTS_S = 10.0
"""A listing older than this is made again: whoever asks late wants to know what is there by then."""
EARLY_WORKERS = 2
"""Before a folder is listed nobody knows whether it is worth more."""


class HeadStart:
    """The beginning of a first refresh; to be closed, whether it has served or not."""

    def __init__(self, root: Path, *, jobs: int | None, submodules: bool, cache: bool) -> None:
        """``cache``: whether what is kept counts; if so nothing is parsed here that may be known."""
        self.started_ns = time.time_ns()
        self._root = Path(os.path.abspath(root))
        self._jobs = jobs
        self._collected: Collector | None = None
        self._collected_s = 0.0
        self._workers: Workers | None = None
        self._parsing: RunningJob | None = None
        try:
            self._begin(submodules, cache)
        except BaseException:
            self.close()
            raise

    def _begin(self, submodules: bool, cache: bool) -> None:
        known_ns = index_written_ns(self._root, submodules=submodules) if cache else None
        if known_ns is None and self._root.is_dir():
            self._pool().start(EARLY_WORKERS)
        with contextlib.suppress(RepoMapError, OSError):  # the refresh meets it again, and says so
            self._collected = collect(self._root, submodules=submodules)
        self._collected_s = time.monotonic()
        if self._collected is None:
            return
        if known_ns is None and not (cache and _has_tags()):
            self._parsing = self._pool().begin(self._root, _tasks(self._collected))
        elif known_ns is not None and _newest_ns(self._collected) >= known_ns:
            self._pool().start(1)

    def listing(self) -> "FileListing | None":
        """What `list_files` says; None where it would raise, and where this was too long ago.

        Then nothing that was begun counts either: a file may have been parsed before its stat data are taken.
        """
        if self._collected is None or time.monotonic() - self._collected_s > LASTS_S:
            self._stop()
            return None
        from repomap.files.listing import listing_of  # which imports numpy

        return listing_of(self._root, self._collected)

    def parse(
        self,
        root: Path,
        tasks: "Sequence[Task]",
        *,
        on_result: "OnResult",
        on_progress: "OnProgress | None" = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> "list[ParsedFile]":
        """As `Workers.parse`, which it is where other files are asked for than those that were begun."""
        if self._parsing and {task.path for task in self._parsing.tasks} != {task.path for task in tasks}:
            self._stop()
        parsing, self._parsing = self._parsing or self._pool().begin(root, tasks), None
        return parsing.finish(on_result=on_result, on_progress=on_progress, meanwhile=meanwhile)

    def close(self) -> None:
        """End all workers, and what nobody waited for."""
        self._stop()
        if self._workers:
            self._workers.close()

    def _stop(self) -> None:
        if self._parsing:
            self._parsing.stop()
            self._parsing = None

    def _pool(self) -> "Workers":
        if self._workers is None:
            from repomap.workers.pool import Workers  # which a map of what is known does without

            self._workers = Workers(self._jobs)
        return self._workers


def _has_tags() -> bool:
    from repomap.index.tags_cache import TagsCache

    return TagsCache().exists()


def _newest_ns(collected: Collector) -> int:
    """When anything listed was last written, moved or given other rights."""
    return max(map(max, collected.stats[1::4], collected.stats[2::4]))


def _tasks(collected: Collector) -> "list[Task]":
    """The files that no glance at their names makes needless to read."""
    from repomap.workers.dispatch import Task

    rows = zip(collected.names(), collected.kinds, collected.stats[::4], strict=True)
    return [
        Task(path, size) for path, kind, size in rows if kind == EntryKind.FILE and not is_translation(path)
    ]
