"""[io] The conversation of a chat and its writer: each change is journaled before it counts."""

from typing import Literal

from chat.conversation.conversation import Conversation, EntryKind
from chat.ports import Journal
from chat.sessions.conversation_change import change_between
from chat.sessions.records.turn import Rebuild
from chat.state.tokens import prompt_tokens


class ConversationWriter:
    """Holds the current conversation, and writes every change of it to the journal first.

    So a chat that is killed can be brought back to where it was.
    """

    def __init__(self, journal: Journal, conversation: Conversation) -> None:
        self._journal = journal
        self._conversation = conversation
        self._before_rebuild: Conversation | None = None

    @property
    def conversation(self) -> Conversation:
        """The conversation as it is now."""
        return self._conversation

    @property
    def before_rebuild(self) -> Conversation | None:
        """The conversation before the last rebuild of its prompt; None where it was not rebuilt."""
        return self._before_rebuild

    def put(self, conversation: Conversation) -> None:
        """Make this the conversation."""
        self._journal.write(change_between(self._conversation, conversation))
        self._conversation = conversation

    def add(self, role: Literal["user", "assistant"], text: str, kind: EntryKind) -> None:
        """Add a message to the conversation."""
        self.put(self._conversation.with_message(role, text, kind))

    def begin_rebuild(self) -> None:
        """Record that the prompt is about to be rebuilt, and keep the conversation to go back to."""
        self._before_rebuild = self._conversation
        self._journal.write(Rebuild("begin", prompt_tokens(self._conversation.prompt())))

    def end_rebuild(self, conversation: Conversation) -> None:
        """Make the rebuilt conversation the current one."""
        self.put(conversation)
        self._journal.write(Rebuild("end", prompt_tokens(conversation.prompt())))

    def undo_rebuild(self, conversation: Conversation) -> None:
        """Make this the conversation, and forget what was kept to go back to."""
        self.put(conversation)
        self._before_rebuild = None

    def restore(self, conversation: Conversation, before_rebuild: Conversation | None = None) -> None:
        """Make this the conversation without a record: the journal has it already, or cannot be written."""
        self._conversation = conversation
        self._before_rebuild = before_rebuild or self._before_rebuild
