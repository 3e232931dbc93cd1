"""[io] The program of the process that calls models: calls on standard input, answers on standard output.

It ends when its standard input does, so it never outlives the process that started it.
"""

import gc
import os
import pickle
import sys
import threading
import time
import traceback
from dataclasses import replace

from chat.events import Event
from chat.llm.call import Call, CallFailed
from chat.llm.failures import UNKNOWN
from chat.llm.processes.attempt import Attempt
from chat.llm.processes.litellm_loader import LITELLM
from chat.model import Reply


class CallServer:
    """The calls in progress, and where their answers go."""

    def __init__(self, answers: int) -> None:
        self._answers = answers
        """A file descriptor."""
        self._lock = threading.Lock()
        self._attempts: dict[int, Attempt] = {}

    def send(self, number: int, answer: Event | Reply | CallFailed | None) -> None:
        """Send an answer to a call; None, for no call, says that litellm is loaded."""
        data = memoryview(pickle.dumps((number, answer)))
        with self._lock:
            while data:
                data = data[os.write(self._answers, data) :]

    def begin(self, number: int, call: Call) -> None:
        """Make a call in a thread of its own."""
        self._attempts[number] = Attempt(call, LITELLM)
        threading.Thread(target=self._run, args=(number,), daemon=True).start()

    def leave(self, number: int) -> None:
        """Break off a call that nobody waits for any more."""
        if number in self._attempts:
            self._attempts[number].exchange.abandon()

    def _run(self, number: int) -> None:
        try:
            self.send(number, self._attempts[number].reply(lambda event: self.send(number, event)))
        except CallFailed as failure:
            self.send(number, failure)
        except Exception:
            self.send(number, CallFailed(UNKNOWN, traceback.format_exc().strip()))
        finally:
            del self._attempts[number]


def main() -> None:
    """Answer calls until standard input ends."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what libraries print must not get among the answers
    gc.set_threshold(100_000)  # the first call imports another five hundred modules
    server = CallServer(answers)
    threading.Thread(target=_load, args=(server,), daemon=True).start()
    try:
        while True:
            number, *request = pickle.load(sys.stdin.buffer)  # noqa: S301  # written by our own code
            if request:
                call, seconds = request
                server.begin(number, replace(call, deadline=time.monotonic() + seconds))
            else:
                server.leave(number)
    except (EOFError, KeyboardInterrupt):
        pass
    os._exit(0)  # whatever a call still waits for


def _load(server: CallServer) -> None:
    try:
        LITELLM.get()
    except BaseException:  # each call reports it
        return
    server.send(0, None)


if __name__ == "__main__":
    main()
