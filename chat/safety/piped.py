"""Runs programs at the same time, each with the same text to read and both of its streams kept apart.

Each has a process group of its own and a time limit; Ctrl-C and any other error end all of them. What a command
prints beyond a limit is read and dropped, so that none fills the memory or waits for ever.
"""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from repomap import OWN_SESSION, end_process_group, signals_held

MAX_STREAM_BYTES = 200_000
"""Of a longer output only the beginning is kept."""
_CHUNK_BYTES = 65_536
_DRAIN_S = 0.5
"""How long a stream is listened to that a process left in the background holds open."""
_GRACE_S = 0.5
_NOT_STARTED = 126


@dataclass(frozen=True, slots=True)
class Program:
    """What is started."""

    arguments: Sequence[str] | str
    """The program and its arguments; on Windows also a whole command line."""
    timeout_s: float
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    exit_code: int
    stdout: str = ""
    stderr: str = ""
    timed_out: bool = False
    is_cut: bool = False
    """It printed more than was kept."""
    took_s: float = 0.0


def run_together(programs: Sequence[Program], text: str, folder: Path) -> tuple[Ended, ...]:
    """Run programs in a folder, with a text to read; return how they ended, in the order given."""
    running: list[_Running | Ended] = []
    try:
        for program in programs:
            with signals_held():
                running.append(_start(program, text.encode("utf-8", "replace"), folder))
        # those first that end first, so that none is waited for beyond its limit
        for one in sorted((r for r in running if isinstance(r, _Running)), key=lambda r: r.deadline):
            one.wait()
    except BaseException:
        for each in running:
            if isinstance(each, _Running) and each.process.poll() is None:
                end_process_group(each.process, 0.0)
        raise
    return tuple(each.ended() if isinstance(each, _Running) else each for each in running)


@dataclass(slots=True)
class _Stream:
    """What a command prints on one stream."""

    source: IO[bytes]
    data: bytearray = field(default_factory=bytearray)
    is_cut: bool = False

    def read(self) -> None:
        with suppress(OSError, ValueError), self.source:
            while chunk := os.read(self.source.fileno(), _CHUNK_BYTES):
                room = MAX_STREAM_BYTES - len(self.data)
                self.data += chunk[: max(room, 0)]
                self.is_cut = self.is_cut or len(chunk) > room

    def text(self) -> str:
        return bytes(self.data).decode("utf-8", "replace").replace("\r\n", "\n")


@dataclass(slots=True)
class _Running:
    process: subprocess.Popen[bytes]
    begun: float
    deadline: float
    streams: tuple[_Stream, _Stream]
    threads: tuple[threading.Thread, ...]
    timed_out: bool = False
    took_s: float = 0.0

    def wait(self) -> None:
        """Wait for the end, and bring it about when the time is over."""
        try:
            self.process.wait(max(0.0, self.deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.timed_out = True
            end_process_group(self.process, _GRACE_S)
        self.took_s = time.monotonic() - self.begun
        for thread in self.threads:
            thread.join(_DRAIN_S)

    def ended(self) -> Ended:
        out, err = self.streams
        code = self.process.returncode
        code = 128 - code if code < 0 else code
        return Ended(code, out.text(), err.text(), self.timed_out, out.is_cut, self.took_s)


def _start(program: Program, text: bytes, folder: Path) -> _Running | Ended:
    try:
        process = subprocess.Popen(
            program.arguments,
            cwd=folder,
            env=program.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            **OWN_SESSION,
        )
    except (OSError, ValueError) as error:
        return Ended(_NOT_STARTED, "", getattr(error, "strerror", None) or str(error))
    streams = (_Stream(_opened(process.stdout)), _Stream(_opened(process.stderr)))
    threads = (
        *(threading.Thread(target=stream.read, daemon=True) for stream in streams),
        threading.Thread(target=_write, args=(_opened(process.stdin), text), daemon=True),
    )
    for thread in threads:
        thread.start()
    now = time.monotonic()
    return _Running(process, now, now + program.timeout_s, streams, threads)


def _opened(stream: IO[bytes] | None) -> IO[bytes]:
    """Return a pipe of a process, which is there because it was asked for."""
    if stream is None:
        raise ValueError("the process was started without this pipe")
    return stream


def _write(stream: IO[bytes], text: bytes) -> None:
    """Write all of a text; a command need not read it."""
    with suppress(OSError, ValueError), stream:
        rest = memoryview(text)
        while rest:
            rest = rest[stream.write(rest) :]
