"""Writes the output of a command into a file, whole or not at all, over nothing that cannot be made again."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from repomap.errors import Unwritable
from repomap.safety.printable import printable


def output_options(what: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the options for a file to write to; ``what`` is written where none is given."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        force = click.option(
            "--force", is_flag=True, help="Let -o replace a file that Trigpoint did not write as a page."
        )
        output = click.option(
            *("-o", "--output"),
            metavar="FILE",
            type=click.Path(path_type=Path, allow_dash=True),
            help=f"Write to FILE instead of {what}; - means standard output.",
        )
        return output(force(command))

    return decorate


def check_replaceable(path: Path | None, *, force: bool = False) -> None:
    """Raise Unwritable if `save` would refuse to replace what is there; asked before the work, too."""
    if path is None or str(path) == "-":
        return
    if not force and not _may_replace(path):
        raise Unwritable(
            f"{printable(str(path))} exists, and Trigpoint did not write it as a page, so it was not replaced. "
            "Name another file, or give --force."
        )
    if path.exists() and not path.is_file():
        raise Unwritable(
            f"{printable(str(path))} is not a regular file, so nothing was written. Name another file."
        )


def save(path: Path, text: str, *, force: bool = False) -> None:
    """Write a text to a file. A page of an earlier run is replaced; anything else there only with ``force``.

    Raises Unwritable, and leaves what is there as it is.
    """
    from repomap.safety.whole_file import whole_file  # late, as below: most maps go to standard output

    check_replaceable(path, force=force)
    try:
        with whole_file(path, mode=0o666) as file:  # less the mask of the user
            file.write(text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise Unwritable(
            f"{printable(str(path))}: {error.strerror}. Nothing was written; name a file in a folder that "
            "is there and can be written to."
        ) from error


def _may_replace(path: Path) -> bool:
    """Return whether there is nothing, or a page that a command of ours wrote."""
    from repomap.page.html import BEGINNING
    from repomap.safety.regular_file import open_regular

    if not os.path.lexists(path):
        return True
    try:
        descriptor, _ = open_regular(path)
    except (OSError, ValueError):
        return False
    with os.fdopen(descriptor, "rb") as file:
        return file.read(len(BEGINNING)) == BEGINNING
