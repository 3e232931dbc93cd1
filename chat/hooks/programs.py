"""[io] A hook → the program that is started for it, in the sandbox where it belongs there.

A repository's hooks belong there, and those of the user's own that ask for it. All others are like what the user
types: their scripts are in a home that the sandbox hides, and a guard that is not found guards nothing.
"""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chat.errors import ChatError
from chat.hooks.hook_file import Hook
from chat.safety.piped import Program
from chat.safety.secrets import without_model_keys
from chat.safety.shell import shell_arguments
from chat.sandbox.environment import scrubbed
from chat.sandbox.guarded_shell import Room
from repomap import find_program

_FOLDER_VARIABLES = ("TRIGPOINT_PROJECT_DIR", "CLAUDE_PROJECT_DIR")
_FOLDER = re.compile(r"\$\{(?:TRIGPOINT|CLAUDE)_PROJECT_DIR\}")


@dataclass(frozen=True, slots=True)
class OwnedHook:
    """A hook, and whether it is from the user's own files."""

    hook: Hook
    is_yours: bool

    @property
    def belongs_inside(self) -> bool:
        """Whether it runs in the sandbox where one was named."""
        return self.hook.wants_sandbox or not self.is_yours


def program_for(owned: OwnedHook, root: Path, room: Room | None) -> Program | str:
    """Return what is started for a hook, or why it cannot be: the sandbox or its setup command has failed."""
    hook, is_inside = owned.hook, room is not None and owned.belongs_inside
    prefix: Sequence[str] = ()
    if room is not None and is_inside:
        try:
            sandbox = room.enter(tries_again=False)  # there are many events in a turn
        except ChatError as error:
            return str(error)
        prefix = sandbox.arguments() if sandbox else ()
    environment = _environment(root, is_secret_free=is_inside and not owned.is_yours)
    arguments = _arguments(hook, root)
    if prefix:
        arguments = [*prefix, *([arguments] if isinstance(arguments, str) else arguments)]
    return Program(arguments, hook.timeout_s, environment)


def _arguments(hook: Hook, root: Path) -> Sequence[str] | str:
    """Return the program with its arguments; `/bin/sh` reads a command line, on Windows the user's shell."""
    if hook.args is None:
        return ["/bin/sh", "-c", hook.command] if os.name == "posix" else shell_arguments(hook.command)
    name, *args = (_FOLDER.sub(lambda _: str(root), text) for text in (hook.command, *hook.args))
    is_path = os.path.basename(name) != name
    return [name if is_path else find_program(name) or name, *args]


def _environment(root: Path, *, is_secret_free: bool) -> dict[str, str]:
    """Return the variables of a hook: those of the user without the keys of models, and where the project is."""
    kept = scrubbed(os.environ) if is_secret_free else without_model_keys(os.environ)
    return {**kept, **dict.fromkeys(_FOLDER_VARIABLES, str(root))}
