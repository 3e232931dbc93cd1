"""[io] The prompt: keys, history, completion and the status line below it, through prompt_toolkit."""

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat.commands.completions import Sources
from chat.display.amounts import usd
from chat.display.goal_line import goal_line
from chat.display.input_line import is_open
from chat.model import Mode
from chat.results import GoalSummary
from chat.safety.printable import on_one_line
from chat.terminal.interactive.completer import make_completer
from chat.terminal.interactive.style import make_style

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession as Session
    from prompt_toolkit.buffer import Buffer
    from prompt_toolkit.completion import Completer
    from prompt_toolkit.history import FileHistory
    from prompt_toolkit.key_binding import KeyBindings

_WARNING_PERCENT = 80
"""From here on the share of the context in use is shown as a warning."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the status line below the prompt shows."""

    model: str = ""
    mode: Mode = Mode.CODE
    context_percent: int | None = None
    cost_usd: float | None = None
    branch: str = ""
    goal: GoalSummary | None = None
    """The one that is open."""


def status_parts(status: Status, columns: int, width: Callable[[str], int] = len) -> list[tuple[str, str]]:
    """Fit the status into a line as (style class, text); what does not fit is left out.

    ``width`` counts the columns of a text.

    >>> status_parts(Status("gpt-5", context_percent=12, branch="main"), 80)
    [('', 'gpt-5'), ('', ' · context 12 %'), ('', ' · main')]
    """
    is_full = status.context_percent is not None and status.context_percent >= _WARNING_PERCENT
    parts = [
        ("", on_one_line(status.model, 40) or "no model yet"),
        ("", "" if status.mode is Mode.CODE else status.mode.value),
        (
            "class:bottom-toolbar.warning" if is_full else "",
            "" if status.context_percent is None else f"context {status.context_percent} %",
        ),
        ("", "" if status.cost_usd is None else usd(status.cost_usd)),
        ("", on_one_line(status.branch, 30)),
    ]
    shown: list[tuple[str, str]] = []
    free_columns = columns
    for style, text in parts:
        piece = f" · {text}" if shown else text
        if text and width(piece) < free_columns:
            shown.append((style, piece))
            free_columns -= width(piece)
    goal = goal_line(status.goal, free_columns - len(" · ") - 1, width) if status.goal else ""
    return [*shown, ("", f" · {goal}")] if goal else shown


def prompt_text(mode: Mode, multiline: bool) -> str:
    """The text in front of the line.

    >>> prompt_text(Mode.CODE, False), prompt_text(Mode.ASK, True)
    ('> ', 'ask multi> ')
    """
    words = [*([] if mode is Mode.CODE else [mode.value]), *(["multi"] if multiline else [])]
    return " ".join(words) + "> "


