"""[io] Reads a stream piece by piece, and never waits for the next one longer than it is told to."""

import os
import queue
import threading
from typing import BinaryIO

_PIECE_BYTES = 1_000_000


class Pieces:
    """The pieces of a stream as they arrive. A thread waits for them: on Windows nothing else can wait for a pipe."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._read: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="stdin", daemon=True).start()

    def next(self, wait_s: float) -> bytes | None:
        """Return the next piece, b"" at the end of the stream, or None where none arrives in time."""
        try:
            return self._read.get(timeout=wait_s)
        except queue.Empty:
            return None

    def _run(self) -> None:
        piece = b"-"
        while piece:
            try:
                piece = self._piece()
            except (OSError, ValueError):
                piece = b""
            self._read.put(piece)

    def _piece(self) -> bytes:
        try:
            descriptor = self._stream.fileno()
        except (OSError, ValueError):  # no file
            return self._stream.read()
        # not through the stream, whose lock a waiting thread would hold when the program ends
        return os.read(descriptor, _PIECE_BYTES)
