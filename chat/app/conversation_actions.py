"""[io] The conversation as its user changes it: cleared, compacted, explored, added to."""

from dataclasses import replace

from chat.conversation.conversation import Conversation
from chat.errors import InputError, NothingToUndo, UsageError
from chat.prompt.compactor import Compactor
from chat.sessions.records.journal_line import read_record
from chat.sessions.records.session import SessionTag
from chat.state.hook_calls import session_began, session_ended
from chat.state.state import State
from chat.state.tokens import prompt_tokens
from chat.turn import checks


class ConversationActions:
    """What a user can do to the conversation."""

    def __init__(self, state: State, compactor: Compactor) -> None:
        self._state = state
        self._compactor = compactor

    def clear(self) -> None:
        """Forget the conversation; the files that the user added stay."""
        conversation = self._state.conversation
        kept = tuple(replace(file, digest="", tokens=0) for file in conversation.files if file.by_user)
        self._begin_anew(Conversation(files=kept, turn=conversation.turn, mode=conversation.mode))

    def reset(self) -> None:
        """Forget the conversation and the files."""
        self._begin_anew(Conversation(turn=self._state.conversation.turn, mode=self._state.conversation.mode))

    def _begin_anew(self, conversation: Conversation) -> None:
        session_ended(self._state, "clear")
        self._state.writer.put(conversation)
        session_began(self._state, "clear")

    def compact(self, focus: str = "") -> str:
        """Replace what is past by a summary, which ``focus`` steers; returns the summary."""
        return self._compactor.compact(focus)

    def uncompact(self) -> str:
        """Take the last summary back; the next is made only when nothing more fits. Raises NothingToUndo."""
        return self._compactor.uncompact()

    def explore(self, topic: str) -> str:
        """Open an exploration: what follows leaves the prompt when it is concluded.

        Raises InputError where another one is open, whose start would be forgotten.
        """
        if (open_one := self._state.conversation.exploration) is not None:
            raise InputError(
                f"You are exploring {open_one.topic}. Nothing was changed; end that first with /done CONCLUSION."
            )
        self._state.writer.put(self._state.conversation.with_exploration(topic))
        return f"Exploring: {topic}. /done CONCLUSION ends it and keeps only the conclusion."

    def conclude(self, conclusion: str) -> str:
        """Close the exploration. Raises NothingToUndo where none is open."""
        conversation = self._state.conversation
        if conversation.exploration is None:
            raise NothingToUndo("No exploration is open. Start one with /focus TOPIC.")
        before = prompt_tokens(conversation.prompt())
        self._state.writer.put(conversation.with_conclusion(conclusion))
        saved = before - prompt_tokens(self._state.conversation.prompt())
        return f"The exploration has left the prompt ({saved:,} tokens); its conclusion stays."

    def tag(self, tag: str) -> str:
        """Give the session a tag; returns what was done."""
        if tag in self._tags():
            return f"The session has the tag {tag} already."
        self._state.ports.journal.write(SessionTag(tag))
        return f"Tagged the session {tag}."

    def untag(self, tag: str) -> str:
        """Take a tag from the session; returns what was done. Raises UsageError where it has none of that name."""
        tags = self._tags()
        if tag not in tags:
            known = ", ".join(tags) or "none"
            raise UsageError(f"The session does not have the tag {tag}. Nothing changed; its tags: {known}.")
        self._state.ports.journal.write(SessionTag(tag, removed=True))
        return f"The session is no longer tagged {tag}."

    def _tags(self) -> list[str]:
        tags: list[str] = []
        for line in self._state.ports.history():
            if isinstance(record := read_record(line), SessionTag):
                tags = record.follow(tags)
        return tags

    def tell_model(self, text: str) -> None:
        """Add a text to the next request; long output is cut to what matters."""
        self._state.writer.put(self._state.conversation.with_note(self.offload(text)))

    def offload(self, text: str) -> str:
        """Return a text as a prompt holds it: of a long one its head, errors and tail, and where the rest is."""
        return checks.offloaded(self._state, text)
