"""Parse workers that serve one test after the other: starting one takes longer than most tests."""

from repomap.workers.child import PROGRAM, Child, Limits


class LastingChild(Child):
    """A worker that goes back to the others instead of ending."""

    def __init__(self, program: str, limits: Limits, spare: "list[LastingChild]") -> None:
        super().__init__(program, limits)
        self._spare = spare

    def end(self) -> None:
        self._spare.append(self)

    def end_at_last(self) -> None:
        super().end()


class LastingWorkers:
    """What `repomap.workers` starts its workers with, as long as they are to last."""

    def __init__(self) -> None:
        self._spare: list[LastingChild] = []

    def start(self, program: str, limits: Limits) -> Child:
        """A worker that is there, or a new one; one of another kind is the caller's alone."""
        if (program, limits) != (PROGRAM, Limits()):
            return Child(program, limits)
        return self._spare.pop() if self._spare else LastingChild(program, limits, self._spare)

    def close(self) -> None:
        """Ends all that are there."""
        while self._spare:
            self._spare.pop().end_at_last()
