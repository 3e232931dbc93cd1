"""Tells the user's hooks that a person is about to be asked, who may be looking elsewhere."""

from collections.abc import Callable

from chat.ports import Permit, Person


class NotifyingPerson:
    """Asks a person, and says so first. Where nobody is there, nobody is told."""

    def __init__(self, person: Person, notify: Callable[[str], None]) -> None:
        self._person = person
        self._notify = notify

    @property
    def is_there(self) -> bool:
        """Whether a person can be asked."""
        return self._person.is_there

    def permit(self, command: str, rule: str) -> Permit:
        """Whether to run a command that the model waits for."""
        self._tell(f"Run this for the model? {command}")
        return self._person.permit(command, rule)

    def confirm(self, question: str, subject: str = "") -> bool:
        """Whether the answer is yes. Raises NeedsTerminal."""
        self._tell(question)
        return self._person.confirm(question, subject)

    def offer(self, command: str) -> bool:
        """Whether to run a command that the model proposes."""
        self._tell(f"Run this command that the model proposes? {command}")
        return self._person.offer(command)

    def _tell(self, message: str) -> None:
        if self._person.is_there:
            self._notify(message)
