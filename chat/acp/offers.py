"""What an editor can choose from: the modes of the chat and its commands."""

from acp.schema import (
    AvailableCommand,
    AvailableCommandInput,
    SessionMode,
    SessionModeState,
    UnstructuredCommandInput,
)

from chat.commands.table import SECTIONS
from chat.model import Mode

_MODES = {
    Mode.CODE: ("Code", "Changes files and commits."),
    Mode.ASK: ("Ask", "Answers, and changes nothing."),
    Mode.ARCHITECT: ("Architect", "The main model plans, and the editor model writes the edits."),
}
_OF_A_TERMINAL = frozenset({"exit"})


def modes(current: Mode) -> SessionModeState:
    """Return the modes, and which one is set."""
    available = [
        SessionMode(id=mode.value, name=name, description=text) for mode, (name, text) in _MODES.items()
    ]
    return SessionModeState(current_mode_id=current.value, available_modes=available)


def commands() -> list[AvailableCommand]:
    """Return the commands that need no terminal."""
    return [
        AvailableCommand(
            name=command.name,
            description=command.help,
            input=AvailableCommandInput(UnstructuredCommandInput(hint=command.arguments))
            if command.arguments
            else None,
        )
        for table in SECTIONS.values()
        for command in table
        if not command.needs_terminal and command.name not in _OF_A_TERMINAL
    ]
