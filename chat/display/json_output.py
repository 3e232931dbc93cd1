"""The objects that `--output-format json` and `stream-json` print.

Field names are those of other command-line assistants, so that scripts can be shared. Fields that
only Trigpoint has are `edits`, `dry_run`, `commits`, `files_changed`, `refused`, `lint`, `test`, `goal`, `checks`,
`plan`, `exit_code`. `result.schema.json` describes the object that ends a run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from chat.errors import BudgetLimit, ChatError, Paused, Terminated, TurnLimit
from chat.events import (
    AgentBegan,
    AgentEnded,
    AgentStep,
    CommandRan,
    Committed,
    ContextGiven,
    EditsRefused,
    EditsWritten,
    Event,
    GoalFollowed,
    Notice,
    PlanFollowed,
    ReasoningChunk,
    ReplyEnded,
    Retrying,
    Shown,
    TextChunk,
)
from chat.model import Plan, Usage
from chat.ports import Ran
from chat.results import GoalSummary, TurnResult
from repomap import ExitCode

Fields = dict[str, object]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended."""

    session_id: str
    exit_code: int
    answer: str = ""
    error: BaseException | None = None
    turns: tuple[TurnResult, ...] = ()
    usage: Usage = field(default_factory=Usage)
    duration_ms: int = 0
    duration_api_ms: int = 0
    denied: tuple[str, ...] = ()
    """Questions that nobody was there to answer."""
    reason: str = ""
    """Why the exit code is not 0."""
    goal: GoalSummary | None = None
    structured: object = None
    """The value that fits the schema of `--json-schema`."""
    by_model: Mapping[str, Usage] = field(default_factory=dict)
    """What ``usage`` is the sum of."""
    evidence: tuple[str, ...] = ()
    """Files that were kept with the report."""


def _denials(turns: Sequence[TurnResult]) -> list[Fields]:
    """Commands that were not run and files that were withheld, in the form in which other agents report them."""
    commands = [("Bash", "command", command) for turn in turns for command in turn.denied]
    files = [(tool, "file_path", path) for turn in turns for tool, path in turn.denied_files]
    return [{"tool_name": tool, "tool_input": {name: value}} for tool, name, value in (*commands, *files)]


def result(outcome: Outcome) -> Fields:
    """Return the object that ends every run, and is the whole output of `json`."""
    turns = outcome.turns
    failed = outcome.exit_code != 0
    return {
        "type": "result",
        "subtype": _subtype(outcome.error) if failed else "success",
        "is_error": failed,
        "result": outcome.answer or outcome.reason,
        "session_id": outcome.session_id,
        "num_turns": len(turns),
        "duration_ms": outcome.duration_ms,
        "duration_api_ms": outcome.duration_api_ms,
        "total_cost_usd": outcome.usage.cost_usd,
        "usage": _usage(outcome.usage),
        "modelUsage": {model: _of_model(usage) for model, usage in outcome.by_model.items()},
        "permission_denials": [*_denials(turns), *({"question": question} for question in outcome.denied)],
        "structured_output": outcome.structured,
        "edits": [asdict(edit) for turn in turns for edit in (*turn.edits, *turn.planned)],
        "dry_run": any(turn.planned for turn in turns),
        "commits": [asdict(commit) for turn in turns for commit in turn.commits],
        "files_changed": sorted({path for turn in turns for path in turn.files_changed}),
        "refused": [message for turn in turns for message in turn.refused],
        "lint": _last_run([turn.lint for turn in turns]),
        "test": _last_run([turn.test for turn in turns]),
        "scan": _last_run([turn.scan for turn in turns]),
        "evidence": list(outcome.evidence),
        "goal": _goal(outcome.goal),
        "checks": [asdict(check) for check in outcome.goal.checks] if outcome.goal else [],
        "plan": _plan(outcome.goal.plan if outcome.goal else None),
        "error": outcome.reason or None,
        "exit_code": outcome.exit_code,
    }


def failed_early(error: ChatError | KeyboardInterrupt) -> Fields:
    """Return the result of a request that came to nothing before a chat was open."""
    reason = (
        str(error) or f"{'Terminated' if isinstance(error, Terminated) else 'Interrupted'}. Nothing was sent."
    )
    return result(Outcome("", exit_code(error, (), False, False), error=error, reason=reason))


def failed(reason: str) -> Fields:
    """Return the result of a run that ended by something that nobody expected."""
    return result(Outcome("", int(ExitCode.FAILED), reason=reason))


def result_schema() -> str:
    """Return the JSON Schema of the object of `result`, as text."""
    from importlib import resources

    return resources.files("chat.display").joinpath("result.schema.json").read_text("utf-8")


