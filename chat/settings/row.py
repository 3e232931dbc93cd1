"""What is known of one setting apart from its value: its kind, flags, help, and who may set it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import TypeVar

from chat.settings.kinds import Kind, Value

T = TypeVar("T")


class Scope(IntEnum):
    """Who may set a setting; each scope includes those before it."""

    RUN = 0
    """The command line and the environment: it belongs to one run."""
    USER = 1
    """The user's own files."""
    TRUSTED = 2
    """The file of a repository that the user trusts."""
    ANYONE = 3
    """The file of any repository: no value can do harm."""


class Group(StrEnum):
    """The sections of `--help` and of the docs, in their order."""

    ASK = "One request, without a prompt"
    MODEL = "Models"
    CONTEXT = "What the model sees"
    EDIT = "Modes and edits"
    GIT = "Git"
    PERMISSION = "Permissions"
    AGENTS = "Agents"
    CHECK = "Lint and test"
    LIMIT = "Limits"
    SESSION = "Sessions"
    TERMINAL = "Terminal"
    CONFIG = "Configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the table of settings."""

    attribute: str
    """Its name in `Settings`."""
    name: str
    """Its name in files, and with `--` on the command line."""
    kind: Kind
    default: Value
    group: Group
    help: str
    flags: tuple[str, ...]
    """Spellings besides `--name`, short ones first."""
    scope: Scope
    scopes: Mapping[str, Scope]
    """For values that fewer may set than ``scope`` says."""
    common: bool
    """Among the few that `--help` starts with."""
    secret: bool
    """Never shown."""

    def scope_of(self, value: object) -> Scope:
        """Return who may set the setting to this value."""
        return self.scopes.get(value, self.scope) if isinstance(value, str) else self.scope

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"TRIGPOINT_{self.name.replace('-', '_').upper()}"


def setting(
    default: T,
    kind: Kind,
    group: Group,
    help: str,  # noqa: A002
    *flags: str,
    scope: Scope = Scope.TRUSTED,
    scopes: Mapping[str, Scope] = MappingProxyType({}),
    name: str = "",
    common: bool = False,
    secret: bool = False,
) -> T:
    """Declare a field of `Settings` with its row; typed as its default, so that mypy checks it."""
    metadata: dict[str, object] = {"kind": kind, "group": group, "help": help, "flags": flags, "scope": scope}
    metadata |= {"scopes": scopes, "name": name, "common": common, "secret": secret}
    return field(default=default, repr=not secret, metadata=metadata)
