"""The table of commands: a typed line → the command that carries it out; also what `/help` and the docs say.

The commands themselves stand in the modules named for what they are about.
"""

import difflib
from collections.abc import Iterable, Mapping
from itertools import chain

from chat.commands import changes as git_commands
from chat.commands import conversation as talk_commands
from chat.commands import files as file_commands
from chat.commands import models as model_commands
from chat.commands.command import Command, CommandContext, Leave
from chat.display.input_line import Line, read_command, split_words
from chat.errors import InputError, NeedsTerminal, UsageError

_DEEPEST_LOAD = 8
_NEAR = 0.5
_USAGE_WIDTH = 22


def load(context: CommandContext, arguments: str, depth: int = 0) -> None:
    """Runs the lines of a file as if they were typed: commands, and messages to the model."""
    words = split_words(arguments)
    if len(words) != 1:
        raise UsageError("/load needs the name of one file. Nothing was done; quote a name with spaces.")
    if depth >= _DEEPEST_LOAD:
        raise InputError(f"{words[0]}: files that load each other; stopped after {_DEEPEST_LOAD} of them.")
    context.ends = False
    for number, text in enumerate(_read_lines(words[0]), 1):
        if not text.strip() or text.startswith("#"):
            continue
        line = read_command(text)
        if line is not None and line.name == "load":
            load(context, line.arguments, depth + 1)
            continue
        try:
            run_line(context, text)
        except UsageError as error:
            raise UsageError(f"{words[0]}:{number}: {error}") from error


def _read_lines(path: str) -> list[str]:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is no UTF-8 text"
        raise InputError(f"{path}: {why}; nothing was loaded.") from error


def leave(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Ends the chat."""
    raise Leave


def show_help(context: CommandContext, arguments: str) -> None:
    """The table, or all that is known of one command."""
    context.show(help_of(find_command(arguments.lstrip("/"))) if arguments else overview())


SECTIONS: Mapping[str, tuple[Command, ...]] = {
    "What the model is shown": file_commands.TABLE,
    "What was done": git_commands.TABLE,
    "Who answers, and how": model_commands.TABLE,
    "The conversation": (
        *talk_commands.TABLE,
        Command("load", "FILE", "Run the commands in a file.", load, completes="paths"),
    ),
    "The program": (
        Command("help", "[NAME]", "Show all commands, or more about one.", show_help, completes="commands"),
        Command("exit", "", "Leave the chat, as Ctrl-D does.", leave, aliases=("quit", "q")),
    ),
}
"""Every command, under the headings of `/help`."""

COMMANDS: Mapping[str, Command] = {
    name: command
    for command in chain.from_iterable(SECTIONS.values())
    for name in (command.name, *command.aliases)
}
"""By name and by every other name."""


def find_command(name: str) -> Command:
    """The command of this name. Raises UsageError, which tells the nearest names."""
    if name == "!":
        name = "run"
    if name in COMMANDS:
        return COMMANDS[name]
    near = difflib.get_close_matches(name, COMMANDS, cutoff=_NEAR)
    meant = f"Perhaps you meant {_listed(near)}." if near else "/help lists all commands."
    raise UsageError(f"There is no command /{name}; nothing was done. {meant}")


def run_line(context: CommandContext, text: str) -> None:
    """Carries out what was typed: a command, or a message to the model.

    Raises ChatError, and Leave where the user is done.
    """
    line = read_command(text)
    if line is None:
        context.send(text)
    else:
        run_command(context, line)


def run_command(context: CommandContext, line: Line) -> None:
    """Carries out a command. Raises NeedsTerminal for one that makes no sense without."""
    command = find_command(line.name)
    if command.needs_terminal and not context.at_terminal:
        raise NeedsTerminal(f"/{command.name} needs a terminal, so nothing was done.")
    command.run(context, line.arguments)


def overview() -> str:
    """All commands, a line each."""
    parts = []
    for title, table in SECTIONS.items():
        parts += [title, *map(_row, table), ""]
    return "\n".join(
        [*parts, "!COMMAND runs a command. @PATH in a message adds a file. /help NAME tells more."]
    )


def _row(command: Command) -> str:
    """What does not fit its column has its help on the next line."""
    gap = " " if len(command.usage) <= _USAGE_WIDTH else f"\n  {'':<{_USAGE_WIDTH}} "
    return f"  {command.usage:<{_USAGE_WIDTH}}{gap}{command.help}"


def help_of(command: Command) -> str:
    """All that is known of one command."""
    others = f"Also: {_listed(command.aliases)}." if command.aliases else ""
    where = "At a terminal only." if command.needs_terminal else ""
    return "\n".join(
        part for part in (command.usage, "", command.help, command.more, others, where) if part or part == ""
    ).rstrip()


def document() -> str:
    """The page of the docs."""
    parts = [_INTRODUCTION]
    for title, table in SECTIONS.items():
        parts += [f"## {title}\n", "| command | what it does |", "|---|---|"]
        parts += [f"| `{_cell(command.usage)}` | {_described(command)} |" for command in table]
        parts.append("")
    return "\n".join(parts)


_INTRODUCTION = """\
# Commands

Type them at the prompt of `trigpoint`, or give one as the request of a single run: `trigpoint -m "/map"`.
Without a terminal, a command prints what it was asked for to standard output. One that does not exist,
or that needs a terminal, ends with code 2; one that finds red tests or cannot do its work, with 1.

`!COMMAND` is `/run COMMAND`. `@PATH` in a message adds that file to the chat. A message that begins
with a path, such as `/usr/bin/env`, is no command.
"""


def _described(command: Command) -> str:
    others = f"Also `{_listed(command.aliases).replace(', ', '`, `')}`." if command.aliases else ""
    where = "At a terminal only." if command.needs_terminal else ""
    return _cell(" ".join(part for part in (command.help, command.more, others, where) if part))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"/{name}" for name in names)