def init(session_id: str, folder: str, model: str, mode: str) -> Fields:
    """Return the first line of `stream-json`."""
    return {
        "type": "system",
        "subtype": "init",
        "session_id": session_id,
        "cwd": folder,
        "model": model,
        "mode": mode,
    }


def line(event: Event, session_id: str) -> Fields | None:
    """Return the line of `stream-json` for an event, or None where there is none."""
    fields = _line(event)
    return None if fields is None else {**fields, "session_id": session_id}


def _line(event: Event) -> Fields | None:
    match event:
        case TextChunk(text):
            return _delta("text_delta", "text", text)
        case ReasoningChunk(text):
            return _delta("thinking_delta", "thinking", text)
        case ReplyEnded(reply, role):
            content = [{"type": "text", "text": reply.text}]
            message = {"role": "assistant", "model": reply.model, "content": content}
            return {
                "type": "assistant",
                "message": {**message, "stop_reason": reply.finish, "usage": _usage(reply.usage)},
                "role": role.value,
            }
        case Retrying() | ContextGiven() | EditsRefused() | EditsWritten() | Committed() | CommandRan():
            return {"type": "system", "subtype": SUBTYPES[type(event)], **asdict(event)}
        case Notice() | Shown() | GoalFollowed() | AgentBegan() | AgentStep() | AgentEnded():
            return {"type": "system", "subtype": SUBTYPES[type(event)], **asdict(event)}
        case PlanFollowed(what, detail, plan):
            return {"type": "system", "subtype": "plan", "what": what, "detail": detail, "plan": _plan(plan)}
        case _:
            return None


SUBTYPES: Mapping[type, str] = {
    Retrying: "retrying",
    ContextGiven: "context_given",
    EditsRefused: "edits_refused",
    EditsWritten: "edits_written",
    Committed: "committed",
    CommandRan: "command_ran",
    Notice: "notice",
    Shown: "shown",
    GoalFollowed: "goal",
    AgentBegan: "agent_began",
    AgentStep: "agent_step",
    AgentEnded: "agent_ended",
}
"""The subtypes of the lines that are the fields of their events."""


def _delta(kind: str, name: str, text: str) -> Fields:
    delta = {"type": kind, name: text}
    return {"type": "stream_event", "event": {"type": "content_block_delta", "delta": delta}}


def _subtype(error: BaseException | None) -> str:
    if isinstance(error, Paused):
        return "compaction"
    if isinstance(error, TurnLimit):
        return "error_max_turns"
    return "error_max_budget_usd" if isinstance(error, BudgetLimit) else "error_during_execution"


def _usage(usage: Usage) -> Fields:
    """Name the tokens; ``input_tokens`` leaves out those from the cache, as in other assistants."""
    return {
        "input_tokens": usage.prompt_tokens - usage.cached_tokens,
        "output_tokens": usage.completion_tokens,
        "cache_read_input_tokens": usage.cached_tokens,
    }


def _of_model(usage: Usage) -> Fields:
    """What one model took; other assistants spell these names in their own way, too."""
    return {
        "inputTokens": usage.prompt_tokens - usage.cached_tokens,
        "outputTokens": usage.completion_tokens,
        "cacheReadInputTokens": usage.cached_tokens,
        "costUSD": usage.cost_usd,
    }


def _goal(goal: GoalSummary | None) -> Fields | None:
    """The fields of a goal without its checks and its plan, which stand beside it."""
    if goal is None:
        return None
    return {name: value for name, value in asdict(goal).items() if name not in ("checks", "plan")}


def _plan(plan: Plan | None) -> Fields | None:
    if plan is None:
        return None
    steps = [{"text": step.text, "done": step.is_done, "evidence": step.evidence} for step in plan.steps]
    return {"steps": steps, "revisions": [asdict(revision) for revision in plan.revisions]}


def _last_run(runs: Sequence[Ran | None]) -> Fields | None:
    ran = next((run for run in reversed(runs) if run is not None), None)
    return None if ran is None else asdict(ran)


def exit_code(
    error: BaseException | None,
    turns: Sequence[TurnResult],
    failed: bool,
    require_changes: bool,
    goal: GoalSummary | None = None,
) -> int:
    """Return the exit code of a run: that of the error, or one that its turns give, or its goal.

    What went wrong on the way to a goal that was met does not count.
    """
    if isinstance(error, Terminated):
        return ExitCode.TERMINATED
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    if error is not None:
        return error.exit_code if isinstance(error, ChatError) else 1
    is_met = goal is not None and goal.status == "met"
    if failed or (not is_met and any(not turn.ok for turn in turns)):
        return 1
    return 1 if require_changes and not any(turn.files_changed for turn in turns) else 0
