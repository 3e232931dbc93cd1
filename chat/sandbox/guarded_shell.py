"""[io] Runs commands in a sandbox, after the setup command has run once, with the network, in the same folders."""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chat.errors import InputError
from chat.ports import Ran
from chat.safety.shell import NO_VARIABLES, UserShell, shell_arguments
from chat.sandbox.environment import scrubbed
from chat.sandbox.sandbox import Sandbox
from chat.sandbox.scratch import Scratch
from repomap import find_program

_SETUP_S = 3_600.0


def bash_arguments(command: str) -> list[str]:
    """Return how a script is run whose words rules were applied to: by a shell that reads nothing else first."""
    bash = find_program("bash")
    if bash:
        return [bash, "--noprofile", "--norc", "-c", command]
    return ["/bin/sh", "-c", command]


def can_run_scripts() -> bool:
    """Whether there is a shell here that reads scripts as the rules do."""
    return os.name == "posix"


@dataclass(slots=True)
class Room:
    """The sandbox of a session, opened when the first command needs it, and what is set up in it."""

    root: Path
    scratch: Scratch
    open: Callable[[], Sandbox | None]
    """Opens the sandbox; None where commands run without one."""
    setup: str = ""
    """The setup command."""
    may_set_up: Callable[[], bool] = lambda: True
    """Whether the setup command may still be run: its file may have changed since it was trusted."""
    hidden: Callable[[], Sequence[str]] = tuple
    """Absolute paths that the model's commands must not read, as the rules are now."""
    report: Callable[[Ran], None] = lambda ran: None  # noqa: ARG005
    """Gets the setup command once it has run."""
    _opened: tuple[Sandbox | None] | None = None
    _is_set_up: bool = False
    _failure: str = ""
    """Why the setup command has failed the last time."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    """Hooks of a prompt that waits come from a thread of their own."""

    def enter(self, *, tries_again: bool = True) -> Sandbox | None:
        """Return the sandbox, ready for a command.

        Raises InputError where the setup command fails, or has failed and is not to be tried again.
        """
        with self._lock:
            if self._opened is None:
                self._opened = (self.open(),)
            (sandbox,) = self._opened
            if self._failure and not tries_again:
                raise InputError(self._failure)
            if self.setup and not self._is_set_up:
                self._set_up(sandbox)
                self._is_set_up = True
            return sandbox

    def _set_up(self, sandbox: Sandbox | None) -> None:
        is_done = sandbox is not None and self.scratch.is_set_up(self.setup)
        if is_done or not self.may_set_up():
            return
        ran = self._shell(sandbox).run(self.setup, _SETUP_S)
        self.report(ran)
        if ran.exit_code != 0:
            code = ran.exit_code
            self._failure = (
                f"The setup command failed with exit code {code}, so nothing else was run: {self.setup}"
            )
            raise InputError(self._failure)
        self._failure = ""
        if sandbox is not None:
            self.scratch.mark_set_up(self.setup)

    def _shell(self, sandbox: Sandbox | None) -> UserShell:
        """Return the shell for the setup command: with the network, and without a sandbox the user's own."""
        if sandbox is None:
            return UserShell(self.root)
        prefix = sandbox.arguments(network=True)
        return UserShell(self.root, lambda command: [*prefix, *bash_arguments(command)], scrubbed)


@dataclass(frozen=True, slots=True)
class GuardedShell:
    """Runs command lines in the sandbox, where there is one, with an environment without secrets."""

    room: Room
    of_user: bool = False
    """The commands are the user's own, so the user's shell reads them and the environment stays."""
    writable: tuple[str, ...] = ()
    """Folders outside the root that the commands may write to."""

    def run(
        self,
        command: str,
        timeout_s: float | None = None,
        *,
        variables: Mapping[str, str] = NO_VARIABLES,
    ) -> Ran:
        """Run a command line; a timeout and Ctrl-C end its whole process group. Raises InputError."""
        sandbox = self.room.enter()
        hidden = () if self.of_user else self.room.hidden()
        prefix = sandbox.hiding(hidden).opening(self.writable).arguments() if sandbox else []
        root = self.room.root
        if not self.of_user:
            shell = UserShell(root, lambda line: [*prefix, *bash_arguments(line)], scrubbed)
        elif prefix:
            shell = UserShell(root, lambda line: [*prefix, *shell_arguments(line)])
        else:
            shell = UserShell(root)
        return shell.run(command, timeout_s, variables=variables)
