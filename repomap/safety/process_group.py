"""Child processes in a session of their own, so that a whole group of them can be ended.

A hook, a test suite or a grammar starts processes of its own. Ending the child alone would leave
them running, and the pipes that they hold open would block whoever reads them.
"""

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import FrameType, MappingProxyType
from typing import Any

GRACE_S = 2.0
"""How long a process group has to end by itself: to remove its locks and temporary files."""

OWN_SESSION: Mapping[str, Any] = MappingProxyType(
    {"start_new_session": True}
    if os.name == "posix"
    else {
        "creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0)
        | getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)
    }
)
"""Arguments of `subprocess.Popen` for a process that Ctrl-C does not reach and that has no terminal."""
_ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def signals_held() -> Iterator[None]:
    """Hold back signals that Python handles, Ctrl-C above all, until the block is over.

    A process that is started and kept in a variable in the block can be ended after it, whenever Ctrl-C is
    pressed. Without, what was just started would go on, unknown to anybody. Only the main thread gets signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []

    def hold(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        arrived.append(number)

    handled = {number: signal.getsignal(number) for number in _ENDING if callable(signal.getsignal(number))}
    for number in handled:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, handler in handled.items():
            signal.signal(number, handler)
        for number in arrived:
            signal.raise_signal(number)


def absolute_entries(path: str) -> str:
    """Return a PATH without its empty and relative entries.

    They stand for the folder that a program is started in, where a repository could bring its own.
    """
    return os.pathsep.join(filter(os.path.isabs, path.split(os.pathsep)))


def find_program(name: str) -> str | None:
    """Return the absolute path of a program from the absolute folders of PATH, or None.

    Windows would look into the current folder first.
    """
    found = shutil.which(name, path=absolute_entries(os.environ.get("PATH", os.defpath)))
    return found if found and os.path.isabs(found) else None


def end_process_group(process: subprocess.Popen[bytes], grace_s: float = GRACE_S) -> None:
    """End a process that was started with `OWN_SESSION`, and all that it started.

    They are asked to end first; after ``grace_s`` seconds, and on Ctrl-C meanwhile, they are killed.
    """
    try:
        _ask_to_end(process, grace_s)
    finally:
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()


def _ask_to_end(process: subprocess.Popen[bytes], grace_s: float) -> None:
    if os.name == "posix":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(grace_s)
    else:
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(
                [system_program("taskkill.exe"), "/T", "/F", "/PID", str(process.pid)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                timeout=grace_s,
            )


def system_program(name: str) -> str:
    """Return the path of a program of Windows itself; by its name alone the current folder's would be run."""
    return os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", name)
