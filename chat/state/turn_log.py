"""[io] The turns of a chat that can be undone and redone; each change is journaled first."""

import time

from chat.conversation.conversation import Conversation
from chat.ports import Journal
from chat.sessions.records.changes import Redo, Rollback, Undo
from chat.sessions.records.turn import TurnDone
from chat.sessions.turn_history import TurnHistory, UndoableTurn, UndoneTurn
from chat.snapshots.turn_record import TurnRecord, Undone


class TurnLog:
    """The turns that changed files, as the journal has them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._history = TurnHistory()

    @property
    def done(self) -> tuple[UndoableTurn, ...]:
        """The turns that can be undone, oldest first."""
        return self._history.done

    @property
    def undone(self) -> tuple[UndoneTurn, ...]:
        """The turns that can be redone, the next one last."""
        return self._history.undone

    def end_unchanged(self, turn: int, *, incomplete: bool = False) -> None:
        """Record the end of a turn that changed no file."""
        self._journal.write(TurnDone(turn=turn, paths=(), commits=(), incomplete=incomplete))

    def end(
        self,
        record: TurnRecord,
        request: str,
        conversation_before: Conversation,
        *,
        incomplete: bool = False,
    ) -> None:
        """Record the end of a turn; it can be undone if it has a record of what it wrote."""
        self._journal.write(
            TurnDone(
                turn=record.turn,
                paths=record.paths,
                commits=record.commits,
                base=record.base,
                staged=record.staged,
                incomplete=incomplete,
            )
        )
        if record.writes:
            self._add(record, request, conversation_before)

    def roll_back(self, record: TurnRecord, request: str, conversation_before: Conversation) -> None:
        """Record a rollback, which can be undone as a turn can."""
        (kept,) = record.writes
        self._journal.write(Rollback(request, record.turn, record.paths, record.before, kept=kept))
        self._add(record, request, conversation_before)

    def _add(self, record: TurnRecord, request: str, conversation_before: Conversation) -> None:
        turn = UndoableTurn(record, request, conversation_before, time.time())
        self._history = self._history.with_turn(turn)

    def undo(self, undone: Undone, conversation: Conversation) -> None:
        """Record that the last turn was undone."""
        self._journal.write(Undo(undone.way, undone.reverts))
        self._history = self._history.with_undo(undone, conversation)

    def redo(self, commits: tuple[str, ...]) -> None:
        """Record that the turn was redone that was undone last, and the commits that it has now."""
        self._journal.write(Redo(commits))
        self._history = self._history.with_redo(commits)

    def restore(self, history: TurnHistory) -> None:
        """Continue from what the journal holds already."""
        self._history = history
