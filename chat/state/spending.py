"""What calls have taken, and the limits that the user sets; a call is refused before it could pass one.

Turns, money, tokens and seconds are limited; 0 is no limit. A resumed session continues from what it had
taken, except for time, which counts from the start of the process. A goal has limits of its own beside those of
the session, and continues from its time, too.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chat.errors import BudgetLimit, TurnLimit
from chat.model import ModelRole, Price, Usage
from chat.sessions.goal_progress import GoalTaken
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Account:
    """What counts against one set of limits, and how the user is told of them."""

    limits: Limits
    taken: GoalTaken
    how: Mapping[str, str]
    """What to do about each limit, by its unit."""
    whose: str


_SESSION_HOW = {
    "turns": "Raise --max-turns to continue.",
    "tokens": "Raise --max-tokens-total to continue.",
    "seconds": "Raise --max-seconds to continue.",
    "dollars": "Raise --max-budget-usd to continue.",
}
_GOAL_HOW = dict.fromkeys(_SESSION_HOW, "Set the goal again with a higher limit to go on.")


class Spending:
    """What one session has taken so far, against its limits, and those of its goal."""

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
        self._goal_limits: Limits | None = None
        """None while no goal is worked on."""
        self._before_goal = GoalTaken()
        """What the session had taken by the clock when its goal began, less what the goal took in other processes."""
        self._warned: set[str] = set()
        self._held: dict[object, Usage] = {}
        """What calls that go on elsewhere may take, by who makes them."""

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

    def begin_goal(self, limits: Limits, taken: GoalTaken) -> None:
        """Count for a goal from now on, which has taken so much before."""
        self._goal_limits = limits
        self._before_goal = GoalTaken(
            turns=self._turns - taken.turns,
            usage=self.total - taken.usage,
            seconds=self._clock() - taken.seconds,
        )

    def end_goal(self) -> GoalTaken:
        """Stop counting for the goal; returns what it took."""
        taken, self._goal_limits = self.goal_taken, None
        return taken

    @property
    def has_goal(self) -> bool:
        """Whether a goal is being worked on, so that each turn continues the last one."""
        return self._goal_limits is not None

    @property
    def goal_taken(self) -> GoalTaken:
        """What the goal that is worked on has taken."""
        before = self._before_goal
        return GoalTaken(
            turns=self._turns - before.turns,
            usage=self.total - before.usage,
            seconds=self._clock() - before.seconds,
        )

    def before_turn(self) -> None:
        """Count a turn. Raises TurnLimit where none is left."""
        for account in self._accounts():
            most = account.limits.turns
            if most and account.taken.turns >= most:
                raise TurnLimit(
                    f"The {account.whose}limit of {most} turns is reached; nothing was sent. {account.how['turns']}"
                )
        self._turns += 1
        self._warn_if_near("turns", self._turns, self._limits.turns)

    def before_call(self, role: ModelRole, prompt_tokens: int) -> None:
        """Raise BudgetLimit where the call could take the session, or its goal, past a limit."""
        self._require(prompt_tokens, lambda: self._price(role))

    def reply_room(self, role: ModelRole, prompt_tokens: int) -> int | None:
        """Return how many tokens a reply may have within what is left of money and tokens; None without a limit."""
        rooms = []
        for account in self._accounts():
            limits, usage = account.limits, self._used(account)
            if limits.tokens:
                taken = usage.tokens
                rooms.append(limits.tokens - taken - prompt_tokens)
            price = self._price(role) if limits.budget_usd else None
            if price is not None and price.completion_usd > 0:
                left_usd = limits.budget_usd - (usage.cost_usd or 0.0) - prompt_tokens * price.prompt_usd
                rooms.append(int(left_usd / price.completion_usd))
        return max(1, min(rooms)) if rooms else None

    def hold(self, holder: object, prompt_tokens: int, price: Callable[[], Price | None]) -> None:
        """Set aside what a call at this price may take that goes on beside others. Raises BudgetLimit."""
        self._require(prompt_tokens, price)
        is_counted = any(account.limits.budget_usd for account in self._accounts())
        cost = _estimate_usd(prompt_tokens, price()) if is_counted else 0.0
        self._held[holder] = Usage(0, prompt_tokens, 0, _EXPECTED_REPLY_TOKENS, cost)

    def let_go(self, holder: object) -> None:
        """Set nothing aside any more for a call; what it took is counted by `after_call`."""
        self._held.pop(holder, None)

    def _require(self, prompt_tokens: int, price: Callable[[], Price | None]) -> None:
        for account in self._accounts():
            self._require_within(account, prompt_tokens, price)

    def _used(self, account: _Account) -> Usage:
        """Return what counts against an account, with what is set aside for calls that go on elsewhere."""
        return sum(self._held.values(), account.taken.usage)

    def _accounts(self) -> tuple[_Account, ...]:
        seconds = self._clock() - self._started_s
        taken = GoalTaken(turns=self._turns, usage=self.total, seconds=seconds)
        of_session = _Account(limits=self._limits, taken=taken, how=_SESSION_HOW, whose="")
        if self._goal_limits is None:
            return (of_session,)
        goal = _Account(limits=self._goal_limits, taken=self.goal_taken, how=_GOAL_HOW, whose="goal's ")
        return (of_session, goal)

    def _require_within(
        self, account: _Account, prompt_tokens: int, price: Callable[[], Price | None]
    ) -> None:
        limits, taken = account.limits, account.taken
        usage = self._used(account)
        tokens = usage.tokens + prompt_tokens + _EXPECTED_REPLY_TOKENS
        if limits.tokens and tokens > limits.tokens:
            raise _reached(account, f"{tokens:,} of {limits.tokens:,} tokens", "tokens")
        if limits.seconds and taken.seconds >= limits.seconds:
            raise _reached(account, f"{limits.seconds:g} seconds", "seconds")
        if limits.budget_usd:
            cost = (usage.cost_usd or 0.0) + _estimate_usd(prompt_tokens, price())
            if cost > limits.budget_usd:
                raise _reached(account, f"${cost:.4f} of ${limits.budget_usd:g}", "dollars")

    def after_call(self, role: ModelRole, usage: Usage) -> None:
        """Count what a call took; warn once where a limit is near."""
        self._by_role = {**self._by_role, role: self._by_role.get(role, Usage()) + usage}
        limits, total = self._limits, self.total
        self._warn_if_near("tokens", total.tokens, limits.tokens)
        self._warn_if_near("seconds", self._clock() - self._started_s, limits.seconds)
        self._warn_if_near("US dollars", total.cost_usd or 0.0, limits.budget_usd)

    def _warn_if_near(self, unit: str, taken: float, limit: float) -> None:
        if limit and taken >= _WARN_SHARE * limit and unit not in self._warned:
            self._warned.add(unit)
            self._warn(f"{taken:,.4g} of {limit:,.4g} {unit} are used.")


def _estimate_usd(prompt_tokens: int, price: Price | None) -> float:
    if price is None:
        raise BudgetLimit(
            "The price of the model is unknown, so the limit on money cannot be kept; nothing was sent. "
            "Give the price in --model-metadata-file, or limit with --max-tokens-total."
        )
    return prompt_tokens * price.prompt_usd + _EXPECTED_REPLY_TOKENS * price.completion_usd


def _reached(account: _Account, what: str, unit: str) -> BudgetLimit:
    whose = account.whose or "session's "
    return BudgetLimit(
        f"The next call could pass the {whose}limit ({what}); nothing was sent. {account.how[unit]}"
    )
