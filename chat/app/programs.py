"""[io] Programs that the user has the chat run: commands, tests, linters."""

from collections.abc import Sequence

from chat.errors import InputError
from chat.ports import Ran
from chat.prompt.chat_files import ChatFiles
from chat.state.state import State
from chat.turn import checks


class Programs:
    """Runs what the user asks for; each run is journaled and shown."""

    def __init__(self, state: State, files: ChatFiles) -> None:
        self._state = state
        self._files = files

    def run(self, command: str) -> Ran:
        """Run a command that the user typed."""
        return checks.run(self._state.ports, command, "run")

    def test(self) -> Ran:
        """Run the test command. Raises InputError where none is set."""
        command = self._state.settings.test_cmd
        if not command:
            raise InputError("No test command is set. Set one with --test-cmd or /settings test-cmd COMMAND.")
        return checks.run(self._state.ports, command, "test")

    def lint(self, patterns: Sequence[str] = ()) -> Ran | None:
        """Run the lint commands on these files, by default those of the chat; None where none applies.

        Raises InputError for a pattern that matches no file.
        """
        files = self._files.named(patterns) if patterns else self._files.editable(())
        return checks.lint(self._state.ports, self._state.settings.lint_cmd, files)
