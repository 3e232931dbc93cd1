"""A session that was cut off → one that goes on: what a killed turn left behind is put right first.

A turn that had made its commit counts as done. Any other is taken again from its request: what it
wrote is taken back, if it is still what the turn wrote, and replies that had been paid for are used
instead of calls. Bytes that someone has changed since are never touched.
"""

import time
from dataclasses import replace

from chat.errors import SessionError
from chat.session import RecordedReplies, Restored, TurnDone, Unfinished
from chat.state import State
from chat.talk import digest_of
from edits import EditError, FileChange


def take_up(state: State, restored: Restored) -> str:
    """Brings the conversation back; gives the request that is to be taken again, or "".

    Raises SessionError where what a killed turn wrote cannot be taken back.
    """
    state.talk = restored.talk
    state.spent = dict(restored.spent)
    state.compacted = restored.compacted
    state.turns, state.undone = list(restored.turns), list(restored.undone)
    state.journal.write("resume", {"unfinished": restored.unfinished is not None})
    unfinished = restored.unfinished
    if unfinished is None:
        return ""
    made = unfinished.commit or _commit_made(state, unfinished)
    if made:
        _finish(state, unfinished, made)
        return ""
    _take_back(state, unfinished)
    replies = sum(len(each) for each in unfinished.replies.values())
    state.recorded = RecordedReplies(unfinished.replies)
    state.notice(
        "The session ended in the middle of a turn, which is taken again"
        + (f"; {replies} replies that were paid for are used again." if replies else ".")
    )
    return unfinished.request


def _commit_made(state: State, unfinished: Unfinished) -> str:
    """The commit that the turn was about to make, where it was made and not written down."""
    repository, wanted = state.repository, unfinished.committing
    if repository is None or not wanted:
        return ""
    head = repository.head() or ""
    moved = head and head != wanted["head"]
    return head if moved and repository.message(head).strip() == str(wanted["message"]).strip() else ""


def _finish(state: State, unfinished: Unfinished, commit: str) -> None:
    """The turn was complete but for its last lines."""
    paths = unfinished.paths
    state.put(state.talk.note(f"(Applied and committed as {commit[:8]}: {', '.join(paths)}.)"))
    after = state.checkpoints.take(f"after turn {state.talk.turn}")
    fields = {"turn": state.talk.turn, "paths": list(paths), "commits": [commit], "checkpoint": after}
    state.journal.write("turn.done", fields)
    state.turns.append(
        TurnDone(
            state.talk.turn,
            unfinished.request,
            paths,
            (commit,),
            unfinished.before,
            after,
            unfinished.talk_before,
            time.time(),
        )
    )
    state.notice("The last turn had been committed; the session goes on behind it.")


def _take_back(state: State, unfinished: Unfinished) -> None:
    """Files that hold what the turn wrote get back what they held before."""
    changes: list[FileChange] = []
    touched: list[str] = []
    for path in unfinished.paths:
        now = state.workspace.read(path)
        wrote = unfinished.after.get(path, "")
        if (digest_of(now) if now is not None else "") != wrote:
            touched.append(path)
            continue
        before = state.checkpoints.read(unfinished.before, path)
        if before != now:
            changes.append(FileChange(path, now, before))
    try:
        state.workspace.write(changes)
    except EditError as error:
        raise SessionError(f"the interrupted turn cannot be taken back: {error}") from error
    kept = [
        path
        for path in touched
        if state.workspace.read(path) != state.checkpoints.read(unfinished.before, path)
    ]
    if kept:
        state.notice(f"{', '.join(kept)}: changed since the interruption, so left as it is.", "warning")
    if changes:
        state.journal.write("takeback", {"paths": [change.path for change in changes]})


def forked(restored: Restored) -> Restored:
    """The same session as the beginning of another, which does not take an interrupted turn again."""
    return replace(restored, unfinished=None)
