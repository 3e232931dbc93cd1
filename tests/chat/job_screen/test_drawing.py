"""The live table of jobs as a value: what is chosen, what is to be seen, how wide each line is."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prompt_toolkit.utils import get_cwidth
from properties import examples

from chat.job_screen.cells import fitted, wrapped
from chat.job_screen.drawing import draw, draw_footer
from chat.job_screen.keys import help_lines
from chat.job_screen.pages import Page, log_page, question_page, with_log
from chat.job_screen.state import Size, State
from chat.jobs.progress import Progress
from chat.jobs.record import JobRecord, Merged, Question, RunEnd, RunStart
from chat.jobs.state import Facts, JobState, state_of
from chat.jobs.view import JobView
from chat.model import Usage

SIZE = Size(80, 24)
QUESTION = Question(
    number=7, kind="permit", text="Run this for the model?\nrm -rf build\u202e", rule="Bash(rm *)"
)
WIDE = "測試を追加して、すべての関数をカバーする"


def job(number: int, task: str = "Do it", *, code: int | None = None, asks: bool = False) -> JobView:
    """A job as it might be: at work, or over with a code."""
    record = JobRecord(
        id=f"{number:06x}",
        task=task,
        created=float(number),
        root="/r",
        common_dir="/r/.git",
        branch=f"trigpoint/{number}",
    )
    facts = Facts(
        record=record,
        start=RunStart(number=1, mark="m", at=time.time()),
        end=None if code is None else RunEnd(number=1, exit_code=code, at=time.time()),
        question=QUESTION if asks else None,
        is_alive=code is None,
    )
    return JobView(
        facts=facts,
        state=state_of(facts),
        progress=Progress(last="It is done.", checks=(("pytest -q", 1), ("ruff", 0))),
        turns=2,
        commits=1,
        usage=Usage(calls=1, cost_usd=0.25),
        folder=Path("/j"),
        tree=Path("/j/tree"),
        journal=None,
    )


def text_of(state: State, size: Size = SIZE) -> list[str]:
    """The lines of the screen, the footer included."""
    return ["".join(text for _, text in line) for line in [*draw(state, size), draw_footer(state, size)]]


def with_jobs(*jobs: JobView, size: Size = SIZE) -> State:
    return State(place="shop").with_jobs(jobs, size)


def test_a_row_says_what_a_job_does() -> None:
    """State, task, turns, cost, checks and what happened last; a mark stands where colours do not."""
    lines = text_of(with_jobs(job(1, "Port it", code=0)))
    assert lines[0] == f"{' Jobs of shop':<65}1 done · $0.25"
    assert lines[3].split() == "▸ ✓ done Port it 2 $0.25 ✗ 1/2 It is done.".split()


def test_jobs_that_ask_come_first_then_those_at_work() -> None:
    """The newest first among each."""
    state = with_jobs(job(1, code=0), job(2), job(3, asks=True), job(4, code=1), job(5))
    assert [int(row.id, 16) for row in state.rows] == [3, 5, 2, 4, 1]
    assert [row.state for row in state.rows][:2] == [JobState.WAITING, JobState.RUNNING]


def test_the_same_job_stays_chosen_whatever_becomes_of_the_others() -> None:
    """And when it is gone, the one that has its place."""
    state = with_jobs(job(1), job(2), job(3)).moved("down", SIZE)
    assert state.chosen == "000002"
    after = state.with_jobs([job(2, code=0), job(3), job(4)], SIZE)
    assert (after.chosen, [row.id for row in after.shown].index(after.chosen)) == ("000002", 2)
    assert after.with_jobs([job(3), job(4)], SIZE).chosen == "000003"
    assert after.with_jobs([], SIZE).row is None


@pytest.mark.parametrize("lines", [5, 8, 14, 24, 60])
def test_fifty_jobs_scroll_and_the_chosen_one_is_always_to_be_seen(lines: int) -> None:
    """From the first to the last and back, by lines and by screens, on every height."""
    size = Size(80, lines)
    state = with_jobs(*map(job, range(50)), size=size)
    for action in [*["down"] * 60, *["page-up"] * 9, "last", "first", *["page-down"] * 9, *["up"] * 55]:
        state = state.moved(action, size)
        assert sum(line.startswith("▸") for line in text_of(state, size)) == 1
    assert state.moved("last", size).chosen == f"{0:06x}"


def test_a_filter_leaves_the_jobs_in_which_all_words_occur() -> None:
    """In any case; the first of them is chosen, and nothing is chosen of none."""
    state = with_jobs(job(1, "Port the build"), job(2, "Fix the cart"), job(3, "Port the cart"))
    assert [row.id for row in state.filtered("PORT cart", SIZE).shown] == ["000003"]
    none = state.filtered("nothing", SIZE)
    assert none.row is None
    assert "No job matches nothing." in "\n".join(text_of(none))
    assert len(none.filtered("", SIZE).shown) == 3


def test_a_question_is_shown_whole_with_what_would_hide_something_written_out() -> None:
    """Whoever answers has seen what it is about; it goes when it was answered elsewhere."""
    state = with_jobs(job(1, asks=True))
    state = replace(state, page=question_page("000001", "asks", QUESTION))
    lines = "\n".join(text_of(state))
    assert "rm -rf build\\u202e" in lines
    assert "Bash(rm *)" in lines
    assert text_of(state)[-1].split("  ")[:3] == [" y yes", "n no", "A always"]
    after = state.with_jobs([job(1)], SIZE)
    assert (after.page, after.message) == (None, "Job 000001 does not ask that any more.")


def test_a_log_follows_its_end_until_one_scrolls_up() -> None:
    """What a model is still saying stands at its end, and once only when the reply is whole."""
    delta = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "I am loo"}}
    chunk = {"type": "stream_event", "event": delta}
    reply = {"type": "assistant", "role": "main", "message": {"content": [{"text": "I am looking.\n" * 40}]}}
    page = with_log(log_page("000001", "log"), [chunk])
    assert page.wrapped(78)[-1][1] == "I am loo"
    page = with_log(page, [reply])
    assert [text for _, text in page.wrapped(78)] == ["I am looking."] * 40
    up = page.scrolled(-5, 78, 20)
    assert (up.top, up.follows) == (15, False)
    assert up.scrolled(99, 78, 20).follows


def test_only_keys_that_do_something_stand_in_the_footer() -> None:
    """A job that is done can be merged, one at work be stopped, one that asks be answered."""
    running, asking, done = job(1), job(1, asks=True), job(1, code=0)
    merged = replace(
        done, facts=replace(done.facts, merged=Merged(commit="c", tip="t", way="ff", into="main", at=1.0))
    )
    found = [text_of(with_jobs(each))[-1] for each in (running, asking, done, merged)]
    assert [[word in line for word in ("answer", "stop", "merge")] for line in found] == [
        [False, True, False],
        [True, True, False],
        [False, False, True],
        [False, False, False],
    ]


def test_the_help_fits_a_terminal_of_80_by_24() -> None:
    """With every key and every state."""
    state = replace(with_jobs(job(1)), page=Page("help", "", "Keys", tuple(help_lines(78))))
    assert "lost" in "\n".join(text_of(state))


texts = st.text(st.sampled_from("aé測🙂 e\u0301\t/"), max_size=60)


@given(texts, st.integers(0, 30))
@examples(60)
def test_a_cell_has_exactly_its_columns(text: str, columns: int) -> None:
    """Also with wide characters, of which half a one does not fit."""
    text = text.replace("\t", " ")
    assert get_cwidth(fitted(text, columns)) == columns


@given(texts, st.integers(2, 30))
@examples(60)
def test_wrapping_loses_nothing_but_blanks(text: str, columns: int) -> None:
    """And no line is wider than it may be."""
    pieces = wrapped(text, columns)
    assert "".join("".join(pieces).split()) == "".join(text.split())
    assert all(get_cwidth(piece) <= columns for piece in pieces)


@given(
    st.integers(10, 130), st.integers(4, 50), st.sampled_from(["table", "stop", "log", "question", "message"])
)
@examples(60)
def test_a_screen_of_any_size_is_filled_and_never_overflows(columns: int, lines: int, what: str) -> None:
    """In each of its states."""
    size = Size(columns, lines)
    state = with_jobs(job(1, WIDE, asks=True), job(2, WIDE * 3, code=1), *map(job, range(3, 40)), size=size)
    state = {
        "table": state,
        "stop": replace(state, asked="stop"),
        "log": replace(state, page=Page("log", "000001", WIDE, (("", WIDE * 9),) * 30, follows=True)),
        "question": replace(state, page=question_page("000001", WIDE, QUESTION)),
        "message": state.saying(WIDE * 4, is_bad=True),
    }[what]
    drawn = text_of(state, size)
    assert len(drawn) == lines
    assert all(get_cwidth(line) <= columns for line in drawn)


@given(st.integers(44, 200))
@examples(40)
def test_a_row_ends_before_the_edge_of_the_terminal(columns: int) -> None:
    """So that nothing is cut off at the right: each cell has been fitted."""
    (row,) = [line for line in text_of(with_jobs(job(1)), Size(columns, 24)) if line.startswith("▸")]
    assert get_cwidth(row.rstrip()) < columns
