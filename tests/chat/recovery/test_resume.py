"""Resuming a session that was cut off in the middle of a turn."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from chat_fakes import ScriptedModel, fake_state

from chat.events import Notice
from chat.recovery.resume import resume
from chat.sessions.journal import FileJournal, read_lines
from chat.sessions.locations import new_id
from chat.sessions.replay import restore
from chat.snapshots.kept_changes import KeptChanges
from chat.state.state import State
from chat.turn.turn import take_turn

OLD, NEW = "x = 1\n", "x = 2\n"
BLOCK = "app.py\n```\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n```\n"


Cut = Callable[[str], Path]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "app.py").write_text(OLD)
    return tmp_path / "work"


@pytest.fixture
def cut(root: Path, tmp_path: Path) -> Cut:
    """A session of two turns whose journal ends before the last record of a kind."""

    def make(kind: str) -> Path:
        journal = FileJournal(tmp_path / f"{new_id()}.jsonl")
        state, _ = fake_state(
            root, ScriptedModel("Hello.", BLOCK), journal=journal, kept=kept_beside(journal.path)
        )
        take_turn(state, "hello")
        take_turn(state, "count")
        journal.close()
        lines = journal.path.read_text().splitlines(keepends=True)
        end = max(index for index, line in enumerate(lines) if json.loads(line)["kind"] == kind)
        journal.path.write_text("".join(lines[:end]))
        return journal.path

    return make


def kept_beside(path: Path) -> KeptChanges:
    return KeptChanges(path.with_suffix(".kept"))


def resumed(root: Path, path: Path, *script: str, lost: bool = False) -> tuple[State, str, list[str]]:
    kept = KeptChanges() if lost else kept_beside(path)
    state, events = fake_state(root, ScriptedModel(*script), journal=FileJournal(path), kept=kept)
    again = resume(state, restore(read_lines(path)))
    return state, again, [event.text for event in events if isinstance(event, Notice)]


def test_what_the_turn_wrote_is_taken_back_and_its_reply_used_again(root: Path, cut: Cut) -> None:
    """The script is empty: a call would fail."""
    path = cut("commit.intent")
    state, again, _ = resumed(root, path)
    assert (again, (root / "app.py").read_text()) == ("count", OLD)

    take_turn(state, again)

    assert (root / "app.py").read_text() == NEW
    assert [entry.message.text for entry in state.conversation.entries if entry.kind == "request"] == [
        "hello",
        "count",
    ]


def test_what_the_killed_write_left_is_gone_before_anything_is_read(root: Path, cut: Cut) -> None:
    """Also where no file had changed yet: a map or a search would show it to the model as a file."""
    path = cut("commit.intent")
    (root / "app.py").write_text(OLD)
    dead = 2**22 + 1  # above the largest process id that Linux gives
    (root / f".trigpoint-{dead}-0123456789abcdef.tmp").write_text(NEW)

    resumed(root, path)

    assert [file.name for file in root.iterdir()] == ["app.py"] or os.name == "nt"


def test_the_conversation_is_right_after_the_second_restart_too(root: Path, cut: Cut) -> None:
    """The messages of the turn that was cut off are not in it twice."""
    path = cut("commit.intent")
    state, again, _ = resumed(root, path)
    take_turn(state, again)
    state.ports.journal.close()

    restored = restore(read_lines(path))

    assert restored.conversation == state.conversation
    assert restored.requests == ("hello", "count")
    assert restored.unfinished is None


def test_a_file_that_someone_else_has_changed_is_left(root: Path, cut: Cut) -> None:
    """It is neither as the turn left it nor as it was before."""
    path = cut("commit.intent")
    (root / "app.py").write_text("x = 3\n")

    _, again, notices = resumed(root, path)

    assert again == "count"
    assert (root / "app.py").read_text() == "x = 3\n"
    assert any("left as it is" in text for text in notices)


def test_without_the_snapshot_the_files_stay_and_the_turn_is_not_taken(root: Path, cut: Cut) -> None:
    """Taken again, it would not find what it changes; the user is told and can go on."""
    path = cut("commit.intent")

    state, again, notices = resumed(root, path, "Fine.", lost=True)

    assert again == ""
    assert (root / "app.py").read_text() == NEW
    assert any("does not count" in text for text in notices)
    take_turn(state, "go on")
    state.ports.journal.close()
    assert restore(read_lines(path)).conversation == state.conversation


def test_a_turn_whose_commit_was_made_is_done(root: Path, cut: Cut) -> None:
    """The conversation holds it, and it can be undone."""
    path = cut("talk")

    state, again, _ = resumed(root, path)

    assert again == ""
    assert (root / "app.py").read_text() == NEW
    assert [turn.record.paths for turn in state.turns.done] == [("app.py",)]
    assert state.conversation.entries[-1].message.text == BLOCK
    assert "Applied and committed" in state.conversation.notes[0]
