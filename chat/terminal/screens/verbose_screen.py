"""[io] A screen that also shows what each call and each turn took, as `--verbose` asks for."""

import time
from contextlib import AbstractContextManager

from chat.display.call_log import CallLog
from chat.events import Event, Notice, TurnEnded
from chat.terminal.screens.output import StatusLine, no_status
from chat.terminal.screens.screen import Screen


class VerboseScreen:
    """Passes everything on, and adds remarks."""

    def __init__(self, screen: Screen) -> None:
        self.shows_replies = screen.shows_replies
        self._screen = screen
        self._log = CallLog()

    def emit(self, event: Event) -> None:
        """Show one event, and a remark after it; before it where it ends a turn."""
        line = self._log.line(event, time.monotonic())
        if line and isinstance(event, TurnEnded):
            self._screen.emit(Notice(line))
        self._screen.emit(event)
        if line and not isinstance(event, TurnEnded):
            self._screen.emit(Notice(line))

    def turn(self, status: StatusLine = no_status) -> AbstractContextManager[None]:
        """Show progress for the length of the block."""
        return self._screen.turn(status)

    def paused(self) -> AbstractContextManager[None]:
        """Leave the terminal to someone else for the length of the block."""
        return self._screen.paused()
