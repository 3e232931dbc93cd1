"""What the user allows a session to take, held before each call by what the call may come to.

Turns, money, tokens and seconds; a limit of 0 is none. A resumed session goes on from what it had
taken, but for time, which counts from the start of the process.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from chat.errors import BudgetLimit, TurnLimit
from chat.model import ModelRole, Price, Usage

_EXPECTED_REPLY_TOKENS = 1_000
_WARN_SHARE = 0.8


@dataclass(slots=True)
class Limits:
    """The limits of one session and how near it is to them."""

    max_turns: int = 0
    max_budget_usd: float = 0.0
    max_tokens_total: int = 0
    max_seconds: float = 0.0
    price: Callable[[ModelRole], Price | None] = lambda _role: None
    warn: Callable[[str], None] = lambda _text: None
    clock: Callable[[], float] = time.monotonic
    turns: int = 0
    spent: Usage = field(default_factory=Usage)
    started: float = 0.0
    _warned: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def change(
        self,
        max_turns: int,
        max_budget_usd: float,
        max_tokens_total: int,
        max_seconds: float,
        price: Callable[[ModelRole], Price | None],
    ) -> None:
        """Other limits, or other models, from now on; what was taken so far counts."""
        self.max_turns, self.max_tokens_total = max_turns, max_tokens_total
        self.max_budget_usd, self.max_seconds = max_budget_usd, max_seconds
        self.price = price
        self._warned.clear()

    def resume(self, spent: Usage, turns: int) -> None:
        """Count what the session took before it was resumed."""
        self.spent, self.turns = spent, turns

    def before_turn(self) -> None:
        """Counts a turn. Raises TurnLimit where none is left."""
        if self.max_turns and self.turns >= self.max_turns:
            raise TurnLimit(
                f"the limit of {self.max_turns} turns is reached; nothing was sent. Raise --max-turns to go on."
            )
        self.turns += 1
        self._near("turns", self.turns, self.max_turns)

    def before_call(self, role: ModelRole, prompt_tokens: int) -> None:
        """Raises BudgetLimit where the call could take the session past a limit."""
        tokens = (
            self.spent.prompt_tokens + self.spent.completion_tokens + prompt_tokens + _EXPECTED_REPLY_TOKENS
        )
        if self.max_tokens_total and tokens > self.max_tokens_total:
            raise _reached(f"{tokens:,} of {self.max_tokens_total:,} tokens", "--max-tokens-total")
        if self.max_seconds and self.clock() - self.started >= self.max_seconds:
            raise _reached(f"{self.max_seconds:g} seconds", "--max-seconds")
        if self.max_budget_usd:
            cost = (self.spent.cost_usd or 0.0) + self._estimate(role, prompt_tokens)
            if cost > self.max_budget_usd:
                raise _reached(f"${cost:.4f} of ${self.max_budget_usd:g}", "--max-budget-usd")

    def after_call(self, role: ModelRole, usage: Usage) -> None:  # noqa: ARG002
        """Counts what a call took, and warns once where a limit is near."""
        self.spent += usage
        self._near("tokens", self.spent.prompt_tokens + self.spent.completion_tokens, self.max_tokens_total)
        self._near("seconds", self.clock() - self.started, self.max_seconds)
        self._near("US dollars", self.spent.cost_usd or 0.0, self.max_budget_usd)

    def _estimate(self, role: ModelRole, prompt_tokens: int) -> float:
        price = self.price(role)
        if price is None:
            raise BudgetLimit(
                "the price of the model is not known, so --max-budget-usd cannot be held; nothing was sent. "
                "Give the price in --model-metadata-file, or limit with --max-tokens-total."
            )
        return prompt_tokens * price.prompt_usd + _EXPECTED_REPLY_TOKENS * price.completion_usd

    def _near(self, what: str, now: float, most: float) -> None:
        if most and now >= _WARN_SHARE * most and what not in self._warned:
            self._warned.add(what)
            self.warn(f"{now:,.4g} of {most:,.4g} {what} are used.")


def _reached(what: str, flag: str) -> BudgetLimit:
    return BudgetLimit(
        f"the next call could take the session past its limit ({what}); nothing was sent. "
        f"Raise {flag} to go on."
    )
