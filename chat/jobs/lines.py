"""The lines of a job's file of events → the events of a chat that they were written for. Pure."""

from collections.abc import Mapping
from typing import Any

from chat.display.json_output import SUBTYPES
from chat.events import AgentEnded, EditsWritten, Event, FileEdited, PlanFollowed, ReasoningChunk, TextChunk
from chat.model import Plan, PlanRevision, PlanStep, Usage

Line = Mapping[str, Any]
"""One line of the file: an object as `--output-format stream-json` prints it."""
STARTED = "job_started"
"""The subtype of the line that each run of a job begins with."""
_KINDS = {subtype: kind for kind, subtype in SUBTYPES.items()}
_ENVELOPE = ("type", "subtype", "session_id")


def event_of(line: Line) -> Event | None:
    """Return the event of a chat that a line was written for; None where there is none, or of a later version."""
    try:
        return _event_of(line)
    except (KeyError, TypeError):
        return None


def _event_of(line: Line) -> Event | None:
    match line["type"], line.get("subtype"):
        case "stream_event", _:
            delta = line["event"]["delta"]
            is_text = delta["type"] == "text_delta"
            return TextChunk(delta["text"]) if is_text else ReasoningChunk(delta["thinking"])
        case "system", "edits_written":
            return EditsWritten(
                tuple(FileEdited(**edited) for edited in line["files"]), bool(line["dry_run"])
            )
        case "system", "plan":
            return PlanFollowed(line["what"], line["detail"], _plan(line["plan"]))
        case "system", "agent_ended":
            usage = Usage(**line["usage"])
            return AgentEnded(line["id"], line["name"], bool(line["ok"]), line["text"], usage)
        case "system", str() as subtype if subtype in _KINDS:
            fields = {name: value for name, value in line.items() if name not in _ENVELOPE}
            frozen = {
                name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
            }
            event: Event = _KINDS[subtype](**frozen)
            return event
    return None


def _plan(plan: Line) -> Plan:
    return Plan(
        tuple(PlanStep(step["text"], step["evidence"]) for step in plan["steps"]),
        tuple(PlanRevision(each["reason"], tuple(each["diff"])) for each in plan["revisions"]),
    )
