"""The mark of a process tells whether it is gone, and says nothing where nobody here can know."""

import os
import subprocess
import sys

import pytest
from processes import mark_of_the_dead

from edits import is_gone, own_mark, pid_of
from edits.disk import process_mark

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not say which processes run")


def test_a_process_that_runs_is_not_gone() -> None:
    """This one, and one whose number alone is known."""
    assert not is_gone(own_mark())
    assert not is_gone(str(os.getpid()))
    assert pid_of(own_mark()) == str(os.getpid())


@posix
def test_a_process_that_has_ended_is_gone() -> None:
    """Also by its number alone, as earlier versions wrote it."""
    mark = mark_of_the_dead()

    assert is_gone(mark)
    assert is_gone(pid_of(mark))


@posix
def test_a_killed_process_that_nobody_has_waited_for_is_gone() -> None:
    """Its number stays taken until its parent looks."""
    code = "from edits import own_mark; print(own_mark(), flush=True); import time; time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        mark = child.stdout.readline().strip()
        assert not is_gone(mark)
        child.kill()
        while sys.platform == "linux" and not is_gone(mark):
            pass


def test_a_process_of_before_the_machine_started_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number may be another's by now."""
    mark = own_mark()
    monkeypatch.setattr(process_mark, "_boot", lambda: "00000000")

    assert is_gone(mark)


def test_a_process_of_another_machine_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder may be shared by machines and containers, in which the numbers of this one mean nothing."""
    mark = mark_of_the_dead()
    monkeypatch.setattr(process_mark, "_machine", lambda: "00000000")

    assert not is_gone(mark)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not say when a process began")
def test_a_number_that_was_given_out_again_names_another_process() -> None:
    """The mark holds when its process began."""
    machine, boot, number, start = own_mark().split("-")

    assert is_gone(f"{machine}-{boot}-{number}-{int(start) - 1}")


@pytest.mark.parametrize("text", ["", "x", "-", "1-2-3-4", "a-b", "\x00"])
def test_what_is_no_mark_names_nobody(text: str) -> None:
    """So nothing is removed for it."""
    assert not is_gone(text)
