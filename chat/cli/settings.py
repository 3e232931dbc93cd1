"""[io] `trigpoint settings`: every setting, its value and its source."""

import json
import os
from pathlib import Path

import click

from chat.errors import UsageError
from chat.settings.display import Described, describe, public_value
from chat.settings.kinds import MapKind
from chat.settings.layers import COMMAND_LINE, Layer
from chat.settings.load import load
from chat.settings.names import nearest, row_for
from chat.settings.table import ROWS, Settings, value_of
from repomap import escaped


@click.command(name="settings")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--changed", is_flag=True, help="Leave out settings that have their default.")
@click.option("--markdown", is_flag=True, help="Print docs/settings.md, the reference of all settings.")
def settings_command(names: tuple[str, ...], as_json: bool, changed: bool, markdown: bool) -> int:
    """Print every setting, or each NAME, with its value in this folder and where the value comes from."""
    if markdown:
        from chat.settings.docs_page import settings_page

        click.echo(settings_page(), nl=False)
        return 0
    loaded = load(Layer(COMMAND_LINE), Path.cwd(), os.environ)
    for notice in loaded.notices:
        click.echo(f"trigpoint: warning: {escaped(notice)}", err=True)
    wanted = {_setting_name(name) for name in names}
    rows = [row for row in describe(loaded.settings) if not wanted or row.name in wanted]
    rows = [row for row in rows if not changed or row.source != "default"]
    click.echo(_json(rows, loaded.settings) if as_json else _table(rows))
    return 0


def _json(rows: list[Described], settings: Settings) -> str:
    """`{name: {value, source}}`; pairs become objects, and a value left to the program is null."""
    table = {}
    for described in rows:
        row = ROWS[described.name]
        value = public_value(row, value_of(settings, row))
        plain = dict(value) if isinstance(row.kind, MapKind) else value  # type: ignore[arg-type]
        table[described.name] = {"value": plain, "source": described.source}
    return json.dumps(table, indent=1)


def _setting_name(name: str) -> str:
    row, near = row_for(name), nearest(name)
    if row is None:
        hint = f"Did you mean {near}?" if near else "`trigpoint settings` lists all of them."
        raise UsageError(f"There is no setting {name!r}. {hint}")
    return row.name


def _table(rows: list[Described]) -> str:
    """`name = value  # source` in columns; a default has no source."""
    left = [escaped(f"{row.name} = {row.value}") for row in rows]
    width = min(48, max(map(len, left), default=0))
    sources = ("" if row.source == "default" else escaped(f"  # {row.source}") for row in rows)
    return "\n".join(f"{text:{width}}{source}".rstrip() for text, source in zip(left, sources, strict=True))
