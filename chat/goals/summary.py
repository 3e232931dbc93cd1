"""What there is to say of a goal, and of its limits. Pure."""

from chat.goals.condition import described
from chat.results import CheckOutcome, GoalSummary
from chat.sessions.goal_progress import GoalProgress, GoalTaken
from chat.sessions.records.goal import GoalSet
from chat.state.spending import Limits


def limits_of(goal: GoalSet) -> Limits:
    """Return what a goal may take."""
    return Limits(turns=goal.turns, tokens=goal.tokens, seconds=goal.seconds, budget_usd=goal.budget_usd)


def summary_of(
    progress: GoalProgress, status: str, reason: str, evidence: tuple[str, ...], taken: GoalTaken
) -> GoalSummary:
    """Return what there is to say of a goal."""
    checks = (
        CheckOutcome(
            command=check.command,
            exit_code=check.exit_code,
            output=check.output,
            timed_out=check.timed_out,
        )
        for check in progress.checks
    )
    return GoalSummary(
        condition=progress.goal.condition,
        status=status,
        reason=reason,
        evidence=evidence,
        turns=taken.turns,
        seconds=round(taken.seconds, 1),
        tokens=taken.usage.tokens,
        cost_usd=taken.usage.cost_usd,
        limits=described(limits_of(progress.goal)),
        checks=tuple(checks),
        plan=progress.plan if progress.plan and progress.plan.steps else None,
    )
