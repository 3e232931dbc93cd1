"""`trigpoint jobs` in a real pseudo-terminal: what the user sees, and what the keys do."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("there are no pseudo-terminals like these there", allow_module_level=True)

from job_cases import made, view_of, worked
from prompt_toolkit.application import create_app_session
from prompt_toolkit.output import DummyOutput
from repositories import git
from terminals import Terminal

from chat.job_screen.app import LiveTable
from chat.job_screen.reading import JobsReader
from chat.job_screen.state import Size
from chat.jobs.launch import begin_run
from chat.jobs.messages import Inbox, answer_to, ask, open_question
from chat.jobs.record import Question
from chat.jobs.removing import remove
from chat.jobs.store import JobFolder

QUESTION = Question(number=7, kind="permit", text="Run this for the model?\nmake clean", rule="Bash(make *)")


@pytest.fixture
def start(shop: Path) -> Iterator[Callable[..., Terminal]]:
    """Starts `trigpoint jobs` in the repository."""
    running: list[Terminal] = []

    def begin(*arguments: str, columns: int = 80, lines: int = 24, term: str = "xterm-256color") -> Terminal:
        command = [sys.executable, "-m", "chat", "jobs", *arguments]
        running.append(Terminal(command, shop, columns, lines, term))
        return running[-1]

    yield begin
    for terminal in running:
        terminal.close()


def asking(shop: Path, task: str = "Tidy 測試 up") -> JobFolder:
    """A job that works in this process, and asks."""
    folder = made(shop, task)
    begin_run(folder)
    ask(folder, QUESTION)
    return folder


def test_a_job_that_asks_is_seen_answered_and_sent_a_text(shop: Path, start: Callable[..., Terminal]) -> None:
    """Through every size of the window; the question is whole before the answer."""
    job, done = asking(shop), worked(shop, {"new.py": "NEW = 1\n"})
    table = start().until("▸ ? waiting")
    assert "asks: Run this" in table.shown
    table.resize(60, 12)
    table.until(lambda it: "a answer" in it.screen.display[11])
    table.resize(110, 30)
    table.until(lambda it: "q quit" in it.screen.display[29])

    table.send("a")
    table.until("make clean").until("y yes  n no  A always")
    table.send("aa")  # is no answer here
    table.send("y")
    table.until(f"Job {job.id}: yes.")
    assert answer_to(job, QUESTION) == "yes"
    assert open_question(job) is None

    table.send("sUse tabs\r")
    table.until("reads it in its next turn")
    assert list(Inbox(job).waiting().values()) == ["Use tabs"]
    table.send("j")
    table.until(lambda it: "▸ ✓ done" in it.shown and "m merge" in it.shown)
    table.send("d")
    table.until("+NEW = 1")
    table.send("\x1b")
    table.until("m merge").send("my")
    table.until("Fast-forwarded").until("✓ merged")
    assert (shop / "new.py").read_text() == "NEW = 1\n"
    table.send("q")
    assert table.exit_code() == 0
    assert done.merged() is not None


def test_one_looks_into_a_job_as_it_works(shop: Path, start: Callable[..., Terminal]) -> None:
    """What it does meanwhile appears by itself; the way it is drawn needs no colours."""
    job = asking(shop)
    table = start(term="vt100").until("▸ ? waiting")
    table.send("\r")
    table.until(f"{job.id} · Tidy")
    line = '{"type": "system", "subtype": "notice", "text": "Looked around.", "level": "info"}'
    with job.events.open("a", encoding="utf-8") as events:
        events.write(f"{line}\n")
    table.until("Looked around.")
    table.send("q")
    table.until("▸ ? waiting").send("/nothing\r")
    table.until("No job matches nothing.").send("/\x1b")
    table.until("▸ ? waiting").send("/nothing\r")
    table.until("No job matches nothing.").until("Esc all").send("\x1b")
    table.until("▸ ? waiting").send("\x03")
    assert table.exit_code() == 0


def test_a_merge_is_refused_with_every_reason(shop: Path, start: Callable[..., Terminal]) -> None:
    """They do not fit the line above the keys, so they have a page."""
    worked(shop, {"new.py": "NEW = 1\n"})
    (shop / "new.py").write_text("Mine.\n")
    table = start().until("▸ ✓ done")
    table.send("my")
    table.until("not done").until("(new.py)").until("too.").send("q")
    table.until("▸ ✓ done").send("q")
    assert table.exit_code() == 0


def test_a_job_that_is_removed_meanwhile_ends_nothing(shop: Path) -> None:
    """The table is read again and again, and a key may come before that."""
    job = worked(shop, {})
    with create_app_session(output=DummyOutput()):
        table = LiveTable("shop", JobsReader())
        table.state = table.state.with_jobs([view_of(job)], Size(80, 24))
        remove(job)
        table._act("peek")
    assert table.state.message.startswith(f"No job matches {job.id}")
    assert table.state.page is None


def test_elsewhere_the_table_is_printed(shop: Path, start: Callable[..., Terminal]) -> None:
    """With `--plain`, and in a terminal that cannot move its cursor."""
    asking(shop)
    for terminal in (start("--plain"), start(term="dumb")):
        terminal.until("waiting")
        assert terminal.exit_code() == 0
        assert b"\x1b[?1049h" not in terminal.raw
    assert git(shop, "status", "--porcelain") == ""
