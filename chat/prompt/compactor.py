"""[io] When the prompt of one chat is trimmed and compacted, and how a compaction is taken back."""

from dataclasses import replace

from chat.errors import CompactionBlocked, NothingToUndo, Paused
from chat.events import Shown
from chat.prompt.rules import prepare
from chat.state.hook_calls import compaction_begins, session_began
from chat.state.state import State
from chat.state.tokens import prompt_tokens


class Compactor:
    """Keeps the prompt of one chat short."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._compacted_turn = -1
        """The turn before the last compaction: another one has to wait for a turn."""
        self._is_taken_back = False
        """The user wants the long prompt, so it is compacted only when nothing more fits."""

    def shorten(self, request: str) -> None:
        """Trim what a request does not need, and compact the prompt if it is due.

        Raises Paused, ModelError, BudgetLimit.
        """
        from chat.prompt.compaction_due import is_due
        from chat.prompt.next_prompt import make_ready

        state = self._state
        make_ready(state, request)
        may_compact = self._compacted_turn != state.conversation.turn and not self._is_taken_back
        if may_compact and is_due(state.active, state.conversation):
            self.rebuild()

    def rebuild(self) -> None:
        """Compact the prompt, unless a hook forbids it. Raises Paused where the user wants to look at the summary."""
        try:
            summary = self.compact(trigger="auto")
        except CompactionBlocked as error:
            self._compacted_turn = self._state.conversation.turn
            self._state.ports.notice(str(error), "warning")
            return
        if self._state.settings.pause_after_compaction:
            self._state.ports.emit(Shown(summary))
            raise Paused(
                "The prompt was rebuilt, and the request was not sent yet (--pause-after-compaction). "
                "Send it again to continue; /uncompact takes the rebuild back."
            )

    def compact(self, focus: str = "", *, trigger: str = "manual") -> str:
        """Replace what is past by a summary, which ``focus`` steers; returns it.

        Hooks are told the trigger. Raises CompactionBlocked where one forbids it.
        """
        from chat.prompt.compaction import compact

        prepare(self._state)
        if objection := compaction_begins(self._state, trigger, focus):
            raise CompactionBlocked(f"A hook forbids it, so the prompt was not compacted: {objection}")
        summary = compact(self._state, focus)
        session_began(self._state, "compact")
        self._compacted_turn, self._is_taken_back = self._state.conversation.turn, False
        return summary

    def uncompact(self) -> str:
        """Take the last compaction back, keeping what came after it. Raises NothingToUndo."""
        now, before = self._state.conversation, self._state.writer.before_rebuild
        if before is None:
            raise NothingToUndo("The prompt has not been rebuilt, so there is nothing to take back.")
        since = [entry for entry in now.entries if entry.turn > before.turn]
        entries = (*before.entries, *since)
        restored = replace(before, entries=entries, turn=now.turn, notes=now.notes, mode=now.mode)
        self._state.writer.undo_rebuild(restored)
        self._is_taken_back = True
        return f"The prompt is as it was before its rebuild: {prompt_tokens(restored.prompt()):,} tokens."
