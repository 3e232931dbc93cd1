"""[io] The goal that is open in a chat, if there is one: how far it is, what it has taken, and its end.

Every step is in the journal before it counts.
"""

from dataclasses import dataclass, field

from chat.errors import InputError
from chat.events import GoalFollowed
from chat.goals.texts import pinned_with
from chat.prompt.rules import renew_rules
from chat.sessions.goal_progress import GoalProgress, GoalRecord, GoalTaken, follow
from chat.sessions.records.goal import GoalEnd
from chat.state.state import State

NO_GOAL = "There is no goal. Set one with /goal CONDITION."


@dataclass(frozen=True, slots=True)
class EndedGoal:
    """A goal of this process that is over."""

    progress: GoalProgress
    end: GoalEnd
    taken: GoalTaken


@dataclass(slots=True)
class OpenGoal:
    """The goal of one chat; there is at most one at a time."""

    state: State
    progress: GoalProgress | None = None
    """None where no goal is open."""
    taken_before: GoalTaken = field(default_factory=GoalTaken)
    """What it had taken when it was last paused, or ended."""
    ended: EndedGoal | None = None
    """The one that ended last in this process."""

    @property
    def taken(self) -> GoalTaken:
        """What the goal has taken so far."""
        is_running = self.progress is not None and not self.progress.paused
        return self.state.spending.goal_taken if is_running else self.taken_before

    def required(self) -> GoalProgress:
        """Return how far the goal is. Raises InputError where there is none."""
        if self.progress is None:
            raise InputError(NO_GOAL)
        return self.progress

    def write(self, record: GoalRecord) -> None:
        """Write a step down, and count it."""
        self.state.ports.journal.write(record)
        self.progress = follow(self.progress, record)

    def end(self, end: GoalEnd) -> None:
        """Write down how the goal ended, and tell the user."""
        progress = self.required()
        self.taken_before = self.taken
        self.state.spending.end_goal()
        self.ended = EndedGoal(progress, end, self.taken_before)
        try:
            self.write(end)
        finally:
            self.progress = None
        self.pin()
        if end.outcome != "cleared":
            self.tell(end.outcome, end.reason)

    def pin(self) -> None:
        """Have every prompt show the goal as it is now."""
        goal, plan = (self.progress.goal, self.progress.plan) if self.progress else (None, None)
        self.state.prompt.pin(pinned_with(self.state.prompt.pinned, goal, plan))
        renew_rules(self.state)

    def tell(self, status: str, reason: str) -> None:
        """Tell the user what became of the goal after a turn."""
        self.state.ports.emit(GoalFollowed(status, reason, self.taken.turns))
