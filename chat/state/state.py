"""What one chat holds open: its ports, its settings and the conversation; and the three ways to change it.

Everything that changes the conversation goes through `say`, `put` or `call`, which write it to the
journal first, so that a killed chat can be brought back to where it was.
"""

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from chat.conversation.conversation import Conversation, EntryKind
from chat.events import Emit, Notice
from chat.model import ModelRole, Prompt, Reply, RepoPath, Usage
from chat.ports import Checkpoints, Journal, Model, Person, Repository, Shell
from chat.sessions.conversation_change import change_between
from chat.sessions.outputs import Outputs
from chat.sessions.records import CallDone, CallIntent, Line
from chat.sessions.restored import ReusableReplies
from chat.settings.table import Settings
from chat.state.limits import Limits
from chat.state.turn_log import TurnLog
from chat.state.workspace import Workspace, count

_MESSAGE_TOKENS = 4
"""What a message costs beside its text."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The map that one call sends behind its last message."""

    text: str = ""
    paths: tuple[RepoPath, ...] = ()


@dataclass(slots=True)
class State:
    """One chat."""

    root: Path
    settings: Settings
    workspace: Workspace
    model: Model
    repository: Repository | None
    checkpoints: Checkpoints
    journal: Journal
    shell: Shell
    person: Person
    limits: Limits
    emit: Emit
    turns: TurnLog
    outputs: Outputs = field(default_factory=Outputs)
    history: Callable[[], Iterable[Line]] = tuple
    """All that the session has written down, oldest first."""
    recorded: ReusableReplies | None = None
    conversation: Conversation = field(default_factory=Conversation)
    pinned: tuple[tuple[str, str], ...] = ()
    """Title and text of what every prompt says verbatim: instructions, memory, the goal."""
    spent: dict[ModelRole, Usage] = field(default_factory=dict)
    last_map: tuple[tuple[RepoPath, ...], Tail] | None = None
    """The map of the last call, and the files that were in the chat when it was made."""
    compacted: Conversation | None = None
    """The conversation before the last rebuild of its prompt."""

    def say(self, role: Literal["user", "assistant"], text: str, kind: EntryKind) -> None:
        """Adds a message to the conversation."""
        self.put(self.conversation.with_message(role, text, kind))

    def put(self, conversation: Conversation) -> None:
        """Makes this the conversation."""
        self.journal.write(change_between(self.conversation, conversation))
        self.conversation = conversation

    def notice(self, text: str, level: Literal["info", "warning", "error"] = "info") -> None:
        """Tells the user."""
        self.emit(Notice(text, level))

    def call(self, prompt: Prompt, role: ModelRole = ModelRole.MAIN) -> Reply:
        """The model's reply; one that was paid for before an interruption is not asked for again.

        Raises ModelError, BudgetLimit.
        """
        digest = digest_of_prompt(prompt, self.model.name(role))
        recorded = self.recorded.take(digest) if self.recorded else None
        if recorded is not None:
            return recorded
        self.limits.before_call(role, prompt_tokens(prompt))
        intent = self.journal.write(
            CallIntent(role.value, self.model.name(role), digest, prompt_tokens(prompt))
        )
        began = time.monotonic()
        reply = self.model.reply(prompt, role, self.emit)
        seconds = round(time.monotonic() - began, 3)
        self.journal.write(CallDone(intent, digest, seconds, role, reply))
        self.count(role, reply.usage)
        return reply

    def count(self, role: ModelRole, usage: Usage) -> None:
        """Adds what a call took."""
        self.spent[role] = self.spent.get(role, Usage()) + usage
        self.limits.after_call(role, usage)

    @property
    def usage(self) -> Usage:
        """What all calls took."""
        return sum(self.spent.values(), Usage())


def prompt_tokens(prompt: Prompt) -> int:
    """The tokens of a prompt, as the budget of the map counts them."""
    texts = [message.text for message in prompt.messages] + [prompt.tail]
    return sum(count(text) + _MESSAGE_TOKENS for text in texts)


def digest_of_prompt(prompt: Prompt, model: str) -> str:
    """What identifies a call: all but its map, which commits made since may have changed."""
    seen = hashlib.sha256(model.encode())
    for message in prompt.messages:
        seen.update(f"\0{message.role}\0{len(message.text)}\0".encode())
        seen.update(message.text.encode("utf-8", "surrogatepass"))
    return seen.hexdigest()
