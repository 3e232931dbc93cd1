"""A program in a real pseudo-terminal, and the screen that its user would see."""

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pexpect
import pyte

PATIENCE_S = 20.0
_STEP_S = 0.05


class Terminal:
    """A child on a pty of a given size, drawn by an emulator."""

    def __init__(
        self,
        command: Sequence[str],
        cwd: Path,
        columns: int = 80,
        lines: int = 30,
        term: str = "xterm-256color",
    ) -> None:
        environment = os.environ | {"TERM": term, "LANG": "C.UTF-8"}
        for name in ("NO_COLOR", "COLUMNS", "LINES"):  # the size is the terminal's
            environment.pop(name, None)
        self.child = pexpect.spawn(
            command[0],
            list(command[1:]),
            cwd=str(cwd),
            env=environment,
            dimensions=(lines, columns),
            timeout=PATIENCE_S,
        )
        self.child.delaybeforesend = None
        self.screen = pyte.HistoryScreen(columns, lines, history=2000, ratio=0.5)
        self.screen.write_process_input = lambda data: self.send(data)  # the emulator answers as terminals do
        self._stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.patience_s = PATIENCE_S

    def send(self, text: str) -> None:
        """Types."""
        self.child.send(text.encode())

    def line(self, text: str) -> None:
        """Types a line and Enter."""
        self.send(f"{text}\r")

    @property
    def shown(self) -> str:
        """The screen as text, without the blanks at line ends."""
        return "\n".join(row.rstrip() for row in self.screen.display)

    @property
    def everything(self) -> str:
        """What has scrolled away, and the screen below it."""
        past = [
            "".join(row[column].data for column in range(self.screen.columns)).rstrip()
            for row in self.screen.history.top
        ]
        return "\n".join([*past, self.shown])

    def until(self, seen: Callable[["Terminal"], bool] | str) -> "Terminal":
        """Draws until something is to be seen; fails with the screen where it never is."""
        check = (lambda it: seen in it.everything) if isinstance(seen, str) else seen
        deadline = time.monotonic() + self.patience_s
        while not check(self):
            assert time.monotonic() < deadline, f"never seen: {seen!r} on\n{self.everything}"
            self.draw()
        return self

    def resize(self, columns: int, lines: int = 0) -> None:
        """Makes the window as wide and as high as this; the program is told by a signal."""
        lines = lines or self.screen.lines
        self.screen.resize(lines, columns)
        self.child.setwinsize(lines, columns)

    def draw(self, seconds: float = _STEP_S) -> None:
        """Draws what comes within a time."""
        try:
            data = self.child.read_nonblocking(65536, seconds)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF:
            time.sleep(_STEP_S)
            return
        self.raw += data
        self._stream.feed(data)

    def at_prompt(self, prompt: str = "> ") -> "Terminal":
        """Draws until the cursor stands behind a prompt at the beginning of a line."""
        return self.until(
            lambda it: it.cursor_row.rstrip() == prompt.rstrip() and it.screen.cursor.x == len(prompt)
        )

    @property
    def cursor_row(self) -> str:
        """The line that the cursor is in."""
        return str(self.screen.display[self.screen.cursor.y])

    def colour_at(self, text: str) -> str:
        """The colour of the first character of a text on the screen."""
        for number, row in enumerate(self.screen.display):
            if text in row:
                return str(self.screen.buffer[number][row.index(text)].fg)
        raise AssertionError(f"{text!r} is not on\n{self.shown}")

    def exit_code(self) -> int | None:
        """The code that the child ends with."""
        deadline = time.monotonic() + self.patience_s
        while self.child.isalive() and time.monotonic() < deadline:
            self.draw()
        self.child.close()
        return self.child.exitstatus

    def cleared(self) -> "Terminal":
        """As if nothing had been drawn yet but the prompt, which stands at the top."""
        self.at_prompt()
        self.screen.reset()
        self.raw = b""
        self.send("\x0c")
        return self.until(lambda it: it.screen.cursor.y == 0).at_prompt()

    def close(self) -> None:
        """Ends the child if it has not ended."""
        self.child.close(force=True)


def fake_chat(face: str, settings: str = "{}", *paths: str) -> list[str]:
    """The command line of `fake_chat.py`."""
    return [sys.executable, str(Path(__file__).with_name("fake_chat.py")), face, settings, *paths]
