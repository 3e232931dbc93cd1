"""Tasks one after the other: each begins where the last one ended, and none is done twice."""

from collections.abc import Callable
from pathlib import Path

import pytest
from job_cases import WorkerHere
from platformdirs import user_state_path
from repositories import git
from scripted_model import Answer, ScriptedModel, text_of
from whole_chat import FLAGS, ModelScripts, Program, ProgramRun, block, calls_of

from chat.errors import InputError
from chat.jobs import launch
from chat.jobs.queue import read_queue
from chat.jobs.store import all_folders

Scripted = Callable[..., ScriptedModel]
ONE, TWO = block("shop/one.py", "", "ONE = 1\n"), block("shop/two.py", "", "TWO = 2\n")
QUEUE = '# of today\nadd one\n\n{"task": "add two", "files": ["shop/cart.py"]}\n'


@pytest.fixture
def run(
    trigpoint: Program, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[ScriptedModel], ProgramRun]:
    """Runs a queue of two tasks, with jobs that are over when they have begun."""
    monkeypatch.setattr(launch, "start_worker", WorkerHere)
    queue = tmp_path / "queue"
    queue.write_text(QUEUE)

    def run_it(server: ScriptedModel) -> ProgramRun:
        flags = (*FLAGS, "--api-base", server.base_url, "--api-key", "sk-none", "--map-tokens", "0")
        return trigpoint.run("run", "--queue", str(queue), *flags)

    return run_it


def last_request(server: ScriptedModel) -> str:
    return text_of(calls_of(server)[-1].messages[-1])


def test_the_next_task_begins_with_what_came_of_the_last(
    run: Callable[[ScriptedModel], ProgramRun], scripted: Scripted, shop: Path
) -> None:
    """Its branch has those commits, and its request says what was said; a second run has nothing to do."""
    server = scripted(ModelScripts(f"I add it.\n\n{ONE}", TWO))
    assert run(server).code == 0
    assert "add one" in last_request(server)
    assert "I add it." in last_request(server)
    (last,) = [folder.record() for folder in all_folders() if folder.record().task == "add two"]
    assert {"shop/one.py", "shop/two.py"} <= set(
        git(shop, "ls-tree", "-r", "--name-only", last.branch).split()
    )
    again = run(server)
    assert (again.code, len(calls_of(server))) == (0, 2)
    assert "All 2 tasks are done." in again.stderr


def test_it_stops_at_a_task_that_fails_and_goes_on_with_it(
    run: Callable[[ScriptedModel], ProgramRun], scripted: Scripted, tmp_path: Path
) -> None:
    """In the same job, also where a remark or an empty line was put above it."""
    server = scripted(ModelScripts(ONE, Answer(status=401), TWO))
    failed = run(server)
    assert failed.code == 1
    assert "Task 2 of 2 failed" in failed.stderr
    (tmp_path / "queue").write_text(f"\ufeff# a remark\n\n{QUEUE}", encoding="utf-8")
    assert (run(server).code, len(all_folders())) == (0, 2)


def test_a_kill_before_a_result_is_written_down_does_no_task_twice(
    run: Callable[[ScriptedModel], ProgramRun], scripted: Scripted
) -> None:
    """The job's own record says that it was begun, and that it is done."""
    server = scripted(ModelScripts(ONE, TWO))
    assert run(server).code == 0
    (position,) = user_state_path("trigpoint").glob("queues/*/position.json")
    position.unlink()
    assert (run(server).code, len(calls_of(server)), len(all_folders())) == (0, 2, 2)


def test_tasks_that_read_the_same_are_told_apart() -> None:
    """By their order; other characters than line feeds end no line."""
    entries = read_queue("again\nonce\u2028only\nagain\n", "q")
    assert [(entry.task, entry.number) for entry in entries] == [
        ("again", 1),
        ("once\u2028only", 1),
        ("again", 2),
    ]


@pytest.mark.parametrize(
    "line", ["{", "{}", '{"task": 1}', '{"task": "x", "model": "y"}', '{"task": "x", "check": [1]}']
)
def test_a_line_that_is_no_task_is_named(line: str) -> None:
    """Before anything is begun."""
    with pytest.raises(InputError, match=r"q, line 2: .*Nothing was begun"):
        read_queue(f"first\n{line}\n", "q")


def test_a_task_that_has_changed_since_it_was_done_is_refused(
    run: Callable[[ScriptedModel], ProgramRun], scripted: Scripted, tmp_path: Path
) -> None:
    """Nobody could say what the others would begin with."""
    server = scripted(ModelScripts(ONE, TWO))
    assert run(server).code == 0
    (tmp_path / "queue").write_text(QUEUE.replace("add one", "add eleven"))
    assert run(server).code == 2
