"""Settings from one layer after another: texts of files, variables and flags → one `Settings`.

A layer is one source of settings. It says what may be set there, so that a repository's own file
cannot reach further than its user lets it, and every value remembers its source.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from chat.errors import UsageError
from chat.settings.kinds import BadValue, ListKind, RulesKind, TextKind, Value, merged
from chat.settings.names import is_idle, nearest, read_value, row_for
from chat.settings.row import Row, Scope
from chat.settings.table import ROWS, Settings, changed, value_of, with_rules_of

ENVIRONMENT = "the environment"
COMMAND_LINE = "the command line"

_MAX_KEY_PARTS = 16
_DEEP_KEY = re.compile(rf"""(?<![\w-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{_MAX_KEY_PARTS}}}""")
"""A key such as `a.b.c` with too many parts: tomllib takes time and memory by the square of their number."""

Locate = Callable[[str], str]
"""Resolves a path of a source for the run; gives "" where that source may not name it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source sets, checked."""

    source: str
    values: Mapping[str, Value] = field(default_factory=dict)
    """By the row's name."""
    notices: tuple[str, ...] = ()
    """What the user should know."""


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file of settings, and what it may set."""

    name: str
    scope: Scope
    locate: Locate
    changed_since_trusted: bool = False
    may_hold_secrets: bool = True
    """Nobody else can read it."""


def read_toml(text: str, source: FileSource) -> Layer:
    """Read a TOML file. Raises UsageError where it cannot be read or a value is not allowed."""
    if _DEEP_KEY.search(text):
        raise UsageError(
            f"{source.name} has a key of more than {_MAX_KEY_PARTS} parts. Nothing was started. "
            "Correct it, or ignore all settings files with --bare."
        )
    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(
            f"{source.name} is not valid TOML: {error}. Nothing was started. "
            "Correct it, or ignore all settings files with --bare."
        ) from error
    return read_table(table, source, lambda name: line_of(text, name))


def line_of(text: str, name: str) -> int:
    """Return the 1-based line of a top-level key or table in a TOML text, or 0.

    >>> line_of('model = "m"\\n[lint-cmd]\\n', "lint-cmd")
    2
    """
    key = re.compile(rf"""\s*(?:\[+\s*)?["']?{re.escape(name)}["']?\s*(?:[=.\]]|$)""")
    return next((number for number, line in enumerate(text.split("\n"), 1) if key.match(line)), 0)


def read_table(table: Mapping[str, object], source: FileSource, line: Callable[[str], int]) -> Layer:
    """Read a table of settings; what may not be set there is left out, with one notice per reason."""
    values: dict[str, Value] = {}
    left_out: dict[str, list[str]] = {}
    for name, given in table.items():
        row = row_for(name)
        if row is None:
            similar = nearest(name)
            hint = f"{name} (did you mean {similar}?)" if similar else name
            left_out.setdefault("there is no such setting", []).append(hint)
        elif reason := _reason_to_ignore(row, given, source):
            left_out.setdefault(reason, []).append(row.name)
        else:
            value = _read(name, given, _position(source, name, line(name)))
            if is_idle(name, given):
                continue
            located, forbidden = _located(row, value, source)
            left_out.setdefault("ignored, since this file may not name it", []).extend(forbidden)
            values[row.name] = merged(row.kind, values.get(row.name), located)
    notices = (f"{source.name}: {reason}: {', '.join(names)}" for reason, names in left_out.items() if names)
    return Layer(source.name, values, tuple(notices))


def _reason_to_ignore(row: Row, given: object, source: FileSource) -> str:
    scope = row.scope_of(given)
    if scope >= source.scope and (source.may_hold_secrets or not row.secret):
        return ""
    if scope is Scope.RUN:
        return "ignored, since it belongs on the command line"
    if scope is Scope.USER and source.scope > Scope.USER:
        return "ignored, since it belongs in your own configuration"
    if scope < source.scope:
        state = "changed since you trusted it" if source.changed_since_trusted else "not trusted"
        return f"ignored, since the file is {state} (see `trigpoint trust`)"
    return "ignored, since others can read this file (chmod 600 makes it private)"


def _position(source: FileSource, name: str, line: int) -> str:
    return f"{source.name}:{line}: {name}" if line else f"{source.name}: {name}"


def _read(name: str, given: object, position: str) -> Value:
    try:
        return read_value(name, given)
    except BadValue as error:
        row = row_for(name)
        shown = "the value" if row is not None and row.secret else repr(given)
        raise UsageError(f"{position}: {shown} is not {error}. Nothing was started; correct it.") from error


def _located(row: Row, value: Value, source: FileSource) -> tuple[Value, list[str]]:
    """Return the value with its paths resolved, and the paths that the source may not name."""
    match row.kind, value:
        case TextKind(path=True), str() if value:
            located = source.locate(value)
            return located, [] if located else [value]
        case ListKind(path=True), tuple():
            located_paths = {str(path): source.locate(str(path)) for path in value}
            forbidden = [path for path, located in located_paths.items() if not located]
            return tuple(filter(None, located_paths.values())), forbidden
        case _:
            return value, []


def from_environment(environ: Mapping[str, str]) -> Layer:
    """Read the variables `TRIGPOINT_…`; an empty one is ignored. Raises UsageError."""
    values: dict[str, Value] = {}
    notices = []
    for variable, text in sorted(environ.items()):
        name = variable.removeprefix("TRIGPOINT_").lower().replace("_", "-")
        if not variable.startswith("TRIGPOINT_") or not text:
            continue
        if row := row_for(name):
            value = _read(name, text, variable)
            if not is_idle(name, text):
                values[row.name] = merged(row.kind, values.get(row.name), value)
        else:
            similar = row_for(nearest(name))
            hint = (
                f"did you mean {similar.variable}?" if similar else "`trigpoint settings` lists all of them."
            )
            notices.append(f"{variable}: there is no such setting; {hint}")
    return Layer(ENVIRONMENT, values, tuple(notices))


def fold(layers: Iterable[Layer]) -> Settings:
    """Combine layers into settings, the lowest layer first."""
    settings = Settings()
    for layer in layers:
        sources = dict(settings.sources)
        for name, value in layer.values.items():
            row = ROWS[name]
            combined = merged(row.kind, value_of(settings, row), value)
            source = _source(layer, row)
            if isinstance(row.kind, RulesKind) and isinstance(value, tuple):
                settings = with_rules_of(settings, name, tuple(map(str, value)), source)
            is_joint = name in sources and combined != value
            settings = changed(
                settings, {name: combined}, f"{sources[name]}, {source}" if is_joint else source
            )
    return settings


def _source(layer: Layer, row: Row) -> str:
    if layer.source == ENVIRONMENT:
        return row.variable
    return f"--{row.name}" if layer.source == COMMAND_LINE else layer.source
