"""The parts of the REPL that need no terminal."""

import io
import threading
from pathlib import Path

import pytest

from chat.events import Notice
from chat.model import Mode
from chat.settings.table import Settings
from chat.terminal.interactive.line_editor import Status, prompt_text, status_parts
from chat.terminal.interactive.repl import Interrupts, MainThreadEmitter, history_file
from chat.terminal.screens.output import ScreenOptions
from chat.terminal.screens.screen import PlainScreen


def test_only_a_quick_second_ctrl_c_leaves() -> None:
    """Clearing a line now and another one later is not leaving."""
    interrupts = Interrupts()

    assert [interrupts.is_second(now) for now in (0.1, 3.0, 5.5, 7.4)] == [False, False, False, True]


def test_events_of_other_threads_wait_for_the_prompt() -> None:
    """They would be written into the line that is being typed."""
    err = io.StringIO()
    emitter = MainThreadEmitter(PlainScreen(io.StringIO(), err, ScreenOptions()))

    thread = threading.Thread(target=emitter.emit, args=(Notice("from behind"),))
    thread.start()
    thread.join()
    before = err.getvalue()
    emitter.show_queued()

    assert (before, err.getvalue()) == ("", "from behind\n")


@pytest.mark.parametrize(
    ("mode", "multiline", "text"),
    [
        (Mode.CODE, False, "> "),
        (Mode.ASK, False, "ask> "),
        (Mode.ARCHITECT, False, "architect> "),
        (Mode.CODE, True, "multi> "),
        (Mode.ASK, True, "ask multi> "),
    ],
)
def test_the_prompt_shows_mode_and_multiline(mode: Mode, multiline: bool, text: str) -> None:
    """It always ends the same way, for scripts that wait for it."""
    assert prompt_text(mode, multiline) == text


STATUS = Status("openai/gpt-5", Mode.ASK, 85, 0.03, "main")


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        (80, "openai/gpt-5 · ask · context 85 % · $0.03 · main"),
        (40, "openai/gpt-5 · ask · context 85 %"),
        (30, "openai/gpt-5 · ask · $0.03"),
        (3, ""),
    ],
)
def test_the_status_drops_what_does_not_fit(columns: int, text: str) -> None:
    """It never takes two lines."""
    assert "".join(part for _, part in status_parts(STATUS, columns)) == text


def test_a_nearly_full_context_is_a_warning() -> None:
    """Before the prompt is rebuilt."""
    assert ("class:bottom-toolbar.warning", " · context 85 %") in status_parts(STATUS, 80)


def test_the_status_leaves_out_what_is_not_loaded_yet() -> None:
    """The first prompt does not wait for it."""
    assert status_parts(Status(), 80) == [("", "no model yet")]


def test_a_hostile_branch_name_is_harmless() -> None:
    """Git allows almost anything in one."""
    parts = status_parts(Status("m", branch="\x1b]0;x\x07main\nevil"), 80)

    assert parts[-1] == ("", " · main evil")


def test_history_is_kept_in_the_state_folder(tmp_path: Path) -> None:
    """Or where the user says, but never in the repository."""
    assert history_file(Settings()).name == "input-history"
    assert history_file(Settings(input_history_file=str(tmp_path / "h"))) == tmp_path / "h"
