"""A session that was cut off → one that goes on: what a killed turn left behind is put right first.

A turn that had made its commit counts as done. Any other is taken again from its request: what it
wrote is taken back, if it is still what the turn wrote, and replies that had been paid for are used
instead of calls. Bytes that someone has changed since are never touched.
"""

from contextlib import suppress
from dataclasses import replace

from chat.conversation.conversation import digest_of
from chat.errors import ChatError, GitError, SessionError
from chat.sessions.records import CommitDone, Resume, TakeBack, TurnFailed
from chat.sessions.restored import RestoredSession, ReusableReplies, UnfinishedTurn
from chat.snapshots.turn_record import TurnRecord
from chat.state.state import State
from edits import EditError, FileChange


def take_up(state: State, restored: RestoredSession) -> str:
    """Brings the conversation back; gives the request that is to be taken again, or "".

    Raises SessionError where what a killed turn wrote cannot be taken back.
    """
    state.writer.restore(restored.conversation, restored.compacted)
    state.turns.restore(restored.turns)
    state.calls.reusable = ReusableReplies(restored.replies, restored.runs)
    cut = restored.unfinished
    made = _commit_made(state, cut) if cut else ""
    state.ports.journal.write(Resume(unfinished=cut is not None, again=cut is not None and not made))
    if cut is None:
        return ""
    if made:
        _finish(state, cut, made)
        return ""
    if not _take_back(state, cut):
        return ""
    replies = sum(len(each) for each in restored.replies.values())
    state.ports.notice(
        "The session ended in the middle of a turn, which is taken again"
        + (f"; {replies} replies that were paid for are used again." if replies else ".")
    )
    return cut.request


def _commit_made(state: State, cut: UnfinishedTurn) -> str:
    """The commit that the turn had made, also where it was not written down any more."""
    wanted = cut.committing
    if cut.commit or state.ports.repository is None or not wanted:
        return cut.commit
    return state.ports.repository.made_since(wanted.head, wanted.paths, wanted.message)


def _finish(state: State, cut: UnfinishedTurn, commit: str) -> None:
    """The turn was complete but for its last lines."""
    state.writer.restore(cut.conversation)
    if not cut.commit:
        state.ports.journal.write(CommitDone(commit))
    told = f"(Applied and committed as {commit[:8]}: {', '.join(cut.paths)}.)"
    if told not in state.conversation.notes:
        state.writer.put(state.conversation.with_note(told))
    after = state.ports.snapshots.take(f"after turn {cut.turn}")
    record = TurnRecord(
        cut.turn,
        cut.before,
        after,
        cut.paths,
        commits=(commit,),
        base=cut.committing.head if cut.committing and state.settings.commit_mode == "session" else None,
    )
    state.turns.end(record, cut.request, cut.conversation_before)
    state.calls.forget_reusable()
    state.ports.notice("The last turn had been committed; the session goes on behind it.")


def _take_back(state: State, cut: UnfinishedTurn) -> bool:
    """Files that hold what the turn wrote get back what they held before; False where nobody knows that."""
    state.ports.workspace.remove_leftovers(cut.paths)
    try:
        before = {path: state.ports.snapshots.read(cut.before, path) for path in cut.paths}
    except ChatError as error:
        state.ports.journal.write(TurnFailed())
        state.calls.forget_reusable()
        state.ports.notice(
            f"The session ended in the middle of a turn, and what its files held before is lost ({error}). "
            f"They are left as they are: {', '.join(cut.paths)}. The turn counts as not taken.",
            "warning",
        )
        return False
    changes: list[FileChange] = []
    kept: list[str] = []
    for path in cut.paths:
        now = state.ports.workspace.read(path)
        if now == before[path]:
            continue
        if (digest_of(now) if now is not None else "") in cut.after.get(path, ()):
            changes.append(FileChange(path, now, before[path]))
        else:
            kept.append(path)
    try:
        state.ports.workspace.write(changes)
    except EditError as error:
        raise SessionError(f"the interrupted turn cannot be taken back: {error}") from error
    if kept:
        state.ports.notice(f"{', '.join(kept)}: changed since the interruption, so left as it is.", "warning")
    if state.ports.repository is not None and cut.committing:
        # killed between index and branch, git would take what is back for a change of the user's
        with suppress(GitError):
            state.ports.repository.stage([path for path in cut.paths if path not in kept])
    if changes:
        state.ports.journal.write(TakeBack(tuple(change.path for change in changes)))
    return True


def forked(restored: RestoredSession) -> RestoredSession:
    """The same session as the beginning of another, which does not take an interrupted turn again."""
    return replace(restored, unfinished=None, replies={}, runs=())
