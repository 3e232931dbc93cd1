"""When new maps are made for a prompt: as the settings say, and when the user asks for one."""

from dataclasses import replace
from pathlib import Path

import pytest
from chat_fakes import ScriptedModel, fake_state

from chat.conversation.conversation import ShownFile
from chat.model import Message
from chat.prompt.preview import PromptPreview
from chat.prompt.rules import prepare
from chat.settings.table import Settings, changed
from chat.state.state import State
from chat.turn.turn import take_turn


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("invoice", "parcel", "weather"):
        text = "".join(f"def {name}_{n}(argument):\n    return {n}\n\n\n" for n in range(40))
        (tmp_path / f"{name}.py").write_text(text)
    return tmp_path


def state_with(root: Path, when: str) -> tuple[State, ScriptedModel]:
    model = ScriptedModel(*["Fine."] * 9)
    settings = changed(Settings(), {"map-tokens": 600, "map-refresh": when}, "test")
    state, _ = fake_state(root, model, settings=settings)
    return state, model


def turn(state: State, request: str) -> None:
    prepare(state)
    take_turn(state, request)


@pytest.mark.parametrize(("when", "follows"), [("auto", True), ("files", False), ("manual", False)])
def test_a_map_follows_each_request_unless_it_is_to_stay(root: Path, when: str, follows: bool) -> None:
    """Until the chat's files change, or the user asks for a new one."""
    state, model = state_with(root, when)
    turn(state, "what does the parcel weigh")
    turn(state, "how is the weather")

    assert (model.prompts[0].request_map != model.prompts[1].request_map) is follows

    state.writer.put(state.conversation.with_files([ShownFile("invoice.py", by_user=True)]))
    turn(state, "how is the weather")
    assert (model.prompts[1].request_map != model.prompts[2].request_map) is (when != "manual")

    PromptPreview(state).map(refresh=True)
    turn(state, "which invoice is it")
    assert model.prompts[3].request_map != model.prompts[1].request_map


@pytest.mark.parametrize(("when", "stays"), [("auto", True), ("always", False), ("files", True)])
def test_the_overview_map_stays_for_the_sake_of_the_cache(root: Path, when: str, stays: bool) -> None:
    """Although files have gone, unless the settings ask for a new one each time."""
    state, model = state_with(root, when)
    turn(state, "hello")
    for name in ("parcel", "weather"):
        (root / f"{name}.py").unlink()
    turn(state, "hello")

    assert (model.prompts[0].messages[0] == model.prompts[1].messages[0]) is stays


def test_a_new_map_leaves_what_a_rebuild_kept(root: Path) -> None:
    """It follows the rules and the map."""
    state, _ = state_with(root, "auto")
    prepare(state)
    past = (Message("user", "# What has been done so far\nAll."), Message("assistant", "Understood."))
    state.writer.put(replace(state.conversation, base=(*state.conversation.base, *past)))
    (root / "parcel.py").unlink()

    PromptPreview(state).map(refresh=True)

    assert "parcel" not in state.conversation.base[0].text
    assert state.conversation.base[1:] == past
