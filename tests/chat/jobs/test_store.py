"""The folders of jobs, and what goes between the user and a worker."""

import os
import stat
from pathlib import Path

import pytest
from job_cases import made
from processes import mark_of_the_dead
from repositories import git
from whole_chat import Program

from chat.errors import InputError, UsageError
from chat.jobs.messages import Inbox, answer, ask, open_question, send, with_messages, withdraw
from chat.jobs.person import DistantPerson
from chat.jobs.record import Question
from chat.jobs.store import JobBusy, JobFolder, all_folders, find_folder, half_made, jobs_folder

POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")


@pytest.fixture
def folder(tmp_path: Path) -> JobFolder:
    return JobFolder(tmp_path)


@POSIX
def test_nobody_else_reads_a_job(shop: Path) -> None:
    """Its folder is closed, and so is each file in it."""
    folder = made(shop)
    send(folder, "Use tabs.")
    with folder.locked():
        pass
    for path in (
        jobs_folder(),
        folder.path,
        *folder.path.glob("*.*"),
        *folder.inbox.iterdir(),
        folder.path / "lock",
    ):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_the_beginning_of_an_id_is_enough(shop: Path) -> None:
    """If it is that of one job."""
    folder = made(shop)
    assert find_folder(folder.id[:4]).path == folder.path
    for wrong in ("", "zz", "../x"):
        with pytest.raises(InputError, match="No job matches"):
            find_folder(wrong)
    twin = JobFolder(folder.path.with_name(folder.id[:5] + ("0" if folder.id[5] != "0" else "1")))
    with pytest.raises(InputError, match="2 jobs match"):
        find_folder(folder.id[:5], [folder, twin])


def test_one_process_at_a_time_works_on_a_job(folder: JobFolder) -> None:
    """The lock goes with its process."""
    with folder.locked(), pytest.raises(JobBusy, match="Another process"), folder.locked():
        pass
    with folder.locked():
        pass


def test_what_a_kill_leaves_of_a_folder_is_found(shop: Path) -> None:
    """Also one that was being removed; that of a living process is not."""
    own = made(shop)
    ended = mark_of_the_dead()
    for name in (f"{ended}.abc.new", "abcdef"):
        (jobs_folder() / name).mkdir()
    assert {folder.path.name for folder in half_made()} == {f"{ended}.abc.new", "abcdef"}
    assert own.id in {folder.id for folder in all_folders()}
    assert git(shop, "branch", "--list", "trigpoint/*") != ""


def test_messages_are_read_in_order_and_once(folder: JobFolder) -> None:
    """Those that a turn was not told of stay."""
    inbox = Inbox(folder)
    assert inbox.waiting() == {}
    send(folder, "one")
    first = inbox.waiting()
    send(folder, "two\n")
    assert list(inbox.waiting().values()) == ["one", "two\n"]
    inbox.take(first)
    assert list(inbox.waiting().values()) == ["two\n"]
    assert with_messages("Go", inbox.waiting()).endswith("two")
    with pytest.raises(UsageError, match="empty"):
        send(folder, " \n")


def test_a_question_takes_its_own_answer_only(folder: JobFolder) -> None:
    """Its first letter is enough; an answer to an earlier one is none."""
    with pytest.raises(UsageError, match="asks nothing"):
        answer(folder, "yes")
    ask(folder, Question(number=1, kind="permit", text="Run it?", rule="Bash(ls)"))
    with pytest.raises(UsageError, match="yes, no, always"):
        answer(folder, "maybe")
    assert answer(folder, "A") == "always"
    assert open_question(folder) is None
    ask(folder, Question(number=2, kind="confirm", text="Write it?"))
    assert open_question(folder) is not None
    withdraw(folder)
    assert open_question(folder) is None


@pytest.mark.parametrize(("given", "permitted"), [("yes", "yes"), ("no", "no"), ("always", "always")])
def test_a_worker_waits_for_the_answer(folder: JobFolder, given: str, permitted: str) -> None:
    """And withdraws its question then."""
    waits: list[float] = []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        answer(folder, given)

    person = DistantPerson(folder, sleep=wait)
    assert person.permit("ls", "Bash(ls)") == permitted
    assert (len(waits), open_question(folder)) == (1, None)
    if given != "always":
        assert person.confirm("Write it?") is (given == "yes")
    assert DistantPerson(folder, yes=True).confirm("Write it?")
    assert not person.offer("rm -r .")


def test_a_command_without_an_id_names_the_newest_job(trigpoint: Program, shop: Path) -> None:
    """What it is and what it is doing, so that nobody has to look it up; where there is none, that is said."""
    none = trigpoint.run("status")
    made(shop, "Do the first thing")
    newest = made(shop, "Do the second thing")
    missing = trigpoint.run("merge")
    assert (none.code, missing.code) == (2, 2)
    assert "This repository has no jobs" in none.stderr
    assert f"The newest is {newest.id} (" in missing.stderr
    assert "Do the second thing); trigpoint jobs lists all." in missing.stderr
