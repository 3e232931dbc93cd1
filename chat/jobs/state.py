"""What a job is doing, from what its files and its process say, and what the user may do next. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from chat.jobs.record import JobRecord, Merged, Question, RunEnd, RunStart
from repomap import ExitCode

_STOPPED = (ExitCode.INTERRUPTED, ExitCode.TERMINATED)


class JobState(StrEnum):
    """What a job is doing."""

    QUEUED = "queued"
    """It is being made, and no process works on it yet."""
    RUNNING = "running"
    WAITING = "waiting"
    """Its process waits for an answer."""
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    """Somebody stopped it."""
    LOST = "lost"
    """Its process is gone and has not said how it ended: it was killed, or the machine went down."""

    @property
    def is_live(self) -> bool:
        """Whether a process works on it or is about to."""
        return self in (JobState.QUEUED, JobState.RUNNING, JobState.WAITING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the folder of a job and the system's processes say."""

    record: JobRecord
    start: RunStart | None = None
    end: RunEnd | None = None
    merged: Merged | None = None
    question: Question | None = None
    """The one that is not answered yet."""
    is_alive: bool = False
    """The process that works on it runs, or the one that makes it."""


def state_of(facts: Facts) -> JobState:
    """Return what a job is doing."""
    if facts.start is None:
        return JobState.QUEUED if facts.is_alive else JobState.LOST
    if facts.end is not None and facts.end.number == facts.start.number:
        return _ended(facts.end)
    if not facts.is_alive:
        return JobState.LOST
    return JobState.WAITING if facts.question else JobState.RUNNING


def next_step(state: JobState, facts: Facts, *, is_idle: bool = False) -> str:
    """Return what the user may do next, as commands. An idle job has changed nothing, so there is nothing to merge."""
    name = facts.record.id
    match state:
        case JobState.QUEUED | JobState.RUNNING:
            return f"trigpoint logs {name} -f"
        case JobState.WAITING:
            choices = "|".join(facts.question.choices) if facts.question else "yes|no"
            return f"trigpoint jobs answer {name} {choices}"
        case JobState.DONE if facts.merged:
            return "trigpoint jobs prune"
        case JobState.DONE if is_idle:
            return f"trigpoint logs {name}, or discard {name}"
        case JobState.DONE:
            return f"trigpoint merge {name}, or trigpoint artifacts {name}"
        case JobState.FAILED:
            return f"trigpoint logs {name}; then trigpoint resume {name}, or discard {name}"
        case _:
            return f"trigpoint resume {name}, or discard {name}"


def _ended(end: RunEnd) -> JobState:
    if end.exit_code == 0:
        return JobState.DONE
    return JobState.STOPPED if end.exit_code in _STOPPED else JobState.FAILED
