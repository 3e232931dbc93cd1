"""[io] A file with every prompt and reply as text, for someone who wants to see what a model is sent."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from chat.errors import InputError
from chat.model import Prompt, Reply


def append_call(path: str, model: str, prompt: Prompt, reply: Reply) -> None:
    """Append a call to the file. Raises InputError where it cannot be written."""
    text = "\n".join((*_lines(model, prompt), f"# REPLY OF {model}", reply.text, "", ""))
    try:
        target = Path(path).expanduser()
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(descriptor, "a", encoding="utf-8", errors="replace") as file:
            file.write(text)
    except OSError as error:
        raise InputError(
            f"--llm-history-file {path}: {error.strerror}. Name a file that can be written."
        ) from error


def _lines(model: str, prompt: Prompt) -> Iterator[str]:
    yield f"# TO {model}, {time.strftime('%Y-%m-%d %H:%M:%S')}"
    for message in prompt.messages:
        yield f"## {message.role.upper()}"
        yield message.text
    if prompt.request_map:
        yield prompt.request_map