class ReadInterrupted(Exception):
    """Something else is to be done before the line is read on; ``text`` was typed so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(text)


class LineEditor:
    """Reads messages and commands, one after the other."""

    def __init__(
        self,
        history: Path | None,
        sources: Sources,
        status: Callable[[], Status],
        vi: bool = False,
        on_first_prompt: Callable[[], None] = lambda: None,
        hide: Callable[[str], str] = str,
        *,
        with_colours: bool = True,
    ) -> None:
        """``hide`` takes the secrets out of a line before it is kept for later sessions."""
        self._hide = hide
        self._with_colours = with_colours
        self._multiline = False
        self._status = status
        self._on_first_prompt: Callable[[], None] | None = on_first_prompt
        with _app_session():
            self._session: Session[str] = self._make_session(history, make_completer(sources), vi)
        self._session.app.after_render += lambda _: self._report_first_prompt()

    def _make_session(self, history: Path | None, completer: "Completer", vi: bool) -> "Session[str]":
        from prompt_toolkit import PromptSession
        from prompt_toolkit.output import ColorDepth

        return PromptSession(
            history=None if history is None else _private_history(history, self._hide),
            completer=completer,
            complete_while_typing=True,
            key_bindings=self._keys(),
            bottom_toolbar=self._toolbar,
            style=make_style(with_colours=self._with_colours),
            include_default_pygments_style=False,
            color_depth=None if self._with_colours else ColorDepth.DEPTH_1_BIT,
            vi_mode=vi,
            multiline=True,
            prompt_continuation=lambda width, _number, _wraps: " " * width,
            enable_open_in_editor=True,
            search_ignore_case=True,
            reserve_space_for_menu=6,
        )

    def read(self, mode: Mode, multiline: bool, prefill: str = "") -> str:
        """Read one input. Raises KeyboardInterrupt, ReadInterrupted and, for Ctrl-D, EOFError."""
        self._multiline = multiline
        self._session.app.erase_when_done = False
        if _is_dumb():
            self._report_first_prompt()  # nothing is rendered there
        return self._session.prompt([("class:prompt", prompt_text(mode, multiline))], default=prefill)

    def interrupt(self) -> None:
        """Let the read that goes on, if one does, raise ReadInterrupted; may be called from any thread."""
        loop = self._session.app.loop
        if loop is not None:
            with suppress(RuntimeError):  # it has just ended
                loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        app = self._session.app
        if app.is_running and not app.is_done:
            app.erase_when_done = True
            app.exit(exception=ReadInterrupted(self._session.default_buffer.text))

    def refresh(self) -> None:
        """Redraw; may be called from any thread."""
        self._session.app.invalidate()

    def _report_first_prompt(self) -> None:
        """Call ``on_first_prompt``, once."""
        callback, self._on_first_prompt = self._on_first_prompt, None
        if callback is not None:
            callback()

    def _toolbar(self) -> Any:
        from prompt_toolkit.utils import get_cwidth

        return status_parts(self._status(), self._session.app.output.get_size().columns, get_cwidth)

    def _keys(self) -> "KeyBindings":
        from prompt_toolkit.enums import DEFAULT_BUFFER
        from prompt_toolkit.filters import has_focus
        from prompt_toolkit.key_binding import KeyBindings

        keys = KeyBindings()
        typing = has_focus(DEFAULT_BUFFER)

        @keys.add("enter", filter=typing)
        def _(event: Any) -> None:
            buffer = event.current_buffer
            if buffer.complete_state and buffer.complete_state.current_completion:
                buffer.complete_state = None
            elif is_open(buffer.text) or (self._multiline and not buffer.text.startswith("/")):
                buffer.newline(copy_margin=False)
            else:
                buffer.validate_and_handle()

        @keys.add("escape", "enter", filter=typing)
        def _(event: Any) -> None:
            buffer: Buffer = event.current_buffer
            if self._multiline:
                buffer.validate_and_handle()
            else:
                buffer.newline(copy_margin=False)

        return keys


def _app_session() -> "AbstractContextManager[object]":
    """The context to make a prompt in; a dumb terminal never gets a control sequence."""
    import sys

    from prompt_toolkit.application import create_app_session
    from prompt_toolkit.output.plain_text import PlainTextOutput

    return create_app_session(output=PlainTextOutput(sys.stdout)) if _is_dumb() else nullcontext()


def _is_dumb() -> bool:
    from prompt_toolkit.utils import is_dumb_terminal

    return is_dumb_terminal()


def _private_history(path: Path, hide: Callable[[str], str]) -> "FileHistory":
    """The input history in a file that only the user may read, without secrets.

    A file error costs the history and nothing else.
    """
    from prompt_toolkit.history import FileHistory

    class PrivateHistory(FileHistory):
        def load_history_strings(self) -> Iterable[str]:
            with suppress(OSError):
                yield from super().load_history_strings()

        def store_string(self, string: str) -> None:
            with suppress(OSError):
                path.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
                super().store_string(hide(string).encode("utf-8", "replace").decode("utf-8"))

    return PrivateHistory(str(path))
