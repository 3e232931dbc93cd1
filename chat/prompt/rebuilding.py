"""[io] When the prompt is rebuilt in one chat, and how that is taken back."""

from dataclasses import dataclass, replace

from chat.errors import NothingToUndo, Paused
from chat.events import Shown
from chat.prompt.rules import prepare
from chat.state.state import State
from chat.state.tokens import prompt_tokens


@dataclass(slots=True)
class Rebuilding:
    """The rebuilds of one chat."""

    state: State
    _turn: int = -1
    """The turn before the last rebuild: one is not followed by another before there was a turn."""
    _taken_back: bool = False
    """The user wants the long prompt, so it is rebuilt only when nothing more fits."""

    def shorten(self, request: str) -> None:
        """Lets go of what the request does not need, and rebuilds the prompt where it has grown too long.

        Raises Paused, ModelError, BudgetLimit.
        """
        from chat.prompt.compaction import is_due
        from chat.prompt.trimming import trim

        prepare(self.state)
        trim(self.state, request)
        if is_due(self.state) and self._turn != self.state.conversation.turn and not self._taken_back:
            self.rebuild()

    def rebuild(self) -> None:
        """Makes the prompt anew. Raises Paused where the user wants to look at that."""
        summary = self.compact()
        if self.state.settings.pause_after_compaction:
            self.state.ports.emit(Shown(summary))
            raise Paused(
                "The prompt was rebuilt, and the request was not sent yet (--pause-after-compaction). Send it again "
                "to go on; /uncompact takes the rebuild back."
            )

    def compact(self, focus: str = "") -> str:
        """Rebuilds the prompt with a summary of what is past; gives the summary."""
        from chat.prompt.compaction import compact

        prepare(self.state)
        summary = compact(self.state, focus)
        self._turn, self._taken_back = self.state.conversation.turn, False
        return summary

    def uncompact(self) -> str:
        """Takes the last rebuild back. Raises NothingToUndo."""
        state, before = self.state, self.state.writer.before_rebuild
        if before is None:
            raise NothingToUndo("the prompt has not been rebuilt, so there is nothing to take back.")
        since = [entry for entry in state.conversation.entries if entry.turn > before.turn]
        restored = replace(before, entries=(*before.entries, *since), turn=state.conversation.turn)
        notes, mode = state.conversation.notes, state.conversation.mode
        state.writer.undo_rebuild(replace(restored, notes=notes, mode=mode))
        self._taken_back = True
        return f"The prompt is as it was before its rebuild: {prompt_tokens(state.conversation.prompt()):,} tokens."
