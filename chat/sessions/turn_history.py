"""The turns that can be undone and redone, as a value: the journal gives it back, a running chat adds to it."""

from dataclasses import dataclass, replace

from chat.conversation.conversation import Conversation
from chat.snapshots.turn_record import TurnRecord, Undone

KEPT_TURNS = 200
"""The number of turns that can be undone; each holds the conversation before it."""


@dataclass(frozen=True, slots=True)
class UndoableTurn:
    """A turn that changed files, and what the conversation was before it."""

    record: TurnRecord
    request: str
    conversation_before: Conversation
    time_s: float = 0.0
    """When it ended, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class UndoneTurn:
    """A turn that was undone, and what the conversation was with it."""

    turn: UndoableTurn
    undone: Undone
    conversation: Conversation


@dataclass(frozen=True, slots=True)
class TurnHistory:
    """The turns that changed files; each change makes a new value."""

    done: tuple[UndoableTurn, ...] = ()
    """Oldest first, without those that were undone."""
    undone: tuple[UndoneTurn, ...] = ()
    """The turns that redo would bring back, the next one last."""

    def with_turn(self, turn: UndoableTurn) -> "TurnHistory":
        """Add a turn; what was undone before it cannot be redone any more."""
        return TurnHistory((*self.done[1 - KEPT_TURNS :], turn))

    def with_undo(self, undone: Undone, conversation: Conversation) -> "TurnHistory":
        """Move the last turn to those that can be redone."""
        *done, last = self.done
        return TurnHistory(tuple(done), (*self.undone, UndoneTurn(last, undone, conversation)))

    def with_redo(self, commits: tuple[str, ...]) -> "TurnHistory":
        """Bring the turn back that was undone last, with the commits that it has now."""
        *undone, last = self.undone
        record = last.turn.record
        if commits != record.commits:  # made anew, so they follow their own parents
            record = replace(record, commits=commits, base=None)
        return TurnHistory((*self.done, replace(last.turn, record=record)), tuple(undone))
