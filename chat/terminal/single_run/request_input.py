"""[io] Where the request of a run comes from: a flag, a file, standard input, or a flag and what is piped in.

A pipe that stays silent is given up: soon where the request is a flag, late where it must come from there.
"""

import sys
from typing import BinaryIO

from chat.errors import InputError
from chat.events import Emit, Notice
from chat.settings.table import Settings
from chat.terminal.setup import one_request
from chat.terminal.single_run.message_stream import MAX_INPUT_BYTES
from chat.terminal.single_run.pieces import Pieces

_REQUEST_WAIT_S = 600.0
"""How long a pipe may be silent that has to hold the request, or that has begun to speak."""
_PIPE_WAIT_S = 3.0
"""How long to wait for a pipe that need not hold anything."""


def join(*parts: str) -> str:
    """Join texts with a blank line, leaving out empty ones.

    >>> join("Explain this.", "", "x = 1")
    'Explain this.\\n\\nx = 1'
    """
    return "\n\n".join(part for part in parts if part.strip())


def read_request(settings: Settings, emit: Emit) -> tuple[str, str]:
    """Read the request, and the text on standard input that goes below it.

    Raises UsageError for several requests, InputError if something is unreadable, too long or empty.
    """
    text = one_request(settings)
    if settings.message_file and settings.message_file != "-":
        text = _read_file(settings.message_file)
    piped = ""
    if settings.show_repo_map:
        return text, piped
    is_named = settings.message_file == "-" or (not text and "print" in dict(settings.sources))
    if sys.stdin is not None and (is_named or not sys.stdin.isatty()):
        waits = is_named or not text
        piped = _read_input(sys.stdin.buffer, emit, waits).strip("\n")
    if not join(text, piped) and not settings.show_prompts:
        raise InputError(
            "The request is empty. Nothing was sent; give one with --message TEXT or on standard input."
        )
    return text, piped


def _read_file(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return _text(file.read(MAX_INPUT_BYTES + 1), path)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}. Nothing was sent; name a file that can be read."
        ) from error


def _read_input(stream: BinaryIO, emit: Emit, waits: bool) -> str:
    """Read standard input to its end; give up on an idle pipe.

    One that the request must come from gets longer. Raises InputError where nothing comes from it even so.
    """
    pieces = Pieces(stream)
    first = None if stream.isatty() else pieces.next(_PIPE_WAIT_S)
    if first is None and waits:
        emit(Notice("Waiting for the request on standard input. End it with Ctrl-D, or close the pipe."))
        first = pieces.next(_REQUEST_WAIT_S)
        if first is None:
            raise InputError(
                f"Nothing arrived on standard input within {_REQUEST_WAIT_S / 60:.0f} minutes. Nothing was sent; "
                "give the request with --message TEXT."
            )
    if first is None:
        emit(
            Notice(
                f"Standard input is open, but nothing arrived within {_PIPE_WAIT_S:.0f} s, so it is ignored. "
                "Close it (</dev/null), or use --message-file - to wait for it.",
                "warning",
            )
        )
        return ""
    data, piece = first, first or None
    while piece and len(data) <= MAX_INPUT_BYTES:
        piece = pieces.next(_REQUEST_WAIT_S)
        data += piece or b""
    return _text(data, "Standard input")


def _text(data: bytes, where: str) -> str:
    if len(data) > MAX_INPUT_BYTES:
        raise InputError(
            f"{where} holds more than {MAX_INPUT_BYTES // 1_000_000} MB. Nothing was sent; "
            "name the file with --read instead, or send the part that matters."
        )
    return data.decode("utf-8-sig", "replace")
