"""The command `trigpoint mcp`: serves folders to agents, and puts the server into other programs' configuration."""

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from repomap.commands.map import index_options, main, open_index, say, write
from repomap.commands.whole_number import WholeNumber

if TYPE_CHECKING:
    from repomap.mcp.roots import Roots

CLIENTS = ("claude", "codex", "cursor", "vscode", "zed", "gemini")


class _Server(click.Group):
    """A group that serves where its first argument names no command of its own, but a folder or nothing."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Put the name of the command that serves before its arguments."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["serve", *args]
        return super().parse_args(context, args)


@main.group("mcp", cls=_Server)
def mcp_command() -> None:
    """Serve repositories to an agent, read-only (Model Context Protocol).

    \b
      trigpoint mcp                          # the folder that the client has open, over standard input and output
      trigpoint mcp ~/code/api ~/code/web    # several
      trigpoint mcp --http 8765              # over HTTP on this machine, with a token
      trigpoint mcp install claude           # put it into a client's configuration
    """


@mcp_command.command("serve")
@click.argument("directories", metavar="[DIR]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--http",
    "port",
    metavar="PORT",
    type=WholeNumber(0, 65535),
    help="Serve over HTTP at this port of 127.0.0.1 instead; 0 takes a free one. Callers need the token.",
)
@click.option(
    "--token-file",
    metavar="F",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The token for --http, in a file that only you can read; made if it is missing [default: the variable "
    "TRIGPOINT_MCP_TOKEN, or a file in your configuration folder].",
)
@index_options
def serve_command(
    directories: tuple[Path, ...], port: int | None, token_file: Path | None, **options: Any
) -> None:
    """Serve each DIR, by default the current folder and those that the client has open.

    "serve" may be left out. The tools only read: repo_map, find, find_symbol, references, outline, read_symbol,
    related_files, impact, map_diff.
    """
    from repomap.mcp.roots import Roots

    roots = Roots(lambda folder: open_index(folder, **options), lambda warning: say(f"warning: {warning}"))
    _add_own(roots, directories)
    if port is None:
        from repomap.mcp.server import serve_stdio

        _greet_person()
        serve_stdio(roots)
    else:
        from repomap.mcp.http import serve_http

        serve_http(roots, port, token_file, say)


def _greet_person() -> None:
    """Say at a terminal what is waited for: an agent starts this, and a person sees a program that hangs.

    Ctrl-C ends it at once there; the thread that reads would first wait for the end of a line.
    """
    if sys.stdin.isatty():
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        say(
            "Waiting for the messages of an MCP client on standard input. Agents start this themselves, once "
            "`trigpoint mcp install CLIENT` has told them; Ctrl-C ends it."
        )


def _add_own(roots: "Roots", directories: tuple[Path, ...]) -> None:
    """Serve the folders that are named, or the current one; not a home folder or a disk that nobody named."""
    for directory in directories:
        roots.add_own(directory)
    here = os.path.realpath(os.curdir)
    if not directories and here not in (os.path.realpath(Path.home()), os.path.dirname(here)):
        roots.add_own(Path(here))


@mcp_command.command("install")
@click.argument("client", metavar="CLIENT", type=click.Choice(CLIENTS))
@click.argument(
    "directories", metavar="[DIR]...", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option(
    "-C",
    "--root",
    metavar="DIR",
    default=".",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The project whose configuration is meant [default: the current folder].",
)
@click.option(
    "--user", "of_user", is_flag=True, help="Change your own configuration instead of the project's."
)
@click.option("--yes", is_flag=True, help="Make the change without asking.")
@click.option("--print", "only_print", is_flag=True, help="Print the change and do not make it.")
def install_command(
    client: str, directories: tuple[Path, ...], root: Path, of_user: bool, yes: bool, only_print: bool
) -> None:
    """Put the server into the configuration of CLIENT, after showing the change and asking.

    Each DIR is served by the entry, by default the folder that the client has open. The rest of the file stays as it
    is, comments included, and a copy of it is kept beside it. claude, cursor, vscode and gemini
    have a file in the project; codex and zed one of yours, and so have cursor and gemini with --user.

    \b
      trigpoint mcp install claude
      trigpoint mcp install zed --print
    """
    from repomap.mcp.install import make, plan

    change = plan(client, root, of_user=of_user, folders=[str(each.resolve()) for each in directories])
    if not change.diff:
        say(f"{change.file} has the entry already. Nothing was changed.")
        return
    write(change.diff)
    if only_print:
        return
    if not yes and not _agreed(change.file):
        say("nothing was changed.")
        raise click.exceptions.Exit(1)
    backup = make(change)
    kept = f"; {backup} is the file as it was" if backup else ""
    say(f"{change.file} was written{kept}. Start {client} again.")


def _agreed(file: Path) -> bool:
    """Ask whether to make the change. Raises UsageError where nobody can answer."""
    if not sys.stdin.isatty():
        raise click.UsageError(
            "Nobody can be asked here. Nothing was changed; add --yes to make this change."
        )
    return click.confirm(f"Change {file}?", err=True)
