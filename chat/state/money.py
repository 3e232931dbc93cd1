"""Turns tokens and prices into money: what a call will cost, and what calls have cost by role."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chat.model import ModelRole, Price, Usage

USUAL_COMPLETION_TOKENS = 1_000
"""What a reply is expected to take while there is none to go by."""

RECENT_REPLIES = 5


def expected_completion_tokens(replies: Sequence[int], most: int) -> int:
    """How long the next reply may be, by the longest of the last few; ``most`` is what the model can write."""
    return min(most, max(replies[-RECENT_REPLIES:], default=USUAL_COMPLETION_TOKENS))


def call_usd(
    price: Price | None, prompt_tokens: int, completion_tokens: int, cached_tokens: int = 0
) -> float | None:
    """What a call costs, or None where the price is not known. Cached tokens are some of the prompt's."""
    if price is None:
        return None
    cached = min(cached_tokens, prompt_tokens)
    fresh = prompt_tokens - cached
    return fresh * price.prompt_usd + cached * price.cached_usd + completion_tokens * price.completion_usd


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls have taken, by the role they were made for."""

    by_role: Mapping[ModelRole, Usage] = field(default_factory=dict)

    def plus(self, role: ModelRole, usage: Usage) -> "Spent":
        """With one more call."""
        return replace(self, by_role={**self.by_role, role: self.by_role.get(role, Usage()) + usage})

    @property
    def total(self) -> Usage:
        """Of all roles; its cost is None once a call's is."""
        return sum(self.by_role.values(), Usage())

    @property
    def known_usd(self) -> float:
        """What is known to be spent: at least that."""
        return sum(usage.cost_usd or 0.0 for usage in self.by_role.values())


def usd_text(usd: float | None) -> str:
    """An amount for people: two digits from a dollar up, four below."""
    if usd is None:
        return "price unknown"
    return f"${usd:.2f}" if usd >= 1 else f"${usd:.4f}"
