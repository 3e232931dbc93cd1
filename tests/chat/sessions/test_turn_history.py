"""The turns that can be undone and redone."""

from chat.conversation.conversation import Conversation
from chat.sessions.turn_history import KEPT_TURNS, TurnHistory, UndoableTurn
from chat.snapshots.turn_record import TurnRecord, Undone


def turn(number: int, *, commit: str = "c1", base: str | None = None) -> UndoableTurn:
    record = TurnRecord(number, "before", "after", ("a.py",), commits=(commit,), base=base)
    return UndoableTurn(record, f"request {number}", Conversation())


def undone(history: TurnHistory) -> TurnHistory:
    return history.with_undo(Undone(history.done[-1].record, "taken off"), Conversation(turn=9))


def test_an_undone_turn_comes_back_as_it_was() -> None:
    """With the commits that it had, wherever the branch was moved back to them."""
    history = TurnHistory().with_turn(turn(1)).with_turn(turn(2, base="c0"))

    gone = undone(history)

    assert [kept.record.turn for kept in gone.done] == [1]
    assert gone.undone[-1].conversation == Conversation(turn=9)
    assert gone.with_redo(("c1",)) == history


def test_commits_that_were_made_anew_have_their_own_parents() -> None:
    """Where the branch was before the first commit would be the wrong place to undo them to."""
    history = undone(TurnHistory().with_turn(turn(1, base="c0")))

    again = history.with_redo(("c7",))

    assert (again.done[0].record.commits, again.done[0].record.base) == (("c7",), None)


def test_a_new_turn_ends_what_can_be_redone() -> None:
    """As in every editor."""
    history = undone(TurnHistory().with_turn(turn(1))).with_turn(turn(2))

    assert history.undone == ()


def test_only_the_newest_turns_are_kept() -> None:
    """Each holds a conversation."""
    history = TurnHistory()
    for number in range(KEPT_TURNS + 5):
        history = history.with_turn(turn(number))

    assert len(history.done) == KEPT_TURNS
    assert history.done[-1].record.turn == KEPT_TURNS + 4
