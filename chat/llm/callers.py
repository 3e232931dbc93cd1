"""[io] Model calls in a process of their own, as the one that asks for them sees it.

litellm takes two seconds of Python to import. In a thread these are taken from whatever else Python
does meanwhile: the first map, the keys that are typed. In a second process they are not, and a call
that hangs in there can be left. `chat.call_server` is the other side.
"""

import itertools
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import closing, suppress
from typing import IO, Protocol, cast

from chat.errors import Unreachable
from chat.events import Emit, Event
from chat.llm.call import Call, Failed, Try, reach
from chat.llm.call_thread import POLL_S
from chat.llm.failures import OUT_OF_TIME, Advice
from chat.llm.litellm_loader import Library
from chat.model import Reply
from repomap import OWN_SESSION

ENDED = Advice(
    Unreachable,
    "once",
    "the process that calls models has ended",
    "Try again; if it happens each time, look whether the machine is out of memory.",
)
_GRACE_S = 5.0
"""How much later than the process itself its parent notices that a call is out of time."""
_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from chat.llm.call_server import main; main()"

Answer = Event | Reply | Failed
"""What comes of a call: what its reply brings, then its end."""


class Calls(Protocol):
    """Whoever makes calls."""

    def load(self) -> None:
        """Loads what calls need, in the background."""

    def once(self, call: Call, emit: Emit) -> Reply:
        """The complete reply to one try. Raises Failed."""


class CallsHere:
    """Calls made in this process."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def load(self) -> None:
        """Begins to load the library."""
        self._library.start()

    def once(self, call: Call, emit: Emit) -> Reply:
        """One try. Raises Failed."""
        if not self._library.ready:
            reach(call)
        return Try(call, self._library).reply(emit)


class CallsElsewhere:
    """Calls made in another process, which is started once and anew where it has ended."""

    def __init__(self, here: CallsHere) -> None:
        self._here = here
        """For where no process can be started."""
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def load(self) -> None:
        """Starts the process, which begins to load litellm."""
        with suppress(OSError):
            self._started()

    def once(self, call: Call, emit: Emit) -> Reply:
        """One try. Raises Failed."""
        try:
            process = self._started()
        except OSError:
            return self._here.once(call, emit)
        if not process.ready:
            reach(call)
        with closing(process.answers(call)) as answers:
            for answer in answers:
                if isinstance(answer, Reply):
                    return answer
                if isinstance(answer, Failed):
                    raise answer
                emit(answer)
        raise Failed(ENDED)

    def _started(self) -> "_Process":
        with self._lock:
            if self._process is None or self._process.has_ended:
                self._process = _Process()
            return self._process


class _Process:
    """The process, and a thread that sorts what it answers by the calls that are under way."""

    def __init__(self) -> None:
        self.ready = False
        """litellm is loaded."""
        self.has_ended = False
        self._numbers = itertools.count(1)
        self._waiting: dict[int, queue.SimpleQueue[Answer]] = {}
        self._lock = threading.Lock()
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", _PROGRAM, *map(os.path.abspath, sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **OWN_SESSION,  # Ctrl-C reaches the parent alone, which then leaves the call
        )
        self._process = process
        self._requests = cast("IO[bytes]", process.stdin)
        threading.Thread(target=self._read, args=(process.stdout,), name="calls", daemon=True).start()

    def answers(self, call: Call) -> Generator[Answer, None, None]:
        """What comes of a call, until it or the process ends. Who stops asking leaves the call."""
        number = next(self._numbers)
        coming = self._waiting[number] = queue.SimpleQueue()
        self._send(number, call, call.deadline - time.monotonic())
        answer: Answer | None = None
        try:
            while not self.has_ended or not coming.empty():
                if time.monotonic() > call.deadline + _GRACE_S:
                    self._process.kill()  # it hangs, as it does where it was stopped
                    raise Failed(OUT_OF_TIME)
                with suppress(queue.Empty):
                    answer = coming.get(timeout=POLL_S)  # Ctrl-C does not wake a waiting thread on Windows
                    yield answer
        finally:
            del self._waiting[number]
            if not isinstance(answer, Reply | Failed):
                self._send(number)

    def _send(self, *what: object) -> None:
        data = pickle.dumps(what)
        with self._lock, suppress(OSError, ValueError):  # that it has ended is noticed where it is read
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
