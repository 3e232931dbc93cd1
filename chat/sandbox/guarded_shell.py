"""[io] Runs commands in a sandbox, after the setup command has run once, with the network, in the same folders."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chat.errors import InputError
from chat.ports import Ran
from chat.safety.shell import UserShell, shell_arguments
from chat.sandbox.environment import scrubbed
from chat.sandbox.sandbox import Sandbox
from chat.sandbox.scratch import Scratch

_SETUP_S = 3_600.0


def bash_arguments(command: str) -> list[str]:
    """Return how a script is run whose words rules were applied to: by a shell that reads nothing else first."""
    bash = shutil.which("bash")
    if bash:
        return [bash, "--noprofile", "--norc", "-c", command]
    return ["/bin/sh", "-c", command]


def can_run_scripts() -> bool:
    """Whether there is a shell here that reads scripts as the rules do."""
    return os.name == "posix"


@dataclass(slots=True)
class Setup:
    """The setup command of a session, which runs before the first command."""

    root: Path
    command: str
    sandbox: Sandbox | None
    scratch: Scratch
    report: Callable[[Ran], None]
    """Gets the command once it has run."""
    is_done: bool = False

    def run_once(self) -> None:
        """Run the setup command unless it has succeeded in this session. Raises InputError where it fails."""
        if self.is_done or not self.command or self.scratch.is_set_up(self.command):
            return
        ran = self._run()
        self.report(ran)
        if ran.exit_code != 0:
            raise InputError(
                f"The setup command failed with exit code {ran.exit_code}, so nothing else was run: {self.command}"
            )
        self.is_done = True
        if self.sandbox is not None:
            self.scratch.mark_set_up(self.command)

    def _run(self) -> Ran:
        sandbox = self.sandbox
        if sandbox is None:
            return UserShell(self.root).run(self.command, _SETUP_S)
        prefix = sandbox.arguments(network=True)
        shell = UserShell(self.root, lambda command: [*prefix, *bash_arguments(command)], scrubbed)
        return shell.run(self.command, _SETUP_S)


@dataclass(frozen=True, slots=True)
class GuardedShell:
    """Runs command lines in the sandbox, where there is one, with an environment without secrets."""

    root: Path
    sandbox: Sandbox | None
    setup: Setup
    of_user: bool = False
    """The commands are the user's own, so the user's shell reads them and the environment stays."""

    def run(self, command: str, timeout_s: float | None = None) -> Ran:
        """Run a command line; a timeout and Ctrl-C end its whole process group. Raises InputError."""
        self.setup.run_once()
        prefix = self.sandbox.arguments() if self.sandbox else []
        if not self.of_user:
            return UserShell(self.root, lambda line: [*prefix, *bash_arguments(line)], scrubbed).run(
                command, timeout_s
            )
        if not prefix:
            return UserShell(self.root).run(command, timeout_s)
        shell = UserShell(self.root, lambda line: [*prefix, *shell_arguments(line)])
        return shell.run(command, timeout_s)
