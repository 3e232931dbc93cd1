"""[io] The process that works on a job: whether it runs, how it is started and ended, and what it has left running.

A worker is a session of its own, so that neither Ctrl-C nor the end of a terminal reaches it. What it starts inherits
a variable that names the job; by that, commands are found that outlive a worker that was killed.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from chat.errors import InputError
from chat.jobs.store import JobBusy, JobFolder
from repomap import OWN_SESSION, find_program, system_program

JOB_VARIABLE = "_TRIGPOINT_JOB"
"""Holds the job's folder in the environment of its worker, and of all that this starts."""
_PROGRAM = (
    "import sys; n = int(sys.argv[1]); sys.path[:] = sys.argv[2:2 + n]; del sys.argv[1:2 + n]; "
    "from chat.cli.main import main; main()"
)
"""Imports what this process would import, and nothing from the folder that it is started in."""
GRACE_S = 10.0
"""How long a worker has to end its turn by itself."""
_POLL_S = 0.05
_PS_TIMEOUT_S = 10.0


class Worker(Protocol):
    """A process that was started to work on a job."""

    def poll(self) -> int | None:
        """Return its exit code, or None as long as it runs."""
        ...


def is_running(mark: str, folder: JobFolder) -> bool:
    """Whether the process of a mark runs; where the system does not tell when one began, by the job's lock."""
    from edits import is_gone

    if not mark or is_gone(mark):
        return False
    if os.path.exists("/proc/self/stat"):
        return True
    try:
        with folder.locked():
            return False
    except InputError:
        return False
    except (JobBusy, OSError):
        return True


def start_worker(folder: JobFolder, secrets: Mapping[str, str]) -> Worker:
    """Start the process that works on a job; it goes on when this one ends. Raises OSError."""
    command = [os.path.abspath(sys.executable), "-P", "-c", _PROGRAM, str(len(sys.path))]
    log = os.open(folder.messages, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        return subprocess.Popen(
            [*command, *map(os.path.abspath, sys.path), "jobs", "work", folder.id],
            cwd=folder.path,
            env={**os.environ, **secrets, JOB_VARIABLE: str(folder.path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
            **OWN_SESSION,
        )
    finally:
        os.close(log)


def end_worker(mark: str, folder: JobFolder) -> None:
    """Ask the process of a mark to end, and kill it if it does not.

    Whatever it started and left running is killed.
    """
    from edits import pid_of

    pid = int(pid_of(mark)) if is_running(mark, folder) else 0
    if pid:
        _ask_to_end(pid)
    deadline = time.monotonic() + GRACE_S
    while pid and is_running(mark, folder) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    if pid and is_running(mark, folder):
        _kill(pid)
    end_left_over(folder)


def end_left_over(folder: JobFolder) -> None:
    """Kill what the workers of a job have left running, until there is none: one may start another meanwhile."""
    for _ in range(20):
        found = [pid for pid in _left_over(str(folder.path)) if pid != os.getpid()]
        if not found:
            return
        for pid in found:
            _kill(pid)
        time.sleep(_POLL_S)


def _left_over(job: str) -> Iterator[int]:
    """Yield the processes whose environment names a job; none where the system does not tell."""
    if os.path.isdir("/proc/self"):
        wanted = os.fsencode(f"{JOB_VARIABLE}={job}")
        for name in os.listdir("/proc"):
            with suppress(OSError):  # gone meanwhile, or somebody else's
                if name.isdigit() and wanted in Path("/proc", name, "environ").read_bytes().split(b"\0"):
                    yield int(name)
    elif (ps := find_program("ps")) and os.name == "posix":
        with suppress(OSError, subprocess.SubprocessError):
            listed = subprocess.run(
                [ps, "-axwwE", "-o", "pid=,command="], capture_output=True, timeout=_PS_TIMEOUT_S, check=False
            )
            pattern = rf"^\s*(\d+) .*\b{JOB_VARIABLE}={re.escape(job)}(?: |$)"
            text = listed.stdout.decode("utf-8", "replace")
            yield from (int(pid) for pid in re.findall(pattern, text, re.MULTILINE))


def _ask_to_end(pid: int) -> None:
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGTERM)
        return
    with suppress(OSError, subprocess.TimeoutExpired):
        taskkill = system_program("taskkill.exe")
        subprocess.run(
            [taskkill, "/T", "/F", "/PID", str(pid)], capture_output=True, timeout=GRACE_S, check=False
        )


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
