"""[io] Programs that the user has the chat run: commands, tests, linters."""

import os
import shlex
from collections.abc import Callable, Sequence

from chat.errors import InputError, Untrusted, UsageError
from chat.model import RepoPath
from chat.ports import Ran
from chat.prompt.chat_files import ChatFiles
from chat.state.state import State
from chat.turn import checks
from repomap import escaped_text, hides_something

RunGit = Callable[[Sequence[str]], Ran]
"""Runs git in the root with these arguments."""


class Programs:
    """Runs what the user asks for; each run is journaled and shown."""

    def __init__(self, state: State, files: ChatFiles, run_git: RunGit) -> None:
        self._state = state
        self._files = files
        self._run_git = run_git

    def run(self, command: str) -> Ran:
        """Run a command that the user typed or agreed to.

        Raises UsageError where it holds what nobody sees: it may have been pasted.
        """
        if hides_something(command):
            raise UsageError(
                f"The command holds characters that are not seen as what they are, so it was not run: "
                f"{escaped_text(command)}. Type it, or put it into a script."
            )
        return checks.run(self._state.ports, command, "run")

    def git(self, arguments: str) -> Ran:
        """Run git with arguments that the user typed, split as a shell would. Raises UsageError, GitError."""
        try:
            words = shlex.split(arguments, posix=os.name == "posix")
        except ValueError as error:
            raise UsageError(f"/git {arguments}: {error}. Nothing was run.") from error
        return checks.run_as(
            self._state.ports, f"git {arguments}".strip(), "run", lambda: self._run_git(words)
        )

    def test(self) -> Ran:
        """Run the test command. Raises InputError where none is set, Untrusted where its file has changed."""
        command = self._state.settings.test_cmd
        if not command:
            raise InputError("No test command is set. Set one with --test-cmd or /settings test-cmd COMMAND.")
        self._require_trusted("test-cmd")
        return checks.run(self._state.ports, command, "test")

    def lint(self, patterns: Sequence[str] = ()) -> Ran | None:
        """Run the lint commands on these files; None where none applies.

        By default on the files of the chat, and where there are none, on those that differ from HEAD.

        Raises InputError for a pattern that matches no file, Untrusted where the setting's file has changed.
        """
        self._require_trusted("lint-cmd")
        files = self._files.named(patterns) if patterns else self._files.editable(()) or self._changed()
        return checks.lint(self._state.ports, self._state.settings.lint_cmd, files)

    def _changed(self) -> tuple[RepoPath, ...]:
        """The files that differ from HEAD and are there; none without git."""
        ports = self._state.ports
        changes = ports.repository.changes() if ports.repository else ()
        return tuple(path for path in changes if ports.workspace.is_file(path))

    def may_run(self, name: str) -> bool:
        """Whether the command of a setting is still what the user trusted; says so where it is not."""
        return checks.may_run(self._state, name)

    def _require_trusted(self, name: str) -> None:
        if not self.may_run(name):
            raise Untrusted(f"{name} comes from a file that has changed. Nothing was run.")
