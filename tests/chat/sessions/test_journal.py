"""A session's journal: what it holds, what comes back from it, and what a kill leaves of it."""

import json
import os
from pathlib import Path

import pytest
from chat_fakes import ScriptedModel, fake_state

from chat.conversation.conversation import Conversation, ShownFile
from chat.errors import ModelError, SessionError
from chat.sessions.conversation_change import change_between
from chat.sessions.journal import FileJournal, read_lines
from chat.sessions.locations import new_id, project_folder, sessions_of
from chat.sessions.records.session import SessionTag
from chat.sessions.replay import restore
from chat.turn.turn import take_turn

APP = "def greet(name):\n    print('Hello')\n"
BLOCK = "app.py\n```\n<<<<<<< SEARCH\n    print('Hello')\n=======\n    print(name)\n>>>>>>> REPLACE\n```\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "app.py").write_text(APP)
    return tmp_path / "work"


def test_the_conversation_comes_back_from_the_journal(root: Path, tmp_path: Path) -> None:
    """Messages, files shown, notes, turn and mode are what they were."""
    journal = FileJournal(tmp_path / f"{new_id()}.jsonl")
    state, _ = fake_state(root, ScriptedModel("Please add:\n`app.py`\n", BLOCK, "Fine."), journal=journal)
    state.writer.put(state.conversation.with_files([ShownFile("app.py", by_user=True)]))

    take_turn(state, "print the name")
    take_turn(state, "thanks")

    restored = restore(read_lines(journal.path))
    assert restored.conversation == state.conversation
    assert restored.spent == state.spending.by_role
    assert restored.requests == ("print the name", "thanks")
    assert [(turn.record.turn, turn.record.paths) for turn in restored.turns.done] == [(1, ("app.py",))]
    assert restored.unfinished is None


def test_a_turn_that_failed_is_not_taken_again(root: Path, tmp_path: Path) -> None:
    """An error that the user saw is the end of that turn."""
    journal = FileJournal(tmp_path / f"{new_id()}.jsonl")
    state, _ = fake_state(root, ScriptedModel(ModelError("gone")), journal=journal)

    with pytest.raises(ModelError):
        take_turn(state, "print the name")

    assert restore(read_lines(journal.path)).unfinished is None


def test_paid_replies_of_a_cut_turn_come_back(root: Path, tmp_path: Path) -> None:
    """Each by the digest of its prompt."""
    journal = FileJournal(tmp_path / f"{new_id()}.jsonl")
    state, _ = fake_state(root, ScriptedModel("Please add:\n`app.py`\n", BLOCK), journal=journal)
    take_turn(state, "print the name")
    rows = [json.loads(line) for line in journal.path.read_text().splitlines()]
    cut = next(place for place, row in enumerate(rows) if row["kind"] == "edit.intent")

    short = tmp_path / f"{new_id()}.jsonl"
    short.write_text("".join(json.dumps(row) + "\n" for row in rows[:cut]))
    restored = restore(read_lines(short))

    assert restored.unfinished is not None
    assert restored.unfinished.request == "print the name"
    assert sum(map(len, restored.replies.values())) == 2
    assert restored.conversation.entries == ()


def test_a_torn_last_line_is_cut_off(tmp_path: Path) -> None:
    """What a kill left half written is neither read nor built upon."""
    path = tmp_path / f"{new_id()}.jsonl"
    journal = FileJournal(path)
    journal.write(SessionTag("one"))
    journal.close()
    with path.open("ab") as file:
        file.write(b'{"v":1,"n":2,"kind":"ta')

    journal = FileJournal(path)
    journal.write(SessionTag("two"))

    assert [(line.number, line.fields["tag"]) for line in read_lines(path)] == [
        (1, "one"),
        (2, "two"),
    ]


def test_a_session_is_written_by_one_process_at_a_time(tmp_path: Path) -> None:
    """The second is told, and nothing happens to the file."""
    path = tmp_path / f"{new_id()}.jsonl"
    journal = FileJournal(path)

    with pytest.raises(SessionError, match="another process"):
        FileJournal(path)
    journal.close()
    FileJournal(path).close()


def test_what_is_needed_again_is_kept_as_it_is_for_the_user_alone(tmp_path: Path) -> None:
    """Secrets too: a masked reply would be written into a file after a crash. Others cannot read them."""
    path = tmp_path / f"{new_id()}.jsonl"
    path.write_text("")
    path.chmod(0o644)
    journal = FileJournal(path)
    conversation = Conversation().with_request("my key is AKIAIOSFODNN7EXAMPLE")
    journal.write(change_between(Conversation(), conversation))

    assert restore(read_lines(path)).conversation == conversation
    assert path.stat().st_mode & 0o077 == 0 or os.name == "nt"


def test_a_journal_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """Guessing at it could lose what it holds."""
    path = tmp_path / f"{new_id()}.jsonl"
    path.write_text('{"v":99,"n":1,"t":"","kind":"tag","tag":"x"}\n')

    with pytest.raises(SessionError, match="newer"):
        list(read_lines(path))


def test_the_newest_session_stands_first(tmp_path: Path) -> None:
    """`--continue` takes it; other files in the folder are none."""
    folder = project_folder(tmp_path)
    for place in range(3):
        journal = FileJournal(folder / f"2026010{place + 1}-000000-abcdef.jsonl")
        journal.close()
        os.utime(journal.path, (1000 - place, 1000 - place))
    (folder / "notes.txt").write_text("x")

    assert [path.stem[:8] for path in sessions_of(folder)] == ["20260101", "20260102", "20260103"]
