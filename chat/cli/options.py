"""The table of settings → options of click, the sections of `--help`, and what was given on the command line.

Values are read by the table's own kinds, so that a flag is checked like a file's key.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from chat.settings.display import shown
from chat.settings.kinds import BadValue, Choice, Many, Pairs, Switch, Text, Value, merged
from chat.settings.layers import COMMAND_LINE, Layer
from chat.settings.names import SYNONYMS, Synonym, read_value
from chat.settings.row import Group, Row
from chat.settings.table import ROWS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


class SettingType(click.ParamType[Any]):
    """Checks a flag's text by the setting's kind, and completes it."""

    def __init__(self, name: str, row: Row) -> None:
        self.name = name
        self.row = row

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            read_value(self.name, (value,) if isinstance(self.row.kind, Many | Pairs) else value)
        except BadValue as error:
            told = "the value" if self.row.secret else repr(value)
            self.fail(f"{told} is not {error}.", param, ctx)
        return value

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        match self.row.kind:
            case Choice(choices):
                return [CompletionItem(each) for each in choices if each.startswith(incomplete)]
            case Text(path=True) | Many(path=True):
                return [CompletionItem(incomplete, type="file")]
            case _:
                return []


def options() -> list[click.Parameter]:
    """An option for each setting, in the order of the table, then one for each synonym."""
    own = [_option(row) for row in ROWS.values()]
    return [*own, *(_synonym_option(name, synonym) for name, synonym in SYNONYMS.items())]


def _option(row: Row) -> click.Option:
    if isinstance(row.kind, Switch):
        pairs = [_with_no(flag) for flag in (*row.flags, f"--{row.name}")]
        return click.Option([*pairs, row.attribute], default=None, help=row.help)
    names = [*row.flags, f"--{row.name}", row.attribute]
    many = isinstance(row.kind, Many | Pairs)
    return click.Option(names, type=SettingType(row.name, row), multiple=many, default=None, help=row.help)


def _with_no(flag: str) -> str:
    return f"{flag}/--no-{flag[2:]}" if flag.startswith("--") else flag


def _synonym_option(name: str, synonym: Synonym) -> click.Option:
    attribute = name.replace("-", "_")
    if synonym.is_switch:
        return click.Option([_with_no(f"--{name}"), attribute], default=None, hidden=True)
    return click.Option([f"--{name}", attribute], hidden=True)


def given(parameters: Mapping[str, Any]) -> Layer:
    """What was given on the command line; an option that was not is None or empty."""
    names = {**{name: synonym.of for name, synonym in SYNONYMS.items()}, **{name: name for name in ROWS}}
    values: dict[str, Value] = {}
    for name, of in names.items():
        value = parameters.get(ROWS[name].attribute if name in ROWS else name.replace("-", "_"))
        if value is not None and value != ():
            values[of] = merged(ROWS[of].kind, values.get(of), read_value(name, value))
    return Layer(COMMAND_LINE, values)


# help ---------------------------------------------------------------------------------------------

Lines = list[tuple[str, str]]


def help_sections() -> Iterator[tuple[str, Lines]]:
    """(title, [(spelling, help)]) of each section: the few that are used most, then the rest by group."""
    yield "Used most", [_help_line(row) for row in ROWS.values() if row.common]
    for group in Group:
        rows = (row for row in ROWS.values() if row.group is group and not row.common)
        yield group.value, [_help_line(row) for row in rows]


def _help_line(row: Row) -> tuple[str, str]:
    short = [flag for flag in row.flags if not flag.startswith("--")]
    on = row.default is True
    long = f"--[no-]{row.name}" if on else f"--{row.name}"
    return f"{', '.join((*short, long))} {row.kind.metavar}".rstrip(), f"{row.help}{_default(row)}"


def _default(row: Row) -> str:
    """The default where it is neither nothing nor told by the help itself."""
    if row.default is True:
        return " [default: on]"
    if row.default in (None, "", (), False, 0):
        return ""
    return f" [default: {shown(row, row.default).strip(chr(34))}]"
