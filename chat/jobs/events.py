"""[io] The events of a job as they stand in its file, from one place on."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from chat.jobs.lines import Line

_POLL_S = 0.1


def read_events(path: Path, offset: int = 0) -> tuple[list[Line], int]:
    """Return the whole lines from a place in the file on, and the place behind them.

    Lines that are not valid, such as the torn one of a killed worker, are passed over.
    """
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except OSError:
        return [], offset
    end = data.rfind(b"\n") + 1
    return [line for text in data[:end].split(b"\n") if (line := _parsed(text))], offset + end


def follow(path: Path, is_over: Callable[[], bool], offset: int = 0) -> Iterator[Line]:
    """Yield lines as they are written, until a last look after the job is over."""
    while True:
        was_over = is_over()
        lines, offset = read_events(path, offset)
        yield from lines
        if was_over:
            return
        if not lines:
            time.sleep(_POLL_S)


def _parsed(text: bytes) -> Line | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None
