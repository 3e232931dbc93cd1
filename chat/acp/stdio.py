"""[io] The protocol's messages on standard input and output, one a line, which nothing else may use meanwhile."""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import IO, Any, cast

_LAST_ANSWERS_S, _PAUSE_S = 10.0, 0.02
"""How long answers may take once the input has ended: who sends requests through a pipe still reads."""
_PARSE_ERROR, _INVALID_REQUEST = -32700, -32600


@contextmanager
def protocol_streams() -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Take standard input and output for the protocol alone: meanwhile, what else is printed goes to standard error.

    Programs that are started read nothing, and cannot write between the messages.
    """
    sys.stdout.flush()
    given, taken = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    try:
        yield os.fdopen(given, "rb", closefd=False), os.fdopen(taken, "wb", closefd=False)
    finally:
        sys.stdout.flush()
        os.dup2(given, 0)
        os.dup2(taken, 1)
        os.close(nothing)


class LineTransport:
    """JSON-RPC messages as lines. A line that is no message is answered with an error, and the next one read."""

    def __init__(self, given: IO[bytes], taken: IO[bytes], at_end: Callable[[], None] = lambda: None) -> None:
        """``at_end`` is called when the input has ended, before what is unanswered is waited for."""
        self._given = given
        self._taken = taken
        self._at_end = at_end
        self._unanswered = 0
        self._lines: asyncio.Queue[bytes] = asyncio.Queue()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="protocol")
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), name="protocol input", daemon=True).start()

    async def send(self, message: dict[str, Any]) -> None:
        """Write a message, behind earlier ones. Raises ConnectionError where nobody reads what is new."""
        is_answer = "method" not in message
        line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
        try:
            await asyncio.get_running_loop().run_in_executor(self._writer, self._write, line)
        except (OSError, ValueError, RuntimeError) as error:
            if is_answer:  # to a question that nobody waits for any more
                return
            raise ConnectionError("The editor has closed the connection.") from error
        finally:  # once it is written: what waits for the writer is lost when the connection closes
            self._unanswered -= is_answer and message.get("id") is not None

    async def receive(self) -> dict[str, Any] | None:
        """Return the next message, or None at the end of input."""
        while line := await self._lines.get():
            message, error = _message_in(line)
            if message is not None:
                self._unanswered += "method" in message and message.get("id") is not None
                return message
            if error is not None:
                await self.send(error)
        self._at_end()
        deadline = time.monotonic() + _LAST_ANSWERS_S
        while self._unanswered > 0 and time.monotonic() < deadline:
            await asyncio.sleep(_PAUSE_S)
        return None

    async def close(self) -> None:
        """Stop to write, once all is written."""
        self._writer.shutdown(wait=False)

    def _write(self, line: bytes) -> None:
        self._taken.write(line)
        self._taken.flush()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            for line in iter(self._given.readline, b""):
                loop.call_soon_threadsafe(self._lines.put_nowait, line)
            loop.call_soon_threadsafe(self._lines.put_nowait, b"")
        except RuntimeError:
            pass  # the loop has ended


def _message_in(line: bytes) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    r"""Return the message on a line, or the error to answer with; neither for an empty line.

    >>> _message_in(b'[1]\n')[1]["error"]["code"]
    -32600
    """
    if not line.strip():
        return None, None
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None, _error(_PARSE_ERROR, "Parse error")
    is_message = isinstance(message, dict) and isinstance(message.get("method", ""), str)
    if is_message and isinstance(message.get("id"), str | int | None):
        return cast("dict[str, Any]", message), None
    return None, _error(_INVALID_REQUEST, "Invalid request")


def _error(code: int, text: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": text}}
