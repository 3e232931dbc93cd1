"""The records of a goal in a journal: it is set and planned, its checks run, it goes on, is paused, and ends."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from chat.sessions.records.fields import Fields

GoalOutcome = Literal["met", "impossible", "stalled", "limit", "cleared"]
"""How a goal ends. `stalled`: the same failure came again and again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalSet(Fields):
    """A goal was set; the session has no other until it ends."""

    kind: ClassVar[str] = "goal.set"
    condition: str = ""
    """As the user wrote it, without its limits; empty where only the checks count."""
    checks: tuple[str, ...] = ()
    """Commands that have to succeed."""
    checks_decide: bool = False
    """The goal is met once they do, whatever the condition says."""
    turns: int = 0
    tokens: int = 0
    seconds: float = 0.0
    budget_usd: float = 0.0
    """What it may take; 0 is no limit."""
    base: str = ""
    """The commit that it began on; empty without git, and before the first commit."""

    @property
    def is_judged(self) -> bool:
        """Whether its text has to be judged once the checks succeed."""
        return bool(self.condition) and not (self.checks_decide and self.checks)


@dataclass(frozen=True, slots=True)
class GoalCheck(Fields):
    """A check of the goal has run."""

    kind: ClassVar[str] = "goal.check"
    command: str
    exit_code: int
    output: str
    """What a prompt shows of it."""
    timed_out: bool = False

    @property
    def is_green(self) -> bool:
        """Whether it succeeded."""
        return self.exit_code == 0 and not self.timed_out


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalStep(Fields):
    """The goal is not met yet, and another turn follows."""

    kind: ClassVar[str] = "goal.step"
    reason: str
    """Why it is not met, in one line."""
    request: str
    """Of the turn that follows."""
    fresh: bool = False
    """That turn begins with a new conversation."""
    failure: str = ""
    """The digest of what failed."""
    weight: int = 0
    """How often it has failed in the same way; see `chat.goals.stall`."""
    states: tuple[str, ...] = ()
    """The digests of the files at each of those failures."""
    tried: str = ""
    """What the last turn did, in one line."""
    fault: str = ""
    """Why the plan has to be revised before that turn; empty where it has not."""


@dataclass(frozen=True, slots=True)
class GoalPlanned(Fields):
    """The model was asked for a plan."""

    kind: ClassVar[str] = "goal.plan"
    steps: tuple[str, ...] = ()
    """One line each; none where it says that no plan is needed."""


@dataclass(frozen=True, slots=True)
class PlanTicked(Fields):
    """A step of the plan is done."""

    kind: ClassVar[str] = "plan.tick"
    step: int
    """Its number, from 1."""
    evidence: str
    """Stands in what the turn showed."""
    judged: bool = False
    """Whether the judge has quoted it, not the model that works."""


@dataclass(frozen=True, slots=True)
class PlanRevised(Fields):
    """The plan was looked at again, and perhaps changed."""

    kind: ClassVar[str] = "plan.revision"
    reason: str
    diff: tuple[str, ...]
    """As in `PlanRevision`."""


@dataclass(frozen=True, slots=True)
class GoalPause(Fields):
    """Work on the goal stops, or goes on."""

    kind: ClassVar[str] = "goal.pause"
    paused: bool = True


@dataclass(frozen=True, slots=True)
class GoalEnd(Fields):
    """The goal is over."""

    kind: ClassVar[str] = "goal.end"
    outcome: GoalOutcome
    reason: str = ""
    evidence: tuple[str, ...] = ()
    """What the judge quotes of what it was shown."""
