"""[io] The exchange with one model during a turn: a prompt is sent, a whole reply comes back, its edits are read.

A reply that was cut at its length limit is continued: the complete edits of the first part are kept, and
only the one that was cut is asked for again, so that nothing has to be joined to the character.
"""

from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from chat.conversation import prompt_texts as prompts
from chat.conversation.conversation import EntryKind
from chat.conversation.excerpts import show
from chat.model import Message, ModelRole, Prompt
from chat.prompt.budget import within_ceiling
from chat.prompt.rules import editor_edit_format
from chat.state.state import PromptMap, State
from edits import Format, ParsedReply, parse_reply

MAX_CONTINUATIONS = 4


class Exchange(Protocol):
    """The messages to and from one model."""

    role: ModelRole

    def prompt(self) -> Prompt:
        """Return what the next call sends."""
        ...

    def add(self, role: Literal["user", "assistant"], text: str, kind: EntryKind) -> None:
        """Add a message."""
        ...


@dataclass(slots=True)
class MainExchange:
    """The exchange with the main model, which is the conversation of the chat and outlasts the turn."""

    state: State
    request_map: PromptMap = field(default_factory=PromptMap)
    """The map that the next call sends."""
    role: ModelRole = ModelRole.MAIN

    def prompt(self) -> Prompt:
        """Return the conversation, and the map if it fits. Raises PromptTooLarge."""
        return within_ceiling(self.state.active, self.state.conversation.prompt(self.request_map.text))

    def add(self, role: Literal["user", "assistant"], text: str, kind: EntryKind) -> None:
        """Add a message to the conversation."""
        self.state.writer.add(role, text, kind)


@dataclass(slots=True)
class EditorExchange:
    """The exchange with the editor model, which ends with the turn."""

    messages: tuple[Message, ...]
    role: ModelRole = ModelRole.EDITOR

    def prompt(self) -> Prompt:
        """Return all messages so far."""
        return Prompt(self.messages)

    def add(self, role: Literal["user", "assistant"], text: str, kind: EntryKind) -> None:  # noqa: ARG002
        """Add a message."""
        self.messages = (*self.messages, Message(role, text))


def editor_exchange(state: State, plan: str) -> EditorExchange:
    """Begin the exchange with the editor model: it gets the plan and the files, and its replies are edits."""
    workspace = state.ports.workspace
    files = [(path, workspace.text(path)) for path in state.conversation.editable]
    listings = [show(path, text) for path, text in files if text is not None]
    rules = prompts.editor_text(editor_edit_format(state.active))
    task = "\n".join([*listings, prompts.EDITOR_TASK.format(plan=plan)])
    return EditorExchange((Message("system", rules), Message("user", task)))


def whole_reply(state: State, exchange: Exchange, *, with_edits: bool) -> tuple[ParsedReply, str]:
    """Return the edits and the text of the next reply, continued until it is complete.

    Not ``finished`` is just a reply that is still cut after the last continuation, even where it was cut
    between two edits: nobody knows what was to follow. Raises ModelError, LimitReached.
    """
    is_editor = exchange.role is ModelRole.EDITOR
    form = Format(editor_edit_format(state.active) if is_editor else state.active.edit_format())

    def parse(text: str) -> ParsedReply:
        return parse_reply(text, form) if with_edits else ParsedReply(form, (), True)

    reply = state.calls.reply(exchange.prompt(), exchange.role)
    exchange.add("assistant", reply.text, "reply")
    parsed, text = parse(reply.text), reply.text
    for _ in range(MAX_CONTINUATIONS):
        if reply.finish != "length":
            return replace(parsed, finished=True), text
        is_in_edit = bool(parsed.blocks) and form is not Format.WHOLE
        exchange.add("user", prompts.CONTINUE_EDITS if is_in_edit else prompts.CONTINUE_TEXT, "feedback")
        reply = state.calls.reply(exchange.prompt(), exchange.role)
        exchange.add("assistant", reply.text, "reply")
        text = f"{text}\n{reply.text}" if is_in_edit else text + reply.text
        parsed = _joined(parsed, parse(reply.text)) if is_in_edit else parse(text)
    return replace(parsed, finished=reply.finish != "length"), text


def _joined(first: ParsedReply, rest: ParsedReply) -> ParsedReply:
    """Two parts of one reply as one: of the first part, its complete edits."""
    complete = first.blocks if first.finished else first.blocks[:-1]
    return ParsedReply(first.format, (*complete, *rest.blocks), rest.finished)
