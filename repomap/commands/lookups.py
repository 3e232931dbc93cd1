"""The commands that answer one question each, and those for the caches.

A look-up command calls one method of `Index` and prints the answer as text or JSON.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from repomap.commands.map import (
    TOKENIZER,
    files_options,
    in_root,
    main,
    open_index,
    refresh,
    say,
    tokens_option,
    write,
)
from repomap.errors import ExitCode
from repomap.mapping.tokens import counter
from repomap.model import LOOKUP_TOKENS, CountTokens
from repomap.safety.printable import printable

if TYPE_CHECKING:
    from repomap.index.index import Index
    from repomap.lookup.answers import Answer

Ask = Callable[["Index", int, CountTokens], "Answer[Any]"]


def lookup_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of every command that asks an index one question."""
    options = (
        click.option(
            "-C",
            "--root",
            metavar="DIR",
            default=".",
            type=click.Path(path_type=Path),
            help="The folder of the repository [default: the current one].",
        ),
        tokens_option(LOOKUP_TOKENS),
        click.option(
            "--json", "as_json", is_flag=True, help="Print the content of the text as one JSON object."
        ),
        TOKENIZER,
    )
    command = files_options(command)
    for option in reversed(options):
        command = option(command)
    return command


def answer(
    ask: Ask,
    root: Path,
    tokens: int,
    as_json: bool,
    tokenizer: str,
    *,
    no_history: bool = True,
    **options: Any,
) -> None:
    """Open the index, ask it, and print the answer; one without a hit ends with the code of a failure.

    The history is not read where no answer depends on it.
    """
    from repomap.lookup.answers import to_object

    count = counter(tokenizer)
    index = open_index(root, no_history=no_history, **options)
    refresh(index)
    result = ask(index, tokens, count)
    write(json.dumps(to_object(result), indent=1) + "\n" if as_json else result.text)
    if not result.items:
        raise click.exceptions.Exit(ExitCode.FAILED)


def target_in_root(root: Path, target: str) -> str:
    """Make an absolute path, with or without a name or lines after it, relative to the root."""
    return in_root(root)(target) if os.path.isabs(target) else target


def every_command() -> click.Group:
    """Return the group of all commands; importing a module of commands adds its own."""
    import repomap.commands.graph
    import repomap.commands.index
    import repomap.commands.mcp
    import repomap.commands.page  # noqa: F401  # late: they build on this module

    return main


@main.command("find")
@click.argument("pattern")
@click.option("--within", metavar="PATH", default="", help="Search only this folder, or paths like '*.py'.")
@lookup_options
def find_command(pattern: str, within: str, root: Path, **options: Any) -> None:
    """Find the lines that contain PATTERN, definitions first.

    PATTERN is plain text, case-insensitive unless it has capitals; /PATTERN/ is a regular
    expression, /PATTERN/i one that ignores case. Each line is shown with its number and the
    definition around it. Ends with code 1 if no line matches.

    \b
      trigpoint find "connection refused"
      trigpoint find "/def test_.*cookie/" --within tests --tokens 500
    """
    folder = target_in_root(root, within)
    answer(lambda index, tokens, count: index.find(pattern, tokens, count, folder), root, **options)


@main.command("symbol")
@click.argument("name")
@lookup_options
def symbol_command(name: str, root: Path, **options: Any) -> None:
    """Print where NAME is defined, with its signature.

    NAME may be qualified: Class.method, Class/method, path:name, and as its language writes it:
    (*Type).Method, add/2, request(_:method:). Members are found, too: fields, values of enums.
    """
    sought = target_in_root(root, name)
    answer(lambda index, tokens, count: index.symbol(sought, tokens, count), root, **options)


@main.command("refs")
@click.argument("name")
@lookup_options
def refs_command(name: str, root: Path, **options: Any) -> None:
    """Print where the code uses NAME, by file and enclosing definition.

    Comments and strings do not count. Files whose imports show that NAME is meant come first.
    """
    sought = target_in_root(root, name)
    answer(lambda index, tokens, count: index.references(sought, tokens, count), root, **options)


@main.command("outline")
@click.argument("path")
@lookup_options
def outline_command(path: str, root: Path, **options: Any) -> None:
    """Print the definitions of the file PATH as a tree with line numbers."""
    file = target_in_root(root, path)
    answer(lambda index, tokens, count: index.outline(file, tokens, count), root, **options)


@main.command("show")
@click.argument("target")
@click.option("--plain", is_flag=True, help="Omit the line numbers.")
@lookup_options
def show_command(target: str, plain: bool, root: Path, **options: Any) -> None:
    """Print the text of TARGET: PATH, PATH:FROM-TO, PATH:NAME, or a unique name.

    \b
      trigpoint show src/app/session.py:120-180
      trigpoint show SessionStore.save
    """
    sought = target_in_root(root, target)
    answer(
        lambda index, tokens, count: index.source(sought, tokens, count, numbered=not plain), root, **options
    )


@main.group("cache")
def cache_group() -> None:
    """Show or empty the caches of parsed files, indexes and pages."""


@cache_group.command("info")
def cache_info_command() -> None:
    """Print where the caches are and how large they are.

    A warning on standard error says if they cannot be used.
    """
    from repomap.index.locations import user_folder
    from repomap.index.snapshot import Snapshots
    from repomap.index.tags_cache import TagsCache

    info, snapshots = TagsCache().info(), Snapshots()
    write(
        f"folder {printable(str(info.folder))}\nentries {info.entries}\n"
        f"size {info.size} bytes of at most {info.limit}\n"
        f"indexes {printable(str(snapshots.folder))}\n"
        f"size {snapshots.size()} bytes of at most {snapshots.size_limit}\n"
        f"pages {printable(str(user_folder('pages')))}\n"
    )
    if info.trouble:
        say(f"warning: the cache cannot be used: {info.trouble}")


@cache_group.command("clear")
def cache_clear_command() -> None:
    """Remove all parsed files, indexes and pages; the next map parses again."""
    from repomap.index.locations import user_folder
    from repomap.index.snapshot import Snapshots
    from repomap.index.tags_cache import TagsCache

    cache = TagsCache()
    before = cache.info().entries
    cache.clear()
    Snapshots().clear()
    for path in user_folder("pages").glob("*.html"):
        path.unlink(missing_ok=True)
    write(f"removed {before} entries from {printable(str(cache.folder))}\n")
