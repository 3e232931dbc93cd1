"""[io] The end of a turn that changed files: they are committed, and the turn can be undone from then on."""

from dataclasses import dataclass

from chat.conversation.conversation import Conversation
from chat.errors import GitError
from chat.events import Committed
from chat.snapshots.turn_record import TurnRecord
from chat.state.state import State
from chat.turn.commits.commits import commit_turn
from chat.turn.commits.gate import held_back, is_wanted
from chat.turn.editing.edits import Edits


@dataclass(frozen=True, slots=True)
class TurnEnd:
    """How a turn ended."""

    commit: Committed | None = None
    uncommitted: bool = False
    """The files were changed, and git or the scan refused the commit."""


def end_turn(
    state: State, edits: Edits, request: str, conversation_before: Conversation, *, incomplete: bool = False
) -> TurnEnd:
    """Commit what a turn changed, tell the model, and record the turn for undo.

    The files are changed, so the turn is recorded even if Ctrl-C or an error ends the commit; that is raised after,
    and the turn counts as ``incomplete``, as one that did not come to its end by itself.
    """
    paths = tuple(sorted(edits.written))
    if not paths:
        state.turns.end_unchanged(state.conversation.turn, incomplete=incomplete)
        return TurnEnd()
    repository = state.ports.repository
    head = repository.head() if repository else None
    commit: Committed | None = None
    is_refused = is_tried = False
    try:
        commit, is_refused = _committed(state, edits, request)
        is_tried = True
    except GitError as error:
        state.ports.notice(f"{error}\nThe files are changed and not committed.", "error")
        is_refused = is_tried = True
    finally:
        done = f"Applied and committed as {commit.commit[:8]}" if commit else "Applied"
        state.writer.put(state.conversation.with_note(f"({done}: {', '.join(paths)}.)"))
        mode = state.settings.commit_mode
        record = TurnRecord(
            state.conversation.turn,
            edits.before,
            "",
            paths,
            commits=(commit.commit,) if commit else (),
            base=head if commit and mode == "session" else None,
            staged=mode == "stage",
            writes=edits.own.writes,
        )
        state.turns.end(record, request, conversation_before, incomplete=incomplete or not is_tried)
    return TurnEnd(commit, is_refused)


def _committed(state: State, edits: Edits, request: str) -> tuple[Committed | None, bool]:
    """Commit what the turn and those before it have changed, if it passes the scan; also whether anything is left."""
    paths = tuple(sorted(edits.written))
    if reason := edits.commit_gate.reason_to_stay(paths):
        state.ports.notice(reason, "error")
        return None, True
    earlier = held_back(state) if is_wanted(state) else ()
    return commit_turn(state, tuple(sorted({*paths, *earlier})), request, edits.own)
