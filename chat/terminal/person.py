"""[io] Whoever answers questions: a person at the terminal, or nobody.

What is agreed to is what is shown: nothing is removed from it, and what nobody would see is written out.
"""

import sys
from collections.abc import Callable

from chat.errors import NeedsTerminal, Terminated
from chat.events import Notice
from chat.ports import Permit
from chat.terminal.screens.screen import Screen
from repomap import escaped_text, write_to


class StoppedAtQuestion(KeyboardInterrupt):
    """Ctrl-C instead of an answer. The line of the question has been ended."""


def can_be_asked() -> bool:
    """Whether somebody can read a question on standard error and type an answer."""
    return bool(sys.stdin and sys.stdin.isatty() and sys.stderr.isatty())


class TerminalPerson:
    """A person at the terminal; ``yes`` answers every confirmation in advance."""

    is_there = True

    def __init__(self, screen: Screen, yes: bool = False, ask: Callable[[str], str] | None = None) -> None:
        self._screen = screen
        self._yes = yes
        self._ask = ask or _ask

    def confirm(self, question: str, subject: str = "") -> bool:
        """Whether the person types `y` or `yes`; the end of input means no."""
        return self._yes or self._answers_yes(question, subject)

    def offer(self, command: str) -> bool:
        """Ask whether to run a command that the model proposed; ``yes`` does not answer this one."""
        return self._answers_yes(f"Run `{command}`?", "")

    def permit(self, command: str, rule: str) -> Permit:
        """Ask whether to run a command that the model waits for; ``yes`` does not answer this one."""
        choices = "[y]es, [n]o" + (f", [a]lways (keeps the rule {rule})" if rule else "")
        answer = self._answer_to(f"Run this for the model?\n{command}\n{choices}: ")
        if rule and answer in ("a", "always"):
            return "always"
        return "yes" if answer in ("y", "yes") else "no"

    def _answers_yes(self, question: str, subject: str) -> bool:
        return self._answer_to(f"{question} [y/N] ", subject) in ("y", "yes")

    def _answer_to(self, question: str, subject: str = "") -> str:
        """Return the answer in lower case; "" at the end of input."""
        with self._screen.paused():
            if subject:
                self._screen.emit(Notice(escaped_text(subject)))
            try:
                return self._ask(escaped_text(question)).strip().lower()
            except EOFError:
                return ""
            except Terminated:
                raise
            except KeyboardInterrupt as interrupt:
                write_to(sys.stderr, "\n")
                raise StoppedAtQuestion from interrupt


def _ask(question: str) -> str:
    """Ask on standard error and return the line typed. Raises EOFError at the end of input."""
    write_to(sys.stderr, question)
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line


class Nobody:
    """No terminal: a question ends the step, unless ``yes`` answers it in advance."""

    is_there = False

    def __init__(self, yes: bool = False) -> None:
        self._yes = yes
        self.denied: list[str] = []
        """The questions that nobody could answer."""

    def confirm(self, question: str, subject: str = "") -> bool:  # noqa: ARG002
        """True with ``yes``; otherwise raises NeedsTerminal."""
        if self._yes:
            return True
        self.denied.append(question)
        raise NeedsTerminal(
            f"{escaped_text(question)} There is no terminal to answer at, so it was not done. "
            "Answer at a terminal, or give --yes."
        )

    def offer(self, command: str) -> bool:  # noqa: ARG002
        """False: a command that the model proposed never runs unasked."""
        return False

    def permit(self, command: str, rule: str) -> Permit:  # noqa: ARG002
        """No: what no rule allows is not run where nobody can be asked."""
        return "no"
