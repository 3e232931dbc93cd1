"""[io] Follows the files of a folder in a thread, and says when a comment asks for something.

Only what a person saves counts: a file that is listed (git does not ignore it), that no program wrote, and that
differs from the last commit, so that a checkout or a pull asks for nothing. What a turn wrote is settled by the chat.
"""

import fnmatch
import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chat.model import RepoPath
from chat.watch.comments import MAY_BE_MARKED, Marked, marked_comments
from chat.watch.marks import Marks
from chat.watch.request import WatchedRequest, request_of

MAX_BYTES = 1_000_000
GATHER_MS = 400
"""Files that are saved within this time are one request."""
_STEP_MS = 50
_WAIT_MS = 300
"""How often the thread looks whether it is to end, or a request was not noticed."""
_POLL_MS = 500
_TEMPORARY = ("*~", "*.sw?", "*.bak", "*.orig", "*.tmp", "#*#", ".#*", "4913", "*.rej")
"""What editors write beside a file."""


@dataclass(frozen=True, slots=True)
class WatchedFiles:
    """The files of a chat, as the watcher asks for them, from its thread."""

    root: Path
    listed: Callable[[], Iterable[RepoPath]]
    """Lists the files that git does not ignore."""
    may_read: Callable[[RepoPath], bool]
    is_changed: Callable[[RepoPath], bool]
    """Whether a file differs from the last commit; true without git."""
    is_busy: Callable[[], bool]
    """Whether git is just writing files."""


class Watcher:
    """Watches until it is stopped; requests wait until they are taken."""

    def __init__(self, files: WatchedFiles, on_request: Callable[[], None]) -> None:
        """``on_request`` is called in the thread, again and again as long as a request waits."""
        self._files = files
        self._on_request = on_request
        self._root = os.path.realpath(files.root)
        self._marks = Marks()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._ready = threading.Event()
        self._settled_ns = 0
        """What was written up to then is the chat's own, however late it is reported."""
        self._notify: Any = None
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin to watch. Raises OSError where the system cannot."""
        from watchfiles._rust_notify import RustNotify

        is_polling = bool(os.environ.get("WATCHFILES_FORCE_POLLING"))
        try:
            self._notify = RustNotify([self._root], False, is_polling, _POLL_MS, True, True)
        except RuntimeError as error:  # what watchfiles makes of some errors of the system
            raise OSError(str(error)) from error
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)

    def wait_until_ready(self, timeout_s: float) -> bool:
        """Wait until it is known which comments were there before; return whether it is."""
        return self._ready.wait(timeout_s)

    def take(self) -> WatchedRequest | None:
        """Return what is asked for, once; None for nothing."""
        with self._lock:
            comments = self._marks.take() if self._marks.are_due else {}
        return request_of(comments) if comments else None

    def give_back(self) -> None:
        """Let what was taken last be asked for again when it is saved again."""
        with self._lock:
            self._marks.give_back()

    def settle(self, paths: Iterable[RepoPath] | None) -> None:
        """Take what the chat itself wrote for what was there before; None where that may be any file."""
        if paths is None:
            self._settled_ns = time.time_ns()
            return
        for path in paths:
            found = self._marked(path)
            with self._lock:
                self._marks.settle(path, found)

    # The thread

    def _run(self) -> None:
        self._look_at_all(time.time_ns())
        self._ready.set()
        waiting: set[RepoPath] = set()
        while not self._stop.is_set():
            events = self._notify.watch(GATHER_MS, _STEP_MS, _WAIT_MS, self._stop)
            if not isinstance(events, str):
                waiting |= {path for _, full in events if (path := self._path_of(full))}
            if waiting and not self._files.is_busy():
                self._look(waiting)
                waiting = set()
            with self._lock:
                is_due = self._marks.are_due
            if is_due:
                self._on_request()

    def _look_at_all(self, started_ns: int) -> None:
        """Take note of what is marked at the start; what is saved meanwhile is reported."""
        for path in self._files.listed():
            if self._stop.is_set():
                return
            if self._written_ns(path) < started_ns:
                self.settle((path,))

    def _look(self, paths: Iterable[RepoPath]) -> None:
        found = {path: self._marked(path) for path in paths}
        listed = frozenset(self._files.listed()) if any(found.values()) else frozenset()
        for path, comments in found.items():
            counts = not comments or (
                path in listed and self._written_ns(path) > self._settled_ns and self._files.is_changed(path)
            )
            with self._lock:
                if counts:
                    self._marks.see(path, comments)
                else:
                    self._marks.settle(path, comments)

    def _written_ns(self, path: RepoPath) -> int:
        """Return when a file was written, 0 for one that is gone."""
        try:
            return os.stat(os.path.join(self._root, path)).st_mtime_ns
        except (OSError, ValueError):
            return 0

    def _path_of(self, full: str) -> RepoPath:
        """Return a path below the root, "" for what is never looked at."""
        path = os.path.relpath(full, self._root).replace(os.sep, "/")
        parts = path.split("/")
        is_temporary = any(fnmatch.fnmatch(parts[-1], pattern) for pattern in _TEMPORARY)
        return "" if parts[0] == ".." or ".git" in parts or is_temporary else path

    def _marked(self, path: RepoPath) -> tuple[Marked, ...]:
        """Return the marked comments of a file that a person writes."""
        from repomap import is_minified, kind_of, looks_generated, read_if_regular

        if kind_of(path) in ("generated", "vendored") or not self._files.may_read(path):
            return ()
        try:
            data = read_if_regular(Path(self._root, path), MAX_BYTES)
        except OSError:
            return ()
        if not data or not MAY_BE_MARKED.search(data) or looks_generated(data) or is_minified(data):
            return ()
        return marked_comments(path, data)
