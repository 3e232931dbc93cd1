"""The commands for goals: set one and work on it, look at it and at its plan, pause and clear it."""

from collections.abc import Callable, Sequence

from chat.commands.command import Command, CommandContext
from chat.display.amounts import duration, how_it_ended, token_count, usd_if_known
from chat.display.text_table import text_table
from chat.errors import InputError, UsageError
from chat.goals.plan_texts import marked_steps, read_edited, shown_plan
from chat.model import Plan
from chat.results import GoalSummary, TurnResult

_NO_PLAN = (
    "There is no plan. A goal of some size begins with one; /plan add STEP begins one for the open goal."
)
_EDIT_HELP = "# The plan of the goal, a step a line. Steps that stay as they are keep their ticks."


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


def plan(context: CommandContext, arguments: str) -> None:
    """Show the plan of the goal, or change its steps."""
    word, _, rest = arguments.strip().partition(" ")
    summary = context.chat.goals.summary()
    known = summary.plan if summary and summary.plan else Plan()
    steps = [step.text for step in known.steps]
    match word:
        case "":
            context.show(shown_plan(known) if steps else _NO_PLAN)
        case "edit":
            _change(context, read_edited(context.edit(f"{_EDIT_HELP}\n{marked_steps(known)}\n")))
        case "add" if rest.strip():
            _change(context, [*steps, *read_edited(rest)])
        case "drop":
            _change(context, _without(steps, rest))
        case _:
            raise UsageError(f"/plan {word}: not understood. Nothing was changed; see /help plan.")


def _without(steps: list[str], number: str) -> list[str]:
    """The steps without the one of a number."""
    if not number.strip().isdecimal() or not 0 < int(number) <= len(steps):
        raise UsageError(f"/plan drop needs the number of a step, 1 to {len(steps)}. Nothing was changed.")
    return [step for place, step in enumerate(steps, 1) if place != int(number)]


def _change(context: CommandContext, steps: Sequence[str]) -> None:
    if not steps:
        raise InputError("A plan needs a step. Nothing was changed.")
    context.show(marked_steps(context.chat.goals.change_plan(steps)))


def goal_text(summary: GoalSummary) -> str:
    """Everything about a goal, one line each."""
    rows = [
        ("goal", summary.condition or "every check succeeds"),
        ("status", summary.status),
        ("turns", str(summary.turns)),
        ("time", duration(summary.seconds)),
        ("tokens", token_count(summary.tokens)),
        ("cost", usd_if_known(summary.cost_usd)),
        *([("limits", summary.limits)] if summary.limits else []),
        *([("plan", _plan_state(summary.plan))] if summary.plan else []),
        *(("check", f"{check.command}: {how_it_ended(check.exit_code)}") for check in summary.checks),
        *([("why", summary.reason)] if summary.reason else []),
        *(("evidence", quote) for quote in summary.evidence),
    ]
    return text_table(rows)


def _plan_state(plan: Plan) -> str:
    return f"{len(plan.done)} of {len(plan.steps)} steps are done; /plan shows them"


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
    Command(
        "plan",
        "[edit|add|drop]",
        "Show the plan of the goal: its steps with what proves them done, and its revisions.",
        plan,
        more="`edit` opens the steps in your editor, `add STEP` adds one at the end, `drop NUMBER` takes one out. The "
        "model learns of it with its next turn; steps that stay as they are keep their ticks.",
    ),
)
"""In the order of `/help`."""
