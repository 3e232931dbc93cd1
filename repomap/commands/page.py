"""The command `trigpoint page`: a repository as one HTML file to look at."""

import os
from hashlib import blake2b
from pathlib import Path
from typing import Any

import click

from repomap.commands.map import (
    directory_option,
    index_options,
    main,
    open_index,
    page,
    put,
    refresh,
    say,
    write,
)
from repomap.commands.output_file import check_replaceable, output_options, save
from repomap.errors import Unwritable
from repomap.model import Focus
from repomap.safety.printable import printable


@main.command("page")
@directory_option
@output_options("a file in the cache folder")
@click.option("--open", "is_opened", is_flag=True, help="Open the page in the browser.")
@click.option(
    "--query",
    metavar="TEXT",
    multiple=True,
    help="A request whose ranking is computed ahead and shown first. Repeatable.",
)
@index_options
def page_command(
    directory: Path,
    output: Path | None,
    force: bool,
    is_opened: bool,
    query: tuple[str, ...],
    **options: Any,
) -> None:
    """Write DIR (by default the current folder) as one page to look at, and print where it is.

    The page has the ranked map beside a picture of the folders, with who uses whom. It is one HTML file
    that needs no network; it holds declarations, no bodies. docs/page.md shows it.

    \b
      trigpoint page --open
      trigpoint page -o map.html
      trigpoint page --query "why does the session cookie expire" --open
    """
    check_replaceable(output, force=force)
    index = open_index(directory, **options)
    refresh(index)
    text = page(index, [Focus(request) for request in query if request.strip()])
    if output is not None and str(output) == "-":
        put(text, output, force)
        return
    path = output or _own_place(directory)
    save(path, text, force=force or output is None)
    write(f"{printable(str(path))}\n")
    if is_opened:
        _open(path)


def _own_place(directory: Path) -> Path:
    """Return the file in the cache folder for the page of this folder; the next page replaces it."""
    from repomap.index.locations import own_folder, user_folder

    folder, root = user_folder("pages"), os.path.realpath(directory)
    try:
        own_folder(folder)
    except OSError as error:
        raise Unwritable(f"{error}. No page was written; name a file with -o.") from error
    digest = blake2b(os.fsencode(root), digest_size=8).hexdigest()
    return folder / f"{digest}.html"


def _open(path: Path) -> None:
    import webbrowser  # late: looks for every browser

    if not webbrowser.open(path.resolve().as_uri()):
        say("No browser could be opened. Open the file above in one.")
