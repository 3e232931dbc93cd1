"""The prompt, read in this process through a pipe."""

import threading
import time

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from chat.commands.completions import Sources
from chat.model import Mode
from chat.terminal.interactive.line_editor import LineEditor, ReadInterrupted, Status


def test_a_read_can_be_interrupted_and_what_was_typed_stays() -> None:
    """From another thread, again and again; a read that ends by itself is not disturbed, and the next one works."""
    with create_pipe_input() as keys, create_app_session(input=keys, output=DummyOutput()):
        editor = LineEditor(None, Sources(tuple, tuple, lambda _part: (), tuple), Status)
        is_over = threading.Event()

        def interrupt() -> None:
            while not is_over.wait(0.02):
                editor.interrupt()

        editor.interrupt()  # nothing is read yet
        keys.send_text("half")
        time.sleep(0.05)
        threading.Timer(0.1, threading.Thread(target=interrupt, daemon=True).start).start()
        with pytest.raises(ReadInterrupted) as caught:
            editor.read(Mode.CODE, multiline=False)
        is_over.set()
        assert caught.value.text == "half"

        keys.send_text(" typed\r")
        assert editor.read(Mode.CODE, multiline=False, prefill="half") == "half typed"
