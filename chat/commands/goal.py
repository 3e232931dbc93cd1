"""The command for goals: set one and work on it, look at it, pause and clear it."""

from collections.abc import Callable

from chat.commands.command import Command, CommandContext
from chat.display.amounts import token_count, usd
from chat.display.text_table import text_table
from chat.results import GoalSummary, TurnResult

_HOUR_S, _MINUTE_S = 3_600, 60


def goal(context: CommandContext, arguments: str) -> None:
    """Set a goal and work on it, or do something with the one that is there."""
    goals = context.chat.goals
    match arguments.strip():
        case "":
            summary = goals.summary()
            context.show(goal_text(summary) if summary else "There is no goal. /goal CONDITION sets one.")
        case "clear":
            goals.clear()
            context.say("The goal was cleared. What was changed for it stays.")
        case "pause":
            goals.pause()
            context.say("The goal is paused; /goal resume goes on with it.")
        case "resume":
            _pursue(context)
        case text:
            _set(context, text)
            _pursue(context)


def _set(context: CommandContext, text: str) -> None:
    """Set a goal, unless it is the open one."""
    goals, checks = context.chat.goals, context.chat.settings.check
    if not goals.is_open(text):
        goals.set(text)
    elif goals.progress is not None and checks and checks != goals.progress.goal.checks:
        context.say("The goal keeps the checks that it was set with.", "warning")
    summary = goals.summary()
    if summary is not None and summary.limits:
        context.say(f"The goal ends after {summary.limits} at the latest.")


def _pursue(context: CommandContext) -> None:
    """Work on the goal until it ends; one that is not met makes the run fail."""
    try:
        ended = context.chat.goals.pursue(_taking_turns(context))
        context.failed = context.failed or ended.end.outcome != "met"
    finally:
        if context.at_terminal and context.chat.settings.report:  # a single run writes its own
            _write_report(context, context.chat.settings.report)


def _write_report(context: CommandContext, path: str) -> None:
    from chat.app.reporting import write_report

    write_report(context.chat, path, context.turns, asked="")
    context.say(f"The report is in {path}.")


def _taking_turns(context: CommandContext) -> Callable[[str], TurnResult]:
    """What takes the turns of a goal; its first request is what the user typed."""
    progress = context.chat.goals.progress
    condition = progress.goal.condition if progress else ""

    def take(request: str) -> TurnResult:
        return context.send(request, is_typed=request == condition)

    return take


def goal_text(summary: GoalSummary) -> str:
    """Everything about a goal, one line each."""
    cost = "unknown" if summary.cost_usd is None else usd(summary.cost_usd)
    rows = [
        ("goal", summary.condition or "every check succeeds"),
        ("status", summary.status),
        ("turns", str(summary.turns)),
        ("time", _duration(summary.seconds)),
        ("tokens", token_count(summary.tokens)),
        ("cost", cost),
        *([("limits", summary.limits)] if summary.limits else []),
        *(("check", f"{check.command}: {_ended(check.exit_code)}") for check in summary.checks),
        *([("why", summary.reason)] if summary.reason else []),
        *(("evidence", quote) for quote in summary.evidence),
    ]
    return text_table(rows)


def _ended(exit_code: int) -> str:
    return f"failed with exit code {exit_code}" if exit_code else "passed"


def _duration(seconds: float) -> str:
    """A time in hours, minutes and seconds, whatever there is of them.

    >>> _duration(3_725.0), _duration(42.4)
    ('1 h 2 min', '42 s')
    """
    hours, rest = divmod(int(seconds), _HOUR_S)
    minutes, left = divmod(rest, _MINUTE_S)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"


TABLE = (
    Command(
        "goal",
        "[CONDITION]",
        "Work until a condition is met, turn after turn; alone, show the goal.",
        goal,
        more="Each --check has to succeed, and a judge has to find the condition met and to quote evidence. Limits in "
        "the condition count: “or stop after 20 turns”, “within 2 hours”, “for at most $3”. The condition `checks` "
        "means the checks alone. `pause`, `resume` and `clear` do that to the goal; Ctrl-C pauses it, too.",
        runs_programs=True,
    ),
)
"""In the order of `/help`."""
