"""Long outputs: what of them a prompt holds, and how the model gets at the rest."""

import json
from pathlib import Path

import pytest
from chat_fakes import MemoryJournal, ScriptedModel, ScriptedShell, fake_state
from hypothesis import given
from hypothesis import strategies as st
from texts import words

from chat.conversation.long_output import condensed, lines_of, lines_with, named_lines, named_search
from chat.safety.masks import Masks
from chat.sessions.outputs import Outputs
from chat.sessions.records.journal_line import JournalLine
from chat.settings.table import Settings, changed
from chat.state.state import State
from chat.turn.turn import take_turn

LONG = "\n".join(f"row {n} passed" if n != 400 else "row 400 FAILED: assert 1 == 2" for n in range(1, 1001))


def test_head_errors_and_tail_stay_and_the_rest_has_a_name() -> None:
    """Nobody has to guess what is missing, or where it is."""
    text = condensed(LONG, 200, words, "output-001")

    assert text.startswith("row 1 passed")
    assert text.endswith("row 1000 passed")
    assert "FAILED" in text
    assert "all 1000 are in output-001" in text
    assert "1 of those left out look like errors" in text


def test_what_fits_is_not_touched() -> None:
    """Nor is anything where the limit is 0."""
    assert condensed("a\nb\n", 10, words) == "a\nb"
    assert condensed(LONG, 0, words, "x") == LONG


@given(st.lists(st.text(alphabet="ab \u00e9FAILED", max_size=30), max_size=80), st.integers(80, 200))
def test_what_is_left_fits_the_limit(rows: list[str], limit: int) -> None:
    """Whatever the output looks like."""
    assert words(condensed("\n".join(rows), limit, words, "output-001")) <= limit


@pytest.mark.parametrize(
    ("ask", "meant"),
    [
        ("output-001", ("output-001", 0, 0)),
        ("output-001:40-90", ("output-001", 40, 90)),
        ("Output-2:7", ("output-2", 7, 7)),
        ("output-001:L3-L4", ("output-001", 3, 4)),
        ("src/output-001.py", None),
        ("output", None),
    ],
)
def test_lines_of_an_output_are_asked_for_as_those_of_a_file(
    ask: str, meant: tuple[str, int, int] | None
) -> None:
    """And a file of such a name stays a file."""
    assert named_lines(ask) == meant


def test_a_search_names_its_output() -> None:
    """Words in another file are a question to the index."""
    assert named_search("connection refused in output-003") == ("output-003", "connection refused")
    assert named_search("class in app.py") is None


def test_lines_are_numbered_and_end_with_the_budget() -> None:
    """What was cut is said."""
    assert lines_of("a\nb\nc\n", 2, 9, 100, words) == "2: b\n3: c"
    assert lines_of("a\nb\nc\n", 1, 3, 6, words).endswith("[cut after line 2 of 3]")
    assert lines_with("a\nB b\nc", "b", 100, words) == "2: B b"
    assert lines_with("a", "z", 100, words) == "No line contains this."


def test_outputs_lie_in_files_with_secrets_masked(tmp_path: Path) -> None:
    """The same text keeps its name, so that a turn that is taken again says the same."""
    outputs = Outputs(tmp_path / "s.outputs", Masks(["hunter2222"]))

    assert outputs.keep("the key is hunter2222") == "output-001"
    assert outputs.keep("other") == "output-002"
    assert outputs.keep("the key is hunter2222") == "output-001"
    assert outputs.read("output-001") == "the key is [secret]"
    assert outputs.read("output-009") is None
    assert outputs.read("../output-001") is None
    assert "hunter" not in "".join(path.read_text() for path in tmp_path.rglob("*.txt"))


BLOCK = "app.py\n```\n<<<<<<< SEARCH\nx = {0}\n=======\nx = {1}\n>>>>>>> REPLACE\n```\n"


@pytest.fixture
def state(tmp_path: Path) -> State:
    (tmp_path / "app.py").write_text("x = 1\n")
    settings = changed(Settings(), {"test-cmd": "check", "auto-test": True, "offload-at": 300}, "test")
    model = ScriptedModel(
        BLOCK.format(1, 2),
        "Let me look.\n\nshow: output-001:399-401\nfind: row 777 in output-001\n",
        BLOCK.format(2, 3),
    )
    made, _ = fake_state(tmp_path, model, settings=settings, shell=ScriptedShell((1, LONG), (0, "")))
    return made


def test_the_model_is_shown_a_part_and_asks_for_more(state: State) -> None:
    """A failing check with a long output: the whole of it is one line away."""
    take_turn(state, "count up")

    model = state.model
    assert isinstance(model, ScriptedModel)
    told, answered = (prompt.messages[-1].text for prompt in model.prompts[1:])
    assert "output-001" in told
    assert "row 500 passed" not in told
    assert "399: row 399 passed\n400: row 400 FAILED: assert 1 == 2\n401: row 401 passed" in answered
    assert "777: row 777 passed" in answered


def test_that_an_output_was_kept_is_journaled(state: State) -> None:
    """With its name."""
    take_turn(state, "count up")

    journal = state.ports.journal
    assert isinstance(journal, MemoryJournal)
    assert [fields["name"] for kind, fields in journal.records if kind == "output"] == ["output-001"]


def test_what_has_left_the_prompt_is_found_in_the_journal(tmp_path: Path) -> None:
    """Lines of earlier turns, not those of the turn that asks, nor files as they were."""
    model = ScriptedModel("The port is 8080.", "I look.\n\npast: which port\n", "It is 8080.")
    journal = MemoryJournal()

    def history() -> list[JournalLine]:
        return [
            JournalLine(number, kind, "", json.loads(json.dumps(fields)))
            for number, (kind, fields) in enumerate(journal.records, 1)
        ]

    state, _ = fake_state(tmp_path, model, journal=journal, history=history)
    take_turn(state, "which port is it?")

    take_turn(state, "say the port again")

    assert "past: which port\nturn 1, user: which port is it?" in model.prompts[-1].messages[-1].text
    assert "turn 1, assistant: The port is 8080." in model.prompts[-1].messages[-1].text
