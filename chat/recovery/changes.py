"""[io] What turns and the user have changed: shown, committed, undone, redone, rolled back.

`snapshots/undo.py` restores the files and the branch; here the conversation follows them, and the journal
records each step, so that all of it works after a restart too.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal

from chat.errors import ChatError, GitError, NothingToUndo
from chat.events import Committed
from chat.git.repository import GitRepository
from chat.results import CheckpointRow
from chat.safety.running import clear_up
from chat.sessions.records.changes import RestoreFailed, RestoreIntent
from chat.sessions.turn_history import UndoableTurn, UndoneTurn
from chat.snapshots import undo as undoing
from chat.snapshots.own_changes import paths_of
from chat.snapshots.restore import RestorePlan, carry_out
from chat.snapshots.turn_record import TurnRecord
from chat.snapshots.undo import StepBack
from chat.state.state import State
from chat.turn.commits.commits import commit_by_user

What = Literal["files", "conversation", "both"]
"""What a rollback puts back."""


class Changes:
    """What one chat has changed, and how it is taken back."""

    def __init__(self, state: State, repository: GitRepository | None) -> None:
        self._state = state
        self._snapshots = state.ports.snapshots
        self._kept = state.ports.kept
        self._finished: tuple[str, int, str] | None = None
        """What was finished for a killed process, the turn of the conversation then, and what was told."""
        self._repository = repository

    def undo(self) -> str:
        """Undo the last turn that changed files. Raises NothingToUndo, GitError."""
        state = self._state
        clear_up()
        if said := self._just_finished("undo"):
            return said
        if not state.turns.done:
            raise NothingToUndo("No turn of this session has changed a file, so there is nothing to undo.")
        record = state.turns.done[-1].record
        plan = undoing.plan_undo(record, self._snapshots, self._repository, self._kept)
        self._intend(RestoreIntent("undo", self._kept.keep(plan.files.changes()), plan.head, plan.way))
        return self._undo(plan)

    def _undo(self, plan: StepBack) -> str:
        """Carry out an undo that the journal knows of."""
        state = self._state
        turn = state.turns.done[-1]
        with self._recorded_failure():
            undone, restored = undoing.carry_out_undo(plan, turn.record, self._snapshots, self._repository)
        state.turns.undo(undone, state.conversation)
        self._forget(turn)
        return undoing.undo_message(undone, restored)

    def _forget(self, turn: UndoableTurn) -> None:
        """Take an undone turn out of the conversation, or tell the model of it where others followed."""
        conversation = self._state.conversation
        if conversation.turn == turn.record.turn:
            self._state.writer.put(replace(turn.conversation_before, turn=conversation.turn))
        else:
            paths = ", ".join(turn.record.paths)
            note = f"(The edits of turn {turn.record.turn} were undone: {paths}.)"
            self._state.writer.put(conversation.with_note(note))

    def redo(self) -> str:
        """Do again what was undone last. Raises NothingToUndo, GitError."""
        state = self._state
        if said := self._just_finished("redo"):
            return said
        if not state.turns.undone:
            raise NothingToUndo("Nothing was undone since the last turn, so there is nothing to redo.")
        undone = state.turns.undone[-1].undone
        plan = undoing.plan_redo(undone, self._snapshots, self._repository, self._kept)
        self._intend(RestoreIntent("redo", self._kept.keep(plan.files.changes()), plan.head, plan.way))
        return self._redo(plan)

    def _redo(self, plan: StepBack) -> str:
        """Carry out a redo that the journal knows of."""
        state = self._state
        last = state.turns.undone[-1]
        with self._recorded_failure():
            record = undoing.carry_out_redo(plan, last.undone, self._snapshots, self._repository)
        self._remember(last)  # first, since the record of the redo is the last one of it
        state.turns.redo(record.commits)
        return f"Turn {record.turn} was done again: {', '.join(record.paths)}."

    def _remember(self, last: UndoneTurn) -> None:
        """Take a redone turn into the conversation again, or tell the model of it where others followed."""
        conversation, record = self._state.conversation, last.turn.record
        if conversation.turn == last.conversation.turn:
            notes = conversation.notes or last.conversation.notes
            self._state.writer.put(replace(last.conversation, notes=notes))
        else:
            note = f"(The edits of turn {record.turn} were made again: {', '.join(record.paths)}.)"
            if note not in conversation.notes:
                self._state.writer.put(conversation.with_note(note))

    def rollback(self, number: int, what: What) -> str:
        """Make files, conversation or both what they were before a turn; the branch stays.

        Raises NothingToUndo, GitError.
        """
        state = self._state
        if said := self._just_finished("rollback"):
            return said
        turn = self._turn(number)
        if what == "conversation":
            return self._roll_back(
                RestoreIntent("rollback", "", number=number, what=what), RestorePlan({}, {})
            )
        later = (each.record for each in state.turns.done if each.record.turn >= turn.record.turn)
        writes = [name for record in later for name in record.writes]
        plan, now = undoing.plan_files(self._snapshots, turn.record.before, self._kept.read(writes))
        kept = self._kept.keep(plan.changes())
        intent = RestoreIntent("rollback", kept, number=number, what=what, before=now)
        self._intend(intent)
        return self._roll_back(intent, plan)

    def _roll_back(self, intent: RestoreIntent, plan: RestorePlan) -> str:
        """Carry out a rollback that the journal knows of, or one of the conversation alone."""
        state, number, what = self._state, intent.number, intent.what
        turn = self._turn(number)
        messages = []
        if what != "conversation":
            with self._recorded_failure():
                restored = carry_out(plan, self._snapshots.root)
            paths = paths_of(self._kept.read([intent.kept]))
            record = TurnRecord(state.conversation.turn, intent.before, "", paths, writes=(intent.kept,))
            if paths:
                state.turns.roll_back(record, f"rollback to turn {number}", state.conversation)
            files = len(restored.paths)
            messages.append(f"{files} {'file is' if files == 1 else 'files are'} as before turn {number}")
        if what != "files":
            self._go_back(turn)
            messages.append("the conversation is as it was then")
        hint = "" if what == "conversation" else " /undo brings the files back."
        return f"{'; '.join(messages).capitalize()}.{hint}"

    def _go_back(self, turn: UndoableTurn) -> None:
        turn_number = self._state.conversation.turn
        self._state.writer.put(replace(turn.conversation_before, turn=turn_number))

    def _turn(self, number: int) -> UndoableTurn:
        turn = next((turn for turn in self._state.turns.done if turn.record.turn == number), None)
        if turn is None:
            raise NothingToUndo(f"There is no checkpoint {number}. /checkpoints lists them.")
        return turn

    def finish(self, intent: RestoreIntent, *, recorded: bool) -> None:
        """Finish an undo, redo or rollback whose process was killed, and tell the user.

        Files that were changed since are left as they are, and named. The command that was cut off, given
        again at once, counts as done. ``recorded``: only the conversation is left to be changed.
        """
        state = self._state
        if recorded:
            self._finish_conversation(intent)
            return
        try:
            changes = self._kept.read([intent.kept])
            plan, left = undoing.remaining(self._snapshots, changes, intent.way, intent.head)
            message = self._finish(intent, plan)
        except ChatError as error:
            state.ports.journal.write(RestoreFailed())
            state.ports.notice(f"A step back had been cut off and cannot be finished: {error}", "warning")
            return
        if left:
            state.ports.notice(f"{', '.join(left)}: changed since, so left as it is.", "warning")
        state.ports.notice(f"A step back had been cut off and is finished now. {message}")
        self._finished = (intent.action, state.conversation.turn, message)

    def _just_finished(self, action: str) -> str:
        """What was told of the same step, which was cut off and is finished; "" where this is another."""
        finished, self._finished = self._finished, None
        if finished is None or finished[:2] != (action, self._state.conversation.turn):
            return ""
        return finished[2]

    def _finish_conversation(self, intent: RestoreIntent) -> None:
        if intent.action == "undo":
            self._forget(self._state.turns.undone[-1].turn)
        elif intent.action == "rollback":
            self._go_back(self._turn(intent.number))

    def _finish(self, intent: RestoreIntent, plan: StepBack) -> str:
        match intent.action:
            case "undo":
                return self._undo(plan)
            case "redo":
                return self._redo(plan)
            case "rollback":
                return self._roll_back(intent, plan.files)

    def _intend(self, intent: RestoreIntent | RestoreFailed) -> None:
        self._state.ports.journal.write(intent)

    @contextmanager
    def _recorded_failure(self) -> Iterator[None]:
        """Let the journal know where a step back was not done, so that nobody finishes it."""
        try:
            yield
        except BaseException:
            self._intend(RestoreFailed())
            raise

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
