"""A folder that nobody has mapped yet → its names, and its files on their way through the workers.

Importing numpy and the index takes as long as parsing a hundred files. So a first map lists the folder
and has the workers begin before it imports them, and the index takes over what has come by then.
"""

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from repomap.cache import TagsCache
from repomap.collecting import Collector, EntryKind, collect
from repomap.errors import RepoMapError
from repomap.kinds import is_translation
from repomap.workers import EARLY_WORKERS, OnProgress, OnResult, Parsed, Parsing, Task, Workers

if TYPE_CHECKING:
    from repomap.files import FileListing


class HeadStart:
    """The beginning of a first refresh; to be closed, whether it has served or not."""

    def __init__(self, root: Path, *, jobs: int | None, submodules: bool, cache: bool) -> None:
        """``cache``: whether what is known of any content counts; if so nothing that may be is parsed here."""
        self._root = Path(os.path.abspath(root))
        self.started_ns = time.time_ns()
        self._collected: Collector | None = None
        self._parsing: Parsing | None = None
        self._workers = Workers(jobs)
        try:
            self._workers.start(EARLY_WORKERS)
            with contextlib.suppress(RepoMapError, OSError):  # the refresh meets it again, and says so
                self._collected = collect(self._root, submodules=submodules)
            if self._collected and not (cache and TagsCache().exists()):
                self._parsing = self._workers.begin(self._root, _tasks(self._collected))
        except BaseException:
            self.close()
            raise

    def listing(self) -> "FileListing | None":
        """What `list_files` says; None where it would raise."""
        from repomap.files import listing_of  # which imports numpy

        return listing_of(self._root, self._collected) if self._collected else None

    def parse(
        self,
        root: Path,
        tasks: Sequence[Task],
        *,
        on_result: OnResult,
        on_progress: OnProgress | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> list[Parsed]:
        """As `Workers.parse`, which it is where other files are asked for than those that were begun."""
        parsing, self._parsing = self._parsing, None
        if parsing and {task.path for task in parsing.tasks} != {task.path for task in tasks}:
            parsing.stop()
            parsing = None
        parsing = parsing or self._workers.begin(root, tasks)
        return parsing.finish(on_result=on_result, on_progress=on_progress, meanwhile=meanwhile)

    def close(self) -> None:
        """End all workers, and what nobody waited for."""
        if self._parsing:
            self._parsing.stop()
            self._parsing = None
        self._workers.close()


def _tasks(collected: Collector) -> list[Task]:
    """The files that no glance at their names makes needless to read."""
    rows = zip(collected.names(), collected.kinds, collected.stats[::4], strict=True)
    return [
        Task(path, size) for path, kind, size in rows if kind == EntryKind.FILE and not is_translation(path)
    ]
