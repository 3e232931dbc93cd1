"""[io] A session that was cut off → one that goes on: what a killed turn left behind is dealt with first.

A turn that had made its commit counts as done. Any other is taken again from its request: what it wrote is
undone, if the files still hold that, and replies that were paid for are used instead of calls. Files that
someone has changed since are never touched.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from chat.conversation.conversation import digest_of
from chat.errors import ChatError, GitError, SessionError
from chat.git.merge_file import merge_texts
from chat.model import RepoPath
from chat.sessions.records.changes import CommitDone
from chat.sessions.records.session import Resume
from chat.sessions.records.turn import TakeBack, TurnFailed
from chat.sessions.restored import RestoredSession, ReusableReplies, UnfinishedTurn
from chat.snapshots.file_states import read_state, remove_empty_folders, write_states
from chat.snapshots.own_changes import Carried, OwnChange, carried, way_back
from chat.snapshots.turn_record import TurnRecord
from chat.state.state import State


def resume(state: State, restored: RestoredSession) -> str:
    """Bring a session back; returns the request that is to be taken again, or "".

    Raises SessionError where what a killed turn wrote cannot be undone.
    """
    state.writer.restore(restored.conversation, restored.compacted)
    state.turns.restore(restored.turns)
    state.calls.reuse(ReusableReplies(restored.replies, restored.runs, restored.agents))
    turn = restored.unfinished
    commit = _commit_of(state, turn) if turn else ""
    state.ports.journal.write(Resume(unfinished=turn is not None, again=turn is not None and not commit))
    request = ""
    if turn is not None and commit:
        _end(state, turn, commit)
    elif turn is not None and _undo_writes(state, turn) and not _is_unreadable(state, turn):
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
    return state.ports.repository.made_since(intent.head, intent.holds, intent.paths)


def _end(state: State, turn: UnfinishedTurn, commit: str) -> None:
    """Write the last records of a turn that was complete otherwise."""
    state.writer.restore(turn.conversation)
    if not turn.commit:
        state.ports.journal.write(CommitDone(commit))
    note = f"(Applied and committed as {commit[:8]}: {', '.join(turn.paths)}.)"
    if note not in state.conversation.notes:
        state.writer.put(state.conversation.with_note(note))
    after = "" if turn.writes else state.ports.snapshots.take(f"after turn {turn.turn}")
    base = turn.committing.head if turn.committing and state.settings.commit_mode == "session" else None
    record = TurnRecord(
        turn.turn,
        turn.before,
        after,
        turn.paths,
        commits=(commit,),
        base=base,
        writes=turn.writes,
    )
    state.turns.end(record, turn.request, turn.conversation_before)
    state.calls.forget_reusable()
    state.ports.notice("The last turn had been committed; the session continues after it.")


def _undo_writes(state: State, turn: UnfinishedTurn) -> bool:
    """Take what the turn wrote out of its files; False where what they held before is not known."""
    ports = state.ports
    writes = (*turn.writes, *filter(None, [turn.writing]))
    try:
        changes, unknown = (ports.kept.read(writes), ()) if writes else _by_snapshot(state, turn)
    except ChatError as error:
        return _give_up(state, turn.paths, f"what its files held before is lost ({error})")
    if unknown:
        return _give_up(state, unknown, "an earlier version kept nothing of some of its files")
    ports.workspace.remove_leftovers(change.path for change in changes)
    current = {change.path: read_state(ports.root, change.path) for change in changes}
    becomes = carried(current, way_back(changes), merge_texts)
    try:
        write_states(ports.root, current, becomes.states)
    except ChatError as error:
        raise SessionError(f"The interrupted turn cannot be undone: {error}") from error
    for change in changes:
        if change.before is None:
            remove_empty_folders(ports.root, change.path)
    _tell_of_changes(state, becomes)
    if turn.committing:
        _stage_as_before(state, changes, becomes.clashing)
    if becomes.states:
        ports.journal.write(TakeBack(tuple(becomes.states)))
    return True


def _is_unreadable(state: State, turn: UnfinishedTurn) -> bool:
    """Whether an earlier version masked a part of the request, which is lost; then the turn does not count."""
    if turn.is_masked:
        state.ports.journal.write(TurnFailed())
        state.calls.forget_reusable()
        state.ports.notice(
            "The session ended in the middle of a turn whose request held a secret that an earlier version did not "
            "keep. The turn was taken back; send the request again.",
            "warning",
        )
    return turn.is_masked


def _give_up(state: State, paths: Sequence[RepoPath], reason: str) -> bool:
    """Leave files as they are; the turn does not count, and is not taken again."""
    state.ports.journal.write(TurnFailed())
    state.calls.forget_reusable()
    state.ports.notice(
        f"The session ended in the middle of a turn, and {reason}. "
        f"They are left as they are: {', '.join(paths)}. The turn does not count.",
        "warning",
    )
    return False


def _tell_of_changes(state: State, becomes: Carried) -> None:
    if becomes.merged:
        names = ", ".join(becomes.merged)
        state.ports.notice(f"{names}: changed since the interruption; these changes stay.", "warning")
    if becomes.clashing:
        names = ", ".join(becomes.clashing)
        state.ports.notice(f"{names}: changed since the interruption, so left as it is.", "warning")


def _stage_as_before(state: State, changes: Sequence[OwnChange], left: Sequence[RepoPath]) -> None:
    """Put the files into the index as they were before the turn.

    Killed between index and branch, git would take the restored files for changes of the user's.
    """
    first = {change.path: change.before for change in reversed(changes) if change.path not in left}
    contents = {path: before.data if before else None for path, before in first.items()}
    if state.ports.repository is not None:
        with suppress(GitError):
            state.ports.repository.stage(tuple(contents), contents)


def _by_snapshot(state: State, turn: UnfinishedTurn) -> tuple[tuple[OwnChange, ...], tuple[RepoPath, ...]]:
    """What a turn of an earlier version wrote, as far as its snapshot tells, and the files of which it tells nothing.

    "Not in the snapshot" may mean that git ignores the file, so it does not mean that the file was not there.
    """
    snapshots, root = state.ports.snapshots, state.ports.root
    wrote = {path: read_state(root, path) for path in turn.paths}
    hold_it = {
        path: now
        for path, now in wrote.items()
        if (digest_of(now.data) if now else "") in turn.after.get(path, ())
    }
    before = snapshots.states(turn.before, tuple(hold_it)) if hold_it else {}
    known = tuple(OwnChange(path, before[path], now) for path, now in hold_it.items() if before.get(path))
    return known, tuple(path for path in hold_it if not before.get(path))


def forked(restored: RestoredSession) -> RestoredSession:
    """Return the session as the beginning of another, which does not take an interrupted turn again."""
    return replace(restored, unfinished=None, replies={}, runs=(), goal=None)
