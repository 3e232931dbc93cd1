"""An index for many callers: each question is answered from the present state of the folder, or says that it is not.

A refresh runs in the background. A caller waits for it, since it takes milliseconds where little has changed; when
it takes longer, the answer is what the index knew before, with its age.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Generic, TypeVar

from repomap.index.index import Index

T = TypeVar("T")

WAIT_S = 5.0
"""How long a question waits for a refresh."""
FIRST_WAIT_S = 45.0
"""How long it waits for the first one, before which there is nothing to say; clients often give up after 60 s."""


@dataclass(frozen=True, slots=True)
class Fresh(Generic[T]):
    """An answer, and how old the state is that it speaks of."""

    answer: T
    age_s: float = 0.0
    """In seconds; 0 where it is the present state."""
    is_partial: bool = False
    """Whether not all files have been read yet."""


class FreshIndex:
    """An index that is refreshed for each question, by at most one thread at a time."""

    def __init__(
        self,
        index: Index,
        warn: Callable[[str], None],
        *,
        wait_s: float = WAIT_S,
        first_wait_s: float = FIRST_WAIT_S,
    ) -> None:
        self.index = index
        self._warn = warn
        self.wait_s, self.first_wait_s = wait_s, first_wait_s
        self._lock = threading.Lock()
        self._refreshing = threading.Lock()
        self._next: Future[None] | None = None
        """The refresh begun last; while it is pending, it will see all that has happened until now."""
        self._as_of_s: float | None = None
        self.progress: tuple[int, int] = (0, 0)
        """How many files the running refresh has parsed, and how many it will."""
        self._warned: set[str] = set()

    def begin(self) -> "Future[None]":
        """Begin a refresh that sees everything up to this moment, or return the one that will."""
        with self._lock:
            if self._next is None or self._next.running() or self._next.done():
                self._next = Future()
                threading.Thread(target=self._run, args=(self._next,), name="refresh", daemon=True).start()
            return self._next

    @property
    def is_read(self) -> bool:
        """Whether a refresh has ended, so that there is a whole state to answer from."""
        return self._as_of_s is not None

    def view(self) -> "Fresh[Index] | None":
        """Return the index as it is now, whether or not a refresh is running, for one thread's questions.

        Before the first refresh has ended it holds what has been read so far; None if that is nothing.
        """
        as_of_s = self._as_of_s
        if as_of_s is not None:
            return Fresh(self.index.as_it_is(), time.monotonic() - as_of_s)
        partly = self.index.partly()
        return None if partly is None else Fresh(partly, is_partial=True)

    def _note_progress(self, _task: str, done: int, total: int) -> None:
        self.progress = (done, total)

    def _run(self, future: "Future[None]") -> None:
        with self._refreshing:
            future.set_running_or_notify_cancel()
            began_s = time.monotonic()
            try:
                refreshed = self.index.refresh(self._note_progress)
            except BaseException as error:
                future.set_exception(error)
                return
            self._as_of_s = began_s
        for warning in refreshed.warnings:
            if warning not in self._warned:
                self._warned.add(warning)
                self._warn(warning)
        future.set_result(None)
