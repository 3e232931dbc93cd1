"""The command `trigpoint`: the map's commands and, as they come, those of edits and of the chat.

A command is imported when it is asked for, so that `--help` and the map start at once.
"""

import importlib
import sys
from collections.abc import Mapping

import click

from repomap.cli import run

COMMANDS: Mapping[str, tuple[str, str]] = {
    "map": ("repomap.cli:map_command", "Print a ranked map of a folder that fits a token budget."),
    "find": ("repomap.commands:find_command", "Find the lines that hold a text or match a pattern."),
    "symbol": ("repomap.commands:symbol_command", "Print where a name is defined."),
    "refs": ("repomap.commands:refs_command", "Print where the code uses a name."),
    "outline": ("repomap.commands:outline_command", "Print what a file defines."),
    "show": ("repomap.commands:show_command", "Print the text of a file, some lines, or a definition."),
    "apply": ("chat.apply:apply", "Apply the edits of a saved reply, or say why not."),
    "mcp": ("repomap.commands:mcp_command", "Serve a repository to an agent, read-only."),
    "cache": ("repomap.commands:cache_group", "Tell about the caches of parsed files and of indexes, or empty them."),
    "schema": ("repomap.cli:schema_command", "Print the JSON Schema of what a command prints."),
}
"""Where each command stands, and its line in `--help`."""


class LazyGroup(click.Group):
    """A group that imports a command when it is run, and knows its help without."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="trigpoint", prog_name="trigpoint")
def group() -> None:
    """Show the few marks of a repository that matter: a ranked map that fits a token budget."""


def main() -> None:
    """Runs the command and exits with its code."""
    sys.exit(run(group=group))


if __name__ == "__main__":
    main()
