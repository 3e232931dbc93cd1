"""Attempts of which none can be merged → those that are begun next, within what is left of the budget. Pure.

Only a budget says how much a task is worth to the user. So without one there is no second round, and with one there is
none that it would cut off halfway: as many attempts begin as it pays for, by what the ones before took.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chat.attempts.ranking import Attempt, shares
from chat.jobs.state import JobState
from chat.model import Usage
from chat.settings.kinds import Value

_SHARE_OF_A_FAILURE = 0.5
"""Of what attempts took that failed, which one that succeeds takes: it ends, where the others went on to their limits.
On 22 commits of flask, httpx, express and gin, to be made again with half of the edits garbled, it was .35."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """Attempts that begin together."""

    count: int
    left_usd: float
    """Of the budget, for all of them; 0 is no limit."""
    left_tokens: int

    @property
    def limits(self) -> Mapping[str, Value]:
        """The limits of each of them, by the names of settings."""
        return shares(self.left_usd, self.left_tokens, self.count)


def next_round(
    attempts: Sequence[Attempt], taken: Usage, most: int, *, budget_usd: float, tokens: int
) -> Round | None:
    """Return the round of at most ``most`` attempts that follows these, which have taken so much; None if none does.

    None does where one can be merged, where somebody stopped or killed one, where they have not asked the model
    anything, or where the budget does not pay for another one or there is none.

    >>> failed = Attempt(
    ...     job="a", state=JobState.FAILED, commits=1, checks=1, red=1, uncommitted=0, lines=1, seconds=1.0
    ... )
    >>> next_round([failed] * 4, Usage(cost_usd=0.75), 4, budget_usd=1.0, tokens=0)
    Round(count=2, left_usd=0.25, left_tokens=0)
    """
    is_failed = [each.state in (JobState.DONE, JobState.FAILED) and not each.is_offered for each in attempts]
    if not attempts or not all(is_failed):
        return None
    used = taken.tokens
    cost = budget_usd if taken.cost_usd is None else taken.cost_usd
    limits = [(limit, spent) for limit, spent in ((budget_usd, cost), (tokens, used)) if limit]
    count = (
        min(_paid_for(limit - spent, spent / len(attempts), most) for limit, spent in limits) if limits else 0
    )
    if count < 1:
        return None
    return Round(
        count=count,
        left_usd=budget_usd - cost if budget_usd else 0.0,
        left_tokens=tokens - used if tokens else 0,
    )


def _paid_for(left: float, each_took: float, most: int) -> int:
    """Return how many attempts, ``most`` at most, are paid for by what is left, where each one before took so much."""
    least = each_took * _SHARE_OF_A_FAILURE
    return int(min(most, left / least)) if least > 0 else 0
