"""The format of edits: as the settings, else the model's data say, and another one after two failures."""

import json
from pathlib import Path

import pytest
from chat_fakes import MemoryRepository, ScriptedModel, fake_state

from chat.conversation.conversation import Conversation
from chat.conversation.prompt_texts import format_in
from chat.llm.models.catalog import read_catalog
from chat.prompt.rules import prepare
from chat.settings.table import Settings, changed
from chat.state.state import State
from chat.turn.turn import take_turn

pytestmark = pytest.mark.usefixtures("lasting_workers")

MISFIT = "app.py\n```\n<<<<<<< SEARCH\nnothing like it\n=======\nx = 2\n>>>>>>> REPLACE\n```\n"
WHOLE = "app.py\n```\nx = 2\ny = 1\n```\n"


def opened(root: Path, model: ScriptedModel, form: str = "auto", lines: int = 1) -> State:
    (root / "app.py").write_text("x = 1\n" + "y = 1\n" * lines)
    settings = changed(Settings(), {"edit-format": form, "map-tokens": 0}, "test")
    state, _ = fake_state(root, model, settings=settings, repository=MemoryRepository())
    prepare(state)
    return state


def rules_of(state: State) -> str:
    return format_in(state.conversation.base[0].text)


def test_the_models_data_decide_unless_a_format_is_set(tmp_path: Path) -> None:
    """Of a model about which nothing is known, the usual one is asked for."""
    model = ScriptedModel()
    assert rules_of(opened(tmp_path, model)) == "diff"

    model.best_format = "udiff"
    assert rules_of(opened(tmp_path, model)) == "udiff"
    assert rules_of(opened(tmp_path, model, "patch")) == "patch"


def test_the_users_own_data_of_a_model_name_its_format(tmp_path: Path) -> None:
    """Else the family does, where one is known to differ."""
    file = tmp_path / "models.json"
    entry = {"litellm_provider": "openai", "mode": "chat", "edit_format": "whole"}
    file.write_text(json.dumps({"openai/mine": entry, "openai/odd": {**entry, "edit_format": "poem"}}))
    catalog = read_catalog(file)

    assert catalog.edit_format("openai/mine") == "whole"
    assert catalog.edit_format("openai/odd") == ""
    assert catalog.edit_format("gemini/gemini-2.5-pro") == "diff-fenced"


def test_after_two_failures_another_format_is_asked_for(tmp_path: Path) -> None:
    """Whole files where they are small; the turn goes on in it, and so do later ones."""
    model = ScriptedModel(MISFIT, MISFIT, WHOLE)
    state = opened(tmp_path, model)

    result = take_turn(state, "make it two")

    assert result.ok
    assert (tmp_path / "app.py").read_text() == "x = 2\ny = 1\n"
    assert "did not fit twice" not in model.prompts[1].messages[-1].text
    assert "did not fit twice" in model.prompts[2].messages[-1].text
    assert "complete new text" in model.prompts[2].messages[-1].text
    assert rules_of(state) == state.active.edit_format() == "whole"


@pytest.mark.parametrize(("form", "lines", "asked"), [("diff", 1, "diff"), ("auto", 5_000, "udiff")])
def test_a_format_that_is_set_stays_and_large_files_are_not_asked_for_whole(
    tmp_path: Path, form: str, lines: int, asked: str
) -> None:
    """What the user chose counts more than what seems to fail."""
    state = opened(tmp_path, ScriptedModel(MISFIT, MISFIT, "I give up.", "I do."), form, lines)

    take_turn(state, "make it two")

    assert rules_of(state) == state.active.edit_format() == asked


@pytest.mark.parametrize(("form", "expected"), [("auto", "whole"), ("patch", "patch")])
def test_a_resumed_session_keeps_to_the_format_of_its_rules(tmp_path: Path, form: str, expected: str) -> None:
    """Else its replies would be read in another one than was asked for; one that is set now is asked for anew."""
    model = ScriptedModel()
    model.best_format = "whole"
    base = opened(tmp_path, model).conversation.base
    state = opened(tmp_path, ScriptedModel(), form)

    state.writer.put(Conversation(base=base))
    prepare(state)

    assert rules_of(state) == state.active.edit_format() == expected
