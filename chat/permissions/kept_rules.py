"""[io] The rules that the user gave for one repository, kept in the user's state folder and never in the repository.

Here goes what is answered with "always", and what `/permissions` adds. Rules are bound to the real path of a
repository's main work tree: what may run in one must not run in the next that is cloned.
"""

import os
from collections.abc import Mapping
from pathlib import Path

from chat.permissions.rule import BadRule, Behavior, parse_rule
from chat.trust.claims import home_of
from chat.trust.user_file import UserFile

_BEHAVIORS: tuple[Behavior, ...] = ("allow", "ask", "deny")

KeptRules = Mapping[Behavior, tuple[str, ...]]
"""Texts of rules."""


def _read(rules: Mapping[str, list[str]]) -> KeptRules:
    """Read the rules of one repository. Raises ValueError for what is not a rule."""
    try:
        return {
            behavior: tuple(str(parse_rule(text)) for text in rules.get(behavior, ()))
            for behavior in _BEHAVIORS
        }
    except BadRule as error:
        raise ValueError(str(error)) from error


_FILE = UserFile("permissions.json", 5_000_000, _read, "its rules do not count")
_UNCHANGED = "The rules were not changed."


def kept_rules_path() -> Path:
    """Return the file that holds the rules of all repositories."""
    return _FILE.path


def kept_rules(root: Path) -> KeptRules:
    """Return the rules for a repository. Raises ChatError where the file is damaged or others may write to it."""
    return _FILE.entries().get(_key(root), {})


def keep_rule(root: Path, behavior: Behavior, rule: str) -> None:
    """Add a rule for a repository, in place of what was kept for the same words. Raises ChatError."""
    with _FILE.held(_UNCHANGED):
        everything = _FILE.entries()
        rules = _without(everything.get(_key(root), {}), rule)
        _write({**everything, _key(root): {**rules, behavior: (*rules.get(behavior, ()), rule)}})


def drop_rule(root: Path, rule: str) -> bool:
    """Forget a rule for a repository; return whether it was kept. Raises ChatError."""
    with _FILE.held(_UNCHANGED):
        everything = _FILE.entries()
        before = everything.get(_key(root), {})
        after = _without(before, rule)
        if after == before:
            return False
        _write({**everything, _key(root): after})
        return True


def _without(rules: KeptRules, rule: str) -> dict[Behavior, tuple[str, ...]]:
    return {behavior: tuple(text for text in texts if text != rule) for behavior, texts in rules.items()}


def _key(root: Path) -> str:
    return os.path.normcase(home_of(root))


def _write(everything: Mapping[str, KeptRules]) -> None:
    entries = {root: dict(rules) for root, rules in everything.items() if any(rules.values())}
    _FILE.write(entries, _UNCHANGED)
