"""[io] What the hooks of an open chat are told at each event, in the fields that Claude Code documents.

What they have to say to the user is shown here; the rest is the verdict, which the caller obeys.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat.conversation.context_requests import Lookup
from chat.errors import PromptBlocked
from chat.hooks.answers import Verdict, joined
from chat.model import RepoPath
from chat.state.state import State

if TYPE_CHECKING:
    from edits import FileChange


@dataclass(frozen=True, slots=True)
class ToolCall:
    """Something that the model does, as hooks know it."""

    tool: str
    """`Edit`, `Write`, `Bash`, `Read`, `Map` or `Commit`."""
    input: Mapping[str, Any]

    def fields(self, turn: int) -> dict[str, object]:
        """Return what an event says of it; before and after it the same id stands for it."""
        text = json.dumps([turn, self.tool, self.input], sort_keys=True, default=str)
        name = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        return {"tool_name": self.tool, "tool_input": self.input, "tool_use_id": f"tool_{name}"}


def fire(state: State, event: str, fields: Mapping[str, object], subject: str = "") -> Verdict:
    """Run the hooks of an event and show what they say to the user; without hooks the verdict is empty."""
    if state.ports.hooks is None:
        return Verdict()
    common: dict[str, object] = {"permission_mode": state.settings.permission_mode}
    if (agent := state.agent) is not None:
        common |= {"agent_id": agent.id, "agent_type": agent.name}
    verdict = state.ports.hooks.fire(event, common | dict(fields), subject)
    for message in verdict.messages:
        state.ports.notice(message, "warning")
    return verdict


def session_began(state: State, source: str) -> None:
    """Tell of a session that begins: `startup`, `resume`, `clear` or `compact`; the next request has the answer."""
    verdict = fire(state, "SessionStart", {"source": source, "model": state.settings.model}, source)
    if verdict.context:
        state.writer.put(state.conversation.with_note(verdict.context))


def session_ended(state: State, reason: str) -> None:
    """Tell of the end of a session: `clear`, `prompt_input_exit` or `other`."""
    fire(state, "SessionEnd", {"reason": reason}, reason)


def prompt_submitted(state: State, request: str) -> str:
    """Tell of a request before anything is done about it; return what it is to carry. Raises PromptBlocked."""
    verdict = fire(state, "UserPromptSubmit", {"prompt": request})
    if objection := verdict.objection:
        raise PromptBlocked(f"A hook refused the request, so it was not sent: {objection}")
    return verdict.context


def compaction_begins(state: State, trigger: str, focus: str) -> str:
    """Tell of a compaction before it is made: `manual` or `auto`; return why it must not be, or ""."""
    fields = {"trigger": trigger, "custom_instructions": focus}
    return fire(state, "PreCompact", fields, trigger).objection


def person_asked(state: State, message: str) -> None:
    """Tell that the person is about to be asked something."""
    fields = {"message": message, "notification_type": "permission_prompt"}
    fire(state, "Notification", fields, "permission_prompt")


def prompt_waits(state: State) -> None:
    """Tell that nobody has typed for a while. What hooks say is not shown: the person may be typing by now."""
    if state.ports.hooks is not None:
        fields = {
            "permission_mode": state.settings.permission_mode,
            "message": "Trigpoint is waiting for your input",
            "notification_type": "idle_prompt",
        }
        state.ports.hooks.fire("Notification", fields, "idle_prompt")


def job_ended(state: State, message: str) -> None:
    """Tell that the job which this chat works on is over."""
    fire(state, "Notification", {"message": message, "notification_type": "job_ended"}, "job_ended")


def turn_stops(state: State, last_reply: str, *, is_again: bool) -> Verdict:
    """Ask whether a turn may end; ``is_again`` where hooks have sent it on before."""
    fields = {"stop_hook_active": is_again, "last_assistant_message": last_reply}
    if (agent := state.agent) is not None:
        return fire(state, "SubagentStop", fields, agent.name)
    return fire(state, "Stop", fields)


def agent_starts(state: State, agent: str, name: str) -> str:
    """Tell of an agent that is about to begin; return what hooks have to say to it."""
    return fire(state, "SubagentStart", {"agent_id": agent, "agent_type": name}, name).context


def before_tools(state: State, calls: Iterable[ToolCall]) -> Verdict:
    """Ask whether all of this may be done. Only the input of `Bash` can be changed; a change of others denies them."""
    return joined(_before(state, call) for call in calls)


def _before(state: State, call: ToolCall) -> Verdict:
    verdict = fire(state, "PreToolUse", call.fields(state.conversation.turn), call.tool)
    if verdict.updated is None or (call.tool == "Bash" and isinstance(verdict.updated.get("command"), str)):
        return verdict
    reason = "it wants to change the input, which can be done only to the command of Bash"
    return joined((replace(verdict, updated=None), Verdict("deny", reason)))


def after_tools(state: State, calls: Iterable[tuple[ToolCall, Mapping[str, Any]]]) -> Verdict:
    """Tell of calls that were carried out, each with what came of it."""
    turn = state.conversation.turn
    return joined(
        fire(state, "PostToolUse", call.fields(turn) | {"tool_response": response}, call.tool)
        for call, response in calls
    )


def edit_call(root: Path, change: "FileChange") -> ToolCall:
    """Return a change of a file as hooks know it: `Write` of a new file, otherwise `Edit` of the lines that differ.

    A file that is deleted is an edit that leaves nothing.
    """
    path = str(root / change.path)
    after = _decoded(change.after, change.encoding)
    if change.before is None:
        return ToolCall("Write", {"file_path": path, "content": after})
    old, new = _differing(_decoded(change.before, change.encoding), after)
    return ToolCall("Edit", {"file_path": path, "old_string": old, "new_string": new, "replace_all": False})


def read_call(root: Path, path: RepoPath) -> ToolCall:
    """Return a file that the model asks to see as hooks know it."""
    return ToolCall("Read", {"file_path": str(root / path)})


def map_call(lookup: Lookup) -> ToolCall:
    """Return a question of the model's to the map and its index as hooks know it."""
    return ToolCall("Map", {"request": lookup.kind, "query": lookup.argument})


def file_response(root: Path, path: RepoPath) -> dict[str, Any]:
    """Return what hooks are told of a file that was written or shown."""
    return {"filePath": str(root / path), "success": True}


def command_call(command: str, timeout_s: float) -> ToolCall:
    """Return a command of the model's as hooks know it; its time limit is in milliseconds."""
    return ToolCall("Bash", {"command": command, "timeout": int(timeout_s * 1000)})


def _decoded(data: bytes | None, encoding: str) -> str:
    return (data or b"").decode(encoding or "utf-8", "replace")


def _differing(old: str, new: str) -> tuple[str, str]:
    """Return the lines of two texts without those that both begin and end with."""
    a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    shorter = min(len(a), len(b))
    head = next((at for at in range(shorter) if a[at] != b[at]), shorter)
    tail = next((at for at in range(shorter - head) if a[-1 - at] != b[-1 - at]), shorter - head)
    return "".join(a[head : len(a) - tail]), "".join(b[head : len(b) - tail])
