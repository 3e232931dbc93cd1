"""The words of a goal: what every prompt says of it, and the requests of its turns. Pure."""

from collections.abc import Sequence

from chat.conversation.prompt_texts import GOAL_GOES_ON
from chat.goals.judging import Verdict
from chat.goals.plan_texts import TITLE as PLAN_TITLE
from chat.goals.plan_texts import plan_text
from chat.model import Plan
from chat.safety.printable import on_one_line
from chat.sessions.records.goal import GoalCheck, GoalSet

TITLE = "Goal of this session, in the user's words"
_FIRST_LINE = 300
_DECIDES = "These commands decide. Each has to exit with 0; they are run for you after each turn:\n{checks}"
_NO_CONDITION = "Every check succeeds."

_NOT_YET = "{begins}: {goal}\n\n{why}\n\n{then}"
_FRESH = (
    "{begins}, {because}, so this is a new conversation: {goal}\n\n"
    "{why}\n\nWhat has been changed since the goal was set:\n\n{diff}{lessons}\n\n{then}"
)
_SAME = "and the last attempts failed in the same way"
_OTHERWISE = "Take another approach than before."
_LONG = "and the last one has become long"
_ON = "Go on with the work. Change what is missing; do not start over."
_LESSONS = "\n\nWhat was tried, oldest first, and why it was not enough:\n\n{lessons}"
_RED = "`{command}` failed with exit code {code}{timeout}:\n\n{output}"

Pinned = tuple[tuple[str, str], ...]


def goal_text(goal: GoalSet) -> str:
    """Return the condition, or what stands for it where only the checks count."""
    return goal.condition or _NO_CONDITION


def pinned_with(pinned: Pinned, goal: GoalSet | None, plan: Plan | None = None) -> Pinned:
    """Return the pinned texts with this goal as the first and its plan as the last, or without either."""
    others = tuple((title, text) for title, text in pinned if title not in (TITLE, PLAN_TITLE))
    if goal is None:
        return others
    planned = ((PLAN_TITLE, plan_text(plan)),) if plan and plan.steps else ()
    checks = _DECIDES.format(checks="\n".join(f"- `{check}`" for check in goal.checks)) if goal.checks else ""
    return ((TITLE, "\n\n".join(filter(None, (goal_text(goal), checks)))), *others, *planned)


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
    return _NOT_YET.format(
        begins=GOAL_GOES_ON, goal=on_one_line(goal_text(goal), _FIRST_LINE), why=why, then=_ON
    )


def fresh_request(
    goal: GoalSet, why: str, diff: str, lessons: Sequence[tuple[str, str]] = (), *, is_stuck: bool = True
) -> str:
    """Return the request of a turn that begins with a new conversation: since the work is stuck, or now and then."""
    shown = f"```diff\n{diff}\n```" if diff else "(nothing)"
    return _FRESH.format(
        begins=GOAL_GOES_ON,
        goal=on_one_line(goal_text(goal), _FIRST_LINE),
        because=_SAME if is_stuck else _LONG,
        why=why,
        diff=shown,
        lessons=_LESSONS.format(lessons=lessons_text(lessons)) if lessons else "",
        then=_OTHERWISE if is_stuck else _ON,
    )


def lessons_text(lessons: Sequence[tuple[str, str]]) -> str:
    """Return what turns have tried and what came of it, a line each; the same twice in a row is one line.

    >>> lessons_text([("I call close().", "`pytest` failed with exit code 1")] * 2)
    '- I call close(). → `pytest` failed with exit code 1 (2 times)'
    """
    rows: list[tuple[tuple[str, str], int]] = []
    for lesson in lessons:
        times = rows.pop()[1] + 1 if rows and rows[-1][0] == lesson else 1
        rows.append((lesson, times))
    return "\n".join(
        f"- {tried} → {reason}{f' ({times} times)' if times > 1 else ''}" for (tried, reason), times in rows
    )
