"""One parse worker as its parent sees it: a process, the pipes to it, and why it died.

The worker runs in a Python of its own that is started with nothing but what parsing needs: no
site-packages hooks, no environment, no current folder, no part of this library that it does not use.
"""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

from repomap.model import RepoPath
from repomap.parsing.grammars import parser_folders
from repomap.workers.protocol import OUT_OF_MEMORY, Frames, pack_batch

Reason = Literal["timed out", "crashed", "out of memory"]
STDERR_CHARS = 300
PIPE_BYTES = 1 << 20

PROGRAM = "from repomap.workers.worker import main; main()"
# `repomap/__init__` offers the whole library; a worker that parses one file has no time to import it
_START = (
    "import sys; stub = type(sys)('repomap'); stub.__path__ = [sys.argv[3]]; sys.modules['repomap'] = stub;"
    "sys.path.extend(sys.argv[4:]); "
)


# a worker is told nothing it does not need: whatever a grammar can be made to do, it finds no keys
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
# an interrupt at the terminal goes to the parent alone, which then ends its workers
_OWN_GROUP: dict[str, Any] = {"process_group": 0}
if sys.platform == "win32":
    _OWN_GROUP = {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost before its worker is killed."""

    cpu_s: float = 10.0
    """Far above what honest files need, and in CPU time, so that a busy machine changes no map."""
    wall_s: float = 120.0
    """For what uses no CPU, and where the system cannot bound CPU time."""
    memory_bytes: int = 2 << 30
    """Beyond what a worker has mapped at its start."""


class Child:
    """A worker process and the pipes to it."""

    def __init__(self, program: str, limits: Limits) -> None:
        self.ready = False
        self.overdue = False
        self.finished = 0
        self._frames = Frames()
        complaints, theirs = os.pipe()
        if sys.platform != "win32":
            os.set_blocking(theirs, False)  # one that complains without end is not held up by it
        try:
            self._process = subprocess.Popen(
                _command(program, limits),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=theirs if sys.platform != "win32" else subprocess.DEVNULL,
                bufsize=0,
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                **_OWN_GROUP,
            )
        except OSError:
            os.close(complaints)
            raise
        finally:
            os.close(theirs)
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)
        self._complaints = complaints
        _widen(self._answers.fileno())

    def send(self, root: bytes, files: Sequence[tuple[int, RepoPath]]) -> None:
        """Ask for a batch. A worker that died is noticed when its answers end."""
        request = memoryview(
            pack_batch(root, [(number, path.encode("utf-8", "surrogateescape")) for number, path in files])
        )
        with contextlib.suppress(OSError):
            while request:
                request = request[self._requests.write(request) or 0 :]

    def answers(self) -> Iterator[list[tuple[int, int, bytes]]]:
        """The frames that have come in whenever some have, until there are no more."""
        while part := os.read(self._answers.fileno(), 1 << 17):
            yield self._frames.feed(part)

    def autopsy(self) -> tuple[Reason, str]:
        """Why a worker died, and how, with the end of what it complained of."""
        self.kill()  # one that broke the protocol is still alive
        status = self._process.wait()
        complaint = self._read_complaints()
        self._close_pipes()
        how = f"exit status {status}"
        if status < 0:
            with contextlib.suppress(ValueError):
                how = signal.Signals(-status).name
        lines = complaint.strip().splitlines()
        detail = f"{how}: {lines[-1][-STDERR_CHARS:]}" if lines else how
        detail = "".join(char if char.isprintable() else "?" for char in detail)
        if self.overdue or how in ("SIGPROF", "SIGXCPU", "SIGVTALRM"):
            return "timed out", detail
        if status == OUT_OF_MEMORY or "failed to allocate" in complaint or "MemoryError" in complaint:
            return "out of memory", detail
        return "crashed", detail

    def may_be_innocent(self, reason: Reason) -> bool:
        """Whether the last file may have died of something else than itself; after `autopsy`."""
        killed = self._process.returncode in (-9, -15) and not self.overdue
        return killed or (reason != "timed out" and self.finished > 0)

    def _read_complaints(self) -> str:
        if sys.platform != "win32":
            os.set_blocking(self._complaints, False)
        with contextlib.suppress(OSError):
            return os.read(self._complaints, 1 << 16).decode("utf-8", "replace")
        return ""

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            self._process.kill()

    def end(self) -> None:
        """Close its stdin, at which it ends; kill it if it does not, or is not even awake."""
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
        os.close(self._complaints)


def _widen(pipe: int) -> None:
    """Has a pipe hold more where the system can, so that a worker does not wait for its parent."""
    if sys.platform == "linux":
        import fcntl

        with contextlib.suppress(OSError, AttributeError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, PIPE_BYTES)


def _command(program: str, limits: Limits) -> list[str]:
    """Python without site-packages, environment and current folder: it starts faster and runs only ours."""
    flags = ["-I", "-S", *(["-B"] if sys.dont_write_bytecode else [])]
    if sys.pycache_prefix:
        flags += ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    bounds = [str(limits.cpu_s), str(limits.memory_bytes)]
    here = str(Path(__file__).parents[1])
    return [sys.executable, *flags, "-c", _START + program, *bounds, here, *parser_folders()]
