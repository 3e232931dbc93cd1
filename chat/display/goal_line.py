"""The goal of a chat in one line of a given width, for a status line."""

from collections.abc import Callable, Iterator

from chat.display.amounts import counted, usd
from chat.results import GoalSummary
from chat.safety.printable import on_one_line

_LEAST_COLUMNS = 12
"""Less of a condition says nothing."""
_MOST_COLUMNS = 60


def goal_line(goal: GoalSummary, columns: int, width: Callable[[str], int] = len) -> str:
    """Fit a goal into ``columns``: the condition shortened, then what does not fit left out; "" where little fits.

    ``width`` counts the columns of a text.
    """
    name = "goal" if goal.status == "active" else f"goal {goal.status}"
    for condition, facts in _forms(goal):
        rest = "".join(f" · {fact}" for fact in facts)
        head = f"{name}: " if condition else name
        free = columns - width(head + rest)
        if free >= min(_LEAST_COLUMNS, width(condition)):
            return head + _cut(condition, min(free, _MOST_COLUMNS), width) + rest
    return ""


def _forms(goal: GoalSummary) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The condition and the facts beside it, from all of them to the fewest."""
    condition = on_one_line(goal.condition) or "every check succeeds"
    turns, cost = counted(goal.turns, "turn"), "" if goal.cost_usd is None else usd(goal.cost_usd)
    checks = _checks(goal)
    plan = f"plan {len(goal.plan.done)}/{len(goal.plan.steps)}" if goal.plan else ""
    for facts in ((turns, cost, checks, plan), (turns, cost, checks), (turns, checks), (turns,)):
        yield condition, tuple(filter(None, facts))
    yield "", tuple(filter(None, (turns, checks)))
    yield "", (turns,)


def _checks(goal: GoalSummary) -> str:
    """How the checks ended last."""
    red = sum(check.exit_code != 0 or check.timed_out for check in goal.checks)
    if not goal.checks:
        return ""
    return f"{red} of {counted(len(goal.checks), 'check')} red" if red else "checks green"


def _cut(text: str, columns: int, width: Callable[[str], int]) -> str:
    """A text of at most this many columns, an ellipsis included."""
    if width(text) <= columns:
        return text
    while width(text) > columns - 1:
        text = text[:-1]
    return f"{text.rstrip()}…"
