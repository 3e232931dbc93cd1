"""What Trigpoint reads from aider's `.aider.conf.yml`: harmless settings, so that nobody repeats them.

Commands, keys, addresses and permissions are never taken from there, not even from the file in the
user's own home.
"""

from collections.abc import Mapping

from chat.settings.kinds import BadValue
from chat.settings.names import read_value, row_for
from chat.settings.row import Scope

AIDER_FILE = ".aider.conf.yml"

_FROM_HOME = frozenset(
    """model weak-model editor-model alias reasoning-effort thinking-tokens timeout stream pretty vim
    multiline""".split()
)
"""Read from the file in the home folder as well."""


def read_aider(text: str, *, of_user: bool) -> Mapping[str, object]:
    """Return the settings that count, by the names that aider gives them.

    ``of_user``: the file is the one in the user's home. What is unknown, not harmless or not a value of
    ours is left out; so is everything where no YAML reader is installed. Raises BadValue where the text is
    not YAML, or not a table.
    """
    try:
        import yaml
    except ImportError:
        return {}
    try:
        table = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise BadValue(f"valid YAML (line {mark.line + 1})" if mark else "valid YAML") from error
    if table is None:
        return {}
    if not isinstance(table, dict):
        raise BadValue("a table of settings")
    return {str(name): value for name, value in table.items() if _counts(str(name), value, of_user)}


def _counts(name: str, value: object, of_user: bool) -> bool:
    row = row_for(name)
    if row is None or not (row.scope_of(value) is Scope.ANYONE or (of_user and row.name in _FROM_HOME)):
        return False
    try:
        read_value(name, value)
    except BadValue:
        return False
    return True
