"""The command `trigpoint`: the chat, or a command by its name; every error's exit code is chosen here.

A command is imported when it is asked for, and so is the chat, so that `--help` and the map start at once.
"""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chat.errors import ChatError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from chat.settings.table import Settings

COMMANDS: Mapping[str, tuple[str, str]] = {
    "map": ("repomap.commands.map:map_command", "Print a ranked map of a folder that fits a token budget."),
    "find": ("repomap.commands.lookups:find_command", "Find the lines that hold a text or match a pattern."),
    "symbol": ("repomap.commands.lookups:symbol_command", "Print where a name is defined."),
    "refs": ("repomap.commands.lookups:refs_command", "Print where the code uses a name."),
    "outline": ("repomap.commands.lookups:outline_command", "Print what a file defines."),
    "show": (
        "repomap.commands.lookups:show_command",
        "Print the text of a file, some lines, or a definition.",
    ),
    "apply": ("chat.cli.apply:apply", "Apply the edits of a saved reply, or say why not."),
    "sessions": ("chat.cli.sessions:sessions_group", "List, show, search and export sessions."),
    "settings": ("chat.cli.settings:settings_command", "Print every setting and where its value comes from."),
    "models": ("chat.cli.models:models_command", "Print known models with their windows and prices."),
    "trust": ("chat.cli.trust:trust_command", "Let a repository's own configuration count, or no longer."),
    "mcp": ("repomap.commands.lookups:mcp_command", "Serve a repository to an agent, read-only."),
    "cache": (
        "repomap.commands.lookups:cache_group",
        "Tell about the caches of parsed files and of indexes, or empty them.",
    ),
    "schema": ("repomap.commands.map:schema_command", "Print the JSON Schema of what a command prints."),
}
"""Where each command stands, and its line in `--help`."""

ONE_SHOT, REPL = "chat.terminal.oneshot:run", "chat.terminal.repl:run"

EXAMPLES = (
    ("trigpoint src/app.py", "type requests; app.py is in the chat"),
    ('trigpoint -m "let the cookie expire" --yes', "one request, and end"),
    ('git diff | trigpoint -p "review this"', "the answer on standard output"),
    ("trigpoint --continue", "go on where you stopped"),
    ('trigpoint map --query "login fails"', "the map alone, without a model"),
)
EXIT_CODES = (
    ("0", "done"),
    ("1", "failed: no answer, a refused edit, failing tests, or no change with --require-changes"),
    ("2", "wrong usage, no model, or a question that needs a terminal"),
    ("42", "unreadable input"),
    ("53", "the limit on turns was reached"),
    ("54", "the limit on money, tokens or time was reached"),
    ("130", "interrupted"),
)
"""What `--help` and docs/scripts.md say; `exit_code` of each error in `chat.errors` decides."""


def load(place: str) -> Any:
    """What stands at `module:name`."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


class Program(click.Group):
    """The chat's options and files, or a command that is its very first word.

    A command is imported when it is run, and its help is known without.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        command = load(COMMANDS[cmd_name][0]) if cmd_name in COMMANDS else None
        return command if isinstance(command, click.Command) else None

    @cached_property
    def settings_options(self) -> list[click.Parameter]:
        """An option for each setting; made when it is first asked for."""
        from chat.cli.options import options

        return options()

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        return [*self.settings_options, *super().get_params(ctx)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hands everything to a command that comes first; else takes what is no option as files."""
        ctx.params["paths"] = ()
        if args and args[0] in COMMANDS:
            return super().parse_args(ctx, args)
        ctx.allow_interspersed_args = True
        paths = click.Command.parse_args(self, ctx, args)
        if paths and paths[0] in COMMANDS and not ctx.resilient_parsing:
            raise click.UsageError(
                f"{paths[0]} is a command, which comes before all options. For a file of that name write "
                f"{os.path.join(os.curdir, paths[0])}",
                ctx,
            )
        ctx.params["paths"] = tuple(paths)
        ctx.args = []
        return []

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        """Options after a dash; else files and, as the first word, commands."""
        from click.shell_completion import CompletionItem

        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        first = not ctx.params.get("paths")
        found = [
            CompletionItem(name, help=COMMANDS[name][1])
            for name in COMMANDS
            if first and name.startswith(incomplete)
        ]
        return [*found, CompletionItem(incomplete, type="file")]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        formatter.write_usage("trigpoint", "[OPTIONS] [FILE]...")
        formatter.write_usage("trigpoint", "COMMAND [ARGS]...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The examples, what is used most, the commands, the rest by group, and the exit codes."""
        from chat.cli.options import help_sections

        most, *groups = help_sections()
        commands = ("Commands", [(name, text) for name, (_, text) in COMMANDS.items()])
        last = [record for param in super().get_params(ctx) if (record := param.get_help_record(ctx))]
        others = [*groups, ("Other", last), ("Exit codes", list(EXIT_CODES))]
        for title, lines in (("Examples", list(EXAMPLES)), most, commands, *others):
            with formatter.section(title):
                formatter.write_dl(lines, col_max=46 if title == "Examples" else 26)


@click.command(
    cls=Program,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="trigpoint", prog_name="trigpoint")
@click.pass_context
def group(ctx: click.Context, /, paths: tuple[str, ...], **parameters: Any) -> int:
    """Edit a repository together with a language model: at a prompt, or with -m in one go.

    FILEs are what the model may edit from the start; others it finds by the repository's map and asks for.
    Every setting can also stand in .trigpoint.toml, in your own config.toml, or in the environment as
    TRIGPOINT_NAME; `trigpoint settings` shows them.
    """
    return 0 if ctx.invoked_subcommand else chat(paths, parameters)


def chat(paths: Sequence[str], parameters: Mapping[str, Any]) -> int:
    """Reads the settings and runs the chat with them, at a prompt or in one go; gives the exit code."""
    from chat.cli.options import given
    from chat.settings.load import load as load_settings

    loaded = load_settings(given(parameters), Path.cwd(), os.environ)
    settings = loaded.settings
    for notice in loaded.notices:
        say(f"warning: {' '.join(notice.split())}")
    os.environ.update(loaded.environment)
    terminal = sys.stdin is not None and sys.stdin.isatty()
    code: int = load(ONE_SHOT if is_one_shot(settings, terminal) else REPL)(settings, tuple(paths))
    return code


def is_one_shot(settings: "Settings", terminal: bool) -> bool:
    """Whether the run answers one request: one was given, or nobody is there to type."""
    asked = {"message", "print", "message-file", "show-repo-map", "show-prompts"}
    return not terminal or any(name in asked for name, _ in settings.sources)


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code; the one place where errors become codes."""
    try:
        code = group.main(arguments, prog_name="trigpoint", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return 130
    except Exception as error:
        if not isinstance(error, _expected()):
            raise
        say(f"error: {error}")
        return getattr(error, "exit_code", 1)
    return code if isinstance(code, int) else 0


def _expected() -> tuple[type[Exception], ...]:
    """The roots of the errors that tell what happened; any other is a fault of the program."""
    from edits import EditError
    from repomap import RepoMapError

    return ChatError, EditError, RepoMapError


def say(text: str) -> None:
    """Writes a line, or several, to standard error; what it quotes cannot drive the terminal."""
    from chat.safety.printable import without_escapes

    click.echo(f"trigpoint: {without_escapes(text)}", err=True)


def main() -> None:
    """Runs the command and exits with its code."""
    sys.exit(run())
