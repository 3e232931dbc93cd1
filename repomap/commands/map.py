"""The command line of the map: arguments → `Index` → stdout.

stdout holds what was asked for and nothing else; progress, warnings and `--stats` go to stderr.
Exit codes: 0 done, 1 failed, 2 usage, 130 interrupted.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from repomap.errors import BadRequest, RepoMapError
from repomap.mapping.formats import FORMATS, SCHEMAS, ranking_json, schema
from repomap.mapping.tokens import counter
from repomap.model import DEFAULT_TOKENS, LEAST_TOKENS, Focus

if TYPE_CHECKING:
    from repomap.index.index import Index, Progress, Refreshed

LARGEST_QUERY_BYTES = 10_000_000

DIRECTORY = click.argument(
    "directory", metavar="[DIR]", default=".", type=click.Path(path_type=Path), required=False
)


def files_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that reads the files of a folder."""
    options = (
        click.option("--no-cache", is_flag=True, help="Neither read nor write the cache of parsed files."),
        click.option("--submodules", is_flag=True, help="Enter submodules instead of listing them."),
        click.option(
            "--jobs",
            metavar="N",
            type=click.IntRange(1, 256),
            help="Parse workers [default: one for each core].",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def index_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options of every command that ranks for a request."""
    history = click.option("--no-history", is_flag=True, help="Leave recent commits out of the ranking.")
    return history(files_options(command))


def open_index(
    directory: Path, no_cache: bool, no_history: bool, submodules: bool, jobs: int | None
) -> "Index":
    """The index that these options ask for, not yet refreshed.

    What has to be parsed is on its way before the index and numpy are imported.
    """
    from repomap.index.head_start import HeadStart

    early = HeadStart(directory, jobs=jobs, submodules=submodules, cache=not no_cache)

    from repomap.index.index import Index, IndexOptions

    return Index(directory, IndexOptions(jobs, not no_cache, not no_history, submodules), early)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="trigpoint", prog_name="trigpoint")
def main() -> None:
    """Show the few marks of a repository that matter: a ranked map that fits a token budget."""


@main.command("map")
@DIRECTORY
@click.option(
    "--tokens",
    metavar="N",
    default=DEFAULT_TOKENS,
    show_default=True,
    type=click.IntRange(LEAST_TOKENS),
    help="Budget of the text map; never exceeded.",
)
@click.option(
    "--query",
    metavar="TEXT",
    help="What the map is for, in plain language: a request, an error message, a stack trace.",
)
@click.option("--query-file", metavar="F", help="Read the query from a file; - for standard input.")
@click.option(
    "--chat-file",
    metavar="PATH",
    multiple=True,
    help="A file that the reader has already: not shown, but what belongs to it is. Repeatable.",
)
@click.option(
    "--mention",
    metavar="NAME",
    multiple=True,
    help="The exact name of a file or symbol that matters. Repeatable.",
)
@click.option(
    "--format",
    "form",
    default="text",
    show_default=True,
    type=click.Choice(list(FORMATS)),
    help="How the map is written; the budget binds the text form.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Print the whole ranking as JSON, whatever the budget."
)
@click.option(
    "--why", metavar="PATH[:NAME]", help="Explain the place of a file or symbol instead of printing the map."
)
@click.option(
    "--tokenizer", metavar="NAME", default="o200k_base", show_default=True, help="Whose tokens are counted."
)
@click.option("--stats", is_flag=True, help="Tell on standard error what was done and how long it took.")
@index_options
def map_command(
    directory: Path,
    tokens: int,
    query: str | None,
    query_file: str | None,
    chat_file: tuple[str, ...],
    mention: tuple[str, ...],
    form: str,
    everything: bool,
    why: str | None,
    tokenizer: str,
    stats: bool,
    **options: Any,
) -> None:
    """Print a map of DIR (by default the current folder): its most important files and signatures.

    With --query, what the request will most likely touch comes first; without, what the rest of
    the repository rests on. Paths are relative to DIR.

    \b
      trigpoint map
      trigpoint map --query "why does the session cookie expire" --tokens 2048
      git log -1 --format=%B | trigpoint map --query-file - --format json
    """
    started = time.perf_counter()
    focus = Focus(read_query(query, query_file), tuple(map(in_root(directory), chat_file)), mention)
    count = counter(tokenizer)
    index = open_index(directory, **options)
    refreshed = refresh(index)
    warn_missing(index, focus.chat)
    if why:
        write(index.why(why, focus))
    elif everything:
        write(ranking_json(index.ranking(focus)))
    else:
        made = index.map(focus, tokens, count)
        write(FORMATS[form](made))
        if stats:
            say(
                f"{made.tokens} of {tokens} tokens, {len(made.files)} files shown, {made.omitted_files} left out"
            )
    if stats:
        known = f"{refreshed.cached} from the cache, {refreshed.unchanged} unchanged"
        say(f"{refreshed.files} files: {refreshed.parsed} parsed, {known}")
        say(f"{time.perf_counter() - started:.2f} s")


def read_query(query: str | None, query_file: str | None) -> str:
    """The text of --query or --query-file; both at once are a usage error."""
    if query is not None and query_file is not None:
        raise click.UsageError("--query and --query-file exclude each other.")
    if query_file is None:
        return query or ""
    try:
        with click.open_file(query_file, "rb") as file:
            data: bytes = file.read(LARGEST_QUERY_BYTES)
    except OSError as error:
        raise BadRequest(f"--query-file {query_file}: {error.strerror}; no map was made") from error
    return data.decode("utf-8", "replace")


def in_root(directory: Path) -> Callable[[str], str]:
    """Turns a path as the user gives it into one relative to the mapped folder, with `/`."""

    def relative(path: str) -> str:
        if os.path.isabs(path):
            path = os.path.relpath(os.path.realpath(path), os.path.realpath(directory))
        return os.path.normpath(path).replace(os.sep, "/")

    return relative


def warn_missing(index: "Index", paths: Sequence[str]) -> None:
    """Tells of chat files that the repository does not hold: most likely they are misspelt."""
    known = set(index.paths())
    for path in paths:
        if path not in known:
            say(f"warning: --chat-file {path}: not among the files of this folder")


def refresh(index: "Index") -> "Refreshed":
    """Refreshes the index with a progress bar where somebody watches, and prints its warnings."""
    with progress() as shown:
        refreshed = index.refresh(shown)
    for warning in refreshed.warnings:
        say(f"warning: {warning}")
    return refreshed


@contextmanager
def progress() -> "Iterator[Progress | None]":
    """A progress bar on a terminal's standard error, once there is something to wait for; else None."""
    if not sys.stderr.isatty():
        yield None
        return
    bar: list[Any] = []
    started = time.monotonic()

    def show(doing: str, now: int, of: int) -> None:
        if not bar:
            if time.monotonic() - started < 0.4:
                return
            from rich.console import Console
            from rich.progress import Progress as Bar

            bar.append(Bar(console=Console(stderr=True), transient=True))
            bar[0].start()
            bar.append(bar[0].add_task(doing, total=of))
        bar[0].update(bar[1], completed=now, total=of)

    try:
        yield show
    finally:
        if bar:
            bar[0].stop()


def write(text: str) -> None:
    """Writes to standard output as UTF-8, bytes of paths that are none as they are.

    Ends the command, as done, where whoever read standard output has had enough.
    """
    data = text.encode("utf-8", "surrogateescape")
    stream = getattr(sys.stdout, "buffer", None)
    try:
        if stream is None:
            sys.stdout.write(data.decode("utf-8", "replace"))
        else:
            stream.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        # what is left in the buffer must not be flushed at exit; click itself would end with 1
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise click.exceptions.Exit(0) from None


def say(text: str) -> None:
    """Writes a line to standard error."""
    click.echo(f"trigpoint: {text}", err=True)


@main.command("schema")
@click.argument("name", type=click.Choice(SCHEMAS))
def schema_command(name: str) -> None:
    """Print the JSON Schema of what a command prints."""
    write(schema(name))


def run(arguments: Sequence[str] | None = None, group: click.Command = main) -> int:
    """Runs the command and gives its exit code; the one place where errors become codes."""
    try:
        group.main(arguments, prog_name="trigpoint", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("interrupted; what was parsed is kept")
        return 130
    except RepoMapError as error:
        say(f"error: {error}")
        return 1
    return 0
