"""The settings as a person is shown them: each value with where it comes from, secrets masked."""

from collections.abc import Iterable
from dataclasses import dataclass

from chat.settings.kinds import AUTO, Pairs, Value
from chat.settings.row import Row
from chat.settings.table import ROWS, Settings, value_of
from repomap import escaped


def masked(row: Row, value: Value) -> Value:
    """A value with what is secret in it replaced."""
    if row.secret and isinstance(value, tuple):
        return tuple((each[0], "…") for each in value)
    return value


def shown(row: Row, value: Value) -> str:
    """A value much as the files would write it, on one line; what is secret is masked."""
    value = masked(row, value)
    if value is None:
        return AUTO
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(_quoted(_item(row, each)) for each in value)}]"
    return (
        f"{value:g}" if isinstance(value, float) else _quoted(value) if isinstance(value, str) else str(value)
    )


def _item(row: Row, item: str | tuple[str, str]) -> str:
    if isinstance(item, str):
        return item
    name, text = item
    separator = row.kind.separator if isinstance(row.kind, Pairs) else "="
    return f"{name}{separator}{text}" if name else text


def _quoted(text: str) -> str:
    backslash, quote = "\\", '"'
    return f'"{escaped(text.replace(backslash, backslash * 2).replace(quote, backslash + quote))}"'


@dataclass(frozen=True, slots=True)
class Described:
    """One line of what `trigpoint settings` tells."""

    name: str
    value: str
    source: str
    """`default` where nobody set it."""


def describe(settings: Settings) -> Iterable[Described]:
    """Every setting with its value and where it comes from, secrets masked, in the order of the table."""
    sources = dict(settings.sources)
    for row in ROWS.values():
        yield Described(row.name, shown(row, value_of(settings, row)), sources.get(row.name, "default"))
