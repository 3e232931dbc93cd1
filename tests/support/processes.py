"""Processes that end, or are started, at a given moment, and what has become of them, however busy the machine is."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PATIENCE_S = 30.0
_ROOT = Path(__file__).parents[2]
LIMITS_S = (0.3, 3.0, PATIENCE_S)
"""Time limits for a command that never ends: the next one is tried where a busy machine needs it to begin."""


class InterruptedStart(subprocess.Popen):  # type: ignore[type-arg]
    """A process with whose start Ctrl-C coincides."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        STARTED.append(self.pid)
        os.kill(os.getpid(), signal.SIGINT)


STARTED: list[int] = []
"""The numbers of such processes."""


def mark_of_the_dead() -> str:
    """Return the mark of a process that has ended."""
    code = "from edits import own_mark; print(own_mark())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def output_of(program: str, *arguments: str) -> str:
    """Return what a program of this repository prints, which has to end well.

    It is a process without threads, unlike that of the tests, so it may fork.
    """
    done = subprocess.run(
        [sys.executable, str(_ROOT / program), *arguments],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(_ROOT / "tests" / "support"), str(_ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that comes soon, unless the machine is busy."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def has_line(path: Path) -> bool:
    """Whether a command has written all of what it writes to a file: one line."""
    return path.exists() and path.read_bytes().endswith(b"\n")


def has_ended(path: Path) -> bool:
    """Whether the process whose number is in a file ends soon."""
    until(lambda: not is_running(int(path.read_text())))
    return True


def is_running(pid: int) -> bool:
    """Whether a process lives; one that has ended and that nobody has waited for yet does not."""
    try:
        os.kill(pid, 0)
        if sys.platform == "linux":
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
    return True
