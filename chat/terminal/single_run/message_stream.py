"""[io] The messages of `--input-format stream-json`: one JSON object a line, each a request of the user's."""

import json
from collections.abc import Iterator
from typing import BinaryIO

from chat.errors import InputError
from chat.terminal.single_run.pieces import Pieces

MAX_INPUT_BYTES = 10_000_000
"""The longest line, and in all what a single request may bring."""
_WAIT_S = 0.5
"""An interrupt is noticed at least this often, on every system."""
_FORM = '{"type": "user", "message": {"role": "user", "content": "TEXT"}}'


def messages(stream: BinaryIO) -> Iterator[str | InputError]:
    """Return the requests as they arrive, until the stream ends; for a line that holds none, what is wrong with it."""
    for number, line in enumerate(_lines(stream), 1):
        if line is None:
            limit = MAX_INPUT_BYTES // 1_000_000
            yield InputError(
                f"Line {number} is longer than {limit} MB. It was not sent; name large files with --read instead."
            )
        elif line.strip():
            yield _message(line, number)


def _message(line: bytes, number: int) -> str | InputError:
    try:
        fields = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return InputError(f"Line {number} is not JSON: {error}. It was not sent; write {_FORM}.")
    text = _text(fields)
    if text is None:
        return InputError(f"Line {number} is no message of a user in text. It was not sent; write {_FORM}.")
    return text if text.strip() else InputError(f"The message in line {number} is empty. It was not sent.")


def _text(fields: object) -> str | None:
    """Return the text of a message; None where it is another kind of object, or has more than text."""
    message = fields.get("message") if isinstance(fields, dict) and fields.get("type") == "user" else None
    if not isinstance(message, dict) or message.get("role", "user") != "user":
        return None
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [None]
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text"]
    if len(texts) != len(parts):
        return None
    found = [text for text in texts if isinstance(text, str)]
    return "\n\n".join(found) if len(found) == len(texts) else None


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a stream; None for one that is too long, which is dropped."""
    pieces, line, is_dropped = Pieces(stream), bytearray(), False
    while (piece := pieces.next(_WAIT_S)) != b"":
        *ends, rest = (piece or b"").split(b"\n")
        for end in ends:
            yield None if is_dropped or len(line) + len(end) > MAX_INPUT_BYTES else bytes(line + end)
            line.clear()
            is_dropped = False
        line += rest
        if len(line) > MAX_INPUT_BYTES:
            line.clear()
            is_dropped = True
    if line or is_dropped:
        yield None if is_dropped else bytes(line)
