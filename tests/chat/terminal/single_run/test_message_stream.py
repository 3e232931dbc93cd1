"""Messages that arrive one a line."""

import io
import json

import pytest

from chat.errors import InputError
from chat.terminal.single_run import message_stream
from chat.terminal.single_run.message_stream import messages


def line(content: object) -> str:
    """A line in the form of other assistants, with fields that do not matter here."""
    message = {"role": "user", "content": content}
    return json.dumps({"type": "user", "message": message, "session_id": "s", "parent_tool_use_id": None})


def read(text: str) -> list[str]:
    """What a stream gives; an error as its text."""
    return [str(each) for each in messages(io.BytesIO(text.encode()))]


def test_each_line_is_a_message() -> None:
    """As a text or as blocks of text; blank lines do not count, and the last need not end."""
    blocks = [{"type": "text", "text": "two"}, {"type": "text", "text": "parts"}]

    assert read(f"{line('one')}\r\n\n{line(blocks)}\n{line('ünd')}") == ["one", "two\n\nparts", "ünd"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "Line 1 is not JSON"),
        ("[" * 100_000, "Line 1 is not JSON"),
        ('"hello"', "Line 1 is no message"),
        ('{"type": "user"}', "Line 1 is no message"),
        ('{"type": "user", "message": {"role": "assistant", "content": "x"}}', "Line 1 is no message"),
        (line([{"type": "image", "source": {}}]), "Line 1 is no message"),
        (line([{"type": "text", "text": 3}]), "Line 1 is no message"),
        (line(" "), "The message in line 1 is empty"),
        (line([]), "The message in line 1 is empty"),
    ],
)
def test_a_line_that_is_no_message_is_told(text: str, said: str) -> None:
    """With its number; those after it are read."""
    first, second = read(f"{text}\n{line('next')}\n")

    assert said in first
    assert second == "next"


def test_a_line_that_is_too_long_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it ends or not; nothing of it is sent, and the next line is."""
    monkeypatch.setattr(message_stream, "MAX_INPUT_BYTES", 200)
    long = line("x" * 200)

    found = list(messages(io.BytesIO(f"{long}\n{line('next')}\n{long}".encode())))

    assert [isinstance(each, InputError) for each in found] == [True, False, True]
