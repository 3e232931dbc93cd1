"""The command `trigpoint map`, and what all commands of the map share: arguments → `Index` → stdout.

Only the result goes to stdout; progress, warnings and `--stats` go to stderr.
`ExitCode` in `repomap.errors` lists the exit codes.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from repomap.commands.output_file import check_replaceable, output_options, save
from repomap.commands.whole_number import WholeNumber
from repomap.errors import ExitCode, RepoMapError, Unreadable
from repomap.exports.names import EXPORTS
from repomap.mapping.formats import FORMATS, SCHEMAS, ranking_json, schema
from repomap.mapping.tokens import CL100K, O200K, counter
from repomap.model import DEFAULT_TOKENS, LEAST_TOKENS, Focus, Progress, RepoMap
from repomap.safety.streams import discard, lost_output, open_closed_streams
from repomap.safety.wrong_usage import wrong_usage

if TYPE_CHECKING:
    from repomap.index.index import Index
    from repomap.index.options import Refreshed

PAGE = "html"
"""The format that shows the whole repository, whatever the budget is."""
LARGEST_QUERY_BYTES = 10_000_000
PROGRESS_AFTER_S = 0.4
"""A progress bar for less would only flicker."""

_ROOT = "repomap.root"
"""Key in the context of the folder that `-C` gives."""


def directory_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the folder of the repository: as DIR, or with -C as the look-ups take it."""
    argument = click.argument(
        "directory", metavar="[DIR]", type=click.Path(path_type=Path), required=False, callback=_one_folder
    )
    option = click.option(
        "-C",
        "--root",
        metavar="DIR",
        type=click.Path(path_type=Path),
        is_eager=True,
        expose_value=False,
        callback=lambda ctx, _, value: ctx.meta.update({_ROOT: value}),
        help="The same as the argument DIR.",
    )
    return argument(option(command))


def _one_folder(ctx: click.Context, _: click.Parameter, value: Path | None) -> Path:
    root: Path | None = ctx.meta.get(_ROOT)
    if root is not None and value is not None:
        raise click.UsageError("Give DIR or -C, not both.", ctx)
    return value or root or Path()


TOKENIZER = click.option(
    "--tokenizer",
    metavar="NAME",
    default="o200k_base",
    show_default=True,
    help="Tokenizer that counts: o200k_base, cl100k_base or chars/N.",
    shell_complete=lambda _context, _parameter, incomplete: [
        name for name in (O200K.name, CL100K.name, "chars/4") if name.startswith(incomplete)
    ],
)


