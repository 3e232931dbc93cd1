"""The budget of a plan, and the share of it that each job gets; the shares never pass the whole. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from chat.model import Usage
from chat.settings.kinds import Value

_PLANNER = Fraction(1, 5)
"""Of the budget, which planning may take at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Money and tokens; 0 is no limit."""

    usd: float = 0.0
    tokens: int = 0

    def settings(self) -> dict[str, Value]:
        """Return the limits of a job that gets this, by the names of settings; they replace any that it had."""
        return {"max-budget-usd": self.usd, "max-tokens-total": self.tokens}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one job of a plan counts against its budget."""

    usage: Usage
    limit: Budget
    """What it was given."""
    is_over: bool
    """It takes nothing more."""


def for_planner(whole: Budget) -> Budget:
    """Return what planning may take at most: a fifth.

    >>> for_planner(Budget(usd=2.0, tokens=1000))
    Budget(usd=0.4, tokens=200)
    """
    tokens = max(1, int(whole.tokens * _PLANNER)) if whole.tokens else 0
    return Budget(usd=whole.usd / _PLANNER.denominator, tokens=tokens)


def share(whole: Budget, accounts: Iterable[Account], waiting: int) -> Budget | None:
    """Return the equal share of one of ``waiting`` jobs in what is left, None where nothing is.

    Of a job that is over its usage counts, of one at work all that it was given, and so does it where a price is not
    known.
    """
    taken_usd, taken_tokens = 0.0, 0
    for account in accounts:
        used = account.usage.tokens
        cost = account.usage.cost_usd
        taken_usd += cost if account.is_over and cost is not None else max(account.limit.usd, cost or 0.0)
        taken_tokens += used if account.is_over else max(account.limit.tokens, used)
    usd = (whole.usd - taken_usd) / max(1, waiting)
    tokens = (whole.tokens - taken_tokens) // max(1, waiting)
    if (whole.usd and usd <= 0) or (whole.tokens and tokens <= 0):
        return None
    return Budget(usd=usd if whole.usd else 0.0, tokens=tokens if whole.tokens else 0)


def extended(share_: Budget, usage: Usage) -> Budget:
    """Return the limit of a job that has taken so much already and gets a share more; its own count goes on.

    >>> extended(Budget(tokens=100), Usage(prompt_tokens=40, completion_tokens=10))
    Budget(usd=0.0, tokens=150)
    """
    used = usage.tokens
    return Budget(
        usd=share_.usd + (usage.cost_usd or 0.0) if share_.usd else 0.0,
        tokens=share_.tokens + used if share_.tokens else 0,
    )
