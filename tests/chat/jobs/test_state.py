"""What a job is doing, by its files and its process, and what there is left to do."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from chat.errors import InputError
from chat.jobs.progress import Progress
from chat.jobs.record import Answer, JobRecord, Merged, Question, RunEnd, RunStart
from chat.jobs.remaining import Remaining, remaining
from chat.jobs.state import Facts, JobState, next_step, state_of
from chat.jobs.view import JobView, as_fields, job_schema
from chat.model import Usage
from chat.sessions.records.goal import GoalEnd, GoalSet
from chat.sessions.records.journal_line import JournalLine
from chat.sessions.records.turn import CommandDone, CommandIntent, TurnBegin, TurnDone, TurnFailed
from edits import own_mark

RECORD = JobRecord(
    id="3f9a1c",
    task="Do it",
    created=1.0,
    root="/r",
    common_dir="/r/.git",
    values={"max-turns": 3, "check": ("a", "b"), "alias": (("x", "y"),)},
    paths=("a.py",),
)
FACTS = Facts(record=RECORD)
START, END = RunStart(number=2, mark=own_mark(), at=1.0), RunEnd(number=2, exit_code=0, at=2.0)
QUESTION = Question(number=1, kind="confirm", text="Write it?")
MERGED = Merged(commit="c", tip="t", way="ff", into="main", at=3.0)

STATES = [
    (replace(FACTS, is_alive=True), JobState.QUEUED),
    (FACTS, JobState.LOST),
    (replace(FACTS, start=START, is_alive=True), JobState.RUNNING),
    (replace(FACTS, start=START, is_alive=True, question=QUESTION), JobState.WAITING),
    (replace(FACTS, start=START), JobState.LOST),
    (replace(FACTS, start=START, end=replace(END, number=1)), JobState.LOST),
    (replace(FACTS, start=START, end=replace(END, number=1), is_alive=True), JobState.RUNNING),
    (replace(FACTS, start=START, end=END), JobState.DONE),
    (replace(FACTS, start=START, end=END, is_alive=True), JobState.DONE),
    *(
        (replace(FACTS, start=START, end=replace(END, exit_code=code)), JobState.FAILED)
        for code in (1, 53, 54)
    ),
    *(
        (replace(FACTS, start=START, end=replace(END, exit_code=code)), JobState.STOPPED)
        for code in (130, 143)
    ),
]


@pytest.mark.parametrize(
    "facts", [*(facts for facts, _ in STATES), replace(FACTS, start=START, end=END, merged=MERGED)]
)
def test_json_has_the_form_that_is_published(facts: Facts) -> None:
    """In every state, every field is there."""
    view = JobView(
        facts=facts,
        state=state_of(facts),
        progress=Progress(checks=(("make test", 1),), files=("a.py",)),
        turns=1,
        commits=1,
        usage=Usage(),
        folder=Path("job"),
        tree=Path("job/tree/r"),
        journal=None,
    )
    jsonschema.validate(json.loads(json.dumps(as_fields(view))), json.loads(job_schema()))


@pytest.mark.parametrize(("facts", "state"), STATES)
def test_the_state_follows_from_files_and_process(facts: Facts, state: JobState) -> None:
    """An end counts for the run that it is the end of; what has ended is over although its process still exits."""
    assert state_of(facts) is state
    assert RECORD.id in next_step(state, facts)


def test_a_merged_job_can_be_removed() -> None:
    """That is all there is to do with it."""
    facts = replace(FACTS, start=START, end=END, merged=MERGED)
    assert next_step(state_of(facts), facts) == "trigpoint jobs prune"


@pytest.mark.parametrize("value", [RECORD, START, END, QUESTION, MERGED, Answer(number=1, text="yes")])
def test_what_is_kept_of_a_job_is_read_as_it_was_written(
    value: JobRecord | RunStart | RunEnd | Question | Merged | Answer,
) -> None:
    """Also what a later version has added to it."""
    data = value.to_json()
    assert type(value).from_json(data) == value
    assert type(value).from_json(data.replace(b"{", b'{"later": 1,', 1)) == value


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"number": 1', b"\xff"])
def test_a_damaged_file_is_named_as_such(data: bytes) -> None:
    """Whatever it holds."""
    with pytest.raises(InputError, match="cannot be read"):
        RunStart.from_json(data)


def lines(*records: object) -> list[JournalLine]:
    """A journal of these records."""
    return [
        JournalLine(number, record.kind, "2026-01-31T12:00:00Z", record.fields())  # type: ignore[attr-defined]
        for number, record in enumerate(records, 1)
    ]


DONE = TurnDone(turn=1, paths=(), commits=())
BEGIN = TurnBegin("Do it", 1)


@pytest.mark.parametrize(
    ("records", "left"),
    [
        ((), Remaining.ALL),
        ((BEGIN,), Remaining.ALL),
        ((BEGIN, TurnFailed()), Remaining.ALL),
        ((BEGIN, DONE), Remaining.NOTHING),
        ((BEGIN, TurnFailed(), BEGIN, DONE), Remaining.NOTHING),
        ((BEGIN, TurnFailed(), TurnBegin("Another", 1), DONE), Remaining.ALL),
        ((BEGIN, DONE, TurnBegin("Another", 2)), Remaining.NOTHING),
        (
            (TurnBegin("Do it\n\nThe user adds, while you are at it:\n\nUse tabs.", 1), DONE),
            Remaining.NOTHING,
        ),
        ((BEGIN, CommandIntent("t", "test"), CommandDone(2, 1), DONE), Remaining.RED),
        (
            (
                BEGIN,
                CommandIntent("t", "test"),
                CommandDone(2, 1),
                CommandIntent("t", "test"),
                CommandDone(4, 0),
                DONE,
            ),
            Remaining.NOTHING,
        ),
        (
            (BEGIN, CommandIntent("t", "test"), CommandDone(2, 1), DONE, TurnBegin("Hm", 2), DONE),
            Remaining.RED,
        ),
        ((BEGIN, replace(DONE, incomplete=True)), Remaining.ALL),
        ((BEGIN, replace(DONE, incomplete=True), BEGIN, DONE), Remaining.NOTHING),
        ((BEGIN, CommandIntent("t", "test"), DONE), Remaining.RED),
        ((BEGIN, CommandIntent("ls", "model"), CommandDone(2, 1), DONE), Remaining.NOTHING),
    ],
)
def test_what_is_left_of_a_task(records: tuple[object, ...], left: Remaining) -> None:
    """A turn for it has to be complete; a check that is red in the end makes it a failure."""
    assert remaining(lines(*records), is_goal=False) is left


def test_what_is_left_of_a_goal() -> None:
    """Everything but one that was met; one that was given up is set again."""
    goal = GoalSet(condition="x")
    assert remaining(lines(goal, BEGIN, DONE), is_goal=True) is Remaining.ALL
    assert remaining(lines(goal, GoalEnd("met", "")), is_goal=True) is Remaining.NOTHING
    assert remaining(lines(goal, GoalEnd("limit", "")), is_goal=True) is Remaining.ALL
