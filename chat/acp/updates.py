"""The events of a chat → the updates that an editor shows: text, thoughts, tool calls with diffs, plans."""

import itertools
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

from acp.helpers import (
    start_tool_call,
    text_block,
    tool_content,
    tool_diff_content,
    update_agent_message_text,
    update_agent_thought_text,
    update_plan,
    update_tool_call,
)
from acp.schema import PlanEntry, ToolCallLocation

from chat.acp.hunks import Hunk, hunks_of
from chat.acp.texts import fenced, plain, title_of
from chat.display import event_text
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
    FileEdited,
    GoalFollowed,
    Notice,
    PlanFollowed,
    ReasoningChunk,
    ReplyEnded,
    ReplyStarted,
    Retrying,
    Shown,
    TextChunk,
)
from chat.model import Plan

Update: TypeAlias = Any
"""One of the protocol's `session/update` values; its package has no name for all of them."""
ToolKind = Literal["read", "edit", "delete", "move", "execute", "think", "other"]

_KINDS: dict[str, ToolKind] = {"created": "edit", "changed": "edit", "deleted": "delete", "moved": "move"}


class Updates:
    """Translates the events of one session, in order."""

    def __init__(self, root: Path, prefix: str) -> None:
        """``prefix`` begins the ids of tool calls, which no earlier opening of the session may have used."""
        self.root = root
        self._ids = (f"{prefix}-{number}" for number in itertools.count(1))
        self._asked: defaultdict[str, list[str]] = defaultdict(list)
        """Ids of the tool calls of commands that were asked about and have not ended, by command."""
        self._is_internal = False
        self._has_streamed = False
        self._needs_gap = False
        """What was shown before is another paragraph."""
        self._has_shown = False

    def begin(self) -> None:
        """Begin with a new prompt."""
        self._needs_gap = self._has_shown = False

    def of(self, event: Event) -> list[Update]:
        """Return the updates for an event; none for what an editor does not show."""
        match event:
            case ReplyStarted(role=role):
                self._is_internal, self._has_streamed = role.is_internal, False
            case TextChunk() | ReasoningChunk() | ReplyEnded():
                return [] if self._is_internal else self._of_reply(event)
            case Notice() | GoalFollowed() | Shown() | Retrying():
                return self._of_remark(event)
            case PlanFollowed(plan=plan):
                return [update_plan(_entries(plan))]
            case AgentBegan() | AgentStep() | AgentEnded():
                return [_of_agent(event)]
            case CommandRan():
                return [self._ran(event)]
            case ContextGiven() | EditsRefused() | EditsWritten() | Committed():
                return self._of_step(event)
        return []

    def asked(self, command: str) -> Update:
        """Return the tool call of a command that the user is asked about; `CommandRan` or `refused` ends it."""
        call_id = next(self._ids)
        self._asked[command].append(call_id)
        return start_tool_call(
            call_id,
            title_of(command),
            kind="execute",
            status="pending",
            raw_input={"command": plain(command)},
        )

    def refused(self, command: str) -> list[Update]:
        """Return the end of the tool call of a command that the user does not want."""
        content = [tool_content(text_block("It was not run: you did not allow it."))]
        return [
            update_tool_call(call_id, status="failed", content=content)
            for call_id in self._asked.pop(command, ())
        ]

    def question(self, title: str, subject: str) -> Update:
        """Return the tool call that stands for a question which is none about a command."""
        content = [tool_content(text_block(plain(subject)))] if subject else None
        return start_tool_call(next(self._ids), plain(title), kind="other", status="pending", content=content)

    def _of_reply(self, event: TextChunk | ReasoningChunk | ReplyEnded) -> list[Update]:
        match event:
            case ReasoningChunk(text):
                return [update_agent_thought_text(plain(text))]
            case TextChunk(text):
                self._has_streamed = True
                return [self._message(text)]
            case ReplyEnded(reply):
                shown = [] if self._has_streamed or not reply.text else [self._message(reply.text)]
                self._needs_gap = True
                return shown

    def _of_remark(self, event: Notice | GoalFollowed | Shown | Retrying) -> list[Update]:
        match event:
            case Retrying():
                self._needs_gap = True
                return [update_agent_thought_text(plain(event_text.retrying(event)))]
            case Notice():
                return [self.paragraph(event_text.notice(event))]
            case GoalFollowed():
                return [self.paragraph(event_text.goal_followed(event))]
            case Shown(text, form):
                return [self.paragraph(fenced(text, form))] if text.strip() else []

    def paragraph(self, text: str) -> Update:
        """Return a message that is apart from what precedes and follows it."""
        self._needs_gap = True
        shown = self._message(text)
        self._needs_gap = True
        return shown

    def _message(self, text: str) -> Update:
        gap = "\n\n" if self._needs_gap and self._has_shown else ""
        self._needs_gap, self._has_shown = False, True
        return update_agent_message_text(gap + plain(text))

    def _of_step(self, event: ContextGiven | EditsRefused | EditsWritten | Committed) -> list[Update]:
        match event:
            case ContextGiven(paths):
                locations = [self._location(path) for path in paths]
                return [self._done(event_text.context_given(event), "read", locations=locations)]
            case EditsRefused():
                text = event_text.edits_refused(event)
                head, _, rest = text.partition("\n")
                return [
                    self._done(head.rstrip(":"), "edit", [tool_content(text_block(plain(rest)))], failed=True)
                ]
            case EditsWritten(files, dry_run):
                return [self._edited(edited, dry_run) for edited in files]
            case Committed():
                return [self._done(event_text.committed(event), "other")]

    def _edited(self, edited: FileEdited, dry_run: bool) -> Update:
        hunks = hunks_of(edited.diff)
        location = self._location(edited.path, hunks[0].line if hunks else None)
        content = [self._diff(edited, hunk) for hunk in hunks]
        title = event_text.file_edited(edited, dry_run)
        return self._done(title, _KINDS[edited.kind], content, locations=[location])

    def _diff(self, edited: FileEdited, hunk: Hunk) -> Any:
        old_text = None if edited.kind == "created" else plain(hunk.old)
        return tool_diff_content(self._absolute(edited.path), plain(hunk.new), old_text)

    def _ran(self, event: CommandRan) -> Update:
        """End the tool call of the command, or make one that has ended."""
        waiting = self._asked.get(event.command)
        output = [tool_content(text_block(fenced(event.output.rstrip("\n"), "text")))] if event.output else []
        if not waiting:
            failed = event.exit_code != 0
            raw = {"exit_code": event.exit_code}
            return self._done(title_of(event.command), "execute", output, failed=failed, raw_output=raw)
        return update_tool_call(
            waiting.pop(0),
            status="failed" if event.exit_code else "completed",
            content=output,
            raw_output={"exit_code": event.exit_code},
        )

    def _done(
        self,
        title: str,
        kind: ToolKind,
        content: Sequence[Any] = (),
        *,
        locations: Sequence[ToolCallLocation] = (),
        failed: bool = False,
        raw_output: object = None,
    ) -> Update:
        """Return a tool call that has ended already."""
        return start_tool_call(
            next(self._ids),
            plain(title),
            kind=kind,
            status="failed" if failed else "completed",
            content=content,
            locations=locations,
            raw_output=raw_output,
        )

    def _location(self, path: str, line: int | None = None) -> ToolCallLocation:
        return ToolCallLocation(path=self._absolute(path), line=line)

    def _absolute(self, path: str) -> str:
        return plain(str(self.root / path))


def _of_agent(event: AgentBegan | AgentStep | AgentEnded) -> Update:
    call_id = f"agent-{event.id}"
    match event:
        case AgentBegan(name=name, task=task):
            content = [tool_content(text_block(plain(task)))]
            return start_tool_call(
                call_id, f"Agent {plain(name)}", kind="think", status="in_progress", content=content
            )
        case AgentStep(text=text):
            return update_tool_call(
                call_id, status="in_progress", content=[tool_content(text_block(plain(text)))]
            )
        case AgentEnded(ok=ok, text=text):
            content = [tool_content(text_block(plain(text)))]
            return update_tool_call(call_id, status="completed" if ok else "failed", content=content)


def _entries(plan: Plan) -> list[PlanEntry]:
    """Return the steps of a plan; the first open one is being worked on."""
    first_open = next(iter(plan.open), None)
    return [
        PlanEntry(
            content=plain(step.text),
            priority="medium",
            status="completed" if step.is_done else "in_progress" if number == first_open else "pending",
        )
        for number, step in enumerate(plan.steps, 1)
    ]
