"""The table of settings as click options and as sections of `--help`.

Values are read by the table's own kinds, so a flag is checked exactly as a key in a file.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from chat.permissions.rule import BadRule, parse_rule
from chat.settings.aider_options import FOREIGN, Foreign, said_of
from chat.settings.display import shown
from chat.settings.kinds import (
    BadValue,
    BoolKind,
    ChoiceKind,
    ListKind,
    MapKind,
    RulesKind,
    TextKind,
    Value,
    merged,
)
from chat.settings.layers import COMMAND_LINE, Layer
from chat.settings.names import SYNONYMS, Synonym, is_idle, read_value
from chat.settings.row import Group, Row
from chat.settings.table import ROWS

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem


_MAY_BE_BARE = frozenset({"print"})
"""Settings whose flag may stand without its value, which is then empty: the request comes on standard input."""


class SettingType(click.ParamType[Any]):
    """A click type that checks and completes a flag by the setting's kind."""

    def __init__(self, name: str, row: Row) -> None:
        self.name = name
        self.row = row

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            read_value(self.name, (value,) if isinstance(self.row.kind, ListKind | MapKind) else value)
        except BadValue as error:
            shown_value = "the value" if self.row.secret else repr(value)
            self.fail(f"{shown_value} is not {error}.", param, ctx)
        return value

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,
        incomplete: str,
    ) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        if self.row.name == "resume":
            from chat.cli.sessions import complete_session

            return complete_session(ctx, param, incomplete)
        match self.row.kind:
            case ChoiceKind(choices):
                return [CompletionItem(choice) for choice in choices if choice.startswith(incomplete)]
            case TextKind(path=True) | ListKind(path=True):
                return [CompletionItem(incomplete, type="file")]
            case _:
                return []


