"""Parse workers that serve many tests, since starting one takes longer than most tests."""

from repomap.workers.child import PROGRAM, Child, Limits


class LastingChild(Child):
    """A worker that returns to the spare ones instead of ending."""

    def __init__(self, program: str, limits: Limits, spare: "list[LastingChild]") -> None:
        super().__init__(program, limits)
        self._spare = spare

    def end(self) -> None:
        self._spare.append(self)

    def end_now(self) -> None:
        super().end()


class LastingWorkers:
    """Takes the place of `Child` in `repomap.workers.pool` and reuses workers."""

    def __init__(self) -> None:
        self._spare: list[LastingChild] = []

    def start(self, program: str, limits: Limits) -> Child:
        """Return a spare worker or a new one; one with another program or limits is not reused."""
        if (program, limits) != (PROGRAM, Limits()):
            return Child(program, limits)
        return self._spare.pop() if self._spare else LastingChild(program, limits, self._spare)

    def close(self) -> None:
        """End all spare workers."""
        while self._spare:
            self._spare.pop().end_now()
