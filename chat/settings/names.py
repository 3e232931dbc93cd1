"""What a setting may be called: its name, its flags, what aider's users know it by; and a value by such a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from chat.settings.kinds import Switch, Text, Value
from chat.settings.row import Row
from chat.settings.table import ROWS


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name for some values of a setting, as aider has them."""

    of: str
    on: Value = None
    """What `true` means; where it is None, the value goes into ``template``."""
    off: Value = None
    template: str = ""

    @property
    def is_switch(self) -> bool:
        return not self.template


SYNONYMS: Mapping[str, Synonym] = MappingProxyType(
    {
        "architect": Synonym("mode", on="architect", off="code"),
        "auto-commits": Synonym("commit-mode", on="turn", off="none"),
        "openai-api-key": Synonym("api-key", template="openai={}"),
        "anthropic-api-key": Synonym("api-key", template="anthropic={}"),
        "openai-api-base": Synonym("set-env", template="OPENAI_API_BASE={}"),
    }
)
SPELLINGS: Mapping[str, Row] = MappingProxyType(
    {
        name: row
        for row in ROWS.values()
        for name in (row.name, *(flag[2:] for flag in row.flags if flag.startswith("--")))
    }
)
"""The rows by every name that they go by; those of `SYNONYMS` are not among them."""


def row_for(name: str) -> Row | None:
    """The row of a setting by its name or a spelling or synonym of it, also with `_` for `-`."""
    name = name.lower().replace("_", "-")
    return SPELLINGS.get(SYNONYMS[name].of if name in SYNONYMS else name)


def read_value(name: str, value: object) -> Value:
    """A checked value of the setting that has this name, spelling or synonym. Raises BadValue."""
    name = name.lower().replace("_", "-")
    synonym = SYNONYMS.get(name)
    if synonym is None:
        return SPELLINGS[name].kind.read(value)
    if synonym.is_switch:
        return synonym.on if Switch().read(value) else synonym.off
    return ROWS[synonym.of].kind.read((synonym.template.format(Text().read(value)),))


def nearest(name: str) -> str:
    """The known name that is most like an unknown one, or ""."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name.lower().replace("_", "-"), [*SPELLINGS, *SYNONYMS], 1, 0.7)), "")
