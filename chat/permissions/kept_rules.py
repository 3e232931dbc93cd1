"""[io] The rules that the user gave for one repository, kept in the user's state folder and never in the repository.

Here goes what is answered with "always", and what `/permissions` adds. Rules are bound to the real path of a
repository's main work tree: what may run in one must not run in the next that is cloned.
"""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from chat.errors import ChatError
from chat.permissions.rule import BadRule, Behavior, parse_rule
from chat.safety.small_file import read_small
from chat.trust.claims import home_of
from repomap import write_whole

_MAX_BYTES = 5_000_000
_BEHAVIORS: tuple[Behavior, ...] = ("allow", "ask", "deny")

KeptRules = Mapping[Behavior, tuple[str, ...]]
"""Texts of rules."""


def kept_rules_path() -> Path:
    """Return the file that holds the rules of all repositories."""
    from platformdirs import user_state_path

    return user_state_path("trigpoint") / "permissions.json"


def kept_rules(root: Path) -> KeptRules:
    """Return the rules for a repository. Raises ChatError where the file is damaged or others may write to it."""
    return _all_rules().get(_key(root), {})


def keep_rule(root: Path, behavior: Behavior, rule: str) -> None:
    """Add a rule for a repository, in place of what was kept for the same words. Raises ChatError."""
    everything = _all_rules()
    rules = _without(everything.get(_key(root), {}), rule)
    _write({**everything, _key(root): {**rules, behavior: (*rules.get(behavior, ()), rule)}})


def drop_rule(root: Path, rule: str) -> bool:
    """Forget a rule for a repository; return whether it was kept. Raises ChatError."""
    everything = _all_rules()
    before = everything.get(_key(root), {})
    after = _without(before, rule)
    if after == before:
        return False
    _write({**everything, _key(root): after})
    return True


def _without(rules: KeptRules, rule: str) -> dict[Behavior, tuple[str, ...]]:
    return {behavior: tuple(text for text in texts if text != rule) for behavior, texts in rules.items()}


def _all_rules() -> dict[str, KeptRules]:
    path = kept_rules_path()
    data = read_small(path, _MAX_BYTES)
    if data is None:
        return {}
    if sys.platform != "win32" and (path.stat().st_uid != os.getuid() or path.stat().st_mode & 0o022):
        raise ChatError(
            f"{path}: others may write to it, so its rules do not count. Check it, then remove it or run "
            "chmod 600 on it."
        )
    try:
        return {str(root): _read(rules) for root, rules in json.loads(data)["repositories"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ChatError(f"{path} is damaged, so its rules do not count. Correct or remove it.") from error


def _read(rules: Mapping[str, list[str]]) -> KeptRules:
    """Read the rules of one repository. Raises ValueError for what is not a rule."""
    try:
        return {
            behavior: tuple(str(parse_rule(text)) for text in rules.get(behavior, ()))
            for behavior in _BEHAVIORS
        }
    except BadRule as error:
        raise ValueError(str(error)) from error


def _key(root: Path) -> str:
    return os.path.normcase(home_of(root))


def _write(everything: Mapping[str, KeptRules]) -> None:
    path = kept_rules_path()
    repositories = {root: rules for root, rules in sorted(everything.items()) if any(rules.values())}
    text = json.dumps({"version": 1, "repositories": repositories}, indent=1)
    try:
        write_whole(path, text.encode(), sync=True)
    except OSError as error:
        raise ChatError(f"{path}: {error.strerror}. The rule was not kept.") from error
