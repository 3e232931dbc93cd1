"""Runs one parse worker as a child process and reports why it died.

The worker gets its own Python with nothing but what parsing needs: no site-packages hooks, no
environment, no current folder, and no part of this library that it does not use.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NamedTuple, cast

from repomap.parsing.grammars import parser_folders
from repomap.safety.printable import escaped
from repomap.safety.process_group import OWN_SESSION
from repomap.workers.protocol import (
    OUT_OF_MEMORY,
    FailureReason,
    Frame,
    FrameReader,
    RequestedFile,
    pack_batch,
)

MAX_DETAIL_CHARS = 300
PIPE_BYTES = 1 << 20

PROGRAM = "from repomap.workers.worker import main; main()"
# importing `repomap/__init__` would take longer than parsing one file, so the worker gets a stub of it
_START = (
    "import sys; stub = type(sys)('repomap'); stub.__path__ = [sys.argv[3]]; sys.modules['repomap'] = stub;"
    "sys.path.extend(sys.argv[4:]); "
)

# the worker gets no other variables: whatever a grammar can be made to do, it finds no API keys
_ENVIRONMENT = (
    "PATH",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "TEMP",
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost before its worker is killed."""

    cpu_s: float = 10.0
    """Far above what real files need, and in CPU time, so that a busy machine does not change a map."""
    wall_s: float = 120.0
    """For what waits without using the CPU, and for systems that cannot limit CPU time."""
    memory_bytes: int = 2 << 30
    """In addition to what a worker has mapped at its start."""


class ExitReport(NamedTuple):
    """Why a worker died."""

    reason: FailureReason
    detail: str
    """Signal or exit status, and the end of what it wrote to stderr."""


class Child:
    """A worker process and the pipes to it."""

    def __init__(self, program: str, limits: Limits) -> None:
        self.ready = False
        """Whether it has reported that it started."""
        self.overdue = False
        """Whether it is killed for exceeding the wall clock limit."""
        self.finished_files = 0
        self._frames = FrameReader()
        self._stderr, child_stderr = os.pipe()
        if sys.platform != "win32":
            os.set_blocking(child_stderr, False)  # a full pipe must not stop the worker
        try:
            self._process = subprocess.Popen(
                _command(program, limits),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=child_stderr if sys.platform != "win32" else subprocess.DEVNULL,
                bufsize=0,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                **OWN_SESSION,  # Ctrl-C reaches the parent alone, which then ends its workers
            )
        except OSError:
            os.close(self._stderr)
            raise
        finally:
            os.close(child_stderr)
        self._requests: IO[bytes] = cast("IO[bytes]", self._process.stdin)
        self._answers: IO[bytes] = cast("IO[bytes]", self._process.stdout)
        _enlarge_pipe(self._answers.fileno())

    def send(self, root: bytes, files: Sequence[RequestedFile]) -> None:
        """Send a batch. If the worker has died, its answers end, which the reader notices."""
        request = memoryview(pack_batch(root, files))
        with contextlib.suppress(OSError):
            while request:
                request = request[self._requests.write(request) or 0 :]

    def answers(self) -> Iterator[list[Frame]]:
        """Yield the frames of each part that arrives, until the worker closes its end."""
        while part := os.read(self._answers.fileno(), 1 << 17):
            yield self._frames.feed(part)

    def exit_report(self) -> ExitReport:
        """Wait for the worker's end and report why it died; close its pipes."""
        self.kill()  # a worker that broke the protocol is still alive
        status = self._process.wait()
        stderr = self._read_stderr()
        self._close_pipes()
        how = f"exit status {status}"
        if status < 0:
            with contextlib.suppress(ValueError):
                how = signal.Signals(-status).name
        lines = stderr.strip().splitlines()
        detail = f"{how}: {lines[-1][-MAX_DETAIL_CHARS:]}" if lines else how
        detail = escaped(detail)
        if self.overdue or how in ("SIGPROF", "SIGXCPU", "SIGVTALRM"):
            return ExitReport("timed out", detail)
        if status == OUT_OF_MEMORY or "failed to allocate" in stderr or "MemoryError" in stderr:
            return ExitReport("out of memory", detail)
        return ExitReport("crashed", detail)

    def should_retry_alone(self, reason: FailureReason) -> bool:
        """Return whether something other than its last file may have killed the worker.

        That is a signal from outside, or what earlier files left in its memory. To be asked after
        `exit_report`.
        """
        killed = self._process.returncode in (-9, -15) and not self.overdue
        return killed or (reason != "timed out" and self.finished_files > 0)

    def _read_stderr(self) -> str:
        if sys.platform != "win32":
            os.set_blocking(self._stderr, False)
        with contextlib.suppress(OSError):
            return os.read(self._stderr, 1 << 16).decode("utf-8", "replace")
        return ""

    def kill(self) -> None:
        """Kill the process; does nothing if it has ended."""
        with contextlib.suppress(OSError):
            self._process.kill()

    def end(self) -> None:
        """Close the worker's stdin so that it exits; kill it if it does not, or has not yet started."""
        self._requests.close()
        if not self.ready:
            self.kill()
        try:
            self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            self.kill()
            self._process.wait()
        self._close_pipes()

    def _close_pipes(self) -> None:
        for pipe in (self._requests, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()
        os.close(self._stderr)


def _enlarge_pipe(pipe: int) -> None:
    """Enlarge a pipe's buffer if the system can, so that a worker need not wait for its parent."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError, AttributeError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _command(program: str, limits: Limits) -> list[str]:
    """Return a command that starts Python without site-packages, environment and current folder.

    It starts faster this way, and runs no code but ours and the parsers'.
    """
    flags = ["-I", "-S", *(["-B"] if sys.dont_write_bytecode else [])]
    if sys.pycache_prefix:
        flags += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    bounds = [str(limits.cpu_s), str(limits.memory_bytes)]
    package = str(Path(__file__).parents[1])
    return [sys.executable, *flags, "-c", _START + program, *bounds, package, *parser_folders()]
