"""The table of commands: finds the command for a line, and writes `/help` and the page of the docs."""

import difflib
import shutil
import textwrap
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from chat.commands import agents, changes, conversation, files, goal, models, permissions
from chat.commands.command import Command, CommandContext, Leave
from chat.commands.other_names import SYNONYMS, advice_on, names_page
from chat.display.input_line import TypedCommand, read_command, separate_commands, split_words
from chat.errors import InputError, NeedsTerminal, UsageError
from chat.safety.small_file import read_named

_MAX_LOAD_DEPTH = 8
_MIN_SIMILARITY = 0.6
_USAGE_WIDTH = 22


def load(context: CommandContext, arguments: str, depth: int = 0) -> None:
    """Run the lines of a file as if they were typed: commands, and messages to the model."""
    words = split_words(arguments)
    if len(words) != 1:
        raise UsageError("/load needs the name of one file. Quote a name with spaces.")
    if depth >= _MAX_LOAD_DEPTH:
        raise InputError(f"{words[0]}: Files load each other. Stopped at a depth of {_MAX_LOAD_DEPTH}.")
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
        return read_named(Path(path), path, "Nothing was loaded").decode("utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}: It is not UTF-8 text. Nothing was loaded; name a file of commands."
        ) from error


def leave(context: CommandContext, arguments: str) -> None:  # noqa: ARG001
    """Leave the chat."""
    raise Leave


def show_help(context: CommandContext, arguments: str) -> None:
    """Show all commands, or everything about one."""
    if len(arguments.split()) > 1:
        raise UsageError(
            "/help takes the name of one command; alone it lists them all. /ask TEXT puts a question to the model."
        )
    context.show(help_of(find_command(arguments.lstrip("/"))) if arguments else overview())


SECTIONS: Mapping[str, tuple[Command, ...]] = {
    "Context": files.TABLE,
    "Changes": changes.TABLE,
    "Models, modes and settings": (*models.TABLE, *permissions.TABLE),
    "Goals": goal.TABLE,
    "Agents": agents.TABLE,
    "The conversation": (
        *conversation.TABLE,
        Command("load", "FILE", "Run the commands in a file.", load, runs_programs=True, completes="paths"),
    ),
    "The program": (
        Command(
            "help", "[NAME]", "Show all commands, or everything about one.", show_help, completes="commands"
        ),
        Command("exit", "", "Leave the chat, like Ctrl-D.", leave, aliases=("quit", "q")),
    ),
}
"""Every command, under its heading in `/help`."""

COMMANDS: Mapping[str, Command] = {
    name: command
    for command in chain.from_iterable(SECTIONS.values())
    for name in (command.name, *command.aliases)
}
"""By name and alias."""


def find_command(name: str) -> Command:
    """Find a command by its name, an alias or another program's name. Raises UsageError, which lists similar names."""
    if name == "!":
        name = "run"
    name = SYNONYMS.get(name, name)
    if name in COMMANDS:
        return COMMANDS[name]
    if advice := advice_on(name):
        raise UsageError(advice)
    similar = difflib.get_close_matches(name, COMMANDS, cutoff=_MIN_SIMILARITY)
    hint = f"Did you mean {_listed(similar)}?" if similar else "/help lists all commands."
    raise UsageError(f"There is no command /{name}. {hint}")


def run_line(context: CommandContext, text: str) -> None:
    """Run what was typed: a command, several, each on a line of its own, or a message to the model.

    Raises ChatError, and Leave if the user leaves.
    """
    for part in separate_commands(text):
        line = read_command(part)
        if line is None:
            require_name(part)
            context.send(part)
        else:
            run_command(context, line)


def require_name(text: str) -> None:
    """Raise UsageError for a slash alone, which nobody means as a message."""
    if text.strip() == "/":
        raise UsageError("A slash alone is not a command. Nothing was sent; /help lists the commands.")


def run_command(context: CommandContext, line: TypedCommand) -> None:
    """Run a command. Raises NeedsTerminal if it needs one and there is none."""
    command = find_command(line.name)
    if command.needs_terminal and not context.at_terminal:
        raise NeedsTerminal(f"/{command.name} needs a terminal. Nothing was done.")
    command.run(context, line.arguments)


def overview() -> str:
    """All commands, one line each."""
    parts = []
    for title, table in SECTIONS.items():
        parts += [title, *map(_row, table), ""]
    return "\n".join(
        [*parts, "!COMMAND runs a command. @PATH in a message adds a file. /help NAME shows more."]
    )


def _row(command: Command) -> str:
    """Usage and help in two columns; the help of a long usage is on the next line."""
    indent = f"  {'':<{_USAGE_WIDTH}} "
    first = f"  {command.usage:<{_USAGE_WIDTH}} "
    head = "" if len(command.usage) <= _USAGE_WIDTH else f"{first.rstrip()}\n"
    return head + wrapped(command.help, first=indent if head else first, others=indent)


def help_of(command: Command) -> str:
    """Everything about one command."""
    others = f"Also: {_listed(command.aliases)}." if command.aliases else ""
    where = "Needs a terminal." if command.needs_terminal else ""
    parts = (command.help, command.more, others, where)
    return "\n".join([command.usage, "", *(wrapped(part) for part in parts if part)])


def wrapped(text: str, first: str = "", others: str = "") -> str:
    """Break a text between words so that its lines fit the terminal, up to 100 columns."""
    columns = max(40, min(100, shutil.get_terminal_size((81, 24)).columns - 1))
    return textwrap.fill(
        text,
        columns,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def document() -> str:
    """The text of docs/commands.md."""
    parts = [_INTRODUCTION]
    for title, table in SECTIONS.items():
        parts += [f"## {title}\n", "| command | what it does |", "|---|---|"]
        parts += [f"| `{_cell(command.usage)}` | {_described(command)} |" for command in table]
        parts.append("")
    return "\n".join([*parts, names_page()])


_INTRODUCTION = """\
# Commands

Type them at the prompt of `trigpoint`, or give one as the request of a single run: `trigpoint -m "/map"`. Text from
`--message-file` or standard input is never a command, whatever it begins with; it is sent as a request. Without a
terminal, a command prints its result to standard output. It ends with code 2 if it does not exist or needs a
terminal, and with code 1 if it fails or finds failing tests.

`!COMMAND` means `/run COMMAND`. `@PATH` in a message adds that file to the chat. A message that begins with a path,
such as `/usr/bin/env`, is not a command.
"""


def _described(command: Command) -> str:
    others = f"Also `{_listed(command.aliases).replace(', ', '`, `')}`." if command.aliases else ""
    where = "Needs a terminal." if command.needs_terminal else ""
    return _cell(" ".join(part for part in (command.help, command.more, others, where) if part))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"/{name}" for name in names)