def tokens_option(default: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make the option for the budget of a text."""
    return click.option(
        "--tokens",
        metavar="N",
        default=default,
        show_default=True,
        type=WholeNumber(LEAST_TOKENS),
        help="Token budget of the text; never exceeded.",
    )


def files_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that reads the files of a folder."""
    options = (
        click.option("--no-cache", is_flag=True, help="Do not read or write the cache of parsed files."),
        click.option(
            "--store",
            metavar="URL",
            envvar="TRIGPOINT_STORE",
            help="Look up files that the cache does not know in a store of parsed files: a folder, s3://BUCKET/PATH or "
            "another URL of fsspec [default: $TRIGPOINT_STORE].",
        ),
        click.option("--submodules", is_flag=True, help="Enter submodules instead of listing them."),
        click.option(
            "--jobs",
            metavar="N",
            type=WholeNumber(1, 256),
            help="Number of parse workers [default: one per core].",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def index_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that ranks for a request."""
    history = click.option("--no-history", is_flag=True, help="Do not use recent commits for the ranking.")
    return history(files_options(command))


def open_index(
    directory: Path,
    no_cache: bool,
    no_history: bool,
    submodules: bool,
    jobs: int | None,
    store: str | None = None,
) -> "Index":
    """Make the index for these options, not yet refreshed."""
    from repomap.index.index import Index
    from repomap.index.options import IndexOptions

    options = IndexOptions(jobs, cache=not no_cache, history=not no_history, submodules=submodules)
    if store:
        from repomap.index.sources import open_store

        options = replace(options, stores=(open_store(store),))
    return Index(directory, options)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="trigpoint", prog_name="trigpoint")
def main() -> None:
    """Show what matters in a repository: a ranked map that fits a token budget."""


@main.command("map")
@directory_option
@tokens_option(DEFAULT_TOKENS)
@click.option(
    "--query",
    metavar="TEXT",
    help="The purpose of the map in plain language: a request, an error message, a stack trace.",
)
@click.option("--query-file", metavar="F", help="Read the query from a file; - means standard input.")
@click.option(
    "--chat-file",
    metavar="PATH",
    multiple=True,
    help="A file that the reader already has: it is not shown, related files are. Repeatable.",
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
    type=click.Choice([*FORMATS, *EXPORTS, PAGE]),
    help="Output format; the budget applies to the text. dot, graphml, graph-json and mermaid have the dependencies "
    "between the files, ctags is for editors, html is the page that `trigpoint page` writes.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@output_options("standard output")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Print the whole ranking regardless of the budget, as JSON or in one of the formats from dot on.",
)
@click.option(
    "--why",
    metavar="TARGET",
    help="Explain the rank of a file PATH, or a definition NAME or PATH:NAME, instead of printing the map.",
)
@TOKENIZER
@click.option("--stats", is_flag=True, help="Print on standard error what was done and how long it took.")
@index_options
def map_command(
    directory: Path,
    tokens: int,
    query: str | None,
    query_file: str | None,
    chat_file: tuple[str, ...],
    mention: tuple[str, ...],
    form: str,
    as_json: bool,
    output: Path | None,
    force: bool,
    everything: bool,
    why: str | None,
    tokenizer: str,
    stats: bool,
    **options: Any,
) -> None:
    """Print a map of DIR (by default the current folder): its most important files and signatures.

    With --query, the map shows what the request will most likely touch; without, what the rest of
    the repository depends on. Paths are relative to DIR.

    \b
      trigpoint map
      trigpoint map --query "why does the session cookie expire" --tokens 2048
      git log -1 --format=%B | trigpoint map --query-file - --format json
      trigpoint map --format dot | dot -Tsvg > map.svg
      trigpoint map --all --format ctags > tags
      trigpoint map --query "login fails" --format html -o map.html
    """
    started = time.perf_counter()
    form = "json" if as_json else form
    check_replaceable(output, force=force)
    focus = Focus(read_query(query, query_file), tuple(map(in_root(directory), chat_file)), mention)
    count = counter(tokenizer)
    index = open_index(directory, **options)
    refreshed = refresh(index)
    warn_missing(index, focus)
    repo_map = None
    if why:
        text = index.why(why, focus)
    elif form == PAGE:
        text = page(index, [focus] if focus != Focus() else [])
    elif everything:
        ranking = index.ranking(focus)
        text = index.export(form, ranking) if form in EXPORTS else ranking_json(ranking)
    else:
        repo_map = index.map(focus, tokens, count)
        text = index.export(form, repo_map.files) if form in EXPORTS else FORMATS[form](repo_map)
    put(text, output, force)
    if stats:
        _say_stats(repo_map, refreshed, time.perf_counter() - started)


def _say_stats(repo_map: RepoMap | None, refreshed: "Refreshed", seconds: float) -> None:
    if repo_map:
        files = f"{len(repo_map.files)} files shown, {repo_map.omitted_files} omitted"
        say(f"{repo_map.tokens} of {repo_map.budget_tokens} tokens, {files}")
    shared = f"{refreshed.shared} from the store, " if refreshed.shared else ""
    not_parsed = f"{refreshed.cached} from the cache, {shared}{refreshed.unchanged} unchanged"
    say(f"{refreshed.files} files: {refreshed.parsed} parsed, {not_parsed}")
    say(f"{seconds:.2f} s")


def put(text: str, output: Path | None, force: bool) -> None:
    """Write a text to the file of `-o`, or to standard output."""
    if output is None or str(output) == "-":
        write(text)
    else:
        save(output, text, force=force)


def page(index: "Index", focuses: Sequence[Focus]) -> str:
    """Make the page of a repository with a progress bar on a terminal."""
    with progress() as shown:
        return index.page(focuses, shown)


def read_query(query: str | None, query_file: str | None) -> str:
    """Return the text of --query or --query-file. Raises UsageError if both are given."""
    if query is not None and query_file is not None:
        raise click.UsageError("Give --query or --query-file, not both.")
    if query_file is None:
        return query or ""
    if query_file == "-":
        say_if_typed("query")
    try:
        with click.open_file(query_file, "rb") as file:
            data: bytes = file.read(LARGEST_QUERY_BYTES)
    except OSError as error:
        raise Unreadable(
            f"--query-file {query_file}: {error.strerror}. No map was made; name a file that can be read."
        ) from error
    return data.decode("utf-8", "replace")


def say_if_typed(what: str) -> None:
    """Say at a terminal that something is read from it, and how it ends: else the command seems to hang."""
    if sys.stdin.isatty():
        say(f"Reading the {what} from standard input; end it with Ctrl-D.")


def in_root(directory: Path) -> Callable[[str], str]:
    """Make a function that turns a user's path into one relative to the mapped folder, with `/`."""

    def relative(path: str) -> str:
        if os.path.isabs(path):
            path = os.path.relpath(os.path.realpath(path), os.path.realpath(directory))
        return os.path.normpath(path).replace(os.sep, "/")

    return relative


def warn_missing(index: "Index", focus: Focus) -> None:
    """Warn about chat files and mentions that the repository does not have."""
    if focus.chat or focus.mentions:
        from repomap.commands.misspelt import misspelt  # late: it needs the look-ups

        for sentence in misspelt(index, focus):
            say(f"warning: {sentence}")


def refresh(index: "Index") -> "Refreshed":
    """Refresh the index with a progress bar on a terminal, and print its warnings."""
    with progress() as shown:
        refreshed = index.refresh(shown)
    for warning in refreshed.warnings:
        say(f"warning: {warning}")
    return refreshed


@contextmanager
def progress() -> "Iterator[Progress | None]":
    """Provide a progress bar that appears after a while; None if standard error is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    bar: list[Any] = []
    started = time.monotonic()

    def show(task: str, done: int, total: int) -> None:
        if not bar:
            if time.monotonic() - started < PROGRESS_AFTER_S:
                return
            from rich.console import Console
            from rich.progress import Progress as Bar

            bar.append(Bar(console=Console(stderr=True), transient=True))
            bar[0].start()
            bar.append(bar[0].add_task(task, total=total))
        bar[0].update(bar[1], completed=done, total=total)

    try:
        yield show
    finally:
        if bar:
            bar[0].stop()


def write(text: str) -> None:
    """Write to standard output as UTF-8; bytes of paths that are not UTF-8 are written unchanged.

    If the reader closes the pipe, as `head` does, the command ends with exit code 0.
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
        discard(sys.stdout)  # click itself would exit with 1
        raise click.exceptions.Exit(0) from None


def say(text: str) -> None:
    """Write a line to standard error."""
    click.echo(f"trigpoint: {text}", err=True)


@main.command("schema")
@click.argument("name", metavar="NAME", type=click.Choice(SCHEMAS))
def schema_command(name: str) -> None:
    """Print the JSON Schema of a command's output."""
    write(schema(name))


def run(arguments: Sequence[str] | None = None, group: click.Command = main) -> int:
    """Run the command and return its exit code. Only here do errors become exit codes."""
    open_closed_streams()
    try:
        code = group.main(arguments, prog_name="trigpoint", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.ClickException as error:
        above, message = wrong_usage(error)
        click.echo(above, err=True, nl=False)
        say(f"error: {message}")
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("interrupted; what was parsed is cached.")
        return ExitCode.INTERRUPTED
    except RepoMapError as error:
        say(f"error: {error}")
        return error.exit_code
    except OSError as error:
        lost = lost_output(error)
        if lost is None:
            raise
        say(f"error: standard output cannot be written: {lost.strerror}.")
        return ExitCode.FAILED
    return code if isinstance(code, int) else 0  # click returns the code of an `Exit`
