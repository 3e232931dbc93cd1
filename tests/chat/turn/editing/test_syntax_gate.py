"""What the syntax check of a turn refuses, and what it asks about once."""

from pathlib import Path

import pytest
from chat_fakes import MemoryRepository, ScriptedModel, fake_state

from chat.results import TurnResult
from chat.settings.table import Settings, changed
from chat.turn.turn import take_turn

GO = "package p\n\nfunc f() *int64 {\n\treturn nil\n}\n"


def block(search: str, replace: str) -> str:
    """A SEARCH/REPLACE block for `a.go`."""
    return f"a.go\n```\n<<<<<<< SEARCH\n{search}\n=======\n{replace}\n>>>>>>> REPLACE\n```\n\n"


NEW_SYNTAX = block("\treturn nil", "\treturn new(int64(3))")
BROKEN = block("\treturn nil", "\treturn g(int64(3)")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "a.go").write_text(GO)
    return tmp_path


def run(root: Path, *replies: str, settings: Settings | None = None) -> tuple[TurnResult, ScriptedModel]:
    """Take a turn with these replies."""
    model = ScriptedModel(*replies)
    state, _ = fake_state(root, model, repository=MemoryRepository(), settings=settings or Settings())
    state.writer.put(state.conversation)
    return take_turn(state, "change it"), model


def test_what_only_the_grammar_does_not_know_is_taken_when_it_is_sent_again(root: Path) -> None:
    """The model is asked once, with the line, and nothing is written before it answers."""
    result, model = run(root, NEW_SYNTAX, NEW_SYNTAX)

    assert result.ok
    assert "return new(int64(3))" in (root / "a.go").read_text()
    assert "send the same edit again" in model.prompts[1].messages[-1].text


def test_what_is_broken_is_refused_each_time(root: Path) -> None:
    """Sending it again does not help."""
    result, _ = run(root, *[BROKEN] * 4)

    assert not result.ok
    assert (root / "a.go").read_text() == GO
    assert ["`(` is not closed" in message for message in result.refused] == [True]


def test_where_nobody_can_be_asked_the_edit_is_taken(root: Path) -> None:
    """With no reflections left a question would be a refusal."""
    result, _ = run(root, NEW_SYNTAX, settings=changed(Settings(), {"max-reflections": 0}, "test"))

    assert result.ok
    assert "return new(int64(3))" in (root / "a.go").read_text()
