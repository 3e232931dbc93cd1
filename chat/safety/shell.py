"""Runs a command line in the user's shell and returns what it printed and how it ended.

It runs in a process group of its own, so that a timeout or Ctrl-C ends everything it started;
without the keys of models, which it has no use for; and with nothing to read.
"""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import IO

from chat.errors import InputError
from chat.ports import Ran
from chat.safety.secrets import without_model_keys
from chat.safety.stopping import POLL_S, may_be_stopped, stop_if_wanted
from repomap import OWN_SESSION, end_process_group, find_program, signals_held, system_program

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
MAX_OUTPUT_BYTES = 4_000_000
"""Of a longer output the beginning and the end are kept, half of this each."""
_CHUNK_BYTES = 65_536
_QUIET_S = 1.0
"""A process left running behind a command is listened to until it has been quiet for so long."""
_DRAIN_S = 10.0
"""The same, however much it goes on printing."""
_POWERSHELL_MODULES = 2
"""Separators in PSModulePath where PowerShell is what the user works in; elsewhere there is one."""
_TIMED_OUT = 124
"""The exit code that timeout(1) gives."""


@dataclass(frozen=True, slots=True)
class UserShell:
    """A shell in one folder: the user's, with the user's environment, unless something else is said."""

    root: Path
    arguments: Callable[[str], Sequence[str] | str] | None = None
    """What is started for a command line."""
    environment: Callable[[Mapping[str, str]], Mapping[str, str]] = without_model_keys
    """What a command gets of the variables."""

    def run(
        self,
        command: str,
        timeout_s: float | None = None,
        *,
        variables: Mapping[str, str] = NO_VARIABLES,
    ) -> Ran:
        """Run a command line; a timeout and Ctrl-C end its whole process group.

        The exit code is the command's own, 128 and the signal's number where one ended it, and 124
        after a timeout. Raises InputError where it cannot be started at all.
        """
        output, process = _Output(), None
        try:
            with signals_held():
                process = self._start(command, variables)
                output.listen_to(process.stdout)
            timed_out = _is_too_late(process, timeout_s)
        except BaseException:
            if process is not None:
                end_process_group(process)
                output.drain()
            raise
        output.drain()
        return Ran(command, _exit_code(process.returncode, timed_out), output.text(), timed_out)

    def _start(self, command: str, variables: Mapping[str, str]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                (self.arguments or shell_arguments)(command),
                cwd=self.root,
                env={**self.environment(os.environ), **variables},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                bufsize=0,
                **OWN_SESSION,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise InputError(f"The command could not be started ({reason}): {command}") from error


def _is_too_late(process: subprocess.Popen[bytes], timeout_s: float | None) -> bool:
    """Wait for the end of a process; after a timeout, end it with its whole group."""
    try:
        _wait(process, timeout_s)
    except subprocess.TimeoutExpired:
        end_process_group(process)
        return True
    return False


def _wait(process: subprocess.Popen[bytes], timeout_s: float | None) -> None:
    """Wait for the end of a process. Raises TimeoutExpired, and KeyboardInterrupt where its thread is to stop."""
    if not may_be_stopped():
        process.wait(timeout_s)
        return
    deadline = None if timeout_s is None else time.monotonic() + timeout_s
    while process.poll() is None:
        stop_if_wanted()
        left_s = POLL_S if deadline is None else min(POLL_S, deadline - time.monotonic())
        if left_s <= 0:
            raise subprocess.TimeoutExpired(process.args, timeout_s or 0.0)
        with suppress(subprocess.TimeoutExpired):
            process.wait(left_s)


class _Output:
    """What a command prints, both streams in the order in which it arrives."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._tail = bytearray()
        self._cut_bytes = 0
        self._read_bytes = 0
        self._closed = False
        self._lock = threading.Lock()
        self._reader = threading.Thread()

    def listen_to(self, stream: IO[bytes] | None) -> None:
        """Read a stream to its end, in a thread."""
        self._reader = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._reader.start()

    def _read(self, stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError), stream:
            while chunk := os.read(stream.fileno(), _CHUNK_BYTES):
                with self._lock:
                    if self._closed:
                        return
                    self._keep(chunk)

    def drain(self) -> None:
        """Wait for what is still to come, then take no more.

        What the command left running in the background may keep the pipe open for ever.
        """
        deadline = time.monotonic() + _DRAIN_S
        before = -1
        while self._reader.is_alive() and before != self._read_bytes and time.monotonic() < deadline:
            before = self._read_bytes
            self._reader.join(_QUIET_S)
        with self._lock:
            self._closed = True

    def text(self) -> str:
        """Return all of it, or beginning and end around a line that counts the bytes between."""
        self._cut()
        mark = f"\n[… {self._cut_bytes} bytes cut out …]\n".encode() if self._cut_bytes else b""
        return (self._head + mark + self._tail).decode("utf-8", "replace").replace("\r\n", "\n")

    def _keep(self, chunk: bytes) -> None:
        half = MAX_OUTPUT_BYTES // 2
        self._read_bytes += len(chunk)
        room = max(half - len(self._head), 0)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if len(self._tail) > 2 * half:  # seldom, since each cut moves what is left
            self._cut()

    def _cut(self) -> None:
        excess = len(self._tail) - MAX_OUTPUT_BYTES // 2
        if excess > 0:
            self._cut_bytes += excess
            del self._tail[:excess]


def shell_arguments(command: str) -> list[str] | str:
    """Return how the user's own shell is told to run a command line."""
    if os.name != "nt":
        shell = os.environ.get("SHELL", "")
        return [shell if os.path.isabs(shell) and os.access(shell, os.X_OK) else "/bin/sh", "-c", command]
    powershell = find_program("pwsh") or find_program("powershell")
    if powershell and os.environ.get("PSMODULEPATH", "").count(os.pathsep) >= _POWERSHELL_MODULES:
        return [powershell, "-NoProfile", "-NonInteractive", "-Command", command]
    # as one text, because cmd does not read quotes the way that a list of arguments is written
    return f'{os.environ.get("COMSPEC") or system_program("cmd.exe")} /d /s /c "{command}"'


def _exit_code(code: int, timed_out: bool) -> int:
    if timed_out:
        return _TIMED_OUT
    return 128 - code if code < 0 else code
