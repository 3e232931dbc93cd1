"""Rebuilding the prompt, taking that back, pausing after it, and explorations that leave it."""

from pathlib import Path

import pytest
from long_session import SteadyModel, answer, make_tree, open_long_chat, request

from chat.app.chat import Chat
from chat.errors import NothingToUndo, Paused
from chat.events import Event, Shown
from chat.state.tokens import prompt_tokens

PLAIN = {"auto_test": False}


def size(chat: Chat) -> int:
    return prompt_tokens(chat.state.conversation.prompt())


def text(chat: Chat) -> str:
    return "\n".join(message.text for message in chat.state.conversation.prompt().messages)


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
    events: list[Event] = []
    chat = open_long_chat(root, model, events.append, **PLAIN, pause_after_compaction=True, compact_at=1500)

    def take_turns() -> None:
        for turn in range(1, 9):
            chat.take_turn(request(turn))

    with pytest.raises(Paused):
        take_turns()
    again = chat.state.conversation.turn + 1
    calls = model.calls

    assert chat.take_turn(request(again)).ok
    assert model.calls > calls
    assert any(isinstance(event, Shown) and "Done: all so far." in event.text for event in events)
    chat.close()


def test_a_rebuild_can_be_taken_back_and_stays_so(root: Path, model: SteadyModel) -> None:
    """Even over a restart; turns taken since are kept."""
    chat = open_long_chat(root, model, **PLAIN)
    for turn in range(1, 4):
        chat.take_turn(request(turn))
    before = chat.state.conversation
    chat.conversation.compact("the values")
    assert size(chat) < prompt_tokens(before.prompt())
    assert "past: words" in text(chat)
    chat.take_turn(request(4))
    chat.close()

    chat = open_long_chat(root, model, **PLAIN)
    chat.conversation.uncompact()

    assert chat.state.conversation.entries[: len(before.entries)] == before.entries
    assert chat.state.conversation.entries[-1].turn == 4
    assert chat.state.conversation.base == before.base
    with pytest.raises(NothingToUndo):
        chat.conversation.uncompact()
    chat.close()


def test_a_prompt_that_was_brought_back_is_not_rebuilt_at_once(root: Path, model: SteadyModel) -> None:
    """The user asked for the long prompt; only one that does not fit is rebuilt again."""
    chat = open_long_chat(root, model, **PLAIN, compact_at=1500)
    for turn in range(1, 5):
        chat.take_turn(request(turn))
    assert chat.state.writer.before_rebuild is not None
    chat.conversation.uncompact()

    chat.take_turn(request(5))

    assert chat.state.writer.before_rebuild is None
    chat.close()


def test_an_exploration_leaves_the_prompt_and_its_conclusion_stays(root: Path, model: SteadyModel) -> None:
    """Even over a restart in the middle of it."""
    chat = open_long_chat(root, model, **PLAIN)
    chat.take_turn(request(1))
    before = size(chat)
    chat.conversation.explore("how parts are read")
    chat.take_turn(request(2))
    chat.close()
    chat = open_long_chat(root, model, **PLAIN)

    chat.conversation.conclude("They are read in order.")

    assert size(chat) <= before
    assert "Task 2" not in text(chat)
    chat.take_turn(request(3))
    assert "Looked into: how parts are read. Conclusion: They are read in order." in text(chat)
    with pytest.raises(NothingToUndo):
        chat.conversation.conclude("again")
    chat.close()
