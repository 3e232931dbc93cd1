"""[io] The settings → what runs the user's checks and the model's commands: in a sandbox, or not."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chat.events import Emit, Notice
from chat.ports import Ran, Shell
from chat.safety.shell import UserShell
from chat.sandbox.guarded_shell import GuardedShell, Room, can_run_scripts
from chat.sandbox.sandbox import Sandbox, open_sandbox
from chat.sandbox.scratch import remove_old_scratch, scratch_for
from chat.sessions.locations import new_id
from chat.settings.table import Settings


@dataclass(frozen=True, slots=True)
class CommandShells:
    """What runs commands that are not typed by the user."""

    checks: Shell
    """The user's lint and test commands."""
    model: Shell | None
    """The model's commands; None where none can be run."""
    hooks: Room | None
    """The sandbox for a repository's hooks; None where none was named."""


def open_command_shells(
    settings: Settings,
    root: Path,
    session_id: str,
    emit: Emit,
    may_set_up: Callable[[], bool],
    hidden: Callable[[], Sequence[str]],
) -> CommandShells:
    """Open the shells. Raises UsageError where the settings name a sandbox that cannot be had.

    By default the sandbox is opened with the first command of the model's, since many chats have none.
    """
    scratch = scratch_for(session_id or new_id())
    is_named = settings.sandbox in ("bwrap", "sandbox-exec")
    opened = open_sandbox(settings.sandbox, root, scratch, os.environ) if is_named else None

    def open_room() -> Sandbox | None:
        remove_old_scratch()
        sandbox, reason = opened or open_sandbox(settings.sandbox, root, scratch, os.environ)
        if sandbox is None:
            emit(Notice(f"Commands of the model's run without a sandbox: {reason}.", "warning"))
        return sandbox

    room = Room(
        root, scratch, open_room, settings.setup_cmd, may_set_up, hidden, lambda ran: _report(ran, emit)
    )
    model = GuardedShell(room) if can_run_scripts() else None
    checks = GuardedShell(room, of_user=True) if is_named else UserShell(root)
    return CommandShells(checks, model, room if is_named else None)


def _report(ran: Ran, emit: Emit) -> None:
    if ran.exit_code == 0:
        emit(Notice(f"The setup command has run: {ran.command}"))
    else:
        end = "\n".join(ran.output.strip().splitlines()[-10:])
        emit(
            Notice(f"The setup command failed with exit code {ran.exit_code}: {ran.command}\n{end}", "error")
        )
