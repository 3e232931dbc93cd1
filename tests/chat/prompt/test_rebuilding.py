"""Rebuilding the prompt, taking that back, pausing behind it, and explorations that leave it."""

from pathlib import Path

import pytest
from long_session import SteadyModel, answer, make_tree, open_long_desk, request

from chat.app.chat import Desk
from chat.errors import NothingToUndo, Paused
from chat.events import Event, Shown
from chat.state.state import prompt_tokens

PLAIN = {"auto_test": False}


def size(desk: Desk) -> int:
    return prompt_tokens(desk.state.conversation.prompt())


def text(desk: Desk) -> str:
    return "\n".join(message.text for message in desk.state.conversation.prompt().messages)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_tree(tmp_path / "root")


@pytest.fixture
def model() -> SteadyModel:
    return SteadyModel(
        filler="\n" + "Some words about it. " * 60,
        input_tokens=9_000,
        reply_to=lambda messages: answer(messages, checked=False),
    )


def test_a_pause_sends_nothing_until_the_request_comes_again(root: Path, model: SteadyModel) -> None:
    """The summary is shown meanwhile, and the second time the turn is taken."""
    told: list[Event] = []
    desk = open_long_desk(root, model, told.append, **PLAIN, pause_after_compaction=True, compact_at=1500)

    def take_turns() -> None:
        for turn in range(1, 9):
            desk.take_turn(request(turn))

    with pytest.raises(Paused):
        take_turns()
    again = desk.state.conversation.turn + 1
    calls = model.calls

    assert desk.take_turn(request(again)).ok
    assert model.calls > calls
    assert any(isinstance(event, Shown) and "Done: all so far." in event.text for event in told)
    desk.close()


def test_a_rebuild_can_be_taken_back_and_stays_so(root: Path, model: SteadyModel) -> None:
    """Also over a restart; turns taken since are kept."""
    desk = open_long_desk(root, model, **PLAIN)
    for turn in range(1, 4):
        desk.take_turn(request(turn))
    before = desk.state.conversation
    desk.compact("the values")
    assert size(desk) < prompt_tokens(before.prompt())
    assert "past: words" in text(desk)
    desk.take_turn(request(4))
    desk.close()

    desk = open_long_desk(root, model, **PLAIN)
    desk.uncompact()

    assert desk.state.conversation.entries[: len(before.entries)] == before.entries
    assert desk.state.conversation.entries[-1].turn == 4
    assert desk.state.conversation.base == before.base
    with pytest.raises(NothingToUndo):
        desk.uncompact()
    desk.close()


def test_a_prompt_that_was_brought_back_is_not_rebuilt_at_once(root: Path, model: SteadyModel) -> None:
    """The user wanted it so; only what does not fit is rebuilt again."""
    desk = open_long_desk(root, model, **PLAIN, compact_at=1500)
    for turn in range(1, 5):
        desk.take_turn(request(turn))
    assert desk.state.compacted is not None
    desk.uncompact()

    desk.take_turn(request(5))

    assert desk.state.compacted is None
    desk.close()


def test_an_exploration_leaves_the_prompt_and_its_conclusion_stays(root: Path, model: SteadyModel) -> None:
    """Over a restart in the middle of it, too."""
    desk = open_long_desk(root, model, **PLAIN)
    desk.take_turn(request(1))
    before = size(desk)
    desk.focus("how parts are read")
    desk.take_turn(request(2))
    desk.close()
    desk = open_long_desk(root, model, **PLAIN)

    desk.done("They are read in order.")

    assert size(desk) <= before
    assert "Task 2" not in text(desk)
    desk.take_turn(request(3))
    assert "Looked into: how parts are read. Conclusion: They are read in order." in text(desk)
    with pytest.raises(NothingToUndo):
        desk.done("again")
    desk.close()
