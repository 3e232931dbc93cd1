"""[io] The user as a worker sees them: questions are files, and the worker waits for the answer.

A job that nobody watches can wait for days; `--yes` and rules of permission answer in advance, and `dontAsk` denies.
"""

import time
from collections.abc import Callable
from typing import Literal

from chat.jobs.messages import answer_to, ask, withdraw
from chat.jobs.record import Question
from chat.jobs.store import JobFolder
from chat.ports import Permit

_POLL_S = 0.2


class DistantPerson:
    """A person who answers by `trigpoint jobs answer`; ``yes`` answers every confirmation in advance."""

    is_there = True

    def __init__(
        self, folder: JobFolder, yes: bool = False, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._folder = folder
        self._yes = yes
        self._sleep = sleep

    def confirm(self, question: str, subject: str = "") -> bool:
        """Whether the user answers yes."""
        return self._yes or self._answer("confirm", question, subject) == "yes"

    def offer(self, command: str) -> bool:  # noqa: ARG002
        """False: what a reply merely proposes is never run by a job."""
        return False

    def permit(self, command: str, rule: str) -> Permit:
        """Ask whether to run a command that the model waits for."""
        answer = self._answer("permit", f"Run this for the model?\n{command}", "", rule)
        return "always" if answer == "always" and rule else "yes" if answer == "yes" else "no"

    def _answer(self, kind: Literal["confirm", "permit"], text: str, subject: str, rule: str = "") -> str:
        question = Question(number=time.time_ns(), kind=kind, text=text, subject=subject, rule=rule)
        ask(self._folder, question)
        try:
            while (answer := answer_to(self._folder, question)) is None:
                self._sleep(_POLL_S)
        finally:
            withdraw(self._folder)
        return answer
