"""The journal of a job's session → what is left of its task. Pure."""

from collections.abc import Iterable
from enum import Enum, auto

from chat.jobs.messages import MESSAGE
from chat.sessions.records.goal import GoalEnd, GoalSet
from chat.sessions.records.journal_line import JournalLine, read_record
from chat.sessions.records.turn import CommandDone, CommandIntent, TurnBegin, TurnDone

_CHECKS = ("lint", "test", "scan")
_NO_END = -1
"""In place of the exit code of a check that has only begun."""


class Remaining(Enum):
    """What is left of a task."""

    ALL = auto()
    """It has to be begun, or gone on with."""
    NOTHING = auto()
    RED = auto()
    """Nothing, but a check failed when it ran last, or did not come to its end."""


def remaining(lines: Iterable[JournalLine], *, is_goal: bool) -> Remaining:
    """Return what is left of a task, by the journal of the session that works on it.

    A process that was killed after the last record, before it could say so, has left nothing to do.
    """
    return _of_goal(lines) if is_goal else _of_task(lines)


def _of_goal(lines: Iterable[JournalLine]) -> Remaining:
    is_met = False
    for line in lines:
        match read_record(line):
            case GoalSet():
                is_met = False
            case GoalEnd(outcome):
                is_met = outcome == "met"
    return Remaining.NOTHING if is_met else Remaining.ALL


def _of_task(lines: Iterable[JournalLine]) -> Remaining:
    """The request of the first turn is the task; what came in meanwhile may stand below it."""
    task, is_done, is_open, codes = "", False, False, dict[str, int]()
    commands: dict[int, CommandIntent] = {}
    for line in lines:
        match record := read_record(line):
            case TurnBegin(request):
                alone = request.partition(f"\n\n{MESSAGE}")[0]
                task = task or alone
                is_open = alone == task
            case TurnDone(incomplete=incomplete):
                is_done = is_done or (is_open and not incomplete)
            case CommandIntent(purpose=purpose):
                commands[line.number] = record
                if purpose in _CHECKS:
                    codes[purpose] = _NO_END
            case CommandDone(intent, exit_code) if intent in commands and commands[intent].purpose in _CHECKS:
                codes[commands[intent].purpose] = exit_code
    if not is_done:
        return Remaining.ALL
    return Remaining.RED if any(codes.values()) else Remaining.NOTHING
