"""Child processes and what they started, ended together."""

import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from processes import has_ended

from repomap.safety.process_group import OWN_SESSION, end_process_group, signals_held

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")


def started(script: str, folder: Path) -> "subprocess.Popen[bytes]":
    """A shell script that says `ready` before it waits."""
    process = subprocess.Popen(["/bin/sh", "-c", script], cwd=folder, stdout=subprocess.PIPE, **OWN_SESSION)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    """A helper that outlives its parent would hold its pipes open."""
    with started("sleep 60 & echo $! > child; echo ready; wait", tmp_path) as process:
        end_process_group(process)

    assert process.returncode == -15
    assert has_ended(tmp_path / "child")


def test_a_child_has_time_to_clean_up(tmp_path: Path) -> None:
    """git removes its lock files when it is asked to end, and cannot when it is killed."""
    script = "trap 'rm lock; exit 3' TERM; touch lock; echo ready; while :; do sleep 0.01; done"
    with started(script, tmp_path) as process:
        end_process_group(process)

    assert process.returncode == 3
    assert not (tmp_path / "lock").exists()


def test_a_child_that_does_not_end_is_killed(tmp_path: Path) -> None:
    """One that ignores the request is not waited for."""
    with started("trap '' TERM; echo ready; while :; do sleep 0.01; done", tmp_path) as process:
        end_process_group(process, grace_s=0.1)

    assert process.returncode == -9


def test_a_process_can_be_ended_whenever_ctrl_c_is_pressed(tmp_path: Path) -> None:
    """Not even while it is being started is it lost: Ctrl-C comes when there is a variable that has it."""
    held = []

    def begin() -> None:
        with signals_held():
            os.kill(os.getpid(), signal.SIGINT)
            held.append(started("echo ready; sleep 600", tmp_path))

    with pytest.raises(KeyboardInterrupt):
        begin()

    (process,) = held
    with process:
        end_process_group(process)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_signal_that_python_does_not_handle_is_not_held() -> None:
    """It has its usual effect, also on what is started; and another thread is given none."""
    with signals_held():
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    handlers = []
    thread = threading.Thread(target=lambda: handlers.append(_inside()))
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]


def _inside() -> object:
    with signals_held():
        return signal.getsignal(signal.SIGINT)


def test_an_interrupt_leaves_nothing_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who presses Ctrl-C a second time does not want to wait for the grace either."""
    wait = subprocess.Popen.wait

    def interrupted(self: "subprocess.Popen[bytes]", timeout: float | None = None) -> int:
        if timeout is not None:
            raise KeyboardInterrupt
        return wait(self)

    with started("trap '' TERM; echo ready; while :; do sleep 0.01; done", tmp_path) as process:
        monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
        with pytest.raises(KeyboardInterrupt):
            end_process_group(process)

    assert process.returncode == -9
