"""[io] What turns and the user have changed: shown, committed, undone, redone, rolled back.

`snapshots/undo.py` restores the files and the branch; here the conversation follows them, and the journal
records each step, so that all of it works after a restart too.
"""

import time
from dataclasses import replace
from typing import Literal

from chat.errors import GitError, NothingToUndo
from chat.events import Committed
from chat.git.repository import GitRepository
from chat.results import CheckpointRow
from chat.snapshots import undo as undoing
from chat.state.state import State
from chat.turn.commits import commit_by_user


class Changes:
    """What one chat has changed, and how it is taken back."""

    def __init__(self, state: State, repository: GitRepository | None) -> None:
        self._state = state
        self._snapshots = state.ports.snapshots
        self._repository = repository

    def undo(self) -> str:
        """Undo the last turn that changed files. Raises NothingToUndo, GitError."""
        state = self._state
        if not state.turns.done:
            raise NothingToUndo("No turn of this session has changed a file, so there is nothing to undo.")
        turn = state.turns.done[-1]
        undone, restored = undoing.undo(turn.record, self._snapshots, self._repository)
        state.turns.undo(undone, state.conversation)
        if state.conversation.turn == turn.record.turn:
            state.writer.put(replace(turn.conversation_before, turn=state.conversation.turn))
        else:
            paths = ", ".join(turn.record.paths)
            note = f"(The edits of turn {turn.record.turn} were undone: {paths}.)"
            state.writer.put(state.conversation.with_note(note))
        return undoing.undo_message(undone, restored)

    def redo(self) -> str:
        """Do again what was undone last. Raises NothingToUndo, GitError."""
        state = self._state
        if not state.turns.undone:
            raise NothingToUndo("Nothing was undone since the last turn, so there is nothing to redo.")
        last = state.turns.undone[-1]
        record = undoing.redo(last.undone, self._snapshots, self._repository)
        state.turns.redo(record.commits)
        paths = ", ".join(record.paths)
        if state.conversation.turn == last.conversation.turn:
            state.writer.put(
                replace(last.conversation, notes=state.conversation.notes or last.conversation.notes)
            )
        else:
            note = f"(The edits of turn {record.turn} were made again: {paths}.)"
            state.writer.put(state.conversation.with_note(note))
        return f"Turn {record.turn} was done again: {paths}."

    def rollback(self, number: int, what: Literal["files", "conversation", "both"]) -> str:
        """Make files, conversation or both what they were before a turn; the branch stays.

        Raises NothingToUndo, GitError.
        """
        state = self._state
        turn = next((turn for turn in state.turns.done if turn.record.turn == number), None)
        if turn is None:
            raise NothingToUndo(f"There is no checkpoint {number}. /checkpoints lists them.")
        messages = []
        if what != "conversation":
            restored, record = undoing.rollback(self._snapshots, turn.record.before, state.conversation.turn)
            if record.paths:
                state.turns.roll_back(record, f"rollback to turn {number}", state.conversation)
            files = len(restored.paths)
            messages.append(f"{files} {'file is' if files == 1 else 'files are'} as before turn {number}")
        if what != "files":
            state.writer.put(replace(turn.conversation_before, turn=state.conversation.turn))
            messages.append("the conversation is as it was then")
        hint = "" if what == "conversation" else " /undo brings the files back."
        return f"{'; '.join(messages).capitalize()}.{hint}"

    def checkpoints(self) -> tuple[CheckpointRow, ...]:
        """Return the turns that can be undone, newest first."""
        now = time.time()
        return tuple(
            CheckpointRow(turn.record.turn, " ".join(turn.request.split()), _age(now - turn.time_s))
            for turn in reversed(self._state.turns.done)
        )

    def diff(self) -> str:
        """Return what changed since before the last turn that changed files; without one, since HEAD."""
        turns = self._state.turns.done
        if turns:
            return self._snapshots.diff(turns[-1].record.before, self._snapshots.take("diff"))
        return self._repository.diff() if self._repository else ""

    def commit(self, message: str = "") -> Committed | None:
        """Commit the user's own changes; None where there are none. Raises GitError."""
        repository = self._repository
        if repository is None:
            raise GitError("This folder is not in a git repository, so nothing was committed.")
        dirty = repository.changes()
        return commit_by_user(self._state, repository, dirty, message) if dirty else None


def _age(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "now"
