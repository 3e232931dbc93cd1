"""What Trigpoint takes over from aider's `.aider.conf.yml`: its text → a table of our settings.

So that somebody who comes from aider need not write down again what is harmless. Commands, keys, addresses
and permissions are never taken from there, not even from the file in the user's own home.
"""

from collections.abc import Mapping

from chat.settings.kinds import BadValue
from chat.settings.names import read_value as read_setting
from chat.settings.names import row_for
from chat.settings.row import Scope

FILE = ".aider.conf.yml"

_OWN = frozenset(
    """model weak-model editor-model alias reasoning-effort thinking-tokens timeout stream pretty vim
    multiline""".split()
)
"""Taken over from the file in the home folder as well."""


def read_aider(text: str, of_user: bool) -> Mapping[str, object]:
    """The settings that are taken over, by the names that aider gives them.

    ``of_user``: the file is the one in the user's home. What is not known, not harmless or no value of ours
    is left out; so is everything where no YAML reader is installed or the text is no YAML.
    """
    try:
        import yaml
    except ImportError:
        return {}
    try:
        table = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        return {}
    if not isinstance(table, dict):
        return {}
    return {str(name): value for name, value in table.items() if _is_taken(str(name), value, of_user)}


def _is_taken(name: str, value: object, of_user: bool) -> bool:
    row = row_for(name)
    if row is None or not (row.scope is Scope.ANYONE or (of_user and row.name in _OWN)):
        return False
    try:
        read_setting(name, value)
    except BadValue:
        return False
    return True
