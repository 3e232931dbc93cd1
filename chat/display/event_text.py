"""Events as lines of text without colours, the same for plain and for rich terminals."""

from collections.abc import Sequence

from chat.display.amounts import counted, token_count, usd
from chat.display.diffs import line_counts
from chat.events import (
    AgentBegan,
    AgentEnded,
    AgentStep,
    CommandRan,
    Committed,
    ContextGiven,
    EditsRefused,
    EditsWritten,
    FileEdited,
    GoalFollowed,
    Notice,
    PlanFollowed,
    Retrying,
)
from chat.model import Usage
from chat.safety.printable import on_one_line, without_escapes

_MAX_NAMES = 6
_ID_CHARS = 7
_TAIL_LINES = 20
_PAST = {"created": "Created", "changed": "Changed", "deleted": "Deleted", "moved": "Moved"}
_INFINITIVE = {"created": "create", "changed": "change", "deleted": "delete", "moved": "move"}


def retrying(event: Retrying) -> str:
    """Say why a call is made again, and when."""
    reason = on_one_line(event.reason)
    return f"{reason[:1].upper()}{reason[1:]}; trying again in {_seconds(event.wait_s)} (try {event.attempt + 1})"


def context_given(event: ContextGiven) -> str:
    """Say what the model asked to see."""
    items = [on_one_line(text) for text in (*event.paths, *event.lookups)]
    return f"Shown to the model: {_first_few(items)}"


def edits_refused(event: EditsRefused) -> str:
    """Say what cannot be applied, and what happens next."""
    count = len(event.messages)
    messages = [without_escapes(message) for message in event.messages]
    next_step = "None of it was written." if event.final else "The model is asked for them again."
    return "\n".join([f"{count} edit{'s' if count > 1 else ''} refused:", *messages, next_step])


def file_edited(edited: FileEdited, dry_run: bool) -> str:
    """Name a file of a plan and count its added and removed lines."""
    added, removed = line_counts(edited.diff)
    verb = f"Would {_INFINITIVE[edited.kind]}" if dry_run else _PAST[edited.kind]
    counts = f" (+{added} −{removed})" if edited.diff else ""
    return f"{verb} {on_one_line(edited.path)}{counts}"


def edits_written(event: EditsWritten) -> str:
    """Name the files of a plan, one per line."""
    return "\n".join(file_edited(edited, event.dry_run) for edited in event.files)


def committed(event: Committed) -> str:
    """Name a commit as `git log --oneline` does."""
    whose = "Committed your own changes: " if event.of_user else "Committed "
    return f"{whose}{event.commit[:_ID_CHARS]} {on_one_line(event.subject)}"


def command_ran(event: CommandRan) -> str:
    """Return what a command of the user's printed; of a check only how it ended, and its end if it failed."""
    output = without_escapes(event.output)
    end = f"exit {event.exit_code}" if event.exit_code else "passed"
    if event.purpose == "run":
        return "\n".join(
            [*([output.rstrip("\n")] if output.strip() else []), *([f"({end})"] if event.exit_code else [])]
        )
    head = f"$ {on_one_line(event.command)}: {end}"
    return "\n".join([head, *_tail(output)]) if event.exit_code else head


def notice(event: Notice) -> str:
    """Return a remark, with its level in front if it is a warning or an error."""
    level = "" if event.level == "info" else f"{event.level}: "
    return level + without_escapes(event.text)


def goal_followed(event: GoalFollowed) -> str:
    """Say what became of a goal after a turn."""
    turns = counted(event.turns, "turn")
    reason = on_one_line(event.reason, 300)
    match event.status:
        case "met":
            return f"The goal is met after {turns}: {reason}"
        case "not met":
            return f"Not met after {turns}: {reason}"
        case "fresh":
            return f"Not met after {turns}, in the same way again, so the next turn begins afresh: {reason}"
        case status:
            return f"The goal was not met and ends after {turns} ({status}): {reason}"


def plan_followed(event: PlanFollowed) -> str:
    """Say how a plan has changed."""
    plan, detail = event.plan, on_one_line(event.detail, 300)
    if event.what == "written":
        return "\n".join(
            ["The plan:", *(f"  {number}. {step.text}" for number, step in enumerate(plan.steps, 1))]
        )
    if event.what == "ticked":
        step = plan.steps[int(detail) - 1]
        count = f"{len(plan.done)} of {len(plan.steps)} done"
        return f"Step {detail} is done ({count}): {step.text} (“{on_one_line(step.evidence, 100)}”)"
    rows = [f"  {on_one_line(row, 200)}" for row in plan.revisions[-1].diff if not row.startswith("  ")]
    return "\n".join([f"The plan was revised: {detail}", *rows])


def agent_went_on(event: AgentBegan | AgentStep | AgentEnded) -> str:
    """Say what an agent begins, does, or has come to."""
    match event:
        case AgentBegan(_, name, task):
            return f"{name} begins: {on_one_line(task, 200)}"
        case AgentStep(_, name, text):
            return f"{name}: {on_one_line(text, 300)}"
        case AgentEnded(_, name, True, _, usage):
            return f"{name} is done ({cost(usage, usage)})"
        case AgentEnded(text=text):
            return on_one_line(text.partition("\n\n")[0], 500)  # the heading of its report says why


def cost(turn: Usage, session: Usage) -> str:
    """Say what a turn took: `1.2k in (80 % cached) · 340 out · $0.004 · session $0.03`."""
    share = f" ({100 * turn.cached_tokens // turn.prompt_tokens} % cached)" if turn.cached_tokens else ""
    parts = [f"{token_count(turn.prompt_tokens)} in{share}", f"{token_count(turn.completion_tokens)} out"]
    if turn.cost_usd is not None:
        parts.append(usd(turn.cost_usd))
    if session.cost_usd is not None and session.calls != turn.calls:
        parts.append(f"session {usd(session.cost_usd)}")
    return " · ".join(parts)


def _seconds(wait_s: float) -> str:
    return f"{wait_s:.0f} s" if wait_s >= 1 else "a moment"


def _first_few(names: Sequence[str]) -> str:
    more = len(names) - _MAX_NAMES
    return ", ".join(names[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")


def _tail(output: str) -> list[str]:
    lines = output.rstrip("\n").split("\n") if output.strip() else []
    cut = len(lines) - _TAIL_LINES
    return [f"… {cut} lines above", *lines[cut:]] if cut > 0 else lines
