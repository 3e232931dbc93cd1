"""[io] The program of the process that calls models: calls from standard input, what comes of them to standard output.

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
from chat.llm.call import Call, Failed, Try
from chat.llm.failures import UNKNOWN
from chat.llm.lite_model import LITELLM
from chat.model import Reply


class Server:
    """The calls that are under way, and where their answers go."""

    def __init__(self, answers: int) -> None:
        self._answers = answers
        self._lock = threading.Lock()
        self._tries: dict[int, Try] = {}

    def tell(self, number: int, answer: Event | Reply | Failed | None) -> None:
        """Sends what came of a call; None, of no call, says that litellm is loaded."""
        data = memoryview(pickle.dumps((number, answer)))
        with self._lock:
            while data:
                data = data[os.write(self._answers, data) :]

    def begin(self, number: int, call: Call) -> None:
        """Makes a call in a thread of its own."""
        self._tries[number] = Try(call, LITELLM)
        threading.Thread(target=self._run, args=(number,), daemon=True).start()

    def leave(self, number: int) -> None:
        """Nobody waits for a call any more."""
        if number in self._tries:
            self._tries[number].wire.abandon()

    def _run(self, number: int) -> None:
        try:
            self.tell(number, self._tries[number].reply(lambda event: self.tell(number, event)))
        except Failed as failed:
            self.tell(number, failed)
        except Exception:
            self.tell(number, Failed(UNKNOWN, traceback.format_exc().strip()))
        finally:
            del self._tries[number]


def main() -> None:
    """Answers calls until standard input ends."""
    answers = os.dup(1)
    os.dup2(2, 1)  # what libraries print must not stand among the answers
    gc.set_threshold(100_000)  # the first call imports another five hundred modules
    server = Server(answers)
    threading.Thread(target=_load, args=(server,), daemon=True).start()
    try:
        while True:
            number, *call = pickle.load(sys.stdin.buffer)  # noqa: S301  # written by our own code
            if call:
                spec, seconds = call
                server.begin(number, replace(spec, deadline=time.monotonic() + seconds))
            else:
                server.leave(number)
    except (EOFError, KeyboardInterrupt):
        pass
    os._exit(0)  # whatever a call still waits for


def _load(server: Server) -> None:
    try:
        LITELLM.get()
    except BaseException:  # each call tells it
        return
    server.tell(0, None)


if __name__ == "__main__":
    main()
