"""All settings in one table: each row gives a flag, a variable, a key in files, help and docs.

`Settings` is the table: a frozen value whose fields carry their rows, which `rows` has by subject. `load` fills it in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import cast

from chat.permissions.rule import Behavior, Rules, parse_rules
from chat.settings.kinds import Value
from chat.settings.row import Row
from chat.settings.rows.changes import ChangeSettings
from chat.settings.rows.models import ModelSettings
from chat.settings.rows.request import RequestSettings
from chat.settings.rows.runs import RunSettings
from chat.settings.rows.terminal import TerminalSettings


@dataclass(frozen=True)
class Settings(TerminalSettings, RunSettings, ChangeSettings, ModelSettings, RequestSettings):
    """Every setting of one run; `changed` makes a new value. Its fields are those of the last base first."""

    sources: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)
    """Where values come from, by the setting's name, apart from defaults; not a setting itself."""
    rule_sources: tuple[tuple[str, str, str], ...] = field(default=(), compare=False, repr=False)
    """Name of the setting, rule and source, for each rule of permission; not a setting itself."""


def _rows() -> dict[str, Row]:
    rows = {}
    for attribute in fields(Settings):
        if attribute.metadata:
            metadata = dict(attribute.metadata)
            name = metadata.pop("name") or attribute.name.replace("_", "-")
            default = cast("Value", attribute.default)
            rows[name] = Row(attribute=attribute.name, name=name, default=default, **metadata)
    return rows


ROWS: Mapping[str, Row] = MappingProxyType(_rows())
"""Every setting by its name, in the order of the table."""


RULE_SETTINGS: Mapping[Behavior, str] = MappingProxyType(
    {"allow": "allowed-tools", "ask": "ask-tools", "deny": "disallowed-tools"}
)
"""The settings that hold rules of permission, by what the rules do."""


def rules_of(settings: Settings) -> Rules:
    """Return the rules of permission in force."""
    return Rules(
        allow=parse_rules(settings.allowed_tools),
        ask=parse_rules(settings.ask_tools),
        deny=parse_rules(settings.disallowed_tools),
    )


def changed(settings: Settings, values: Mapping[str, Value], source: str) -> Settings:
    """Return the settings with some values, by name, replaced, and their source noted."""
    attributes = {ROWS[name].attribute: value for name, value in values.items()}
    sources = dict(settings.sources) | dict.fromkeys(values, source)
    return replace(settings, **attributes, sources=tuple(sources.items()))  # type: ignore[arg-type]


def with_rules_of(settings: Settings, name: str, rules: tuple[str, ...], source: str) -> Settings:
    """Return the settings with the source of the rules noted that it adds to a setting."""
    rows = (*settings.rule_sources, *((name, rule, source) for rule in rules))
    return replace(settings, rule_sources=tuple(dict.fromkeys(rows)))


def value_of(settings: Settings, row: Row) -> Value:
    """Return the value that the settings have in a row."""
    return cast("Value", getattr(settings, row.attribute))
