"""Parse workers that serve many tests, since starting one takes longer than most tests."""

import threading

from repomap.workers.child import PROGRAM, Child, Limits


class LastingChild(Child):
    """A worker that returns to the spare ones instead of ending."""

    def __init__(self, program: str, limits: Limits, home: "LastingWorkers") -> None:
        super().__init__(program, limits)
        self._home = home

    def end(self) -> None:
        self._home.take_back(self)

    def end_now(self) -> None:
        super().end()


class LastingWorkers:
    """Takes the place of `Child` in `repomap.workers.pool` and reuses workers."""

    def __init__(self) -> None:
        self._spare: list[LastingChild] = []
        self._lock = threading.Lock()
        self._is_closed = False

    def start(self, program: str, limits: Limits) -> Child:
        """Return a spare worker or a new one; one with another program or limits is not reused."""
        if (program, limits) != (PROGRAM, Limits()):
            return Child(program, limits)
        with self._lock:
            if self._spare:
                return self._spare.pop()
        return LastingChild(program, limits, self)

    def take_back(self, child: LastingChild) -> None:
        """Keep a worker for the next test; one that a thread gives back behind the last test ends."""
        with self._lock:
            if not self._is_closed:
                self._spare.append(child)
                return
        child.end_now()

    def close(self) -> None:
        """End all spare workers, and those that are still out when they come back."""
        with self._lock:
            self._is_closed = True
            spare, self._spare = self._spare, []
        for child in spare:
            child.end_now()
