"""Standard input that stays silent is not waited for without end."""

import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chat.errors import InputError
from chat.events import Event, Notice
from chat.terminal.single_run import request_input
from chat.terminal.single_run.pieces import Pieces


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short ones."""
    monkeypatch.setattr(request_input, "_PIPE_WAIT_S", 0.05)
    monkeypatch.setattr(request_input, "_REQUEST_WAIT_S", 0.2)


def read(stream: io.BufferedReader, *, waits: bool) -> tuple[str, list[str]]:
    told: list[str] = []

    def take(event: Event) -> None:
        told.extend([event.text] if isinstance(event, Notice) else [])

    return request_input._read_input(stream, take, waits), told


def test_pieces_come_as_they_arrive_and_silence_is_none() -> None:
    """The end is an empty piece."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream:
        pieces = Pieces(stream)
        assert pieces.next(0.01) is None
        os.write(writing, b"one")
        assert pieces.next(5) == b"one"
        os.close(writing)
        assert pieces.next(5) == b""


@pytest.mark.usefixtures("waits")
def test_a_silent_pipe_beside_a_request_is_ignored() -> None:
    """The user is told how to close it."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream:
        text, told = read(stream, waits=False)
        assert text == ""
        assert "so it is ignored" in told[0]
        os.close(writing)


@pytest.mark.usefixtures("waits")
def test_a_silent_pipe_that_should_hold_the_request_is_an_error() -> None:
    """After a while in which the user is told what is waited for."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as stream:
        with pytest.raises(InputError, match="Nothing arrived on standard input"):
            read(stream, waits=True)
        os.close(writing)


@pytest.mark.usefixtures("waits")
def test_a_pipe_that_speaks_late_is_heard() -> None:
    """In several pieces, to its end."""
    reading, writing = os.pipe()

    def speak() -> None:
        os.write(writing, b"do ")
        os.write(writing, b"it")
        os.close(writing)

    threading.Timer(0.1, speak).start()
    with os.fdopen(reading, "rb") as stream:
        assert read(stream, waits=True)[0] == "do it"


def test_a_file_and_nothing_end_at_once(tmp_path: Path) -> None:
    """Neither is a pipe."""
    (tmp_path / "request").write_text("do it")
    for path, text in ((tmp_path / "request", "do it"), (Path(os.devnull), "")):
        with path.open("rb") as stream:
            assert read(stream, waits=True) == (text, [])


def test_a_process_ends_while_its_input_is_silent() -> None:
    """The thread that waits does not keep it, and nothing is printed about it."""
    code = "import sys; from chat.terminal.single_run.pieces import Pieces; print(Pieces(sys.stdin.buffer).next(0.05))"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        child.wait(timeout=30)
        assert child.stdout is not None and child.stderr is not None  # noqa: PT018
        assert (child.returncode, child.stdout.read().strip(), child.stderr.read()) == (0, b"None", b"")
