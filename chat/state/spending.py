"""What calls have taken, and the limits that the user sets; a call is refused before it could pass one.

Turns, money, tokens and seconds are limited; 0 is no limit. A resumed session continues from what it had
taken, except for time, which counts from the start of the process.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chat.errors import BudgetLimit, TurnLimit
from chat.model import ModelRole, Price, Usage
from chat.settings.table import Settings

_EXPECTED_REPLY_TOKENS = 1_000
_WARN_SHARE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the user allows a session to take; 0 is no limit."""

    turns: int = 0
    tokens: int = 0
    seconds: float = 0.0
    budget_usd: float = 0.0

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits that the settings name."""
        return cls(
            turns=settings.max_turns,
            tokens=settings.max_tokens_total,
            seconds=settings.max_seconds,
            budget_usd=settings.max_budget_usd,
        )


class Spending:
    """What one session has taken so far, against its limits."""

    def __init__(
        self,
        limits: Limits | None = None,
        price: Callable[[ModelRole], Price | None] = lambda _role: None,
        warn: Callable[[str], None] = lambda _text: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limits = limits or Limits()
        self._price = price
        self._warn = warn
        self._clock = clock
        self._started_s = clock()
        self._by_role: Mapping[ModelRole, Usage] = {}
        self._turns = 0
        self._warned: set[str] = set()

    @property
    def by_role(self) -> Mapping[ModelRole, Usage]:
        """What calls took, by the role of the model."""
        return self._by_role

    @property
    def total(self) -> Usage:
        """What all calls took."""
        return sum(self._by_role.values(), Usage())

    def resume(self, by_role: Mapping[ModelRole, Usage], turns: int) -> None:
        """Continue from what the session took before it was interrupted."""
        self._by_role, self._turns = dict(by_role), turns

    def limit(self, limits: Limits) -> None:
        """Set other limits; what was taken so far counts."""
        self._limits = limits
        self._warned.clear()

    def before_turn(self) -> None:
        """Count a turn. Raises TurnLimit where none is left."""
        most = self._limits.turns
        if most and self._turns >= most:
            raise TurnLimit(
                f"The limit of {most} turns is reached; nothing was sent. Raise --max-turns to continue."
            )
        self._turns += 1
        self._warn_if_near("turns", self._turns, most)

    def before_call(self, role: ModelRole, prompt_tokens: int) -> None:
        """Raise BudgetLimit where the call could take the session past a limit."""
        limits, total = self._limits, self.total
        tokens = total.prompt_tokens + total.completion_tokens + prompt_tokens + _EXPECTED_REPLY_TOKENS
        if limits.tokens and tokens > limits.tokens:
            raise _reached(f"{tokens:,} of {limits.tokens:,} tokens", "--max-tokens-total")
        if limits.seconds and self._clock() - self._started_s >= limits.seconds:
            raise _reached(f"{limits.seconds:g} seconds", "--max-seconds")
        if limits.budget_usd:
            cost = (total.cost_usd or 0.0) + self._estimate_usd(role, prompt_tokens)
            if cost > limits.budget_usd:
                raise _reached(f"${cost:.4f} of ${limits.budget_usd:g}", "--max-budget-usd")

    def after_call(self, role: ModelRole, usage: Usage) -> None:
        """Count what a call took; warn once where a limit is near."""
        self._by_role = {**self._by_role, role: self._by_role.get(role, Usage()) + usage}
        limits, total = self._limits, self.total
        self._warn_if_near("tokens", total.prompt_tokens + total.completion_tokens, limits.tokens)
        self._warn_if_near("seconds", self._clock() - self._started_s, limits.seconds)
        self._warn_if_near("US dollars", total.cost_usd or 0.0, limits.budget_usd)

    def _estimate_usd(self, role: ModelRole, prompt_tokens: int) -> float:
        price = self._price(role)
        if price is None:
            raise BudgetLimit(
                "The price of the model is unknown, so --max-budget-usd cannot be kept; nothing was sent. "
                "Give the price in --model-metadata-file, or limit with --max-tokens-total."
            )
        return prompt_tokens * price.prompt_usd + _EXPECTED_REPLY_TOKENS * price.completion_usd

    def _warn_if_near(self, unit: str, taken: float, limit: float) -> None:
        if limit and taken >= _WARN_SHARE * limit and unit not in self._warned:
            self._warned.add(unit)
            self._warn(f"{taken:,.4g} of {limit:,.4g} {unit} are used.")


def _reached(what: str, flag: str) -> BudgetLimit:
    return BudgetLimit(
        f"The next call could take the session past its limit ({what}); nothing was sent. "
        f"Raise {flag} to continue."
    )
