"""[io] Which sandbox there is on this machine, and whether it works."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chat.errors import UsageError
from chat.safety.shell import UserShell
from chat.sandbox.bubblewrap import bubblewrap_arguments
from chat.sandbox.layout import Layout, SandboxChoice, layout_for
from chat.sandbox.scratch import Scratch
from chat.sandbox.seatbelt import seatbelt_arguments
from repomap import find_program

_PROBE_S = 20.0
_TOOLS: Mapping[str, Callable[..., list[str]]] = {
    "bwrap": bubblewrap_arguments,
    "sandbox-exec": seatbelt_arguments,
}


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that works here, for one root."""

    tool: str
    layout: Layout

    def hiding(self, paths: Sequence[str]) -> "Sandbox":
        """Return the same sandbox, in which these paths cannot be read either."""
        return (
            replace(self, layout=replace(self.layout, hidden=(*self.layout.hidden, *paths)))
            if paths
            else self
        )

    def opening(self, paths: Sequence[str]) -> "Sandbox":
        """Return the same sandbox, in which these folders can be written, too."""
        return replace(self, layout=replace(self.layout, writable=tuple(paths))) if paths else self

    def arguments(self, *, network: bool = False) -> list[str]:
        """Return the program and its arguments, to be followed by those of a command."""
        _, *arguments = _TOOLS[self.tool](self.layout, network=network)
        return [find_program(self.tool) or self.tool, *arguments]


def open_sandbox(
    choice: SandboxChoice, root: Path, scratch: Scratch, environment: Mapping[str, str] = os.environ
) -> tuple[Sandbox | None, str]:
    """Return the sandbox that was chosen, or None and why there is none.

    Raises UsageError where one was named that cannot be had: nothing runs without it then.
    """
    if choice == "none":
        return None, "it is switched off"
    tool = "bwrap" if choice == "auto" else choice
    reason = _reason_against(tool)
    if not reason:
        scratch.make()
        sandbox = Sandbox(tool, layout_for(root, scratch.home, scratch.temporary, environment))
        reason = _failure_of(sandbox, root)
        if not reason:
            return sandbox, ""
    if choice == "auto":
        return None, reason
    raise UsageError(
        f"--sandbox {choice}: {reason}. Nothing was started. Install it, or choose --sandbox auto or none."
    )


def _reason_against(tool: str) -> str:
    system = {"bwrap": "linux", "sandbox-exec": "darwin"}[tool]
    if sys.platform != system:
        return f"{tool} does not exist on this system"
    return "" if find_program(tool) else f"{tool} is not installed"


def _failure_of(sandbox: Sandbox, root: Path) -> str:
    """Run nothing in the sandbox; return why that failed."""
    probe = UserShell(root, arguments=lambda command: [*sandbox.arguments(), "/bin/sh", "-c", command])
    ran = probe.run(":", _PROBE_S)
    if ran.exit_code == 0:
        return ""
    lines = ran.output.strip().splitlines()
    return f"{sandbox.tool} does not work here ({lines[-1] if lines else f'exit code {ran.exit_code}'})"
