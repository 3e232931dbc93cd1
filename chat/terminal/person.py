"""[io] Whoever can answer a question: a person at the terminal, or nobody."""

import sys
from collections.abc import Callable

from chat.errors import NeedsTerminal
from chat.events import Notice
from chat.safety.printable import without_escapes
from chat.terminal.output import write
from chat.terminal.screen import Screen


class AtTerminal:
    """A person who is asked on the terminal; everything is confirmed beforehand where ``yes`` is set."""

    def __init__(self, screen: Screen, yes: bool = False, ask: Callable[[str], str] | None = None) -> None:
        self._screen = screen
        self._yes = yes
        self._ask = ask or _ask

    def confirm(self, question: str, subject: str = "") -> bool:
        """Whether `y` or `yes` is typed; the end of input is a no."""
        if self._yes:
            return True
        return self._says_yes(question, subject)

    def offer(self, command: str) -> bool:
        """Asked whatever was said beforehand: what a model proposes runs only by a yes to this very command."""
        return self._says_yes(f"Run `{command}`?", "")

    def _says_yes(self, question: str, subject: str) -> bool:
        with self._screen.paused():
            if subject:
                self._screen.emit(Notice(subject))
            try:
                answer = self._ask(f"{without_escapes(question)} [y/N] ")
            except EOFError:
                return False
        return answer.strip().lower() in ("y", "yes")


def _ask(question: str) -> str:
    """The line that is typed, asked for on standard error. Raises EOFError at the end of input."""
    write(sys.stderr, question)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


class Nobody:
    """Where no terminal is: a question is a no that ends the step, unless ``yes`` was said beforehand."""

    def __init__(self, yes: bool = False) -> None:
        self._yes = yes
        self.denied: list[str] = []
        """The questions that nobody was there to answer."""

    def confirm(self, question: str, subject: str = "") -> bool:  # noqa: ARG002
        """True with ``yes``; otherwise raises NeedsTerminal."""
        if self._yes:
            return True
        self.denied.append(question)
        raise NeedsTerminal(
            f"{without_escapes(question)} Nobody is there to answer, so it was not done. "
            "Answer at a terminal, or say --yes."
        )

    def offer(self, command: str) -> bool:  # noqa: ARG002
        """Never."""
        return False
