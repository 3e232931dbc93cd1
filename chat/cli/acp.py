"""[io] `trigpoint acp`: an editor drives the chat over standard input and output."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chat.cli.options import SettingsCommand, command_line_layer
from chat.errors import UsageError
from chat.settings.layers import Layer

if TYPE_CHECKING:
    from chat.settings.load import Loaded

_NOT_HERE = frozenset(
    "message print message-file goal check show-repo-map show-prompts continue resume fork-session input-format "
    "output-format json-schema".split()
)
"""Settings that belong to a single request, which the editor sends."""
_EXAMPLES = (
    ("trigpoint acp", "what an editor starts"),
    ("trigpoint acp --model sonnet", "with a model of your choice"),
    ("trigpoint acp --permission-mode plan", "a model that only reads"),
)


class AcpCommand(SettingsCommand):
    """The command, with examples in its help."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples, and where the options are listed."""
        with formatter.section("Examples"):
            formatter.write_dl(_EXAMPLES, col_max=46)
        with formatter.section("Options"):
            more = ("--…", "All options of the chat; trigpoint --help lists them.")
            formatter.write_dl([*self.own_options(ctx), more])


@click.command(name="acp", cls=AcpCommand)
def acp_command(**parameters: Any) -> int:
    """Let an editor drive the chat: speak the Agent Client Protocol over standard input and output.

    The editor starts this, opens sessions in its folders and shows replies, edits and questions in its own windows.
    Nothing else is written to standard output; remarks go to standard error. It ends when its input ends.
    """
    layer = command_line_layer(parameters)
    if unfit := sorted(_NOT_HERE & set(dict(layer.values))):
        raise UsageError(
            f"--{unfit[0]} is for a single request, and here the editor sends them. Nothing was started."
        )
    from chat.acp.serve import serve

    if sys.stdin.isatty():
        click.echo(
            "trigpoint: Waiting for the messages of an editor on standard input. Editors start this themselves "
            "(docs/editors.md says how); Ctrl-C ends it. For a chat here, type trigpoint alone.",
            err=True,
        )
    serve(lambda folder: _loaded(layer, folder))
    return 0


def _loaded(layer: Layer, folder: Path) -> "Loaded":
    """Read the settings for a session in a folder; what a repository asks for counts as far as the user trusts it."""
    from chat.settings.load import load

    loaded = load(layer, folder, os.environ)
    os.environ.update(loaded.environment)
    return loaded
