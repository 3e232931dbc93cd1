"""Where the request of a single run comes from."""

import os
import sys
from collections.abc import Mapping

import pytest

from chat.errors import InputError
from chat.events import Event, Notice
from chat.settings.table import Settings, changed
from chat.terminal.single_run.request_input import read_request


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such terminals")
@pytest.mark.parametrize("asked", [{"print": ""}, {"message-file": "-"}], ids=["print", "message-file"])
def test_a_request_may_be_typed_where_standard_input_is_named(
    asked: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`-p` alone and `-f -` mean standard input, which may be a terminal; that it is read is said at once."""
    events: list[Event] = []
    keyboard, terminal = os.openpty()
    os.write(keyboard, b"count the carts\n\x04")
    with open(terminal, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        text, typed = read_request(changed(Settings(), asked, "flag"), events.append)
    os.close(keyboard)

    assert (text, typed) == ("", "count the carts")
    assert [event.text.split(".")[0] for event in events if isinstance(event, Notice)] == [
        "Waiting for the request on standard input"
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such terminals")
def test_a_terminal_is_not_read_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty `--message` is an error, and not the beginning of a dialogue."""
    keyboard, terminal = os.openpty()
    with open(terminal, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with pytest.raises(InputError, match="request is empty"):
            read_request(changed(Settings(), {"message": ""}, "flag"), lambda event: None)
    os.close(keyboard)
