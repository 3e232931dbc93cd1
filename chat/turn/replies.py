"""[io] The conversation with one model during a turn: a prompt out, a whole reply in, its edits read.

What a length limit cuts is continued: complete edits of the first part are kept as they are, and
only the one that was cut is asked for again, so that no seam has to be exact.
"""

from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from chat.conversation import prompt_texts as prompts
from chat.conversation.conversation import EntryKind
from chat.model import Message, ModelRole, Prompt
from chat.prompt.budget import within_ceiling
from chat.prompt.rules import edit_format
from chat.state.state import PromptMap, State
from edits import Format, ParsedReply, parse_reply

_MOST_CONTINUATIONS = 4


class Exchange(Protocol):
    """Whom the turn talks to."""

    role: ModelRole

    def prompt(self) -> Prompt:
        """What the next call sends."""
        ...

    def say(self, role: Literal["user", "assistant"], text: str, kind: EntryKind) -> None:
        """Adds a message."""
        ...


@dataclass(slots=True)
class WithMain:
    """The chat's own conversation, which stays."""

    state: State
    tail: PromptMap = field(default_factory=PromptMap)
    """The map that the next call sends."""
    role: ModelRole = ModelRole.MAIN

    def prompt(self) -> Prompt:
        """The conversation and the map, if they fit. Raises PromptTooLarge."""
        return within_ceiling(self.state.active, self.state.conversation.prompt(self.tail.text))

    def say(self, role: Literal["user", "assistant"], text: str, kind: EntryKind) -> None:
        """Adds a message to the conversation."""
        self.state.writer.add(role, text, kind)


@dataclass(slots=True)
class WithEditor:
    """A conversation of its own with the editor model, which ends with the turn."""

    messages: tuple[Message, ...]
    role: ModelRole = ModelRole.EDITOR

    def prompt(self) -> Prompt:
        """All of it."""
        return Prompt(self.messages)

    def say(self, role: Literal["user", "assistant"], text: str, kind: EntryKind) -> None:  # noqa: ARG002
        """Adds a message."""
        self.messages = (*self.messages, Message(role, text))


def whole_reply(state: State, exchange: Exchange, *, with_edits: bool) -> tuple[ParsedReply, str]:
    """The next reply to its very end: its edits, and its text. Raises ModelError, LimitReached."""
    form = Format(edit_format(state.settings))

    def read(text: str) -> ParsedReply:
        return parse_reply(text, form) if with_edits else ParsedReply(form, (), True)

    reply = state.calls.reply(exchange.prompt(), exchange.role)
    exchange.say("assistant", reply.text, "reply")
    parsed, text = read(reply.text), reply.text
    for _ in range(_MOST_CONTINUATIONS):
        if reply.finish != "length":
            return replace(parsed, finished=True), text
        in_edit = bool(parsed.blocks) and form is not Format.WHOLE
        exchange.say("user", prompts.CONTINUE_EDITS if in_edit else prompts.CONTINUE_TEXT, "feedback")
        reply = state.calls.reply(exchange.prompt(), exchange.role)
        exchange.say("assistant", reply.text, "reply")
        text = f"{text}\n{reply.text}" if in_edit else text + reply.text
        parsed = _joined(parsed, read(reply.text)) if in_edit else read(text)
    return (replace(parsed, finished=True) if reply.finish == "stop" else parsed), text


def _joined(first: ParsedReply, rest: ParsedReply) -> ParsedReply:
    """Two parts of one reply: of the first, what had come whole."""
    whole = first.blocks if first.finished else first.blocks[:-1]
    return ParsedReply(first.format, (*whole, *rest.blocks), rest.finished)
