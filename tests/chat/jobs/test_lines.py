"""Events in the file of a job, and how far it has got by them."""

import json
from pathlib import Path
from typing import get_args

import pytest

from chat.display.json_output import line as json_line
from chat.events import (
    AgentBegan,
    AgentEnded,
    AgentStep,
    CommandRan,
    CommandStarted,
    Committed,
    ContextGiven,
    Copied,
    EditsRefused,
    EditsWritten,
    Event,
    FileEdited,
    GoalFollowed,
    Notice,
    PlanFollowed,
    ReasoningChunk,
    ReplyEnded,
    ReplyStarted,
    Retrying,
    Shown,
    TextChunk,
    TurnEnded,
)
from chat.jobs.events import read_events
from chat.jobs.lines import STARTED, event_of
from chat.jobs.progress import Progress
from chat.model import Plan, PlanRevision, PlanStep, Usage

EVENTS: tuple[Event, ...] = (
    TextChunk("a"),
    ReasoningChunk("b"),
    Retrying("busy", 1.5, 2),
    ContextGiven(("a.py",), ("find: x",)),
    EditsRefused(("no",), True),
    EditsWritten((FileEdited("a.py", "@@", "changed"),), True),
    Committed("c" * 40, "Do it", ("a.py",), of_user=True),
    CommandRan("make test", 1, "red", "check"),
    Notice("mind", "warning"),
    Shown("text", "diff"),
    GoalFollowed("not met", "red", 2),
    AgentBegan("1.1", "explorer", "Find it"),
    AgentStep("1.1", "explorer", "Shown to the model: a.py"),
    AgentEnded("1.1", "explorer", True, "It is there.", Usage(2, 100, 0, 20, 0.01)),
    PlanFollowed("revised", "1", Plan((PlanStep("a", "b"),), (PlanRevision("no", ("- a",)),))),
)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_line_is_the_event_again(event: Event) -> None:
    """So whoever shows a chat can show a job."""
    written = json_line(event, "session")
    assert written is not None
    assert event_of(json.loads(json.dumps(written))) == event


def test_every_kind_of_line_is_known() -> None:
    """A new kind of event has its place above."""
    without_line = {ReplyStarted, ReplyEnded, TurnEnded, Copied, CommandStarted}
    assert {type(event) for event in EVENTS} | without_line == set(get_args(Event))


@pytest.mark.parametrize(
    "line",
    [
        {},
        {"type": "system", "subtype": "dream"},
        {"type": "stream_event"},
        {"type": "system", "subtype": "goal"},
    ],
)
def test_a_line_of_a_later_version_is_no_event(line: dict[str, str]) -> None:
    """And no error."""
    assert event_of(line) is None


def test_only_whole_lines_are_read(tmp_path: Path) -> None:
    """The rest is read once it is whole; one that a kill cut off is passed over."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"n": 1}\n{"n": ')
    first, offset = read_events(path)
    with path.open("ab") as file:
        file.write(b'\n[]\n{"n": 3}\n')
    second, _ = read_events(path, offset)
    assert ([dict(line) for line in first], [dict(line) for line in second]) == ([{"n": 1}], [{"n": 3}])
    assert read_events(tmp_path / "none") == ([], 0)


def test_progress_is_the_sum_of_the_lines() -> None:
    """Checks count as they ended last; a new run has no result yet."""
    events = [
        EditsWritten((FileEdited("b.py", "", "created"), FileEdited("a.py", "", "changed"))),
        CommandRan("make test", 1, "", "check"),
        CommandRan("ls", 2, "", "model"),
        CommandRan("make test", 0, "", "check"),
        Committed("c" * 40, "Do it", ()),
    ]
    lines = [line for event in events if (line := json_line(event, "s"))]
    begun = {"type": "system", "subtype": STARTED}
    result = {"type": "result", "result": "It is done.", "error": None}

    progress = Progress().after([begun, *lines])
    assert (progress.files, progress.checks) == (("a.py", "b.py"), (("make test", 0),))
    assert progress.last == "Committed ccccccc Do it"
    assert progress.after([result]).last == "It is done."
    assert progress.after([result, begun]).result == {}
    assert progress.after([result, begun]).runs == 2


def ran(command: str, code: int, purpose: str) -> dict[str, object]:
    return dict(json_line(CommandRan(command, code, "", purpose), "session") or {})  # type: ignore[arg-type]


def test_a_red_scan_ends_with_the_next_one_after_an_edit() -> None:
    """Its command names the files that have changed, so it is another text each time; those of tests are the same."""
    edit = dict(json_line(EditsWritten((FileEdited("b.py", "@@", "changed"),), True), "session") or {})
    progress = Progress().after([ran("scan a", 1, "scan"), ran("make test", 1, "test")])
    assert progress.checks == (("scan a", 1), ("make test", 1))
    progress = progress.after([edit, ran("scan a b", 1, "scan")])
    assert progress.checks == (("make test", 1), ("scan a b", 1))
    progress = progress.after([edit, ran("lint b", 0, "lint"), ran("scan b", 0, "scan")])
    assert progress.checks == (("make test", 1), ("lint b", 0), ("scan b", 0))
    both = Progress().after([ran("lint a.py", 1, "lint"), ran("lint b.js", 0, "lint")])
    assert both.checks == (("lint a.py", 1), ("lint b.js", 0))
