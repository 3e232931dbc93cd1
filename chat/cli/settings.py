"""[io] `trigpoint settings`: every setting, its value and where it comes from; or the page of the docs."""

import json
import os
from pathlib import Path

import click

from chat.errors import UsageError
from chat.settings.display import Described, describe, masked
from chat.settings.kinds import Pairs, escaped
from chat.settings.layers import COMMAND_LINE, Layer
from chat.settings.load import load
from chat.settings.names import nearest, row_for
from chat.settings.table import ROWS, Settings, value_of


@click.command(name="settings")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--changed", is_flag=True, help="Leave out what has its default.")
@click.option(
    "--markdown", is_flag=True, help="Print the reference of all settings, as in the documentation."
)
def settings_command(names: tuple[str, ...], as_json: bool, changed: bool, markdown: bool) -> int:
    """Print every setting, or those NAMEd, with its value here and where that comes from."""
    if markdown:
        from chat.settings.docs_page import settings_page

        click.echo(settings_page(), nl=False)
        return 0
    loaded = load(Layer(COMMAND_LINE), Path.cwd(), os.environ)
    for notice in loaded.notices:
        click.echo(f"trigpoint: warning: {escaped(notice)}", err=True)
    wanted = {_known(name) for name in names}
    rows = [each for each in describe(loaded.settings) if not wanted or each.name in wanted]
    rows = [each for each in rows if not changed or each.source != "default"]
    click.echo(_json(rows, loaded.settings) if as_json else _table(rows))
    return 0


def _json(rows: list[Described], settings: Settings) -> str:
    """`{name: {value, source}}`; pairs are objects, what is left to the program is null."""
    table = {}
    for each in rows:
        row = ROWS[each.name]
        value = masked(row, value_of(settings, row))
        plain = dict(value) if isinstance(row.kind, Pairs) else value  # type: ignore[arg-type]
        table[each.name] = {"value": plain, "source": each.source}
    return json.dumps(table, indent=1)


def _known(name: str) -> str:
    row, near = row_for(name), nearest(name)
    if row is None:
        raise UsageError(f"{name}: no such setting" + (f"; did you mean {near}?" if near else "."))
    return row.name


def _table(rows: list[Described]) -> str:
    """`name = value  # source`, the sources where they are not the default, in columns."""
    left = [escaped(f"{row.name} = {row.value}") for row in rows]
    width = min(48, max(map(len, left), default=0))
    told = ("" if row.source == "default" else escaped(f"  # {row.source}") for row in rows)
    return "\n".join(f"{text:{width}}{source}".rstrip() for text, source in zip(left, told, strict=True))
