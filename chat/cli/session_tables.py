"""[io] Prints sessions as rows: drawn at a terminal, separated by tabs elsewhere."""

import sys
from collections.abc import Sequence
from typing import Any

import click

from chat.display.amounts import token_count, usd_if_known
from chat.model import Usage
from chat.safety.printable import cut_line, without_escapes
from chat.sessions.metrics import Measured, cached_share

_REQUEST_CHARACTERS = 60
"""A longer request is cut in the list."""


def session_row(session: Measured) -> tuple[str, ...]:
    """Return what a list says of a session: id, last use, turns, cost, last request and tags."""
    when = session.ended.replace("T", " ").removesuffix(":00Z").removesuffix("Z")[:16]
    tags = "".join(f" [{tag}]" for tag in session.tags)
    last = cut_line(session.last, _REQUEST_CHARACTERS)
    return (
        session.session,
        when,
        str(len(session.requests)),
        usd_if_known(session.usage.cost_usd),
        f"{last}{tags}",
    )


def spent_cells(usage: Usage) -> tuple[str, str, str, str]:
    """Return tokens read, the cached share of them, tokens written, and the cost."""
    share = f"{100 * cached_share(usage):.0f} %"
    return (
        token_count(usage.prompt_tokens),
        share,
        token_count(usage.completion_tokens),
        usd_if_known(usage.cost_usd),
    )


def print_line(text: str) -> None:
    """Print without control sequences, which names and texts may hold."""
    click.echo(without_escapes(text))


def print_table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print columns, drawn by rich at a terminal and separated by tabs elsewhere."""
    if not sys.stdout.isatty():
        for row in (heads, *rows):
            print_line("\t".join(map(str, row)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="bold")
    for head in heads:
        is_text = head in ("id", "session", "model", "last request", "used (UTC)")
        table.add_column(head, justify="left" if is_text else "right", no_wrap=head != "last request")
    for row in rows:
        table.add_row(*(Text(without_escapes(str(cell))) for cell in row))
    Console().print(table)