class SettingsCommand(click.Command):
    """A command that takes every setting of the chat as an option, beside its own."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its own parameters, then one option for each setting."""
        own = super().get_params(ctx)
        names = {name for param in own for name in param.opts}
        return [*own, *(_without(names, param) for param in options())]

    def own_options(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Return the lines of the help about the options that are no settings."""
        own = [param for param in super().get_params(ctx) if isinstance(param, click.Option)]
        return [record for param in own if (record := param.get_help_record(ctx))]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Let a flag for rules take several."""
        return super().parse_args(ctx, with_flag_for_each_rule(args))


def _without(names: set[str], param: click.Parameter) -> click.Parameter:
    """Return the option of a setting without the spelling that a command has for something else."""
    if names.isdisjoint(param.opts):
        return param
    return click.Option([*param.secondary_opts, str(param.name)], flag_value=False, default=None)


def options() -> list[click.Parameter]:
    """Build one option per setting, in the order of the table, then one per synonym."""
    own = [_option(row) for row in ROWS.values()]
    synonyms = [_synonym_option(name, synonym) for name, synonym in SYNONYMS.items()]
    return [*own, *synonyms, *(_foreign_option(name, foreign) for name, foreign in FOREIGN.items())]


def options_for(shown: Iterable[str], hidden: Iterable[str] = ()) -> list[click.Parameter]:
    """Build the options of these settings, for a command that knows them among its own; its help has those shown."""
    options = [*map(_option, map(ROWS.__getitem__, shown))]
    for option, name in zip(options, shown, strict=True):
        option.metavar = ROWS[name].kind.metavar or None
    others = [*map(_option, map(ROWS.__getitem__, hidden))]
    for option in others:
        option.hidden = True
    return [*options, *others]


def _option(row: Row) -> click.Option:
    if isinstance(row.kind, BoolKind):
        pairs = [_with_no(flag) for flag in (*row.flags, f"--{row.name}")]
        return click.Option([*pairs, row.attribute], default=None, help=row.help)
    names = [*row.flags, f"--{row.name}", row.attribute]
    repeatable = isinstance(row.kind, ListKind | MapKind)
    kind = SettingType(row.name, row)
    bare: dict[str, Any] = {"is_flag": False, "flag_value": ""} if row.name in _MAY_BE_BARE else {}
    return click.Option(names, type=kind, multiple=repeatable, default=None, help=row.help, **bare)


def _with_no(flag: str) -> str:
    return f"{flag}/--no-{flag[2:]}" if flag.startswith("--") else flag


def _synonym_option(name: str, synonym: Synonym) -> click.Option:
    attribute = name.replace("-", "_")
    if synonym.is_switch and synonym.off is None:
        return click.Option([f"--{name}", attribute], is_flag=True, default=None, hidden=True)
    if synonym.is_switch:
        return click.Option([_with_no(f"--{name}"), attribute], default=None, hidden=True)
    return click.Option([f"--{name}", attribute], hidden=True)


def _foreign_option(name: str, foreign: Foreign) -> click.Option:
    """An option of aider's that sets nothing: it says so, or ends the program with what to use."""
    attribute = f"aider_{name.replace('-', '_')}"

    def tell(_context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value is None:
            return
        if foreign.effect == "refused" and value is not False:
            raise click.UsageError(said_of(name))
        if foreign.effect == "none":
            click.echo(f"trigpoint: {said_of(name, negated=value is False)}", err=True)

    if foreign.takes_value:
        return click.Option([f"--{name}", attribute], hidden=True, expose_value=False, callback=tell)
    names = [_with_no(f"--{name}"), attribute]
    return click.Option(names, default=None, hidden=True, expose_value=False, callback=tell)


def command_line_layer(parameters: Mapping[str, Any]) -> Layer:
    """Collect the settings that the command line sets; absent options are None or empty in ``parameters``."""
    names = {**{name: synonym.of for name, synonym in SYNONYMS.items()}, **{name: name for name in ROWS}}
    values: dict[str, Value] = {}
    for name, setting in names.items():
        value = parameters.get(ROWS[name].attribute if name in ROWS else name.replace("-", "_"))
        if value is not None and value != () and not is_idle(name, value):
            values[setting] = merged(ROWS[setting].kind, values.get(setting), read_value(name, value))
    return Layer(COMMAND_LINE, values)


def with_flag_for_each_rule(args: Sequence[str]) -> list[str]:
    """Repeat a flag for rules in front of each rule that follows it, so that it may have several.

    >>> with_flag_for_each_rule(["--allowedTools", "Edit", "Bash(ls *)", "a.py"])
    ['--allowedTools', 'Edit', '--allowedTools', 'Bash(ls *)', 'a.py']
    """
    flags = {f"--{row.name}" for row in ROWS.values() if isinstance(row.kind, RulesKind)}
    flags |= {flag for row in ROWS.values() if isinstance(row.kind, RulesKind) for flag in row.flags}
    repeated: list[str] = []
    flag, has_rule = "", False
    for argument in args:
        if has_rule and not _is_rule(argument):
            flag = ""
        if argument in flags:
            flag, has_rule = argument, False
        elif flag:
            repeated += [flag] if has_rule else []
            has_rule = True
        repeated.append(argument)
    return repeated


def _is_rule(argument: str) -> bool:
    try:
        rule = parse_rule(argument)
    except BadRule:
        return False
    return rule.has_effect or bool(rule.pattern)


HelpLines = list[tuple[str, str]]


def help_sections() -> Iterator[tuple[str, HelpLines]]:
    """Yield (title, [(spelling, help)]) per section: the most used options first, the rest by group."""
    yield "Used most", [_help_line(row) for row in ROWS.values() if row.common]
    for group in Group:
        rows = (row for row in ROWS.values() if row.group is group and not row.common)
        yield group.value, [_help_line(row) for row in rows]


def _help_line(row: Row) -> tuple[str, str]:
    short = [flag for flag in row.flags if not flag.startswith("--")]
    long = f"--[no-]{row.name}" if row.default is True else f"--{row.name}"
    return f"{', '.join((*short, long))} {row.kind.metavar}".rstrip(), f"{row.help}{_default(row)}"


def _default(row: Row) -> str:
    """The default in brackets, unless it is empty or off."""
    if row.default is True:
        return " [default: on]"
    if row.default in (None, "", (), False, 0):
        return ""
    default = row.default if isinstance(row.default, str) else shown(row, row.default)
    return f" [default: {default}]"
