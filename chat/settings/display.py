"""Settings as a person is shown them: each value with its source, secrets hidden."""

from collections.abc import Iterable
from dataclasses import dataclass

from chat.settings.kinds import AUTO, MapKind, Value
from chat.settings.row import Row
from chat.settings.table import ROWS, Settings, value_of

_HIDDEN = "…"


@dataclass(frozen=True, slots=True)
class Described:
    """One line of the output of `trigpoint settings`."""

    name: str
    value: str
    source: str
    """`default` where nobody set it."""


def describe(settings: Settings) -> Iterable[Described]:
    """Yield every setting with its value and source, secrets hidden, in the order of the table."""
    sources = dict(settings.sources)
    for row in ROWS.values():
        yield Described(row.name, shown(row, value_of(settings, row)), sources.get(row.name, "default"))


def public_value(row: Row, value: Value) -> Value:
    """Return a value with its secrets replaced."""
    if row.secret and isinstance(value, tuple):
        return tuple((pair[0], _HIDDEN) for pair in value)
    return value


def shown(row: Row, value: Value) -> str:
    """Return a value much as a file would write it, on one line, secrets hidden."""
    value = public_value(row, value)
    if value is None:
        return AUTO
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(_quoted(_item_text(row, item)) for item in value)}]"
    if isinstance(value, float):
        return f"{value:g}"
    return _quoted(value) if isinstance(value, str) else str(value)


def _item_text(row: Row, item: str | tuple[str, str]) -> str:
    if isinstance(item, str):
        return item
    name, text = item
    separator = row.kind.separator if isinstance(row.kind, MapKind) else "="
    return f"{name}{separator}{text}" if name else text


def _quoted(text: str) -> str:
    from repomap import escaped  # here, since `--help` gets along without `repomap`

    backslash, quote = "\\", '"'
    return f'"{escaped(text.replace(backslash, backslash * 2).replace(quote, backslash + quote))}"'
