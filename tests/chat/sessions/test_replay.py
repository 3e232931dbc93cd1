"""A journal of version 0.1 is read and continued; what a later version adds is skipped."""

import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from chat_fakes import MemorySnapshots, ScriptedModel, fake_state

from chat.conversation.conversation import ShownFile
from chat.events import Notice
from chat.model import Mode, ModelRole, Usage
from chat.recovery.resume import resume
from chat.sessions.journal import FileJournal, read_lines
from chat.sessions.records.journal_line import JournalLine, Unknown, read_record
from chat.sessions.records.turn import TurnBegin
from chat.sessions.replay import restore
from chat.snapshots.store import FileState, States
from chat.turn.turn import take_turn

INTERRUPTED = Path(__file__).parent / "interrupted.jsonl"
"""Written by version 0.1: an exploration, edits, undo and redo, a refused edit, a rollback, a rebuild, a
commit of the user's changes, and a last turn that was killed after it wrote its file."""


class Snapshots(MemorySnapshots):
    """Knows what `util.py` held before the last turn."""

    def states(self, snapshot: str, paths: Sequence[str]) -> States:
        return dict.fromkeys(paths, FileState(b"x = 1\n"))


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return Path(shutil.copy(INTERRUPTED, tmp_path / "20260101-000000-abcdef.jsonl"))


def test_a_journal_of_the_first_version_is_restored() -> None:
    """Conversation, usage, the turns that can be undone, and what the killed turn had done."""
    session = restore(read_lines(INTERRUPTED))

    assert session.requests[-2:] == ("Thanks", "Count to four")
    assert session.tags == ("demo",)
    assert session.skipped == ()
    assert (session.conversation.turn, session.conversation.mode) == (5, Mode.CODE)
    assert session.conversation.files == (ShownFile("util.py", used_turn=5, by_user=True),)
    assert [entry.message.text for entry in session.conversation.entries if entry.kind == "reply"][
        -1
    ] == "Fine."
    assert session.compacted is not None
    assert session.spent[ModelRole.MAIN] == Usage(9, 5152, 0, 152, None)
    assert [
        (turn.record.turn, turn.record.paths, len(turn.record.commits)) for turn in session.turns.done
    ] == [
        (2, ("app.py",), 1),
        (3, ("util.py",), 1),
        (4, ("util.py",), 1),
        (4, ("util.py",), 0),
    ]
    assert session.unfinished is not None
    assert session.unfinished.paths == ("util.py",)
    assert session.unfinished.committing is None
    assert [(run.command, run.exit_code, run.feedback) for run in session.runs] == [("true", 0, "")]
    assert sum(map(len, session.replies.values())) == 2


def test_a_session_of_the_first_version_goes_on(tmp_path: Path, journal: Path) -> None:
    """The killed turn is taken again, and old and new records make one conversation."""
    (tmp_path / "work").mkdir()
    edited = tmp_path / "work" / "util.py"
    edited.write_text("x = 4\n")
    reply = "util.py\n```\n<<<<<<< SEARCH\nx = 1\n=======\nx = 4\n>>>>>>> REPLACE\n```\n"
    state, events = fake_state(
        tmp_path / "work", ScriptedModel(reply), journal=FileJournal(journal), snapshots=Snapshots()
    )

    request = resume(state, restore(read_lines(journal)))
    assert (request, edited.read_text()) == ("Count to four", "x = 1\n")
    take_turn(state, request)

    session = restore(read_lines(journal))
    assert edited.read_text() == "x = 4\n"
    assert session.conversation == state.conversation
    assert session.requests[-2:] == ("Thanks", "Count to four")
    assert session.unfinished is None
    assert session.turns.done[-1].record.paths == ("util.py",)
    assert any(isinstance(event, Notice) and "taken again" in event.text for event in events)


def test_a_check_run_once_more_counts_as_it_ended_last() -> None:
    """Killed twice: the reply after the second run answers what that one printed, and the next check is another."""
    said = {"message": {"role": "assistant", "text": "Done."}, "kind": "reply", "turn": 1}
    reply = ("talk", {"entries": [said], "turn": 1, "mode": "code"})
    once_more = ("resume", {"unfinished": True, "again": True})
    steps = [
        ("turn.begin", {"request": "go", "turn": 1}),
        *(reply, *_check(1, "failed first"), once_more),
        *(reply, *_check(1, "failed again"), reply, *_check(0, ""), once_more),
    ]

    session = restore(_numbered(steps))

    assert [(run.feedback, run.place) for run in session.runs] == [("failed again", 1), ("", 2)]


def _check(exit_code: int, told: str) -> list[tuple[str, dict[str, object]]]:
    return [
        ("command.intent", {"command": "make check", "purpose": "test"}),
        ("command.done", {"exit_code": exit_code, "told": told}),
    ]


def _numbered(steps: Sequence[tuple[str, dict[str, object]]]) -> Iterator[JournalLine]:
    for number, (kind, fields) in enumerate(steps, 1):
        intent = {"intent": number - 1} if kind == "command.done" else {}
        yield JournalLine(number, kind, "", {**fields, **intent})


@pytest.mark.parametrize("kind", ["goal.begin", "settled", "count", "take", "__init__"])
def test_a_kind_of_a_later_version_is_skipped_and_listed(kind: str) -> None:
    """Whatever it is called, also like something in the program."""
    lines = [
        JournalLine(1, "turn.begin", "", {"request": "hello", "turn": 1}),
        JournalLine(2, kind, "", {"text": "faster"}),
        JournalLine(3, kind, "", {"text": "smaller"}),
        JournalLine(4, "turn.failed", "", {}),
    ]

    session = restore(lines)

    assert session.skipped == (kind,)
    assert session.requests == ("hello",)
    assert session.unfinished is None


def test_a_record_without_a_field_that_it_needs_is_skipped_and_listed() -> None:
    """A hand that edited the journal must not cost the session."""
    assert restore([JournalLine(1, "turn.begin", "", {"request": "hello"})]).skipped == ("turn.begin",)


def test_a_field_of_a_later_version_is_ignored() -> None:
    """The record counts as far as it is understood."""
    line = JournalLine(1, "turn.begin", "", {"request": "hello", "turn": 1, "goal": 3})

    assert read_record(line) == TurnBegin("hello", 1)


def test_records_are_written_as_the_first_version_wrote_them() -> None:
    """So that the version before can read what this one writes."""
    for line in read_lines(INTERRUPTED):
        record = read_record(line)

        assert not isinstance(record, Unknown)
        written = json.loads(json.dumps(record.fields()))
        assert (record.kind, {name: written.get(name) for name in line.fields}) == (line.kind, line.fields)
