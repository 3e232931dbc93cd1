"""What is known of one setting beside its value: where it may stand, its flags, its kind, its help."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import TypeVar

from chat.settings.kinds import Kind, Value

T = TypeVar("T")


class Scope(IntEnum):
    """Where a setting may stand; each place includes those before it."""

    RUN = 0
    """The command line and the environment: it belongs to one run."""
    USER = 1
    """The user's own files."""
    TRUSTED = 2
    """The file of a repository that the user trusts."""
    ANYONE = 3
    """The file of any repository: whatever it says there can do no harm."""


class Group(StrEnum):
    """The sections of `--help` and of the docs, in their order."""

    ASK = "One request, without a prompt to type at"
    MODEL = "Models"
    CONTEXT = "What the model is shown"
    EDIT = "Modes and edits"
    GIT = "Git"
    CHECK = "Lint and test"
    LIMIT = "Limits"
    SESSION = "Sessions"
    TERMINAL = "Terminal"
    CONFIG = "Configuration"


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one setting but its value."""

    attribute: str
    """Its name in `Settings`."""
    name: str
    """Its name in files, and with `--` on the command line."""
    kind: Kind
    default: Value
    group: Group
    help: str
    flags: tuple[str, ...]
    """Spellings beside `--name`, short ones first."""
    scope: Scope
    common: bool
    """Among the few that `--help` starts with."""
    secret: bool
    """Never shown."""

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
    name: str = "",
    common: bool = False,
    secret: bool = False,
) -> T:
    """A field of `Settings` with its row; typed as its default, so that mypy checks it."""
    about: dict[str, object] = {"kind": kind, "group": group, "help": help, "flags": flags, "scope": scope}
    about |= {"name": name, "common": common, "secret": secret}
    return field(default=default, repr=not secret, metadata=about)
