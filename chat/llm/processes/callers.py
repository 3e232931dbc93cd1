"""[io] Makes calls in this process, or in a process of their own as seen from the one that asks.

litellm takes two seconds of Python to import. In a thread, these would be taken from whatever else
Python does meanwhile: the first map, the keys that are typed. In a second process they are not, and a
call that hangs there can be left. `call_server` is the program of that process. It runs in the root folder, so
that nothing in the repository can take part in a call.
"""

import itertools
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import IO, Protocol, cast

from chat.errors import Unreachable
from chat.events import Emit, Event
from chat.llm.call import Call, CallFailed, check_reachable
from chat.llm.failures import OUT_OF_TIME, Advice
from chat.llm.options import GRACE_S, POLL_S
from chat.llm.processes.attempt import Attempt
from chat.llm.processes.litellm_loader import Library
from chat.model import Reply
from chat.safety.stopping import stop_if_wanted
from repomap import OWN_SESSION, absolute_entries

PROCESS_ENDED = Advice(
    Unreachable,
    "once",
    "the process that calls models has ended",
    "Try again. If it keeps happening, check whether the machine is out of memory.",
)
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from chat.llm.processes.call_server import main; main()"

Answer = Event | Reply | CallFailed
"""What a call sends back: events while the reply streams in, then its end."""


class Caller(Protocol):
    """Makes calls."""

    def load(self) -> None:
        """Start loading what calls need, in the background."""

    def attempt(self, call: Call, emit: Emit) -> Reply:
        """Make one attempt and return the complete reply. Raises CallFailed."""


class LocalCaller:
    """Makes calls in this process."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def load(self) -> None:
        """Start loading the library."""
        self._library.start()

    def attempt(self, call: Call, emit: Emit) -> Reply:
        """Make one attempt. Raises CallFailed."""
        if not self._library.ready:
            check_reachable(call)
        return Attempt(call, self._library).reply(emit)


class ProcessCaller:
    """Makes calls in another process, which is started once, and again if it has ended."""

    def __init__(self, fallback: LocalCaller) -> None:
        self._fallback = fallback
        """For systems where no process can be started."""
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def load(self) -> None:
        """Start the process, which begins to load litellm."""
        with suppress(OSError):
            self._running()

    def attempt(self, call: Call, emit: Emit) -> Reply:
        """Make one attempt. Raises CallFailed."""
        try:
            process = self._running()
        except OSError:
            return self._fallback.attempt(call, emit)
        if not process.ready:
            check_reachable(call)
        with closing(process.answers(call)) as answers:
            for answer in answers:
                if isinstance(answer, Reply):
                    return answer
                if isinstance(answer, CallFailed):
                    raise answer
                emit(answer)
        raise CallFailed(PROCESS_ENDED)

    def _running(self) -> "_Process":
        with self._lock:
            if self._process is None or self._process.has_ended:
                self._process = _Process()
            return self._process


_FILE_VARIABLES = ("_FILE", "_DIR", "_BUNDLE", "_CREDENTIALS")
"""How the variables end that name certificates and keys."""


def _neutral_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a process in another folder, which must run nothing from this one.

    Libraries start programs by name (`platform` runs `uname`). An empty or relative entry of PATH would let
    the repository bring its own.
    """
    files = {
        name: os.path.abspath(value)
        for name, value in environ.items()
        if name.endswith(_FILE_VARIABLES) and value and os.path.exists(value)
    }
    return {**environ, **files, "PATH": absolute_entries(environ.get("PATH", os.defpath))}


class _Process:
    """The process, and a thread that sorts its answers by call."""

    def __init__(self) -> None:
        self.ready = False
        """litellm is loaded."""
        self.has_ended = False
        self._numbers = itertools.count(1)
        self._waiting: dict[int, queue.SimpleQueue[Answer]] = {}
        self._lock = threading.Lock()
        process = subprocess.Popen(
            [os.path.abspath(sys.executable), "-P", "-c", _PROGRAM, *map(os.path.abspath, sys.path)],
            cwd=Path(sys.executable).anchor or None,
            env=_neutral_environment(os.environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **OWN_SESSION,  # Ctrl-C reaches only the parent, which then leaves the call
        )
        self._process = process
        self._requests = cast("IO[bytes]", process.stdin)
        threading.Thread(target=self._read, args=(process.stdout,), name="calls", daemon=True).start()

    def answers(self, call: Call) -> Generator[Answer, None, None]:
        """Yield the answers to a call until it or the process ends; closing the generator leaves the call."""
        number = next(self._numbers)
        waiting = self._waiting[number] = queue.SimpleQueue()
        self._send(number, call, call.deadline - time.monotonic())
        answer: Answer | None = None
        try:
            while not self.has_ended or not waiting.empty():
                stop_if_wanted()
                if time.monotonic() > call.deadline + GRACE_S:
                    self._process.kill()  # it hangs, for instance because it was stopped
                    raise CallFailed(OUT_OF_TIME)
                with suppress(queue.Empty):
                    answer = waiting.get(timeout=POLL_S)  # Ctrl-C does not wake a waiting thread on Windows
                    yield answer
        finally:
            del self._waiting[number]
            if not isinstance(answer, Reply | CallFailed):
                self._send(number)

    def _send(self, *request: object) -> None:
        """Send a call's number with the call and its seconds, or alone to leave the call."""
        data = pickle.dumps(request)
        with self._lock, suppress(OSError, ValueError):  # the thread that reads notices that it has ended
            self._requests.write(data)
            self._requests.flush()

    def _read(self, answers: IO[bytes]) -> None:
        try:
            while True:
                number, answer = pickle.load(answers)  # noqa: S301  # written by our own code
                if answer is None:
                    self.ready = True
                elif number in self._waiting:
                    self._waiting[number].put(answer)
        except (EOFError, OSError, pickle.UnpicklingError):
            pass  # it has ended, perhaps in the middle of an answer
        finally:
            self.has_ended = True
            self._process.kill()
            self._process.wait()
            answers.close()
            with self._lock, suppress(OSError):
                self._requests.close()
