"""[io] The standard streams of a command, whatever they lead to: a full disk, a closed pipe, nothing at all.

What a command was asked for goes to standard output, so that a failure there is one of the command. Messages go to
standard error; where nobody can read them, the exit code says enough.
"""

import errno
import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import TextIO

_OF_STREAMS = frozenset((errno.ENOSPC, errno.EBADF, errno.EIO, errno.EFBIG, getattr(errno, "EDQUOT", -1)))


class _Lost:
    """What standard output could not take."""

    error: OSError | None = None


def open_closed_streams() -> None:
    """Open a stream that was closed when the process began, so that no file gets its number.

    Writing to a closed standard output fails, as it does elsewhere; what goes to standard error is dropped.
    """
    for number, name, flags in (
        (0, "stdin", os.O_RDONLY),
        (1, "stdout", os.O_RDONLY),
        (2, "stderr", os.O_WRONLY),
    ):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, flags)
        if getattr(sys, name) is None:
            with suppress(OSError):
                setattr(sys, name, open(number, "w" if number else "r", encoding="utf-8"))  # noqa: SIM115


class _Forgiving(TextIOWrapper):
    """Drops what cannot be written."""

    def write(self, text: str) -> int:
        with suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            super().flush()


def forgive_standard_error() -> None:
    """Have messages that cannot be written dropped, instead of ending the command."""
    stream = sys.stderr
    if isinstance(stream, TextIOWrapper):
        stream.flush()
        encoding = stream.encoding
        sys.stderr = _Forgiving(stream.detach(), encoding, "backslashreplace", line_buffering=True)


def write_to(stream: TextIO, text: str) -> None:
    """Write and flush. A stream that takes no more is discarded from then on, because that must not end a turn.

    `lost_output` has the reason, unless the reader went away, as `head` does.
    """
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        if stream is not sys.stderr and not isinstance(error, BrokenPipeError):
            _Lost.error = error
        discard(stream)


def discard(stream: TextIO) -> None:
    """Let whatever is still to be written to a stream go nowhere, also what is flushed at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, stream.fileno())
    finally:
        os.close(null)
    with suppress(OSError):
        stream.flush()


def lost_output(error: OSError | None = None) -> OSError | None:
    """Return why standard output took less than all; ``error`` is what ended the command, if anything did.

    From now on it is discarded.
    """
    lost, _Lost.error = _Lost.error, None
    if lost is None and error is not None and error.filename is None and error.errno in _OF_STREAMS:
        lost = error
    try:
        sys.stdout.flush()
    except OSError as flushing:
        lost = lost or (None if isinstance(flushing, BrokenPipeError) else flushing)
    except (AttributeError, ValueError):  # there is none, or it is closed
        return lost
    if lost is not None:
        with suppress(OSError, ValueError):
            discard(sys.stdout)
    return lost
