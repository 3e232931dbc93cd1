"""[io] A session that was cut off → one that goes on: what a killed turn left behind is dealt with first.

A turn that had made its commit counts as done. Any other is taken again from its request: what it wrote is
undone, if the files still hold that, and replies that were paid for are used instead of calls. Files that
someone has changed since are never touched.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from chat.conversation.conversation import digest_of
from chat.errors import ChatError, GitError, SessionError
from chat.model import RepoPath
from chat.sessions.records import CommitDone, Resume, TakeBack, TurnFailed
from chat.sessions.restored import RestoredSession, ReusableReplies, UnfinishedTurn
from chat.snapshots.turn_record import TurnRecord
from chat.state.state import State
from edits import EditError, FileChange


def resume(state: State, restored: RestoredSession) -> str:
    """Bring a session back; returns the request that is to be taken again, or "".

    Raises SessionError where what a killed turn wrote cannot be undone.
    """
    state.writer.restore(restored.conversation, restored.compacted)
    state.turns.restore(restored.turns)
    state.calls.reuse(ReusableReplies(restored.replies, restored.runs))
    turn = restored.unfinished
    commit = _commit_of(state, turn) if turn else ""
    state.ports.journal.write(Resume(unfinished=turn is not None, again=turn is not None and not commit))
    request = ""
    if turn is not None and commit:
        _end(state, turn, commit)
    elif turn is not None and _undo_writes(state, turn):
        request = turn.request
        count = sum(map(len, restored.replies.values()))
        reused = f"; {count} replies that were paid for are used again" if count else ""
        state.ports.notice(f"The session ended in the middle of a turn, which is taken again{reused}.")
    turns = len(restored.requests) - bool(request)
    state.spending.resume(restored.spent, turns)
    return request


def _commit_of(state: State, turn: UnfinishedTurn) -> str:
    """The commit that the turn had made, even if the journal does not have it; "" for none."""
    intent = turn.committing
    if turn.commit or state.ports.repository is None or not intent:
        return turn.commit
    return state.ports.repository.made_since(intent.head, intent.paths, intent.message)


def _end(state: State, turn: UnfinishedTurn, commit: str) -> None:
    """Write the last records of a turn that was complete otherwise."""
    state.writer.restore(turn.conversation)
    if not turn.commit:
        state.ports.journal.write(CommitDone(commit))
    note = f"(Applied and committed as {commit[:8]}: {', '.join(turn.paths)}.)"
    if note not in state.conversation.notes:
        state.writer.put(state.conversation.with_note(note))
    after = state.ports.snapshots.take(f"after turn {turn.turn}")
    base = turn.committing.head if turn.committing and state.settings.commit_mode == "session" else None
    record = TurnRecord(
        turn.turn,
        turn.before,
        after,
        turn.paths,
        commits=(commit,),
        base=base,
    )
    state.turns.end(record, turn.request, turn.conversation_before)
    state.calls.forget_reusable()
    state.ports.notice("The last turn had been committed; the session continues after it.")


def _undo_writes(state: State, turn: UnfinishedTurn) -> bool:
    """Restore the files that hold what the turn wrote; False where what they held before is lost."""
    state.ports.workspace.remove_leftovers(turn.paths)
    try:
        before = {path: state.ports.snapshots.read(turn.before, path) for path in turn.paths}
    except ChatError as error:
        state.ports.journal.write(TurnFailed())
        state.calls.forget_reusable()
        state.ports.notice(
            f"The session ended in the middle of a turn, and what its files held before is lost ({error}). "
            f"They are left as they are: {', '.join(turn.paths)}. The turn does not count.",
            "warning",
        )
        return False
    changes, kept = _changes_back(state, turn, before)
    try:
        state.ports.workspace.write(changes)
    except EditError as error:
        raise SessionError(f"The interrupted turn cannot be undone: {error}") from error
    if kept:
        state.ports.notice(f"{', '.join(kept)}: changed since the interruption, so left as it is.", "warning")
    if state.ports.repository is not None and turn.committing:
        # if killed between index and branch, git would take the restored files for changes of the user's
        with suppress(GitError):
            state.ports.repository.stage([path for path in turn.paths if path not in kept])
    if changes:
        state.ports.journal.write(TakeBack(tuple(change.path for change in changes)))
    return True


def _changes_back(
    state: State, turn: UnfinishedTurn, before: Mapping[RepoPath, bytes | None]
) -> tuple[Sequence[FileChange], Sequence[RepoPath]]:
    """The changes that undo what the turn wrote, and the files that someone has changed since."""
    changes: list[FileChange] = []
    kept: list[RepoPath] = []
    for path in turn.paths:
        now = state.ports.workspace.read(path)
        if now == before[path]:
            continue
        digest = "" if now is None else digest_of(now)
        if digest in turn.after.get(path, ()):
            changes.append(FileChange(path, now, before[path]))
        else:
            kept.append(path)
    return changes, kept


def forked(restored: RestoredSession) -> RestoredSession:
    """Return the session as the beginning of another, which does not take an interrupted turn again."""
    return replace(restored, unfinished=None, replies={}, runs=())
