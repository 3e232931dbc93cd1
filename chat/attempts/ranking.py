"""Several attempts at one task: the share of the limits that each gets, and which of them is best. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chat.attempts.judging import Judged
from chat.display.amounts import counted
from chat.jobs.state import JobState
from chat.model import Usage
from chat.settings.kinds import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An attempt that is over, as far as it matters for its rank."""

    job: str
    state: JobState
    commits: int
    checks: int
    """That have run."""
    red: int
    """Checks that ended with an error last."""
    uncommitted: int
    """Files of its work tree that it has not committed."""
    lines: int
    """Added and removed by its commits; a binary file counts as one."""
    seconds: float

    @property
    def is_offered(self) -> bool:
        """Whether it can be merged as it is."""
        return self.state is JobState.DONE and not (self.red or self.uncommitted) and self.commits > 0

    @property
    def why(self) -> str:
        """What its rank comes from, in words."""
        if self.red:
            return counted(self.red, "red check")
        if self.state is not JobState.DONE:
            return self.state.value
        if not self.commits:
            return "nothing committed"
        if self.uncommitted:
            return f"{counted(self.uncommitted, 'file')} not committed"
        return counted(self.lines, "changed line")


def ranked(attempts: Sequence[Attempt], judged: Judged | None = None) -> list[Attempt]:
    """Return attempts, the best first.

    Those that can be merged come before others, then those with fewer red checks, then the one that the judge
    prefers, then the smaller change. Those that are equal in this stay in the order of their time.
    """
    best = judged.best if judged else ""
    return sorted(
        attempts,
        key=lambda each: (not each.is_offered, each.red, each.job != best, each.lines, each.seconds),
    )


def tied(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Return those between which the judge has to decide, the smaller change first; none where there is one alone."""
    alike = [each for each in ranked(attempts) if each.is_offered]
    return alike if len(alike) > 1 else []


def shares(budget_usd: float, tokens: int, count: int) -> Mapping[str, Value]:
    """Return the limits of each of so many attempts, which together are not above these; 0 is no limit.

    Fewer tokens than attempts are one for each, with which no call is made.

    >>> shares(2.0, 1001, 4)
    {'max-budget-usd': 0.5, 'max-tokens-total': 250}
    """
    found: dict[str, Value] = {}
    if budget_usd:
        found["max-budget-usd"] = budget_usd / count
    if tokens:
        found["max-tokens-total"] = max(1, tokens // count)
    return found


def unknown_spending(budget_usd: float, tokens: int, count: int, missing: int) -> Usage:
    """Return what attempts may have taken that are not there any more: all of the shares that ``count`` have.

    >>> unknown_spending(2.0, 1000, 4, missing=1)
    Usage(calls=0, prompt_tokens=250, cached_tokens=0, completion_tokens=0, cost_usd=0.5)
    """
    missing = max(0, missing)
    return Usage(prompt_tokens=missing * tokens // count, cost_usd=missing * budget_usd / count)
