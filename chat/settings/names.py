"""What a setting may be called: its name, its flags, and the names that aider's users know."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from chat.settings.kinds import BoolKind, ListKind, MapKind, TextKind, Value
from chat.settings.row import Row
from chat.settings.table import ROWS


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name for some values of a setting, as aider has them."""

    of: str
    on: Value = None
    """What `true` means; where it is None, the value goes into ``template``."""
    off: Value = None
    """What `false` means; where it is None, there is only the switch that turns it on."""
    template: str = ""

    @property
    def is_switch(self) -> bool:
        """Whether it takes `true` and `false` instead of a text."""
        return not self.template

    def meanings(self) -> tuple[str, str]:
        """Return the flag that it stands for, and the one for its `--no-` form, "" where that sets nothing.

        >>> Synonym("continue", on=True, off=False).meanings()
        ('--continue', '--no-continue')
        """
        if self.is_switch:
            return self._flag(self.on), self._flag(self.off)
        return self._flag(self.template.format("X")), ""

    def _flag(self, value: Value) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return f"--{'' if value else 'no-'}{self.of}"
        text = "=".join(value[0]) if isinstance(value, tuple) else str(value)
        return f'--{self.of} "{text}"' if " " in text else f"--{self.of} {text}"


SYNONYMS: Mapping[str, Synonym] = MappingProxyType(
    {
        "architect": Synonym("mode", on="architect", off="code"),
        "auto-commits": Synonym("commit-mode", on="turn", off="none"),
        "openai-api-key": Synonym("api-key", template="openai={}"),
        "anthropic-api-key": Synonym("api-key", template="anthropic={}"),
        "openai-api-base": Synonym("set-env", template="OPENAI_API_BASE={}"),
        "openai-api-type": Synonym("set-env", template="OPENAI_API_TYPE={}"),
        "openai-api-version": Synonym("set-env", template="OPENAI_API_VERSION={}"),
        "openai-api-deployment-id": Synonym("set-env", template="OPENAI_API_DEPLOYMENT_ID={}"),
        "openai-organization-id": Synonym("set-env", template="OPENAI_ORGANIZATION={}"),
        "verify-ssl": Synonym("set-env", on=(("SSL_VERIFY", "True"),), off=(("SSL_VERIFY", "False"),)),
        "list-models": Synonym("message", template="/models {}"),
        "models": Synonym("message", template="/models {}"),
        "max-chat-history-tokens": Synonym("compact-at", template="{}"),
        "restore-chat-history": Synonym("continue", on=True, off=False),
        "commit": Synonym("message", on="/commit"),
        "watch-files": Synonym("watch", on=True, off=False),
        "lint": Synonym("message", on="/lint"),
        "test": Synonym("message", on="/test"),
    }
)
SPELLINGS: Mapping[str, Row] = MappingProxyType(
    {
        name: row
        for row in ROWS.values()
        for name in (row.name, *(flag[2:].lower() for flag in row.flags if flag.startswith("--")))
    }
)
"""The rows by every name that they have, without those of `SYNONYMS`."""
_LEAST_SIMILARITY = 0.7


def row_for(name: str) -> Row | None:
    """Return the row of a setting by its name, a spelling or a synonym; `_` may replace `-`."""
    name = _normalized(name)
    return SPELLINGS.get(SYNONYMS[name].of if name in SYNONYMS else name)


def read_value(name: str, value: object) -> Value:
    """Check a value of the setting that has this name, spelling or synonym. Raises BadValue."""
    name = _normalized(name)
    synonym = SYNONYMS.get(name)
    if synonym is None:
        return SPELLINGS[name].kind.read(value)
    if synonym.is_switch:
        return synonym.on if BoolKind().read(value) else synonym.off
    kind = ROWS[synonym.of].kind
    text = synonym.template.format(TextKind().read(value))
    return kind.read((text,) if isinstance(kind, ListKind | MapKind) else text)


def is_idle(name: str, value: object) -> bool:
    """Return whether a value sets nothing: that of a switch which only turns something on, turned off.

    >>> is_idle("commit", "false"), is_idle("commit", True), is_idle("architect", False)
    (True, False, False)
    """
    synonym = SYNONYMS.get(_normalized(name))
    return synonym is not None and synonym.is_switch and synonym.off is None and not BoolKind().read(value)


def nearest(name: str) -> str:
    """Return the known name most like an unknown one, or "".

    >>> nearest("map_token")
    'map-tokens'
    """
    from difflib import get_close_matches

    known = [*SPELLINGS, *SYNONYMS]
    return next(iter(get_close_matches(_normalized(name), known, 1, _LEAST_SIMILARITY)), "")


def _normalized(name: str) -> str:
    return name.lower().replace("_", "-")
