"""The words of a goal: what every prompt says of it, and the requests of its turns. Pure."""

from collections.abc import Sequence

from chat.goals.judging import Verdict
from chat.safety.printable import on_one_line
from chat.sessions.goal_records import GoalCheck, GoalSet

TITLE = "Goal of this session, in the user's words"
_FIRST_LINE = 300
_DECIDES = "These commands decide. Each has to exit with 0; they are run for you after each turn:\n{checks}"
_NO_CONDITION = "Every check succeeds."

_NOT_YET = "The goal is not met yet: {goal}\n\n{why}\n\nGo on with the work. Change what is missing; do not start over."
_FRESH = (
    "The goal is not met yet, and the last attempts failed in the same way, so this is a new conversation: {goal}\n\n"
    "{why}\n\nWhat has been changed since the goal was set:\n\n{diff}\n\nTake another approach than before."
)
_RED = "`{command}` failed with exit code {code}{timeout}:\n\n{output}"

Pinned = tuple[tuple[str, str], ...]


def goal_text(goal: GoalSet) -> str:
    """Return the condition, or what stands for it where only the checks count."""
    return goal.condition or _NO_CONDITION


def pinned_with(pinned: Pinned, goal: GoalSet | None) -> Pinned:
    """Return the pinned texts with this goal as the first, or without one."""
    others = tuple((title, text) for title, text in pinned if title != TITLE)
    if goal is None:
        return others
    checks = _DECIDES.format(checks="\n".join(f"- `{check}`" for check in goal.checks)) if goal.checks else ""
    return ((TITLE, "\n\n".join(filter(None, (goal_text(goal), checks)))), *others)


def red_text(checks: Sequence[GoalCheck]) -> str:
    """Say which checks failed, and what they printed."""
    return "\n\n".join(
        _RED.format(
            command=check.command,
            code=check.exit_code,
            timeout=" after its time was up" if check.timed_out else "",
            output=check.output or "(no output)",
        )
        for check in checks
        if not check.is_green
    )


def red_reason(checks: Sequence[GoalCheck]) -> str:
    """Name the checks that failed, on one line."""
    red = [
        f"`{check.command}` failed with exit code {check.exit_code}" for check in checks if not check.is_green
    ]
    return on_one_line("; ".join(red), _FIRST_LINE)


def judged_text(verdict: Verdict) -> str:
    """Say what the judge misses."""
    return f"A separate judge looked at what was done: {verdict.reason}"


def next_request(goal: GoalSet, why: str) -> str:
    """Return the request of the turn that follows."""
    return _NOT_YET.format(goal=on_one_line(goal_text(goal), _FIRST_LINE), why=why)


def fresh_request(goal: GoalSet, why: str, diff: str) -> str:
    """Return the request of a turn that begins with a new conversation."""
    shown = f"```diff\n{diff}\n```" if diff else "(nothing)"
    return _FRESH.format(goal=on_one_line(goal_text(goal), _FIRST_LINE), why=why, diff=shown)
