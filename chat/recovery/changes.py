"""[io] What turns and the user have changed: shown, committed, undone, redone, rolled back.

`snapshots/undo.py` restores the files and the branch; here the conversation follows them, and the journal
records each step, so that all of it works after a restart too.
"""

import time
from dataclasses import replace
from typing import Literal, Protocol

from chat.errors import GitError, NothingToUndo
from chat.events import Committed
from chat.git.repository import GitRepository
from chat.model import RepoPath
from chat.results import CheckpointRow
from chat.sessions.records import Redo, Rollback, Undo
from chat.sessions.restored import UndoableTurn, UndoneTurn
from chat.snapshots import undo as undoing
from chat.snapshots.restore import Restored
from chat.state.state import State
from chat.turn.commits import commit_by_user


class Keeper(undoing.Keeper, Protocol):
    """Snapshots that can be compared."""

    def diff(self, before: str, after: str) -> str:
        """The unified diff between two snapshots."""
        ...

    def read(self, snapshot: str, path: RepoPath) -> bytes | None:
        """The bytes that a file had."""
        ...

    def prune(self, age_s: float, number: int) -> int:
        """Lets go of snapshots that are older, or more, than this; gives how many."""
        ...


class Changes:
    """What one chat has changed, and how it is taken back."""

    def __init__(self, state: State, keeper: Keeper, repository: GitRepository | None) -> None:
        self._state = state
        self._keeper = keeper
        self._repository = repository

    def undo(self) -> str:
        """Takes the last turn that changed something back. Raises NothingToUndo, GitError."""
        state = self._state
        if not state.turns:
            raise NothingToUndo("no turn of this session has changed anything, so there is nothing to undo.")
        turn = state.turns[-1]
        done = undoing.undo(_record(turn), self._keeper, self._repository)
        state.journal.write(Undo(done.way, done.reverts))
        state.undone.append(UndoneTurn(turn, done.way, done.reverts, state.conversation))
        state.turns.pop()
        if state.conversation.turn == turn.turn:
            state.put(replace(turn.conversation_before, turn=state.conversation.turn))
        else:
            state.put(
                state.conversation.with_note(
                    f"(The edits of turn {turn.turn} were undone: {', '.join(turn.paths)}.)"
                )
            )
        return str(done)

    def redo(self) -> str:
        """Does again what was undone last. Raises NothingToUndo, GitError."""
        state = self._state
        if not state.undone:
            raise NothingToUndo("nothing was undone since the last turn, so there is nothing to redo.")
        last = state.undone[-1]
        undone = undoing.Undone(_record(last.turn), Restored(()), last.way, last.reverts)
        record = undoing.redo(undone, self._keeper, self._repository)
        state.journal.write(Redo(record.commits))
        state.undone.pop()
        state.turns.append(replace(last.turn, commits=record.commits))
        if state.conversation.turn == last.conversation.turn:
            state.put(replace(last.conversation, notes=state.conversation.notes or last.conversation.notes))
        else:
            paths = ", ".join(last.turn.paths)
            state.put(
                state.conversation.with_note(
                    f"(The edits of turn {last.turn.turn} were made again: {paths}.)"
                )
            )
        return f"Turn {last.turn.turn} done again: {', '.join(last.turn.paths)}."

    def rollback(self, number: int, what: Literal["files", "conversation", "both"]) -> str:
        """Makes files, conversation or both what they were before a turn; the branch stays.

        Raises NothingToUndo, GitError.
        """
        state = self._state
        turn = next((turn for turn in state.turns if turn.turn == number), None)
        if turn is None:
            raise NothingToUndo(f"there is no checkpoint {number}; /checkpoints lists them.")
        told = []
        if what != "conversation":
            restored, record = undoing.rollback(self._keeper, turn.before, state.conversation.turn)
            self._keep(record, f"rollback to turn {number}")
            files = len(restored.paths)
            told.append(f"{files} {'file is' if files == 1 else 'files are'} as before turn {number}")
        if what != "files":
            state.put(replace(turn.conversation_before, turn=state.conversation.turn))
            told.append("the conversation is what it was then")
        back = "" if what == "conversation" else " /undo takes the files back."
        return f"{'; '.join(told).capitalize()}.{back}"

    def _keep(self, record: undoing.TurnRecord, request: str) -> None:
        """A rollback can be undone as a turn can."""
        state = self._state
        if not record.paths:
            return
        state.journal.write(Rollback(request, record.turn, record.paths, record.before, record.after))
        state.undone.clear()
        state.turns.append(
            UndoableTurn(
                turn=record.turn,
                request=request,
                paths=record.paths,
                before=record.before,
                after=record.after,
                conversation_before=state.conversation,
                time_s=time.time(),
            )
        )

    def checkpoints(self) -> tuple[CheckpointRow, ...]:
        """The turns that can be gone back to, newest first."""
        now = time.time()
        return tuple(
            CheckpointRow(turn.turn, " ".join(turn.request.split()), _age(now - turn.time_s))
            for turn in reversed(self._state.turns)
        )

    def diff(self) -> str:
        """What has changed since before the last turn that changed something."""
        turns = self._state.turns
        if turns:
            return self._keeper.diff(turns[-1].before, self._keeper.take("diff"))
        return self._repository.diff() if self._repository else ""

    def commit(self, message: str = "") -> Committed | None:
        """Commit the user's own changes; None where there are none. Raises GitError."""
        repository = self._state.repository
        if repository is None:
            raise GitError("this folder is in no git repository, so nothing was committed.")
        dirty = repository.changes()
        return commit_by_user(self._state, repository, dirty, message) if dirty else None


def _record(turn: UndoableTurn) -> undoing.TurnRecord:
    return undoing.TurnRecord(
        turn.turn,
        turn.before,
        turn.after,
        turn.paths,
        turn.commits,
        base=turn.base,
        staged=turn.staged,
    )


def _age(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{int(seconds // size)} {unit} ago"
    return "now"
