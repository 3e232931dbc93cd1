"""Settings from one place after another: texts of files, variables and flags → one `Settings`.

Pure. A place says what may stand there, so that a repository's own file cannot reach further than its
user lets it; each value remembers where it came from.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from chat.errors import UsageError
from chat.settings.kinds import BadValue, Many, Text, Value, merged
from chat.settings.names import nearest, read_value, row_for
from chat.settings.row import Row, Scope
from chat.settings.table import ROWS, Settings, changed, value_of

ENVIRONMENT = "the environment"
COMMAND_LINE = "the command line"

Locate = Callable[[str], str]
"""Gives a path of some place as it holds for the run, or "" where that place may not name it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place says, checked."""

    source: str
    values: Mapping[str, Value] = field(default_factory=dict)
    """By the row's name."""
    notices: tuple[str, ...] = ()
    """What the user should know."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where settings stand, and what may stand there."""

    source: str
    scope: Scope
    locate: Locate
    changed_since: bool = False
    """It was trusted, as it was before."""
    secrets: bool = True
    """Keys may stand here: nobody else can read it."""


def read_toml(text: str, place: Place) -> Layer:
    """What a TOML file says. Raises UsageError on what cannot be read or is no value of its setting."""
    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(
            f"{place.source}: no TOML: {error}; nothing was started. "
            "Correct it, or leave files of settings out with --bare."
        ) from error
    return read_table(table, place, lambda name: line_of(text, name))


def line_of(text: str, name: str) -> int:
    """The 1-based line of a TOML text in which a key of the top level or its table stands, or 0."""
    key = re.compile(rf"""\s*(?:\[+\s*)?["']?{re.escape(name)}["']?\s*(?:[=.\]]|$)""")
    return next((number for number, line in enumerate(text.split("\n"), 1) if key.match(line)), 0)


def read_table(table: Mapping[str, object], place: Place, line: Callable[[str], int]) -> Layer:
    """What a table of settings says; what may not stand in its place is left out, with one notice a reason."""
    values: dict[str, Value] = {}
    left_out: dict[str, list[str]] = {}
    for name, given in table.items():
        row = row_for(name)
        reason = _reason_against(row, place)
        if row is None:
            near = nearest(name)
            left_out.setdefault("no such setting", []).append(
                f"{name} (did you mean {near}?)" if near else name
            )
        elif reason:
            left_out.setdefault(reason, []).append(row.name)
        else:
            value = _read(name, given, _where(place, name, line(name)))
            placed, lost = _placed(row, value, place)
            left_out.setdefault("outside of what it may name", []).extend(lost)
            values[row.name] = merged(row.kind, values.get(row.name), placed)
    notices = (f"{place.source}: {reason}: {', '.join(names)}" for reason, names in left_out.items() if names)
    return Layer(place.source, values, tuple(notices))


def _reason_against(row: Row | None, place: Place) -> str:
    if row is None or (row.scope >= place.scope and (place.secrets or not row.secret)):
        return ""
    if row.scope is Scope.RUN:
        return "ignored, since it belongs on the command line"
    if row.scope is Scope.USER and place.scope > Scope.USER:
        return "ignored, since it belongs into your own configuration"
    if row.scope < place.scope:
        state = "changed since you trusted it" if place.changed_since else "not trusted"
        return f"{state} (see `trigpoint trust`), so ignored"
    return "ignored, since others may read this file (chmod 600 makes it yours alone)"


def _where(place: Place, name: str, line: int) -> str:
    return f"{place.source}:{line}: {name}" if line else f"{place.source}: {name}"


def _read(name: str, given: object, where: str) -> Value:
    try:
        return read_value(name, given)
    except BadValue as error:
        row = row_for(name)
        told = "a value" if row is not None and row.secret else repr(given)
        raise UsageError(
            f"{where}: {told} is not {error}; nothing was started. Correct it and start again."
        ) from error


def _placed(row: Row, value: Value, place: Place) -> tuple[Value, list[str]]:
    """The value with its paths as they hold for the run, and those that the place may not name."""
    match row.kind, value:
        case Text(path=True), str() if value:
            found = place.locate(value)
            return found, [] if found else [value]
        case Many(path=True), tuple():
            found_each = {str(each): place.locate(str(each)) for each in value}
            lost = [each for each, found in found_each.items() if not found]
            return tuple(filter(None, found_each.values())), lost
        case _:
            return value, []


def from_environment(environ: Mapping[str, str]) -> Layer:
    """What the variables `TRIGPOINT_…` say; an empty one says nothing. Raises UsageError."""
    values: dict[str, Value] = {}
    notices = []
    for variable, text in sorted(environ.items()):
        name = variable.removeprefix("TRIGPOINT_").lower().replace("_", "-")
        if not variable.startswith("TRIGPOINT_") or not text:
            continue
        if row := row_for(name):
            values[row.name] = merged(row.kind, values.get(row.name), _read(name, text, variable))
        elif near := row_for(nearest(name)):
            notices.append(f"{variable}: no such setting; did you mean {near.variable}?")
    return Layer(ENVIRONMENT, values, tuple(notices))


def fold(layers: Iterable[Layer], settings: Settings | None = None) -> Settings:
    """The settings that the layers make together, the lowest first."""
    settings = settings or Settings()
    for layer in layers:
        sources = dict(settings.sources)
        for name, value in layer.values.items():
            row = ROWS[name]
            whole = merged(row.kind, value_of(settings, row), value)
            source = _source(layer, row)
            both = f"{sources[name]}, {source}" if name in sources and whole != value else source
            settings = changed(settings, {name: whole}, both)
    return settings


def _source(layer: Layer, row: Row) -> str:
    if layer.source == ENVIRONMENT:
        return row.variable
    return f"--{row.name}" if layer.source == COMMAND_LINE else layer.source
